"""What nodes and agents say to each other: batches, pulls, rooms, handshake bodies and every record of the API."""

from contextlib import suppress
from functools import cache

from cordiale.errors import CordialeError
from cordiale.federation import api, room, session
from cordiale.federation.session import Batch, Pull
from cordiale.labels.label import encode_label, make_label
from cordiale.vocab.identifier import RoomId
from cordiale.vocab.moment import Moment
from cordiale.vocab.party import Address, Nation
from cordiale.wire import canonical, limits
from cordiale.wire.canonical import Record

_PARSERS = (session.parse_batch, session.parse_pull, room.parse_parameters, room.parse_commit, room.parse_notice)
_RECORDS: tuple[type[Record], ...] = (
    api.Problem,
    api.Submit,
    api.Outcome,
    api.Outcomes,
    api.SyncRequest,
    api.SyncAnswer,
    api.Packages,
    api.Count,
    api.Take,
    api.Prove,
    api.Stored,
    api.Trust,
    api.Blob,
)


@cache
def seeds() -> list[bytes]:
    """One of each."""
    ceiling = encode_label(make_label("uk", "official", {}, created=Moment(0), originator="uk"))
    founder, nations = Address.parse("alice@uk"), {Nation("uk"), Nation("fr")}
    batch = Batch("border/uk-fr", 0, (b"leaf",), b"note", (b"envelope",), (b"chain",), (bytes(32),), b"")
    problem = api.Problem("malformed", "rule", {"detail": "x", "what": "y"})
    records = (
        batch,
        Pull("border/uk-fr", 3, b"note", 5),
        room.room_parameters(ceiling, nations, Nation("uk"), founder),
        room.CommitBody(b"commit", b"welcome"),
        room.Notice("revoked", bytes(16), "alice@uk", "detail"),
        problem,
        api.Submit((b"a", b"b")),
        api.Outcomes((api.Outcome(1, 2), api.Outcome(-1, 0, problem))),
        api.SyncRequest({"home/00": -1}, 3),
        api.SyncAnswer((batch,), 4),
        api.Packages((b"p",)),
        api.Prove(RoomId(bytes(32)), b"m"),
        api.Trust(b"b", (b"p",), b"t", (b"c",)),
    )
    return [canonical.encode(record) for record in records]


def TestOneInput(data: bytes) -> None:
    """One input, taken as each of them; what is accepted is written back as it was."""
    for parse in _PARSERS:
        with suppress(CordialeError):
            assert canonical.encode(parse(data)) == data
    for kind in _RECORDS:
        with suppress(CordialeError):
            assert canonical.encode(canonical.decode(data, kind, limit=limits.REQUEST_BYTES)) == data
    with suppress(CordialeError):
        error = api.error_of(api.parse_problem(data))
        assert isinstance(error, CordialeError) and str(error) is not None
