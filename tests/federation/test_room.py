"""cordiale.federation.room: the parameters of a room in their one form, and the bodies of handshakes."""

import msgspec
import pytest

from cordiale.errors import CordialeError, LimitExceeded, Malformed, PeerViolation
from cordiale.federation.room import (
    CommitBody,
    Notice,
    RoomParameters,
    parse_commit,
    parse_notice,
    parse_parameters,
    room_parameters,
)
from cordiale.labels.label import encode_label
from cordiale.vocab.party import Address, Nation
from cordiale.wire import canonical, limits
from forge.verdict import refused
from labels.lattice import UK, label

CEILING = encode_label(label(UK, "SECRET REL FRA"))
ROOM = room_parameters(CEILING, {Nation("uk"), Nation("fr")}, Nation("uk"), Address.parse("alice@uk"))


def test_they_are_written_in_one_form() -> None:
    assert ROOM.nations == ("fr", "uk")
    assert parse_parameters(ROOM.encode()) == ROOM
    assert ROOM.ceiling_label == label(UK, "SECRET REL FRA")


MANY = tuple(sorted("a" + chr(97 + n // 26) + chr(97 + n % 26) for n in range(limits.ROOM_NATIONS + 1)))


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 2},
        {"nations": ("uk", "fr")},
        {"nations": ("fr", "fr", "uk")},
        {"nations": ()},
        {"nations": ("fr",)},
        {"nations": ("FR", "uk")},
        {"nations": MANY, "hub": MANY[0]},
        {"hub": "de"},
        {"hub": ""},
        {"founder": "alice"},
        {"founder": ""},
        {"ceiling": b""},
        {"ceiling": CEILING + b"\x00"},
    ],
)
def test_parameters_outside_their_ranges(changes: dict[str, object]) -> None:
    with refused(PeerViolation):
        parse_parameters(msgspec.structs.replace(ROOM, **changes).encode())


def test_room_for_as_many_nations_as_are_allowed() -> None:
    nations = MANY[: limits.ROOM_NATIONS]
    found = RoomParameters(1, CEILING, tuple(map(Nation, nations)), Nation(nations[0]), f"a@{nations[0]}")
    assert parse_parameters(found.encode()) == found


@pytest.mark.parametrize("parse", [parse_parameters, parse_commit, parse_notice])
@pytest.mark.parametrize(
    ("data", "kind"),
    [(b"", Malformed), (b"\xa0", Malformed), (b"\x81" * 40, Malformed), (bytes(9 * limits.MIB), LimitExceeded)],
)
def test_what_is_none_of_them(parse: object, data: bytes, kind: type[CordialeError]) -> None:
    with refused(kind):
        parse(data)  # type: ignore[operator]


def test_bodies_have_one_form() -> None:
    body, notice = CommitBody(b"commit", b"welcome"), Notice("revoked", b"", "claire@fr")
    assert parse_commit(body.encode()) == body
    assert parse_notice(notice.encode()) == notice
    with refused(Malformed):
        parse_commit(canonical.encode(notice))
