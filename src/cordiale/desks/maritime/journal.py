"""What a watch heard since its state was laid down, appended before it is looked at, so that a kill loses nothing.

Three files under one number: `.rows` and `.apart`, records of POSITION one after the other, and `.said`, a line of JSON for each
identity report. A record or a line that a kill cut is no part of it.
"""

from pathlib import Path
from typing import BinaryIO, Final

import msgspec
import numpy as np
import polars as pl

from cordiale.desks.maritime.ingest.batch import Batch
from cordiale.desks.maritime.ingest.instant import EARLIEST, LATEST
from cordiale.desks.maritime.schema import POSITION
from cordiale.desks.maritime.table import COLUMNS, frame, rows
from cordiale.errors import Malformed, StorageFailed

_ENDINGS: Final = ("rows", "said", "apart")
"""By the tables of a batch."""


class Journal:
    """One number's files, to be appended to. Close it."""

    def __init__(self, folder: Path, number: int) -> None:
        """Raises `StorageFailed`."""
        self.folder, self.number = folder, number
        try:
            self._files: list[BinaryIO] = [path.open("ab", buffering=0) for path in _paths(folder, number)]
        except OSError as fault:
            raise StorageFailed(f"{folder}: {fault.strerror}") from None

    def write(self, batch: Batch) -> None:
        """Raises `StorageFailed`; what was written of it is found again, or dropped where it is no whole record."""
        said = b"".join(msgspec.json.encode(row) + b"\n" for row in batch.statics.iter_rows())
        parts = rows(batch.positions).tobytes(), said, rows(batch.apart).tobytes()
        try:
            for file, part in zip(self._files, parts, strict=True):
                if part:
                    file.write(part)
        except OSError as fault:
            raise StorageFailed(f"{self.folder}: {fault.strerror}") from None

    def close(self) -> None:
        """Nothing is appended any more."""
        for file in self._files:
            file.close()

    def remove(self) -> None:
        """Close it; it is not needed any more."""
        self.close()
        for path in _paths(self.folder, self.number):
            path.unlink(missing_ok=True)


def heard_since(folder: Path, number: int) -> Batch:
    """What a number's files hold. Cuts off what a kill left half; raises `Malformed` where a line is none."""
    heard, said, apart = (path.read_bytes() if path.exists() else b"" for path in _paths(folder, number))
    whole = len(heard) // POSITION.itemsize, said.rfind(b"\n") + 1, len(apart) // POSITION.itemsize
    ends = whole[0] * POSITION.itemsize, whole[1], whole[2] * POSITION.itemsize
    for path, data, end in zip(_paths(folder, number), (heard, said, apart), ends, strict=True):
        if end < len(data):
            path.write_bytes(data[:end])
    paths = _paths(folder, number)
    return Batch(
        _positions(paths[0], heard[: ends[0]]),
        _identities(paths[1], said[: ends[1]]),
        _positions(paths[2], apart[: ends[2]]),
    )


def _positions(path: Path, heard: bytes) -> pl.DataFrame:
    found = np.frombuffer(heard, POSITION)
    if len(found) and not EARLIEST <= found["time"].min() <= found["time"].max() < LATEST:
        raise Malformed(f"{path}: not what a watch wrote", what="state of the maritime desk")
    return frame(found)


def _identities(path: Path, said: bytes) -> pl.DataFrame:
    try:
        return pl.DataFrame(
            [msgspec.json.decode(line) for line in said.split(b"\n")[:-1]], schema=COLUMNS["statics"], orient="row"
        )
    except (msgspec.DecodeError, pl.exceptions.PolarsError, TypeError) as fault:
        raise Malformed(f"{path}: {fault}"[:300], what="state of the maritime desk") from None


def _paths(folder: Path, number: int) -> list[Path]:
    return [folder / f"{number}.{ending}" for ending in _ENDINGS]
