"""What was read and what was not: every line of a source is counted once, with the reason where it was refused."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

SHOWN: Final = 5
"""Of each reason, how many line numbers are kept."""
REASONS: Final = 64
"""How many different reasons, columns or types are told apart; what a hostile file names beyond that is counted together."""
OTHER: Final = "other"


@dataclass
class Refusals:
    """How often for one reason, and the first lines."""

    count: int = 0
    lines: list[int] = field(default_factory=list[int])


@dataclass
class Tally:
    """The account of one source. Reasons and notes are message ids."""

    lines: int = 0
    kept: int = 0
    """Lines that gave a row, or more than one."""
    positions: int = 0
    statics: int = 0
    apart: int = 0
    refused: dict[str, Refusals] = field(default_factory=dict[str, Refusals])
    """Lines that gave no row."""
    changed: Counter[str] = field(default_factory=Counter[str])
    """Values out of range that were kept as "not available", by what they were."""
    passed: Counter[str] = field(default_factory=Counter[str])
    """Lines that are well formed and carry nothing that is kept: messages by type, sentences by kind, comments."""
    columns: list[str] = field(default_factory=list[str])
    """Columns of the source that mean nothing here."""
    assumed: list[str] = field(default_factory=list[str])
    """What was taken for granted, as the source doesn't say it."""
    clocks: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """Sources whose clock was off, with what was done (`clock.Off`)."""
    first: int | None = None
    last: int | None = None
    """Times of the earliest and latest row, ms."""

    def refuse(self, reason: str, lines: Iterable[int], count: int | None = None) -> None:
        """Count lines that gave nothing; `count` where `lines` has only the first of them."""
        numbers = list(lines)
        if count is None:
            count = len(numbers)
        if not count:
            return
        if reason not in self.refused and len(self.refused) >= REASONS:
            reason = OTHER
        found = self.refused.setdefault(reason, Refusals())
        found.count += count
        found.lines += numbers[: SHOWN - len(found.lines)]

    def change(self, what: str, count: int) -> None:
        """Count values that were replaced by "not available"."""
        if count:
            self.changed[what] += count

    def let_pass(self, what: str, count: int) -> None:
        """Count well-formed lines that carry nothing that is kept."""
        if count:
            self.passed[what if what in self.passed or len(self.passed) < REASONS else OTHER] += count

    def assume(self, what: str) -> None:
        """Note an assumption, once."""
        if what not in self.assumed:
            self.assumed.append(what)

    def span(self, first: int, last: int) -> None:
        """Widen the span of time."""
        self.first = first if self.first is None else min(self.first, first)
        self.last = last if self.last is None else max(self.last, last)

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "lines": self.lines,
            "kept": self.kept,
            "positions": self.positions,
            "statics": self.statics,
            "apart": self.apart,
            "refused": {reason: {"count": each.count, "lines": each.lines} for reason, each in self.refused.items()},
            "changed": dict(self.changed),
            "passed": dict(self.passed),
            "unmapped_columns": self.columns,
            "assumed": self.assumed,
            "clocks_off": self.clocks,
            "first": self.first,
            "last": self.last,
        }
