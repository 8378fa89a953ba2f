"""NMEA files and streams into rows: what is kept between two blocks, and the account of their lines."""

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cordiale.desks.maritime import arrow
from cordiale.desks.maritime.ingest import message, multipart, sentence
from cordiale.desks.maritime.ingest.batch import Batch, nothing, together
from cordiale.desks.maritime.ingest.message import CALL_SIGN, DESTINATION, NAME, TEXT_BYTES
from cordiale.desks.maritime.ingest.source import Block
from cordiale.desks.maritime.ingest.tally import SHOWN, Tally
from cordiale.desks.maritime.table import COLUMNS, frame
from cordiale.vocab.moment import Moment

AT_ONCE: Final = 65_536
"""Lines that are decoded at once: room for their rows is made once, and what is done for each table is little beside them."""
_TEXTS: Final[Mapping[str, tuple[int, int]]] = {
    "call_sign": (CALL_SIGN, NAME), "name": (NAME, DESTINATION), "destination": (DESTINATION, TEXT_BYTES),
}  # fmt: skip
_HOW: Final = {sentence.GIVEN: "times are the given one", sentence.BASE: "times are those of base stations' reports"}


class Decoder:
    """One source's lines, block after block. `now` is the time of lines for which no other is known, as in a live feed; without
    `stations`, base stations' reports don't tell it."""

    def __init__(
        self, tally: Tally, now: Moment | None = None, *, at_once: int = AT_ONCE, stations: bool = True
    ) -> None:
        self._tally = tally
        self._state = sentence.begin()
        self._state[sentence.NOW] = now or 0
        self._state[sentence.HOW] = sentence.GIVEN if stations else sentence.LAST
        self._at_once = at_once
        self._waiting = multipart.waiting(SHOWN)
        self._rows = message.rows(at_once)

    def decode(self, data: bytes, now: Moment | None = None) -> Batch:
        """Rows of whole lines, each ended by a line feed. `now` is for those that tell no time, until a line tells one."""
        if now is not None:
            self._state[sentence.NOW], self._state[sentence.HOW] = now, sentence.GIVEN
        text = np.frombuffer(data, np.uint8)
        ends = np.flatnonzero(text == ord("\n"))
        found = [nothing()]
        for first in range(0, len(ends), self._at_once):
            begin = int(ends[first - 1]) + 1 if first else 0
            found.append(self._some(text, ends[first : first + self._at_once], begin))
        self._lost()
        return together(found)

    def _some(self, text: NDArray[np.uint8], ends: NDArray[np.int64], begin: int) -> Batch:
        line, rows = int(self._state[sentence.NUMBER]), self._rows
        places, apart, names = message.read(text, ends, begin, self._state, self._waiting, rows)
        self._count(rows.outcomes[: len(ends)], line)
        identities = _named(rows.identities[:names], rows.texts[:names])
        return Batch(frame(rows.positions[:places]), identities, frame(rows.apart[:apart]))

    def finish(self) -> None:
        """Nothing comes any more: what is incomplete is counted."""
        multipart.give_up_all(self._waiting)
        self._lost()

    def _count(self, outcomes: NDArray[np.uint8], first: int) -> None:
        how_often = np.bincount(outcomes, minlength=256)
        for outcome in np.flatnonzero(how_often).tolist():
            count = int(how_often[outcome])
            if outcome < sentence.EMPTY:
                self._tally.let_pass(f"message of type {outcome}", count)
            elif outcome == sentence.ROW:
                self._tally.kept += count
            elif outcome < sentence.FIRST_REFUSAL:
                if outcome != sentence.EMPTY:
                    self._tally.let_pass(sentence.OUTCOMES[outcome], count)
            else:
                lines = np.flatnonzero(outcomes == outcome)[:SHOWN] + first
                self._tally.refuse(sentence.OUTCOMES[outcome], lines.tolist(), count)
        if how_often[sentence.ROW]:
            how = _HOW.get(int(self._state[sentence.HOW]))
            if how is not None:
                self._tally.assume(how)

    def _lost(self) -> None:
        """Parts of messages whose rest never came: refused after all."""
        lost = self._waiting.lost
        messages, lines = int(lost[0]), int(lost[1])
        if messages:
            self._tally.let_pass("part of a message", -lines)
            self._tally.refuse("message incomplete", lost[2 : 2 + messages].tolist(), lines)
            lost[:] = 0


def batches(blocks: Iterator[Block], tally: Tally, now: Moment | None = None) -> Iterator[Batch]:
    """The rows of one source."""
    decoder = Decoder(tally, now)
    for block in blocks:
        yield decoder.decode(block.data)
    decoder.finish()


def _named(numbers: NDArray[np.void], texts: NDArray[np.uint8]) -> pl.DataFrame:
    """A table of statics, of copies: the rows' room is used again."""
    columns = {
        name: arrow.strings(texts[:, slice(*_TEXTS[name])]) if name in _TEXTS else numbers[name].copy()
        for name in COLUMNS["statics"]
    }
    return pl.DataFrame(columns)
