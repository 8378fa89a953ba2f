"""What a device hands to its node and what crosses: a body, the label binding and its signature.

    Envelope  = body (one MLS message with its framing) + binding + device signature      content-addressed by SHA-256
    Entry     = envelope digest + binding + both signatures + what the border decided     the leaf of every log

One entry is made per message, by the border of its author's nation; the same bytes stand in that nation's home log, in
each border log that it is released to, and in the partners' home logs. Envelope bytes can be deleted by retention; the
entry keeps the proof. An application message has its header inside, too: as the label's component of the MLS authenticated
data (Safe AAD), alone.

Invariant: the border signs a `Release` only here, over an envelope that was opened here.
"""

from cordiale.crypto import statement
from cordiale.crypto.certificate import Identity
from cordiale.crypto.digest import equal, sha256
from cordiale.crypto.signing import SIGNATURE_BYTES, SigningKey
from cordiale.errors import BadSignature, LabelMismatch, Malformed
from cordiale.labels import binding as label_binding
from cordiale.labels.binding import Binding, Header
from cordiale.labels.label import Label, decode_label
from cordiale.mls import safe_aad
from cordiale.vocab.identifier import DIGEST_BYTES, Digest
from cordiale.vocab.moment import LATEST, Moment
from cordiale.vocab.party import Nation, parse_nation
from cordiale.wire import canonical, limits
from cordiale.wire.canonical import Record


class Envelope(Record, frozen=True):
    """As submitted, stored and replicated. Content-addressed: `digest` names it."""

    binding: bytes
    signature: bytes
    body: bytes

    def encode(self) -> bytes:
        return canonical.encode(self)


class Opened(Record, frozen=True):
    """An envelope parsed, not yet verified: the signer must still be looked up."""

    envelope: Envelope
    binding: Binding
    header: Header
    label: Label
    digest: Digest


class Release(Record, frozen=True):
    """What the border signs: which envelope it lets go, to whom, under which rules, as its how-manieth in the room."""

    envelope: Digest
    binding: bytes
    signature: bytes
    sequence: int
    rules: dict[Nation, str]
    released: Moment
    border: Nation


class Entry(Record, frozen=True):
    """The leaf of a log: a release and the border's signature over it."""

    release: bytes
    signature: bytes

    def encode(self) -> bytes:
        return canonical.encode(self)


class Released(Record, frozen=True):
    """An entry parsed: `leaf` are its exact bytes, `digest` is their SHA-256."""

    leaf: bytes
    digest: Digest
    entry: Entry
    release: Release
    binding: Binding
    header: Header
    label: Label


def open_envelope(data: bytes) -> Opened:
    """Parse an envelope strictly and check that its body is the bound one."""
    envelope = canonical.decode(data, Envelope, limit=limits.ENVELOPE_BYTES)
    if len(envelope.signature) != SIGNATURE_BYTES or not 0 < len(envelope.body) <= limits.BODY_BYTES:
        raise Malformed("signature or body of a wrong size", what="Envelope")
    binding, header = label_binding.parse(envelope.binding)
    label_binding.check_body(binding, envelope.body)
    return Opened(envelope, binding, header, decode_label(header.label), sha256(data))


def authenticated_data(header: Header) -> bytes:
    """What MLS authenticates of an application message with this header."""
    return safe_aad.encode({safe_aad.LABEL: header.encode()})


def check_inner(binding: Binding, authenticated: bytes) -> None:
    """Raise `LabelMismatch` unless MLS authenticates exactly the bound header: no other component, nothing after it.

    Whatever else stood there would cross in the clear, under no label.
    """
    inside = safe_aad.split(authenticated)
    if inside.rest or set(inside.items) != {safe_aad.LABEL}:
        raise LabelMismatch("the authenticated data is not one label")
    label_binding.check_inner(binding, inside.items[safe_aad.LABEL])


def check_author(opened: Opened | Released, author: Identity) -> None:
    """Raise `BadSignature` unless the device of `author` signed the binding."""
    if not equal(opened.binding.signer, author.digest):
        raise BadSignature("the binding names another certificate")
    if isinstance(opened, Opened):
        label_binding.check_signature(opened.envelope.binding, opened.envelope.signature, author.public_key)
    else:
        label_binding.check_signature(opened.release.binding, opened.release.signature, author.public_key)


def release(
    key: SigningKey, nation: Nation, opened: Opened, *, sequence: int, rules: dict[Nation, str], now: Moment
) -> Released:
    """The border's entry for an envelope that was checked and decided."""
    envelope = opened.envelope
    released = Release(opened.digest, envelope.binding, envelope.signature, sequence, rules, now, nation)
    payload = canonical.encode(released)
    entry = Entry(payload, statement.sign(key, statement.RELEASE, payload))
    leaf = entry.encode()
    return Released(leaf, sha256(leaf), entry, released, opened.binding, opened.header, opened.label)


def parse_entry(leaf: bytes) -> Released:
    """Parse an entry strictly; the signatures are not looked at."""
    entry = canonical.decode(leaf, Entry, limit=limits.ENTRY_BYTES)
    released = canonical.decode(entry.release, Release, limit=limits.ENTRY_BYTES)
    sound = (
        len(entry.signature) == SIGNATURE_BYTES,
        len(released.signature) == SIGNATURE_BYTES,
        len(released.envelope) == DIGEST_BYTES,
        len(released.rules) <= limits.ROOM_NATIONS,
        0 < released.sequence <= limits.COUNT_MOST,
        0 <= released.released <= LATEST,
    )
    if not all(sound):
        raise Malformed("a field is outside its range", what="Entry")
    for nation in (released.border, *released.rules):
        parse_nation(nation)
    binding, header = label_binding.parse(released.binding)
    return Released(leaf, sha256(leaf), entry, released, binding, header, decode_label(header.label))


def check_release(released: Released, border_key: bytes) -> None:
    """Raise `BadSignature` unless the border with `border_key` signed this entry."""
    statement.verify(border_key, statement.RELEASE, released.entry.release, released.entry.signature)


def check_envelope(released: Released, data: bytes) -> Envelope:
    """The envelope that an entry names, or `BadSignature` when `data` is another one."""
    if not equal(sha256(data), released.release.envelope):
        raise BadSignature("the stored bytes are not the ones that the entry names")
    opened = open_envelope(data)
    if opened.envelope.binding != released.release.binding or opened.envelope.signature != released.release.signature:
        raise BadSignature("envelope and entry carry different label bindings")
    return opened.envelope
