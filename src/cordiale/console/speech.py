"""How the console speaks: sentences, times, numbers and sizes in the reader's language. Times are UTC and say so."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Final

from babel import Locale
from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_decimal, format_percent

from cordiale.wiring.catalogue import LANGUAGES, say

_LOCALES: Final = {"en": "en_GB", "fr": "fr_FR"}
_KIB: Final = 1024
_WHOLE: Final = 1000


class Speech:
    """One language."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else "en"
        self._locale = Locale.parse(_LOCALES[self.language])

    def say(self, message: str, /, **fields: object) -> str:
        """A sentence, its braces filled."""
        text = say(self.language, message)
        return text.format(**fields) if fields else text

    def clock(self, moment: str) -> str:
        """`14:02Z` of an ISO 8601 time."""
        return format_time(_read(moment), "HH:mm", tzinfo=UTC, locale=self._locale) + "Z"

    def day(self, moment: str) -> str:
        """The day of an ISO 8601 time, with the weekday."""
        return format_date(_read(moment), "full", locale=self._locale)

    def moment(self, moment: str) -> str:
        """Day and time of an ISO 8601 time."""
        return format_datetime(_read(moment), "d MMM y, HH:mm", tzinfo=UTC, locale=self._locale) + "Z"

    def short_day(self, day: date) -> str:
        """A day of the calendar."""
        return format_date(day, "d MMM y", locale=self._locale)

    def month(self, day: date) -> str:
        """The month that a day is in."""
        return format_date(day, "LLLL y", locale=self._locale)

    def weekday(self, day: date) -> str:
        """The short name of a day of the week."""
        return format_date(day, "ccc", locale=self._locale)

    def number(self, value: float) -> str:
        """A number."""
        return format_decimal(value, locale=self._locale)

    def quantity(self, value: float) -> str:
        """What was measured, by three digits; what is large is whole."""
        return self.number(round(value) if abs(value) >= _WHOLE else float(f"{value:.3g}"))

    def decimal(self, digits: str) -> str:
        """A decimal number given by its digits, all of them kept."""
        places = len(digits.partition(".")[2])
        return format_decimal(Decimal(digits), f"#,##0.{'0' * places}" if places else "#,##0", locale=self._locale)

    def position(self, longitude: float, latitude: float) -> str:
        """A position on WGS 84 in degrees and tenths of minutes, latitude first, as charts have it."""
        point, west = (".", "W") if self.language == "en" else (",", "O")
        north, east = "S" if latitude < 0 else "N", west if longitude < 0 else "E"
        return f"{_angle(latitude, 2, point)} {north} {_angle(longitude, 3, point)} {east}"

    def percent(self, value: float) -> str:
        """A part of one."""
        return format_percent(value, "#,##0.#\u202f%" if self.language == "fr" else "#,##0.#%", locale=self._locale)

    def size(self, size: int) -> str:
        """A file's size."""
        units = ("B", "KiB", "MiB", "GiB") if self.language == "en" else ("o", "Kio", "Mio", "Gio")
        value, place = float(size), 0
        while value >= _KIB and place < len(units) - 1:
            value, place = value / _KIB, place + 1
        return f"{format_decimal(value, '#,##0.#' if place else '#,##0', locale=self._locale)} {units[place]}"


def _angle(degrees: float, width: int, point: str) -> str:
    tenths = round(abs(degrees) * 600)
    return f"{tenths // 600:0{width}d}°{tenths % 600 // 10:02d}{point}{tenths % 10}′"


def _read(moment: str) -> datetime:
    return datetime.fromisoformat(moment).astimezone(UTC)


speech: Final[Callable[[str], Speech]] = cache(Speech)
"""The speech of a language."""
