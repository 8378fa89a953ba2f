"""Annex XLII of Council Regulation (EU) No 833/2014 (vessels, Article 3s), as OpenSanctions transcribes it."""

from collections.abc import Iterable
from typing import Final

from cordiale.desks.maritime.risk.day import iso_day
from cordiale.desks.maritime.risk.listing import Broken
from cordiale.desks.maritime.risk.source import Row
from cordiale.desks.maritime.risk.uk import Found, made

HEADER: Final = "imoNumber"


def of_rows(rows: Iterable[tuple[int, Row]]) -> Found:
    """Rows of vessels; those of persons and firms are passed over."""
    for line, row in rows:
        imo = row.get(HEADER, "")
        if row.get("schema", "") != "Vessel" and not imo:
            continue
        reference = f"{row.get('annex', '')} {row.get('recordId', '')}".strip()
        if not reference:
            yield Broken(str(line), "neither annex nor recordId")
            continue
        other = [row.get(name, "") for name in ("alias", "previousName", "weakAlias")]
        names = [row.get("name", ""), *(part for text in other for part in text.split(";"))]
        yield from made(
            "eu",
            reference,
            names,
            imo,
            flags=(row.get("flag", ""),),
            programme=row.get("programKey", ""),
            listed=iso_day(row.get("startDate", "")),
            reason=row.get("reason", ""),
            told=f"MMSI {row['mmsi']}" if row.get("mmsi") else "",
        )
