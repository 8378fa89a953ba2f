"""The UK Sanctions List (Foreign, Commonwealth & Development Office) in its published forms, and OFSI's former list.

CSV and ODS have one row for each name of a designation, XML one element for each designation. "Tables" is a folder (or its
`subjects.csv`) with subjects, names and identifiers apart. OFSI's list names ships in a text with "(IMO number):".
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from cordiale.desks.maritime.risk.day import iso_day
from cordiale.desks.maritime.risk.listing import Broken, Listing
from cordiale.desks.maritime.risk.number import imo_numbers, mmsi_numbers
from cordiale.desks.maritime.risk.source import Node, Row, content, records, table, text_of

HEADER: Final = "Unique ID"
OFSI_HEADER: Final = "group_type"
TABLES_HEADER: Final = "subject_type"
_NAMES: Final = ("Name 1", "Name 2", "Name 3", "Name 4", "Name 5", "Name 6")
_LIST: Final = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")
_TOLD: Final = re.compile(r"\(([A-Z][^()]{2,40})\):([^()]*)")
_NOTHING: Final = frozenset({"", "N/A", "UNKNOWN", "NONE"})

Found = Iterator[Listing | Broken]


def of_rows(rows: Iterable[tuple[int, Row]]) -> Found:
    """CSV and ODS: the rows of a designation come together by their Unique ID."""
    groups: dict[str, list[tuple[int, Row]]] = {}
    for line, row in rows:
        if _ship(row) and not row.get(HEADER, ""):
            yield Broken(str(line), "no Unique ID")
        elif row.get(HEADER, ""):
            groups.setdefault(row[HEADER], []).append((line, row))
    for reference, group in groups.items():
        if any(_ship(row) for _, row in group):
            yield from _designation(reference, [row for _, row in group])


def _ship(row: Row) -> bool:
    kind = next((value for name, value in row.items() if name in ("Designation Type", "Individual, Entity, Ship")), "")
    return kind.lower() in ("ship", "vessel") or (not kind and row.get("IMO number", "").upper() not in _NOTHING)


def _designation(reference: str, rows: list[Row]) -> Found:
    ordered = sorted(rows, key=lambda row: "primary" not in row.get("Name type", "").lower())
    names = [" ".join(word for name in _NAMES if (word := row.get(name, ""))) for row in ordered]
    names += [row.get("Name non-latin script", "") for row in ordered]

    def column(name: str) -> str:
        told = [value for row in rows if (value := row.get(name, "")).upper() not in _NOTHING]
        return "; ".join(dict.fromkeys(told))

    yield from made(
        "uk",
        reference,
        names,
        column("IMO number"),
        flags=(column("Current believed flag of ship"), *column("Previous flags").split(";")),
        programme=column("Regime Name"),
        listed=iso_day(column("Date Designated")),
        reason=column("UK Statement of Reasons") or column("Sanctions Imposed"),
        told=column("Other Information"),
        built=column("Year Built"),
    )


def of_xml(data: bytes) -> Found:
    """XML: `Designation` elements; names in `Name`, ships' details in `Ship…` wherever they stand."""
    for node in records(data, "Designation", "UK Sanctions List"):
        kind = node.first("IndividualEntityShip") or node.first("DesignationType")
        if kind.lower() in ("ship", "vessel") or (not kind and node.first("IMONumber")):
            yield from _element(node)


def _element(node: Node) -> Found:
    reference = node.first("UniqueID")
    if not reference:
        yield Broken("?", "no UniqueID")
        return
    named = [each for each in node.all("Name") if each.children]
    ordered = sorted(named, key=lambda each: "primary" not in each.first("NameType").lower())
    names = [" ".join(word for n in range(1, 7) if (word := each.first(f"Name{n}"))) for each in ordered]
    yield from made(
        "uk",
        reference,
        [*names, *node.texts("NameNonLatinScript")],
        "; ".join(node.texts("IMONumber")),
        flags=(*node.texts("CurrentBelievedFlagOfShip"), *node.texts("PreviousFlag"), *node.texts("PreviousFlags")),
        programme=node.first("RegimeName"),
        listed=iso_day(node.first("DateDesignated")),
        reason=node.first("UKStatementofReasons") or node.first("SanctionsImposed"),
        told=node.first("OtherInformation"),
        built=node.first("YearBuilt"),
    )


def of_tables(folder: Path) -> Found:
    """A folder with `subjects`, `subject_names` and `subject_identifiers`, `.csv` or `.csv.gz`."""
    names: dict[str, list[str]] = {}
    for _, row in _part(folder, "subject_names", "full_name"):
        known = names.setdefault(row["unique_id"], [])
        known.insert(0 if row.get("name_type") == "primary" else len(known), row["full_name"])
    numbers: dict[str, list[str]] = {}
    for _, row in _part(folder, "subject_identifiers", "identifier_type"):
        if row.get("identifier_type") == "imo":
            numbers.setdefault(row["unique_id"], []).append(row["raw_value"])
    for line, row in _part(folder, "subjects", TABLES_HEADER):
        if row.get(TABLES_HEADER) == "ship":
            reference = row.get("unique_id", "")
            if not reference:
                yield Broken(str(line), "no unique_id")
                continue
            listed = iso_day(row.get("date_designated", ""))
            yield from made(
                "uk", reference, names.get(reference, []), "; ".join(numbers.get(reference, [])), listed=listed
            )


def _part(folder: Path, name: str, wanted: str) -> Iterator[tuple[int, Row]]:
    path = next(
        (each for end in (".csv", ".csv.gz") if (each := folder / (name + end)).is_file()), folder / f"{name}.csv"
    )
    return table(text_of(content(path)), wanted)


def of_ofsi(rows: Iterable[tuple[int, Row]]) -> Found:
    """OFSI's consolidated list: what is known of a ship stands in its `other_information`."""
    for line, row in rows:
        if row.get(OFSI_HEADER, "").lower() != "ship":
            continue
        if not row.get("group_id", ""):
            yield Broken(str(line), "no group_id")
            continue
        told = dict(_TOLD.findall(row.get("other_information", "")))
        aliases = [a or b for a, b in _LIST.findall(row.get("aliases", ""))]
        yield from made(
            "uk-ofsi",
            row["group_id"],
            [row.get("primary_name", ""), *aliases],
            told.get("IMO number", ""),
            flags=(told.get("Flag of ship", ""), *told.get("Previous flags", "").split(",")),
            programme=row.get("regime", ""),
            listed=iso_day(row.get("listed_on", "")),
            told=row.get("other_information", ""),
            built=told.get("Year built", ""),
        )


def made(
    key: str,
    reference: str,
    names: Iterable[str],
    imo: str,
    *,
    flags: Iterable[str] = (),
    programme: str = "",
    listed: str = "",
    reason: str = "",
    told: str = "",
    built: str = "",
    call_signs: Iterable[str] = (),
) -> Found:
    """A listing, and a `Broken` for each part of it that can't be used; none of either is left out in silence."""
    sound, wrong = imo_numbers(imo)
    for number in wrong:
        yield Broken(reference, f"IMO {number} fails its check digit")
    if imo and not sound and not wrong and imo.upper() not in _NOTHING:
        yield Broken(reference, f"no IMO number in {imo[:40]!r}")
    known = tuple(dict.fromkeys(" ".join(name.split()) for name in names if name.strip().upper() not in _NOTHING))
    mmsi = mmsi_numbers(told) if "MMSI" in told.upper() else ()
    if not known and not sound and not mmsi:
        yield Broken(reference, "neither a name nor a number")
        return
    year = re.search(r"\b(?:19|20)\d\d\b", built)
    yield Listing(
        key,
        reference,
        known,
        sound,
        mmsi,
        tuple(dict.fromkeys(sign.strip().upper() for sign in call_signs if sign.strip())),
        tuple(dict.fromkeys(flag.strip() for flag in flags if flag.strip().upper() not in _NOTHING)),
        programme,
        listed,
        reason[:400],
        int(year.group()) if year else 0,
    )
