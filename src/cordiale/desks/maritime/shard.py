"""Stage one as a task: one shard of vessels through the days of an archive.

A task reads row groups one after the other, keeps its own vessels, and lays down what it emitted in files of arrays: for each
segment of the days what it found, and its checkpoint at the end of it. It tells how far it is by the size of a file.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final, TypeVar, get_origin, get_type_hints
from zipfile import BadZipFile

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from cordiale.desks.maritime.archive import Archive
from cordiale.desks.maritime.carried import Arrays, cut
from cordiale.desks.maritime.detect.areas import Areas, Places
from cordiale.desks.maritime.detect.heard import HEARD
from cordiale.desks.maritime.detect.profile import shipped
from cordiale.desks.maritime.detect.stage import Columns, Stage
from cordiale.desks.maritime.schema import EVENT, TICK
from cordiale.errors import Malformed, StorageFailed

T = TypeVar("T")
_PARTS: Final = {"events": EVENT, "ticks": TICK, "heard": HEARD}
TOLD: Final = 65_536
"""Rows for which the file of progress grows by a byte."""


class ShardTask(msgspec.Struct, frozen=True):
    """What one task reads and where it writes. It can go to another machine that sees the same folders."""

    archive: str
    profile: str
    shard: int
    shards: int
    segments: tuple[tuple[str, ...], ...]
    """Days, as ISO dates, in order; a checkpoint is laid down at the end of each segment."""
    carried: str
    """The merged checkpoint to go on from; empty to begin."""
    out: str
    """A folder."""
    places: str
    """A file of what `lay_places` laid down."""


def run_shard(task: ShardTask) -> list[str]:
    """Run stage one; the file of each segment."""
    places = Places(_gathered(Areas, load(Path(task.places))), (), (), ())
    stage = Stage(shipped(task.profile).thresholds, places, shard=task.shard, shards=task.shards)
    if task.carried:
        stage.restore(cut(load(Path(task.carried)), task.shard, task.shards))
    out = Path(task.out)
    found: list[str] = []
    with (out / f"progress-{task.shard}").open("wb", buffering=0) as told:
        for number, days in enumerate(task.segments):
            path = out / f"segment-{number}-{task.shard}.npz"
            _segment(stage, Archive(Path(task.archive)), days, path, told)
            found.append(str(path))
    return found


def _segment(stage: Stage, archive: Archive, days: tuple[str, ...], path: Path, told: Any) -> None:
    parts: dict[str, list[NDArray[np.void]]] = {name: [np.zeros(0, kind)] for name, kind in _PARTS.items()}
    last, rows = -1, 0
    for columns in _columns(archive, days):
        found = stage.advance(columns)
        for name, part in zip(_PARTS, found, strict=True):
            if len(part):
                parts[name].append(part)
        last = int(columns.time[-1])
        told.write(b"." * ((rows + len(columns.time)) // TOLD - rows // TOLD))
        rows += len(columns.time)
    # a segment ends with a day, and so with an hour: whoever goes on from here counts none of it again
    parts["heard"].append(stage.finish())
    save(
        path,
        {name: np.concatenate(each) for name, each in parts.items()}
        | {f"carried_{name}": array for name, array in stage.checkpoint().items()}
        | {"last": np.array([last, rows])},
    )


def _columns(archive: Archive, days: tuple[str, ...]) -> Iterator[Columns]:
    for day in days:
        for table in archive.tables(date.fromisoformat(day)):
            if len(table):
                yield _plain(table)


def _plain(table: pl.DataFrame) -> Columns:
    return Columns(*(table[name].to_numpy() for name in Columns._fields))


def lay_places(path: Path, areas: Areas) -> None:
    """Cables, zones and the coast, indexed once for all tasks: to index them takes a second, to load them a hundredth."""
    save(path, dict(_scattered(areas)))


def _scattered(records: Any, above: str = "") -> Iterator[tuple[str, NDArray[Any]]]:
    """The arrays of records within records, each by its fields' names."""
    for name, part in records._asdict().items():
        if isinstance(part, tuple):
            yield from _scattered(part, f"{above}{name}.")
        else:
            yield above + name, part


def _gathered(kind: type[T], arrays: Arrays, above: str = "") -> T:
    """A record of this kind from what `_scattered` gave."""
    parts: list[Any] = [
        _gathered(part, arrays, f"{above}{name}.")
        if issubclass(get_origin(part) or part, tuple)
        else arrays[above + name]
        for name, part in get_type_hints(kind).items()
    ]
    return kind(*parts)


def save(path: Path, arrays: Arrays) -> None:
    """Arrays by name, as NumPy keeps them, without compression."""
    with path.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def load(path: Path) -> dict[str, NDArray[Any]]:
    """What `save` wrote; never an object of Python. `Malformed` where it is damaged, `StorageFailed` where it can't be read."""
    try:
        with path.open("rb") as source, np.load(source, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (ValueError, EOFError, KeyError, AttributeError, TypeError, BadZipFile) as fault:
        raise Malformed(f"{path}: {fault}"[:300], what="state of the maritime desk") from None
    except OSError as fault:
        raise StorageFailed(f"{path}: {fault.strerror}") from None
