"""Which records take up place and time, for agents: those of the activity desk, loaded with the first of them.

Most agents never have an activity, and numeric libraries take a while to load.
"""

from collections.abc import Iterable
from importlib import import_module
from typing import Final, Protocol, cast

from cordiale.register.record import Head, Opening
from cordiale.register.sight import Footprint, Shown, Span

DESK: Final = "cordiale.desks.activity.ground"


class _Desk(Protocol):
    def footprint(self, head: Head, shown: Shown) -> Footprint | None: ...
    def window(self, openings: Iterable[tuple[str, Opening]]) -> Span | None: ...


class Activities:
    """The desk's test, as a book asks for it."""

    @property
    def type(self) -> str:
        """Of the records that are judged."""
        return "activity"

    def footprint(self, head: Head, shown: Shown) -> Footprint | None:
        """Where and when an activity is."""
        return cast(_Desk, import_module(DESK)).footprint(head, shown)

    def window(self, openings: Iterable[tuple[str, Opening]]) -> Span | None:
        """Between when and when it can be."""
        return cast(_Desk, import_module(DESK)).window(openings)
