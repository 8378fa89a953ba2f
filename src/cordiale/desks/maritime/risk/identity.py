"""Who the vessels of a store say they are: from all identity reports, what was sent under which number, and when.

A vessel is what shares a sound IMO number, with every MMSI that ever sent it: the current one sent it last, the others are
former ones. An MMSI without a sound IMO number is a vessel by itself.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec
import polars as pl

from cordiale.desks.maritime.risk.number import sound
from cordiale.errors import StorageFailed
from cordiale.vocab.moment import Moment

HEARD = 2
"""Reports that a name or call sign must have been heard in: a single one may be garbled by radio."""


class Said(msgspec.Struct, frozen=True):
    """One thing that was sent, and from when to when."""

    value: str
    first: Moment
    last: Moment
    reports: int


class Vessel(msgspec.Struct, frozen=True):
    """What one vessel sent of itself. Histories are by first hearing; `mmsi` has the latest first."""

    mmsi: tuple[int, ...]
    imo: tuple[int, ...] = ()
    """Sound numbers, all that its MMSIs sent."""
    unsound: tuple[int, ...] = ()
    names: tuple[Said, ...] = ()
    call_signs: tuple[Said, ...] = ()
    ship_type: int = 0
    first: Moment = Moment(0)
    last: Moment = Moment(0)
    two_imos: tuple[int, ...] = ()
    """MMSIs that sent more than one sound IMO number."""

    @property
    def key(self) -> str:
        """`imo 9187629`, or `mmsi 227000000`."""
        return f"imo {self.imo[0]}" if self.imo else f"mmsi {self.mmsi[0]}"

    @property
    def name(self) -> str:
        """The latest; empty where none was heard."""
        return max(self.names, key=lambda said: said.last).value if self.names else ""


_COLUMNS = ("mmsi", "imo", "name", "call_sign", "ship_type")


def vessels(store: Path) -> list[Vessel]:
    """Every vessel of a store, by key; those that were only heard by position too. Raises `StorageFailed`."""
    statics = sorted((store / "statics").glob("*.parquet"))
    positions = sorted((store / "positions").glob("*.parquet"))
    try:
        parts = [_day(path) for path in statics]
        heard = [_told(path, pl.scan_parquet(path).select("mmsi").unique()) for path in positions]
    except (OSError, pl.exceptions.PolarsError) as fault:
        raise StorageFailed(f"{store}: {fault}") from None
    rows = (
        pl.concat(parts).group_by(_COLUMNS).agg(pl.min("first"), pl.max("last"), pl.sum("reports")) if parts else None
    )
    said = rows.sort("first", *_COLUMNS).to_dicts() if rows is not None else []
    alone = sorted({int(mmsi) for part in heard for mmsi in part["mmsi"]} - {int(row["mmsi"]) for row in said})
    return sorted(_grouped(said) + [Vessel((mmsi,)) for mmsi in alone], key=lambda vessel: vessel.key)


def _day(path: Path) -> pl.DataFrame:
    rows = pl.scan_parquet(path).group_by(_COLUMNS)
    return _told(path, rows.agg(pl.min("time").alias("first"), pl.max("time").alias("last"), pl.len().alias("reports")))


def _told(path: Path, wanted: pl.LazyFrame) -> pl.DataFrame:
    """What a file says; `StorageFailed` where cells are empty, as no version of the archive writes them."""
    found = wanted.collect(engine="streaming")
    empty = [column.name for column in found if column.null_count()]
    if empty:
        raise StorageFailed(f"{path}: not as this version writes it (nothing in {', '.join(empty)})")
    return found


def _grouped(rows: Iterable[Mapping[str, int | str]]) -> list[Vessel]:
    by_mmsi: dict[int, list[Mapping[str, int | str]]] = {}
    for row in rows:
        by_mmsi.setdefault(int(row["mmsi"]), []).append(row)
    imos = {mmsi: _sound(told) for mmsi, told in by_mmsi.items()}
    groups: dict[int, list[int]] = {}
    for mmsi, numbers in imos.items():
        for imo in numbers:
            groups.setdefault(imo, []).append(mmsi)
    found = [_vessel(imo, members, by_mmsi, imos) for imo, members in groups.items()]
    return found + [_vessel(0, [mmsi], by_mmsi, imos) for mmsi, numbers in imos.items() if not numbers]


def _sound(rows: list[Mapping[str, int | str]]) -> list[int]:
    return sorted({int(row["imo"]) for row in rows if sound(int(row["imo"]))})


def _vessel(
    imo: int, members: list[int], by_mmsi: Mapping[int, list[Mapping[str, int | str]]], imos: Mapping[int, list[int]]
) -> Vessel:
    rows = [row for mmsi in members for row in by_mmsi[mmsi] if not imo or int(row["imo"]) in (imo, 0)]
    latest = {
        mmsi: max(int(row["last"]) for row in by_mmsi[mmsi] if not imo or int(row["imo"]) == imo) for mmsi in members
    }
    two = tuple(mmsi for mmsi in members if len(imos[mmsi]) > 1)
    others = sorted({number for mmsi in two for number in imos[mmsi]} - {imo})
    return Vessel(
        tuple(sorted(members, key=lambda mmsi: (-latest[mmsi], mmsi))),
        (imo, *others) if imo else (),
        tuple(sorted({int(row["imo"]) for row in rows if row["imo"] and not sound(int(row["imo"]))})),
        _history(rows, "name"),
        _history(rows, "call_sign"),
        max((int(row["ship_type"]) for row in rows), default=0),
        Moment(min(int(row["first"]) for row in rows)),
        Moment(max(int(row["last"]) for row in rows)),
        two,
    )


def _history(rows: list[Mapping[str, int | str]], column: str) -> tuple[Said, ...]:
    found: dict[str, Said] = {}
    for row in rows:
        if value := str(row[column]):
            known = found.get(value, Said(value, Moment(int(row["first"])), Moment(0), 0))
            first, last = min(known.first, int(row["first"])), max(known.last, int(row["last"]))
            found[value] = Said(value, Moment(first), Moment(last), known.reports + int(row["reports"]))
    often = [said for said in found.values() if said.reports >= HEARD] or list(found.values())
    return tuple(sorted(often, key=lambda said: (said.first, said.value)))
