"""Time: milliseconds since 1970-01-01T00:00:00Z. Order never depends on it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final, NewType

Moment = NewType("Moment", int)
"""UTC, milliseconds since the Unix epoch."""

Clock = Callable[[], Moment]

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = Moment(253_402_300_799_999)
"""9999-12-31T23:59:59.999Z, the last moment that ISO 8601 and `datetime` can write."""


def from_datetime(value: datetime) -> Moment:
    """From an aware datetime of any zone."""
    return Moment((value - _EPOCH) // timedelta(milliseconds=1))


def to_datetime(moment: Moment) -> datetime:
    """As an aware UTC datetime."""
    return datetime.fromtimestamp(moment / 1000, UTC)


def iso(moment: Moment) -> str:
    """ISO 8601 with milliseconds and `Z`."""
    return to_datetime(moment).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment % 1000:03d}Z"


def minute(moment: Moment) -> str:
    """For people: to the minute, with `Z`."""
    return to_datetime(moment).strftime("%Y-%m-%d %H:%MZ")


def between(begin: Moment, end: Moment) -> str:
    """From one moment to another for people; the day once where it is the same."""
    first, last = minute(begin), minute(end)
    return f"{first} – {last[11:] if first[:10] == last[:10] else last}"
