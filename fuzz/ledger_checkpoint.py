"""Fuzz signed notes, checkpoints, frontiers and tile paths: what parses is written back as it was, or it is refused."""

from cordiale.errors import CordialeError
from cordiale.ledger import checkpoint, note, tile, witness
from cordiale.ledger.merkle import Frontier

KEY = bytes(32)


def TestOneInput(data: bytes) -> None:
    """Nothing but `CordialeError` may come out."""
    for parse in (_note, _checkpoint, _verified, _frontier, _path):
        try:
            parse(data)
        except CordialeError:
            continue


def _note(data: bytes) -> None:
    assert note.parse(data).encode() == data


def _checkpoint(data: bytes) -> None:
    signed = checkpoint.parse(data)
    assert signed.checkpoint.text() == signed.note.text


def _verified(data: bytes) -> None:
    origin = data.partition(b"\n")[0].decode("utf-8", "replace")
    checkpoint.verify(data, origin=origin, name="uk", key=KEY)
    witness.verify_cosigned(data, origin=origin, log=("uk", KEY), witnesses={"fr": KEY}, at_least=1)


def _frontier(data: bytes) -> None:
    frontier = Frontier.decode(data)
    assert frontier.encode() == data
    frontier.root()


def _path(data: bytes) -> None:
    path = data.decode("utf-8", "replace")
    assert tile.parse_path(path).path() == path
