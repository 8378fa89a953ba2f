"""Times as people write them, to milliseconds since the Unix epoch, UTC.

How a source writes its times is decided once, on the first rows that there are: which of `STYLES` reads most of them. Where
day first and month first read equally many, day first is taken, and that is noted. A time without a zone is UTC.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from cordiale.vocab.moment import Moment

EARLIEST: Final = 631_152_000_000
"""1990-01-01T00:00:00Z: nobody heard AIS before."""
LATEST: Final = 4_102_444_800_000
"""2100-01-01T00:00:00Z."""
SAMPLE: Final = 2_000
_SECONDS, _MILLI, _MICRO = 1e11, 1e14, 1e17


def _epoch(text: pl.Expr) -> pl.Expr:
    """Seconds, milliseconds, microseconds or nanoseconds, by size."""
    number = text.cast(pl.Float64, strict=False)
    scaled = (
        pl.when(number < _SECONDS).then(number * 1e3).when(number < _MILLI).then(number)
        .when(number < _MICRO).then(number / 1e3).otherwise(number / 1e6)
    )  # fmt: skip
    return (
        pl.when(scaled.is_finite() & (scaled.abs() < LATEST * 10.0)).then(scaled.round()).cast(pl.Int64, strict=False)
    )


def _written(*formats: str) -> Callable[[pl.Expr], pl.Expr]:
    """By the first of `formats` that reads a value; a zone at the end is cut where it is UTC."""

    def read(text: pl.Expr) -> pl.Expr:
        plain = text.str.replace(r" ?(?:\+00:?00)?(?: ?UTC| ?GMT|Z)?$", "").str.replace("T", " ", literal=True)
        return pl.coalesce(plain.str.to_datetime(each, strict=False, time_unit="ms").cast(pl.Int64) for each in formats)

    return read


def _zoned(text: pl.Expr) -> pl.Expr:
    """ISO 8601 with an offset other than zero."""
    plain = text.str.replace(r" ?([+-]\d\d):?(\d\d)(?: [A-Z]+)?$", "${1}${2}").str.replace("T", " ", literal=True)
    return plain.str.to_datetime("%Y-%m-%d %H:%M:%S%.f%z", strict=False, time_unit="ms").cast(pl.Int64)


def _dated(order: str) -> Callable[[pl.Expr], pl.Expr]:
    read = _written(f"{order} %H:%M:%S%.f", f"{order} %H:%M", f"{order} %I:%M:%S %p", f"{order} %I:%M %p")
    return lambda text: read(text.str.replace_all(r"^(\d+)[-.](\d+)[-.](\d+)", "${1}/${2}/${3}"))


STYLES: Final[Mapping[str, Callable[[pl.Expr], pl.Expr]]] = {
    "ISO 8601": _written("%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M"),
    "ISO 8601 with an offset": _zoned,
    "day first": _dated("%d/%m/%Y"),
    "month first": _dated("%m/%d/%Y"),
    "year first": _written("%Y/%m/%d %H:%M:%S%.f", "%Y/%m/%d %H:%M"),
    "month by name": _written(
        "%d-%b-%Y %H:%M:%S%.f", "%d %b %Y %H:%M:%S%.f", "%b %d, %Y %H:%M:%S%.f", "%d-%b-%Y %H:%M", "%d %b %Y %H:%M"
    ),
    "digits": _written("%Y%m%d%H%M%S", "%Y%m%d %H%M%S"),
    "Unix time": _epoch,
}

ORDERS: Final = ("day first", "month first")
"""Styles that can't always be told from each other."""


@dataclass(frozen=True)
class Style:
    """How a source writes its times, and how many of the sample that reads."""

    name: str
    read: int
    ambiguous: bool = False

    def moments(self, text: pl.Expr) -> pl.Expr:
        """Milliseconds; null where a value can't be read or is out of range."""
        value = STYLES[self.name](text)
        return pl.when(value.is_between(EARLIEST, LATEST, closed="left")).then(value)


def style_of(sample: pl.Series, dates: str = "") -> Style:
    """The style that reads most of a column's values; of day first and month first the one that `dates` names, if it does."""
    values = sample.drop_nulls().str.strip_chars().head(SAMPLE)
    others = set(ORDERS) - {dates} if dates else set[str]()
    found = {name: Style(name, _count(values, Style(name, 0))) for name in STYLES if name not in others}
    best = max(found.values(), key=lambda style: style.read)
    if best.name == "day first" and "month first" in found:
        return Style(best.name, best.read, ambiguous=found["month first"].read == best.read)
    return best


def moment_of(text: str) -> Moment | None:
    """One time as a person writes it, ISO 8601 or Unix time."""
    column = pl.Series([text.strip()])
    found = pl.select(style_of(column).moments(pl.lit(column))).item()
    return None if found is None else Moment(int(found))


def _count(values: pl.Series, style: Style) -> int:
    return int(pl.select(style.moments(pl.lit(values)).is_not_null().sum()).item())
