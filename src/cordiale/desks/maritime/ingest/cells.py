"""A source's text columns as the archive's integers, with an account of everything that doesn't fit.

A row without a time, a vessel or a possible place is refused. Any other value that is out of its range becomes "not
available". A speed or course below zero is the number of bits of the AIS field read as signed, as MarineCadastre's older
files have it: 102.4 knots or 409.6° are added.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cordiale.crypto.digest import sha256
from cordiale.desks.maritime import schema
from cordiale.desks.maritime.ingest.batch import Batch
from cordiale.desks.maritime.ingest.codes import KINDS, SHIP_TYPES, STATUSES
from cordiale.desks.maritime.ingest.delimited import LINE
from cordiale.desks.maritime.ingest.instant import Style
from cordiale.desks.maritime.ingest.tally import SHOWN, Tally
from cordiale.desks.maritime.mmsi import FIRST_PSEUDONYM, MOST, PSEUDONYMS
from cordiale.desks.maritime.table import COLUMNS, fitted
from cordiale.vocab.moment import MINUTE

APART: Final = (4, 9, 11, 21)
"""Message types of what is no vessel: base stations (11 answers like one), aircraft of search and rescue, aids to navigation."""
IDENTITY: Final = (5, 24)
"""Message types without a position."""
SLOT: Final = 6 * MINUTE
"""How often a class A station sends its identity (ITU-R M.1371-5, annex 1): a file that repeats it with every position gives
it once in that time."""
_FAULTS: Final = (
    ("time", "time missing or not understood"),
    ("mmsi", "MMSI missing or more than nine digits"),
    ("place", "position out of range or not a number"),
)
_TEXTS: Final = {"call_sign": 7, "name": 20, "destination": 20}
"""Characters of each (M.1371-5, annex 8, table 49)."""

_HEMISPHERE: Final = {"lat": r"[° ]*([NSns])$", "lon": r"[° ]*([EWew])$"}
_NONE: Final = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "\\N", "Unknown", "Undefined")
"""What statistical programs and publishers write where there is nothing."""


@dataclass(frozen=True)
class Measure:
    """A number: how many of its units are in one of AIS's, the most that it may be, what stands for "not available", and what
    a value below zero is short of."""

    scale: float
    most: int
    unavailable: int
    short: int = 0


_MEASURES: Final[Mapping[str, Measure]] = {
    "sog": Measure(10, schema.SOG_UNAVAILABLE, schema.SOG_UNAVAILABLE, 1024),
    "cog": Measure(10, schema.COG_UNAVAILABLE, schema.COG_UNAVAILABLE, 4096),
    "heading": Measure(1, 359, schema.HEADING_UNAVAILABLE),
}
_IDENTITY: Final[Mapping[str, Measure]] = {
    "imo": Measure(1, 2**30 - 1, 0),
    "to_bow": Measure(1, 511, 0),
    "to_stern": Measure(1, 511, 0),
    "to_port": Measure(1, 63, 0),
    "to_starboard": Measure(1, 63, 0),
    "draught": Measure(10, 255, 0),
}


def batch(table: pl.DataFrame, style: Style, tally: Tally) -> Batch:
    """Rows of the archive from columns named as in `header.FIELDS` (and `LINE`)."""
    measured = {name: _measured(table, name, measure, tally) for name, measure in _MEASURES.items()}
    lon, lat = (_degrees(table, name, most) for name, most in (("lon", 180), ("lat", 90)))
    read = table.select(
        pl.col(LINE),
        style.moments(pl.col("time").str.strip_chars()).alias("time"),
        _mmsi(table).alias("mmsi"),
        lon.alias("lon"),
        lat.alias("lat"),
        *(series.alias(name) for name, series in measured.items()),
        _code(table, "status", STATUSES, schema.STATUS_UNDEFINED, 15, tally).alias("status"),
        _code(table, "kind", KINDS, 0, 27, tally).alias("kind"),
        place=pl.when(lon.is_not_null() & lat.is_not_null()).then(1),
    )
    good = np.ones(len(read), bool)
    for column, reason in _FAULTS:
        present = read[column].is_not_null().to_numpy()
        wrong = np.flatnonzero(good & ~present)
        tally.refuse(reason, read[LINE][wrong[:SHOWN]].to_list(), len(wrong))
        good &= present
    kept = read.filter(pl.Series(good))
    tally.kept += len(kept)
    rows = fitted(kept, "positions")
    statics = _statics(table.filter(pl.Series(good)), kept, tally)
    rows = rows.filter(~pl.col("kind").is_in(IDENTITY))
    apart = pl.col("kind").is_in(APART)
    return Batch(rows.filter(~apart), statics, rows.filter(apart))


def _text(table: pl.DataFrame, name: str) -> pl.Series:
    """A column without outer blanks; null where it is missing, empty, or says so (`_NONE`)."""
    if name not in table.columns:
        return pl.repeat(None, len(table), dtype=pl.String, eager=True)
    text = table[name].str.strip_chars()
    empty = text.is_in(_NONE)
    return text.set(empty, None) if empty.any() else text


def _number(table: pl.DataFrame, name: str) -> NDArray[np.float64]:
    """NaN where there is no number."""
    found = _text(table, name).str.replace(",", ".", literal=True).cast(pl.Float64, strict=False).to_numpy()
    return np.where(np.isfinite(found), found, np.nan)


def _mmsi(table: pl.DataFrame) -> pl.Series:
    if "mmsi" not in table.columns:
        return _pseudonyms(_text(table, "craft"))
    number = _number(table, "mmsi")
    return _integers(number, (number >= 1) & (number <= MOST) & (number == np.floor(number)), pl.UInt32)


def _integers(number: NDArray[np.float64], good: NDArray[np.bool_], kind: type[pl.DataType]) -> pl.Series:
    """Null where a number isn't good."""
    found = pl.Series(np.where(good, number, 0)).cast(kind)
    return found if good.all() else found.set(pl.Series(~good), None)


def _pseudonyms(names: pl.Series) -> pl.Series:
    """A number beyond MMSIs for each name of a craft, always the same."""
    known = {
        name: FIRST_PSEUDONYM + int.from_bytes(sha256(name.encode())[:8], "big") % PSEUDONYMS
        for name in names.unique().drop_nulls().to_list()
    }
    return names.replace_strict(known, default=None, return_dtype=pl.UInt32)


def _degrees(table: pl.DataFrame, name: str, most: int) -> pl.Series:
    """AIS units; "not available" where it is empty, null where it is impossible. 3.5W is −3.5."""
    text, number = _text(table, name), _number(table, name)
    missing = text.is_null().to_numpy()
    if (np.isnan(number) & ~missing).any():
        number = np.where(np.isnan(number), _sided(text, name), number)
    number = np.where(missing, most + 1, number)
    possible = (np.abs(number) <= most) | (number == most + 1)
    return _integers(np.rint(number * schema.DEGREE), possible, pl.Int32)


def _sided(text: pl.Series, name: str) -> NDArray[np.float64]:
    """Degrees with the side of the equator or of Greenwich behind them; NaN where there is none."""
    plain = pl.DataFrame({name: text.str.replace(_HEMISPHERE[name], "")})
    side = text.str.extract(_HEMISPHERE[name]).str.to_uppercase()
    sign = side.replace_strict({"N": 1.0, "E": 1.0, "S": -1.0, "W": -1.0}, default=None, return_dtype=pl.Float64)
    return _number(plain, name) * sign.to_numpy()


def _measured(table: pl.DataFrame, name: str, measure: Measure, tally: Tally) -> pl.Series:
    number = np.rint(_number(table, name) * measure.scale)
    number = np.where(number < 0, number + measure.short, number)
    known = ((number >= 0) & (number <= measure.most)) | (number == measure.unavailable)
    tally.change(f"{name} out of range", int((~known & ~np.isnan(number)).sum()))
    tally.change(f"{name} not a number", int((np.isnan(number) & _text(table, name).is_not_null().to_numpy()).sum()))
    return pl.Series(np.where(known, number, measure.unavailable)).cast(pl.UInt32)


def _code(table: pl.DataFrame, name: str, words: Mapping[str, int], unknown: int, most: int, tally: Tally) -> pl.Series:
    """A number, or one of `words`."""
    text = _text(table, name).str.to_lowercase().str.replace_all("_", " ", literal=True)
    number = text.cast(pl.Float64, strict=False)
    number = number.set(~number.is_between(0, most), None)
    spoken = text.replace_strict(words, default=None, return_dtype=pl.Float64)
    found = pl.select(pl.coalesce(number, spoken)).to_series()
    tally.change(f"{name} unknown", int((found.is_null() & text.is_not_null()).sum()))
    return found.fill_null(unknown).cast(pl.UInt8)


# --- identity -----------------------------------------------------------------------------------------------------


def _statics(table: pl.DataFrame, kept: pl.DataFrame, tally: Tally) -> pl.DataFrame:
    """What the same rows say of identity, where it says anything."""
    named = [name for name in ("imo", *_TEXTS, "ship_type", "draught", "to_bow", "length") if name in table.columns]
    if not named:
        return pl.DataFrame(schema=COLUMNS["statics"])
    found = kept.select("time", "mmsi").with_columns(
        *(_measured(_digits(table, name), name, measure, tally).alias(name) for name, measure in _IDENTITY.items()),
        *(_text(table, name).fill_null("").str.slice(0, length).alias(name) for name, length in _TEXTS.items()),
        _code(table, "ship_type", SHIP_TYPES, 0, 99, tally).alias("ship_type"),
        _eta(table).alias("eta"),
        kept["kind"].replace_strict({5: 5, 19: 19, 24: 24}, default=0, return_dtype=pl.UInt8),
    )
    found = _whole(table, found)
    said = pl.any_horizontal(pl.col(name) != "" for name in _TEXTS) | (pl.col("imo") > 0) | (pl.col("to_stern") > 0)
    content = [name for name in COLUMNS["statics"].names() if name != "time"]
    found = found.filter(said).sort("time").with_columns(slot=pl.col("time") // SLOT)
    found = found.unique(["slot", *content], keep="first", maintain_order=True)
    return fitted(found, "statics")


def _digits(table: pl.DataFrame, name: str) -> pl.DataFrame:
    """Numbers that have a word before them, as `IMO9074729`; a word alone is none."""
    if name != "imo" or name not in table.columns:
        return table
    return table.with_columns(pl.col(name).str.extract(r"(\d+)"))


def _whole(table: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Length and width without the antenna's place: all of it is astern and to starboard."""
    for size, first, second in (("length", "to_bow", "to_stern"), ("width", "to_port", "to_starboard")):
        if size in table.columns:
            most = _IDENTITY[second].most
            whole = pl.Series(np.clip(np.rint(np.nan_to_num(_number(table, size))), 0, most)).cast(pl.UInt32)
            bare = (found[first] == 0) & (found[second] == 0)
            found = found.with_columns(found[second].zip_with(~bare, whole).alias(second))
    return found


def _eta(table: pl.DataFrame) -> pl.Series:
    """MMDDhhmm of a time as day/month/year or ISO 8601, 0 where there is none."""
    text = pl.lit(_text(table, "eta").str.replace("T", " ", literal=True))
    formats = ("%d/%m/%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S")
    moment = pl.coalesce(text.str.to_datetime(each, strict=False, time_unit="ms") for each in formats)
    written = moment.dt.strftime("%m%d%H%M").cast(pl.UInt32)
    return pl.select(pl.coalesce(written, text.cast(pl.UInt32, strict=False), pl.lit(0, pl.UInt32))).to_series()
