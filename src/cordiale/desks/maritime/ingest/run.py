"""From source files into the archive.

Each file is read into a spool and merged into the days from there; only then is it entered in the ledger. Whatever ends the
process in between loses nothing and leaves nothing half done: a day's file is replaced whole, and reading the file again adds
what is missing and no row twice.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cordiale.desks.maritime.archive import Archive
from cordiale.desks.maritime.ingest.batch import Batch
from cordiale.desks.maritime.ingest.clock import Off
from cordiale.desks.maritime.ingest.form import batches, clocks_off
from cordiale.desks.maritime.ingest.ledger import Entry, Ledger, digest_of
from cordiale.desks.maritime.ingest.source import opened
from cordiale.desks.maritime.ingest.tally import Tally
from cordiale.desks.maritime.spool import Spool
from cordiale.desks.maritime.table import KINDS
from cordiale.errors import CordialeError, NotFound, PeerViolation
from cordiale.vocab.moment import Moment

Progress = Callable[[str, int, int], None]
"""What is done, how much of how much (bytes or rows)."""
_INCOMING: Final = "incoming"


@dataclass(frozen=True)
class Read:
    """What became of one file."""

    name: str
    form: str
    counts: dict[str, Any]
    before: bool
    """It was read before, and nothing was done now."""
    fault: CordialeError | None = None
    """Why nothing of it could be read."""


@dataclass(frozen=True)
class Options:
    """What a person says of files that don't say it themselves; see `form.batches`."""

    now: Moment | None = None
    dates: str = ""


def ingest(store: Path, files: Sequence[Path], progress: Progress, options: Options | None = None) -> Iterator[Read]:
    """Read files into the archive of a store, one after the other. A bad one keeps no other back; where it is the only one,
    its fault is raised."""
    with Archive(store).writing():
        Spool(store / _INCOMING).drop()
        ledger = Ledger(store)
        for path in files:
            try:
                yield _file(store, ledger, path, progress, options or Options())
            except (PeerViolation, NotFound) as fault:
                if len(files) == 1:
                    raise
                yield Read(path.name, "", {}, before=False, fault=fault)


def _file(store: Path, ledger: Ledger, path: Path, progress: Progress, options: Options) -> Read:
    digest = digest_of(path)
    known = ledger.find(digest)
    if known is not None:
        return Read(path.name, known.form, known.counts, before=True)
    tally, form = Tally(), ""
    archive = Archive(store)
    spool = Spool(store / _INCOMING)
    size = path.stat().st_size
    try:
        with opened(path) as (file, parts):
            for part, off in zip(parts, _clocks(path, archive, options), strict=True):
                tally.clocks += [each.document() for each in off]
                shifts = {each.source.encode("latin-1"): each.offset for each in off}
                form, found = batches(part.blocks(tally), tally, now=options.now, dates=options.dates, shifts=shifts)
                for batch in found:
                    _lay_down(spool, batch, tally)
                    progress("read", file.tell(), size)
        merged = _merge(archive, spool, progress)
    finally:
        spool.drop()
    counts = {**tally.document(), **merged}
    ledger.add(Entry(digest, path.name, size, form, counts))
    return Read(path.name, form, counts, before=False)


def _clocks(path: Path, archive: Archive, options: Options) -> list[list[Off]]:
    """Whose clock is off in each part of a file: its beginning is read for that alone."""
    with opened(path) as (_, parts):
        return [clocks_off(part.blocks(Tally()), archive, now=options.now, dates=options.dates) for part in parts]


def _lay_down(spool: Spool, batch: Batch, tally: Tally) -> None:
    tally.positions += len(batch.positions)
    tally.statics += len(batch.statics)
    tally.apart += len(batch.apart)
    for kind, table in zip(KINDS, batch, strict=True):
        if len(table):
            tally.span(int(table["time"].min()), int(table["time"].max()))  # pyright: ignore[reportArgumentType]
            spool.add(kind, table)


def _merge(archive: Archive, spool: Spool, progress: Progress) -> dict[str, int]:
    found = {"added": 0, "repeated": 0}
    days = spool.days()
    for number, (kind, day) in enumerate(days):
        runs = spool.runs(kind, day)
        merged = archive.merge(day, kind, runs)
        runs.drop()
        if kind == "positions":
            found["added"] += merged.added
            found["repeated"] += merged.repeated
        progress("merge", number + 1, len(days))
    return found
