"""cordiale.labels.binding: which label belongs to which ciphertext, in one form, by one device."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordiale.crypto import statement
from cordiale.crypto.digest import sha256
from cordiale.crypto.signing import SigningKey
from cordiale.errors import BadSignature, CordialeError, LabelMismatch, LimitExceeded, Malformed, PeerViolation
from cordiale.labels import binding as bindings
from cordiale.labels.binding import Binding, Header
from cordiale.labels.label import encode_label
from cordiale.vocab.identifier import Digest, Epoch, MessageId, RoomId
from cordiale.vocab.moment import LATEST, Moment
from cordiale.vocab.party import Nation
from cordiale.wire import limits
from forge.verdict import refused
from labels.lattice import UK, label

KEY, OTHER = SigningKey.from_seed(bytes([1] * 32)), SigningKey.from_seed(bytes([2] * 32))
ROOM, SIGNER, BODY = RoomId(bytes(32)), Digest(bytes([3] * 32)), b"EXERCISE"
HEADER = Header(
    MessageId(bytes(16)), encode_label(label(UK, "OFFICIAL")), {Nation("uk"): 2, Nation("fr"): 1}, Moment(9)
)


def bound(kind: str = bindings.APPLICATION) -> tuple[bytes, bytes]:
    return bindings.bind(KEY, SIGNER, HEADER, BODY, kind=kind, room=ROOM, epoch=Epoch(4))


@pytest.mark.parametrize("kind", sorted(bindings.KINDS))
def test_what_was_bound_is_what_is_read(kind: str) -> None:
    data, signature = bound(kind)
    found, header = bindings.parse(data)
    assert header == HEADER
    assert (found.kind, found.room, found.epoch, found.digest) == (kind, ROOM, 4, sha256(BODY))
    bindings.check_signature(data, signature, KEY.public)
    bindings.check_body(found, BODY)
    bindings.check_inner(found, HEADER.encode())


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"version": 0}, Malformed),
        ({"version": 2}, Malformed),
        ({"kind": ""}, Malformed),
        ({"kind": "Application"}, Malformed),
        ({"room": b""}, Malformed),
        ({"room": bytes(33)}, Malformed),
        ({"epoch": -1}, Malformed),
        ({"epoch": 2**63}, Malformed),
        ({"epoch": 2**64}, Malformed),
        ({"digest": bytes(31)}, Malformed),
        ({"signer": bytes(33)}, Malformed),
        ({"header": b""}, Malformed),
        ({"header": bytes(limits.BINDING_BYTES)}, LimitExceeded),
    ],
)
def test_a_binding_outside_its_ranges(changes: dict[str, Any], kind: type[CordialeError]) -> None:
    honest = bindings.parse(bound()[0])[0]
    with refused(kind):
        bindings.parse(msgspec.structs.replace(honest, **changes).encode())


@pytest.mark.parametrize(
    "changes",
    [
        {"id": b""},
        {"id": bytes(17)},
        {"label": b""},
        {"label": bytes(limits.LABEL_BYTES + 1)},
        {"sent": -1},
        {"sent": LATEST + 1},
        {"heads": {"uk": -1}},
        {"heads": {"uk": 2**63}},
        {"heads": {"UK": 1}},
        {"heads": {"": 1}},
        {"heads": {"a" + chr(97 + n // 26) + chr(97 + n % 26): 1 for n in range(limits.HEADS + 1)}},
    ],
)
def test_a_header_outside_its_ranges(changes: dict[str, Any]) -> None:
    with refused(PeerViolation):
        bindings.parse_header(msgspec.structs.replace(HEADER, **changes).encode())


@given(st.dictionaries(st.sampled_from([Nation("uk"), Nation("fr"), Nation("de")]), st.integers(0, 2**63 - 1)))
def test_the_heads_that_are_accepted_can_be_added(heads: dict[Nation, int]) -> None:
    try:
        found = bindings.parse_header(msgspec.structs.replace(HEADER, heads=heads).encode())
    except Malformed:
        return
    assert sum(found.heads.values()) < 2**63


def test_no_altered_byte_is_signed() -> None:
    data, signature = bound()
    for place in range(len(data)):
        for altered in (data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :], data[:place]):
            with refused(BadSignature):
                bindings.check_signature(altered, signature, KEY.public)


@pytest.mark.parametrize(
    "signature", [b"", bytes(64), statement.sign(KEY, statement.RELEASE, bound()[0]), KEY.sign(bound()[0])]
)
def test_another_signature_is_none(signature: bytes) -> None:
    with refused(BadSignature):
        bindings.check_signature(bound()[0], signature, KEY.public)


def test_another_device_body_or_inside() -> None:
    data, signature = bound()
    found: Binding = bindings.parse(data)[0]
    with refused(BadSignature):
        bindings.check_signature(data, signature, OTHER.public)
    for body in (b"", BODY + b"\x00", BODY.lower()):
        with refused(BadSignature):
            bindings.check_body(found, body)
    lower = msgspec.structs.replace(HEADER, label=encode_label(label(UK, "SECRET")))
    for inside in (b"", lower.encode(), HEADER.encode() + b"\x00", HEADER.encode()[:-1]):
        with refused(LabelMismatch):
            bindings.check_inner(found, inside)
