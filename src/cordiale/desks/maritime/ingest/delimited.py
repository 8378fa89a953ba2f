"""Lines with separators as a table of text, block by block. Quotes never reach over the end of a line.

Every line has as many cells as the header, or it is refused: so a line that was cut, or two that ran together, is seen.
"""

import csv
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import polars as pl

from cordiale.desks.maritime.ingest.source import Block, utf8
from cordiale.desks.maritime.ingest.tally import Tally

SEPARATORS: Final = ",;\t|"
LINE: Final = "line"
"""The column that holds a row's line number."""
_UNIT: Final = "\x1f"
_WRONG_COUNT: Final = "another number of columns than the header"


def separator(line: str) -> str:
    """The separator of a header line: the one that is there most often."""
    return max(SEPARATORS, key=line.count)


def cells(line: str, apart: str) -> list[str]:
    """One line's cells, as a spreadsheet reads them; without regard to quotes where it can't be read so."""
    try:
        return next(csv.reader([line.replace("\r", " ")], delimiter=apart), list[str]())
    except csv.Error:
        return line.split(apart)


def tables(blocks: Iterator[Block], width: int, apart: str, tally: Tally) -> Iterator[pl.DataFrame]:
    """Tables of text: columns "0", "1", … and `LINE`. Empty cells are null."""
    for block in blocks:
        found = _table(block, width, apart, tally)
        if len(found):
            yield found


def _table(block: Block, width: int, apart: str, tally: Tally) -> pl.DataFrame:
    data = utf8(block.data, tally).replace(b"\0", b" ").replace(b"\r", b" ").replace(_UNIT.encode(), b" ")
    if b'"' in data:
        data = b"\n".join(_unquoted(line, apart) for line in data.split(b"\n"))
    else:
        data = data.replace(apart.encode(), _UNIT.encode())
    text = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(text == ord("\n"))
    lengths = np.diff(ends, prepend=-1)
    counts = np.diff(np.cumsum(text == ord(_UNIT))[ends], prepend=0)
    whole = counts == width - 1
    wrong = np.flatnonzero(~whole & (lengths > 1))
    tally.refuse(_WRONG_COUNT, (block.line + wrong[:8]).tolist(), len(wrong))
    whole &= lengths > 1
    if not whole.all():
        data = text[: ends[-1] + 1][np.repeat(whole, lengths)].tobytes()
    names = [str(number) for number in range(width)]
    if not data:
        return pl.DataFrame(schema={**dict.fromkeys(names, pl.String), LINE: pl.Int64})
    found = pl.read_csv(
        data, has_header=False, separator=_UNIT, quote_char=None, schema=dict.fromkeys(names, pl.String)
    )
    numbers = block.line + np.flatnonzero(whole)
    return found.with_columns(pl.Series(LINE, numbers, pl.Int64))


def _unquoted(line: bytes, apart: str) -> bytes:
    if b'"' not in line:
        return line.replace(apart.encode(), _UNIT.encode())
    return _UNIT.join(_cells(line.decode(), apart)).encode()


def _cells(line: str, apart: str) -> Sequence[str]:
    """A quoted line's cells; a line with an odd quote is split as if quotes meant nothing."""
    if line.count('"') % 2:
        return line.split(apart)
    return cells(line, apart)
