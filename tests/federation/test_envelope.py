"""cordiale.federation.envelope: one byte string per envelope and entry, every field in its range, every signature checked."""

from typing import Any

import msgspec
import pytest

from cordiale.crypto import statement
from cordiale.crypto.certificate import Grant, Identity
from cordiale.crypto.digest import sha256
from cordiale.crypto.signing import SigningKey
from cordiale.errors import BadSignature, CordialeError, LabelMismatch, LimitExceeded, Malformed, PeerViolation
from cordiale.federation.envelope import (
    Entry,
    Envelope,
    Release,
    Released,
    authenticated_data,
    check_author,
    check_envelope,
    check_inner,
    check_release,
    open_envelope,
    parse_entry,
    release,
)
from cordiale.labels import binding as bindings
from cordiale.labels.binding import Header
from cordiale.labels.label import encode_label
from cordiale.mls import safe_aad
from cordiale.vocab.identifier import Digest, Epoch, MessageId, RoomId
from cordiale.vocab.moment import LATEST, Moment
from cordiale.vocab.party import Address, Nation
from cordiale.wire import canonical, limits
from forge.verdict import refused
from labels.lattice import UK, label

DEVICE, BORDER = SigningKey.from_seed(bytes([1] * 32)), SigningKey.from_seed(bytes([2] * 32))
SIGNER = Digest(bytes([3] * 32))
HEADER = Header(MessageId(bytes(16)), encode_label(label(UK, "OFFICIAL")), {Nation("uk"): 1}, Moment(0))
BODY = b"EXERCISE body"
ALICE = Identity(Address.parse("alice@uk"), Grant("person"), "laptop", DEVICE.public, SIGNER, LATEST)


def envelope() -> Envelope:
    binding, signature = bindings.bind(
        DEVICE, SIGNER, HEADER, BODY, kind=bindings.APPLICATION, room=RoomId(bytes(32)), epoch=Epoch(1)
    )
    return Envelope(binding, signature, BODY)


def entry() -> Released:
    opened = open_envelope(envelope().encode())
    return release(BORDER, Nation("uk"), opened, sequence=1, rules={Nation("fr"): "uk-releasable"}, now=Moment(5))


def test_the_header_is_the_one_component_of_the_authenticated_data() -> None:
    binding, _ = bindings.parse(envelope().binding)
    found = safe_aad.split(authenticated_data(HEADER))
    assert found == safe_aad.SafeAad({safe_aad.LABEL: HEADER.encode()})
    check_inner(binding, authenticated_data(HEADER))


@pytest.mark.parametrize(
    ("authenticated", "kind"),
    [
        (b"", Malformed),
        (HEADER.encode(), Malformed),
        (authenticated_data(HEADER) + b"x", LabelMismatch),
        (safe_aad.encode({}), LabelMismatch),
        (safe_aad.encode({safe_aad.LABEL + 1: HEADER.encode()}), LabelMismatch),
        (safe_aad.encode({safe_aad.LABEL: HEADER.encode(), safe_aad.LABEL + 1: b"in the clear"}), LabelMismatch),
        (safe_aad.encode({safe_aad.LABEL: HEADER.encode()[:-1]}), LabelMismatch),
        (authenticated_data(msgspec.structs.replace(HEADER, label=encode_label(label(UK, "SECRET")))), LabelMismatch),
    ],
)
def test_nothing_else_is_authenticated_beside_it(authenticated: bytes, kind: type[CordialeError]) -> None:
    binding, _ = bindings.parse(envelope().binding)
    with refused(kind):
        check_inner(binding, authenticated)


def test_what_was_made_is_what_is_read() -> None:
    opened, found = open_envelope(envelope().encode()), entry()
    check_author(opened, ALICE)
    check_author(found, ALICE)
    check_release(found, BORDER.public)
    assert check_envelope(found, envelope().encode()) == envelope()
    assert (found.header, found.label, opened.header) == (HEADER, label(UK, "OFFICIAL"), HEADER)
    assert parse_entry(found.leaf) == found
    assert found.digest == sha256(found.leaf)


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"signature": b""}, Malformed),
        ({"signature": bytes(65)}, Malformed),
        ({"body": b""}, Malformed),
        ({"body": b"other"}, BadSignature),
        ({"binding": b""}, Malformed),
        ({"binding": bytes(limits.BINDING_BYTES + 1)}, LimitExceeded),
        ({"body": bytes(limits.BODY_BYTES + 1)}, PeerViolation),
    ],
)
def test_an_envelope_outside_its_ranges(changes: dict[str, Any], kind: type[CordialeError]) -> None:
    with refused(kind):
        open_envelope(msgspec.structs.replace(envelope(), **changes).encode())


def _entry(**changes: Any) -> bytes:
    payload = canonical.encode(msgspec.structs.replace(entry().release, **changes))
    return Entry(payload, statement.sign(BORDER, statement.RELEASE, payload)).encode()


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"signature": bytes(63)}, Malformed),
        ({"envelope": bytes(31)}, Malformed),
        ({"rules": {"a" + chr(97 + n // 26) + chr(97 + n % 26): "r" for n in range(31)}}, Malformed),
        ({"rules": {"United Kingdom": "r"}}, Malformed),
        ({"rules": {"fr": "r" * limits.ENTRY_BYTES}}, LimitExceeded),
        ({"sequence": 0}, Malformed),
        ({"sequence": -1}, Malformed),
        ({"sequence": 2**63}, Malformed),
        ({"released": -1}, Malformed),
        ({"released": LATEST + 1}, Malformed),
        ({"border": "UK"}, Malformed),
        ({"binding": b""}, Malformed),
    ],
)
def test_an_entry_outside_its_ranges(changes: dict[str, Any], kind: type[CordialeError]) -> None:
    with refused(kind):
        parse_entry(_entry(**changes))


@pytest.mark.parametrize("make", [lambda: envelope().encode(), lambda: entry().leaf], ids=["envelope", "entry"])
def test_no_altered_byte_passes(make: Any) -> None:
    """Parsed, or verified: one of the two refuses every change of one byte, every cut and every addition."""
    data = make()
    for place in range(len(data)):
        _refuses(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        _refuses(data[:place])
    for more in (b"\x00", b"\xff", data):
        _refuses(data + more)


def _refuses(data: bytes) -> None:
    with refused(PeerViolation):
        found = entry()
        if data[:1] == found.leaf[:1]:
            parsed = parse_entry(data)
            check_release(parsed, BORDER.public)
        else:
            check_author(open_envelope(data), ALICE)
        raise AssertionError("an altered byte passed")


def test_an_entry_of_another_envelope() -> None:
    other = bindings.bind(
        DEVICE, SIGNER, HEADER, b"other", kind=bindings.APPLICATION, room=RoomId(bytes(32)), epoch=Epoch(1)
    )
    with refused(BadSignature):
        check_envelope(entry(), Envelope(*other, b"other").encode())
    mixed = parse_entry(_entry(binding=other[0], signature=other[1]))
    with refused(BadSignature):
        check_envelope(mixed, envelope().encode())


def test_another_author_or_border() -> None:
    opened, found = open_envelope(envelope().encode()), entry()
    for author in (
        msgspec.structs.replace(ALICE, digest=Digest(bytes(32))),
        msgspec.structs.replace(ALICE, public_key=BORDER.public),
        msgspec.structs.replace(ALICE, public_key=b"short"),
    ):
        for item in (opened, found):
            with refused(BadSignature):
                check_author(item, author)
    with refused(BadSignature):
        check_release(found, DEVICE.public)


def test_a_statement_of_another_kind_is_no_release() -> None:
    payload = entry().entry.release
    leaf = Entry(payload, statement.sign(BORDER, statement.BINDING, payload)).encode()
    with refused(BadSignature):
        check_release(parse_entry(leaf), BORDER.public)
    assert canonical.decode(payload, Release, limit=limits.ENTRY_BYTES) == entry().release
