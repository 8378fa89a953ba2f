"""A small ground for tests of commit with sight: a record takes up a span of days at one berth of a quay."""

from collections.abc import Iterable
from typing import Any

from cordiale.errors import Malformed
from cordiale.register.record import Head, Opening
from cordiale.register.sight import Shown, Span
from cordiale.vocab.moment import DAY, Moment

TYPE = "berth"


class Stay:
    """From one day until another; two stays at one berth overlap where they share a day."""

    def __init__(self, berth: str, first: int, last: int) -> None:
        if first >= last:
            raise Malformed("it ends before it begins", what="stay")
        self.berth, self.first, self.last = berth, first, last

    @property
    def span(self) -> Span:
        return Moment(self.first * DAY), Moment(self.last * DAY)

    def meets(self, other: "Stay") -> bool:
        return self.berth == other.berth and self.first < other.last and other.first < self.last

    def why(self, other: "Stay", language: str) -> str:
        return f"{language}: {self.berth} from day {max(self.first, other.first)}"


class Quay:
    """The ground. Until berth and days are shown, a record is nowhere."""

    type = TYPE

    def footprint(self, head: Head, shown: Shown) -> Stay | None:
        assert head.type == TYPE
        if not {"berth", "days"} <= set(shown):
            return None
        return Stay(shown["berth"].value, *shown["days"].value)

    def window(self, openings: Iterable[tuple[str, Opening]]) -> Span | None:
        days: list[Any] = [opening.value for name, opening in openings if name == "days"]
        if not days:
            return Moment(0), Moment(0)
        return Moment(min(first for first, _ in days) * DAY), Moment(max(last for _, last in days) * DAY)
