"""Parquet, Arrow files and zstd through PyArrow: the only module here that knows it, as it comes without types."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false, reportArgumentType=false
# pyright: reportAttributeAccessIssue=false

import os
from collections.abc import Collection, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final, Self, cast

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from cordiale.desks.maritime.table import COLUMNS, Kind

Fault: Final[type[Exception]] = pa.ArrowException
"""What PyArrow raises, beside OSError."""
GROUP_ROWS: Final = 1 << 19
"""Rows in one row group of a day's file: what a reader holds at least."""
_LEVEL: Final = 3


def count(path: Path) -> int:
    """Rows of a Parquet file."""
    return int(pq.read_metadata(path).num_rows)


def groups(path: Path, kind: Kind, mmsi: Collection[int] | None = None) -> Iterator[pl.DataFrame]:
    """A Parquet file's row groups; only rows of these MMSIs where they are given. Decoded in this thread alone."""
    wanted = None if mmsi is None else pa.array(sorted(mmsi), pa.uint32())
    with pq.ParquetFile(path) as file:
        for number in range(file.num_row_groups):
            table = file.read_row_group(number, columns=COLUMNS[kind].names(), use_threads=False)
            if wanted is not None:
                table = table.filter(pc.is_in(table["mmsi"], wanted))
            yield _polars(table, kind)


class Groups:
    """A Parquet file's row groups one by one: of the file as it was when this began, whatever takes its place."""

    def __init__(self, path: Path, kind: Kind) -> None:
        self._file, self._kind = pq.ParquetFile(path), kind

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self._file.close()

    def spans(self) -> list[tuple[int, int]]:
        """The first and the last time in each, from the file's statistics."""
        told = self._file.metadata
        column = told.schema.to_arrow_schema().get_field_index("time")
        known = (told.row_group(number).column(column).statistics for number in range(told.num_row_groups))
        return [(int(each.min), int(each.max)) for each in known]

    def of(self, number: int, mmsi: Collection[int]) -> pl.DataFrame:
        """One's rows of these MMSIs."""
        table = self._file.read_row_group(number, columns=COLUMNS[self._kind].names(), use_threads=False)
        return _polars(table.filter(pc.is_in(table["mmsi"], pa.array(sorted(mmsi), pa.uint32()))), self._kind)


class Writer:
    """A day's file while it is written; row groups are full but for the last."""

    def __init__(self, sink: IO[bytes], kind: Kind) -> None:
        self.rows = 0
        self._schema = pl.DataFrame(schema=COLUMNS[kind]).to_arrow().schema
        self._waiting = pl.DataFrame(schema=COLUMNS[kind])
        self._writer = pq.ParquetWriter(
            sink,
            self._schema,
            compression="zstd",
            compression_level=_LEVEL,
            use_dictionary=[name for name in COLUMNS[kind].names() if name not in ("time", "lon", "lat")],
            column_encoding={"time": "DELTA_BINARY_PACKED"},
            write_statistics=["time", "mmsi"],
        )

    def add(self, table: pl.DataFrame) -> None:
        """Write rows that come after all others."""
        self._waiting = pl.concat([self._waiting, table])
        while len(self._waiting) >= GROUP_ROWS:
            self._write(self._waiting.head(GROUP_ROWS))
            self._waiting = self._waiting.slice(GROUP_ROWS)

    def _write(self, table: pl.DataFrame) -> None:
        self._writer.write_table(table.to_arrow().cast(self._schema), row_group_size=GROUP_ROWS)
        self.rows += len(table)

    def close(self) -> None:
        """Write what waits, and the footer."""
        if len(self._waiting):
            self._write(self._waiting)
        self._writer.close()


@contextmanager
def written(path: Path, kind: Kind) -> Generator[Writer]:
    """A Parquet file that only its owner can read; on disk when this ends, half written if it raises."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        writer = Writer(file, kind)
        yield writer
        writer.close()
        file.flush()
        os.fsync(file.fileno())


def lay_down(path: Path, table: pl.DataFrame) -> None:
    """Write an Arrow file, uncompressed, to be mapped."""
    arrow = table.to_arrow()
    with pa.OSFile(str(path), "wb") as sink, pyarrow.ipc.new_file(sink, arrow.schema) as writer:
        writer.write_table(arrow)


def mapped(path: Path, kind: Kind) -> pl.DataFrame:
    """An Arrow file without reading it: pages come from the disk as they are used."""
    with pyarrow.ipc.open_file(pa.memory_map(str(path))) as reader:
        return _polars(reader.read_all(), kind)


def strings(texts: NDArray[np.uint8]) -> pl.Series:
    """Rows of ASCII that end at their first zero, [n, width], as text."""
    inside = texts != 0
    ends = np.concatenate([np.zeros(1, np.int32), np.cumsum(inside.sum(axis=1), dtype=np.int32)])
    found = pa.StringArray.from_buffers(len(texts), pa.py_buffer(ends), pa.py_buffer(texts[inside]))
    return cast("pl.Series", pl.from_arrow(found))


def unpacked(stream: IO[bytes]) -> IO[bytes]:
    """A zstd stream's content."""
    return cast("IO[bytes]", pa.CompressedInputStream(stream, "zstd"))


def _polars(table: Any, kind: Kind) -> pl.DataFrame:
    """Raises `Fault` where it has not the columns of its kind, or has nothing in one of them: another program wrote it."""
    found = cast("pl.DataFrame", pl.from_arrow(table))
    try:
        found = found.select(COLUMNS[kind].names()).cast(dict(COLUMNS[kind]))
    except pl.exceptions.PolarsError as fault:
        raise pa.ArrowInvalid(f"not as this version writes it ({str(fault).splitlines()[0]})") from None
    empty = [column.name for column in found if column.null_count()]
    if empty:
        raise pa.ArrowInvalid(f"not as this version writes it (nothing in {', '.join(empty)})")
    return found
