"""The proof bundle: one file that proves one message's crossing to anyone who holds the two roots, without any server.

    entry is in the log       inclusion proof up to the checkpoint's root                 (RFC 9162 §2.1.3)
    the log is the log        checkpoint signed by the author's border, cosigned by the partner's
    the label is the label    device signature over label, room, epoch and SHA-256 of the ciphertext
    the devices are theirs    device ← person ← root of the author; both borders ← both roots

Invariant: `Proven` comes only from `verify_bundle`.
"""

from collections.abc import Mapping
from typing import Final

from cordiale.crypto.certificate import ROLE_BORDER, Chain, Identity, root_nation, verify_chain
from cordiale.crypto.digest import sha256
from cordiale.errors import BadCertificate, LimitExceeded, Malformed, ProofInvalid
from cordiale.federation.envelope import check_author, check_envelope, check_release, parse_entry
from cordiale.federation.session import border_log, origin
from cordiale.labels.label import Label
from cordiale.ledger import witness
from cordiale.ledger.merkle import leaf_hash
from cordiale.ledger.proof import verify_inclusion
from cordiale.vocab.identifier import Digest, MessageId, RoomId
from cordiale.vocab.moment import SECOND, Moment
from cordiale.vocab.party import Address, Nation
from cordiale.wire import canonical, limits
from cordiale.wire.canonical import Record

_VERSION: Final = 1
_PROOF_MOST: Final = 64


class Bundle(Record, frozen=True):
    """`author`, `border` and `witness` are encoded chains; `roots` the author's nation's and the partner's."""

    version: int
    log: str
    index: int
    leaf: bytes
    envelope: bytes
    proof: tuple[bytes, ...]
    checkpoint: bytes
    author: bytes
    border: bytes
    witness: bytes
    roots: tuple[bytes, bytes]

    def encode(self) -> bytes:
        return canonical.encode(self)


class Proven(Record, frozen=True):
    """What a verified bundle proves. `cosigned` is when the partner said that it had stored everything up to `size`."""

    author: Address
    device: str
    sequence: int
    room: RoomId
    message: MessageId
    label: Label
    ciphertext: Digest
    log: str
    index: int
    size: int
    rule: str
    sent: Moment
    released: Moment
    cosigned: Moment
    roots: dict[Nation, Digest]


def parse_bundle(data: bytes) -> Bundle:
    """Parse strictly; nothing is verified yet."""
    bundle = canonical.decode(data, Bundle, limit=limits.BUNDLE_BYTES)
    if bundle.version != _VERSION or bundle.index < 0:
        raise Malformed("a field is outside its range", what="Bundle")
    if len(bundle.proof) > _PROOF_MOST:
        raise LimitExceeded(f"a proof of {len(bundle.proof)} hashes")
    return bundle


def verify_bundle(data: bytes, pinned: Mapping[Nation, bytes], now: Moment) -> Proven:
    """Verify everything in a bundle. `pinned` holds roots known beforehand; a contradicting one is `BadCertificate`.

    Certificates are judged at the time of release, so that a bundle stays good after they expire. A nation that is not in
    `pinned` is reported by its root's digest, for the reader to compare.
    """
    return verify_crossing(parse_bundle(data), pinned, now)[0]


def verify_crossing(bundle: Bundle, pinned: Mapping[Nation, bytes], now: Moment) -> tuple[Proven, Identity]:
    """The same, with the author's certificate: what the message carried may have been signed with it too."""
    entry = parse_entry(bundle.leaf)
    at = entry.release.released
    if at > now + limits.SIGNATURE_WINDOW_SECONDS * SECOND:
        raise ProofInvalid("released in the future by this machine's clock")
    nation, partner = (_nation(root, pinned) for root in bundle.roots)
    border = _border(bundle.border, bundle.roots[0], at)
    witness_ = _border(bundle.witness, bundle.roots[1], at)
    if nation == partner or bundle.log != border_log(nation, partner) or entry.release.border != nation:
        raise Malformed("log, border and roots do not belong together", what="Bundle")
    author = verify_chain(Chain.decode(bundle.author), bundle.roots[0], at)
    check_release(entry, border.public_key)
    check_author(entry, author)
    check_envelope(entry, bundle.envelope)
    name = f"border@{partner}"
    cosigned = witness.verify_cosigned(
        bundle.checkpoint,
        origin=origin(nation, bundle.log),
        log=(f"border@{nation}", border.public_key),
        witnesses={name: witness_.public_key},
        at_least=1,
    )
    proof = [Digest(part) for part in bundle.proof]
    verify_inclusion(leaf_hash(bundle.leaf), bundle.index, cosigned.size, proof, cosigned.root)
    proven = Proven(
        author=author.address,
        device=author.device,
        sequence=entry.release.sequence,
        room=entry.binding.room,
        message=entry.header.id,
        label=entry.label,
        ciphertext=entry.binding.digest,
        log=bundle.log,
        index=bundle.index,
        size=cosigned.size,
        rule=entry.release.rules.get(partner, ""),
        sent=entry.header.sent,
        released=entry.release.released,
        cosigned=cosigned.cosigned[name],
        roots={nation: sha256(bundle.roots[0]), partner: sha256(bundle.roots[1])},
    )
    return proven, author


def _nation(root: bytes, pinned: Mapping[Nation, bytes]) -> Nation:
    nation = root_nation(root)
    if nation in pinned and pinned[nation] != root:
        raise BadCertificate(f"the bundle's root of {nation} is not the pinned one")
    return nation


def _border(chain: bytes, root: bytes, at: Moment) -> Identity:
    identity = verify_chain(Chain.decode(chain), root, at)
    if identity.grant.role != ROLE_BORDER:
        raise BadCertificate(f"{identity.address} is not a border")
    return identity
