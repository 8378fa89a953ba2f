"""`maritime track`: where a vessel was, with the branches of a shared MMSI kept apart."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from cyclopts import Parameter
from rich.console import Console

from cordiale.cli import output
from cordiale.cli.command import Json, single
from cordiale.cli.language import _
from cordiale.cli.letters import moment
from cordiale.cli.maritime_detect import day
from cordiale.cli.maritime_options import Store, there
from cordiale.cli.terminal import table as grid
from cordiale.desks.maritime.archive import Archive
from cordiale.desks.maritime.detect.profile import shipped
from cordiale.desks.maritime.schema import POSITION
from cordiale.desks.maritime.track import Track, geojson, table
from cordiale.desks.maritime.track import track as tracked
from cordiale.errors import NotFound, StorageFailed

track = single("track")


@track.default
def _track(
    *,
    store: Store,
    mmsi: Annotated[int, Parameter(help="The vessel's MMSI.")],
    since: Annotated[str, Parameter(help="The first day, as 2024-07-08; without it, the first there is.")] = "",
    until: Annotated[str, Parameter(help="The last day; nothing later is looked at.")] = "",
    format: Annotated[Literal["geojson", "csv"], Parameter(help="What to write.")] = "geojson",
    out: Annotated[Path | None, Parameter(help="The file to write; without it, a summary is shown.")] = None,
    json: Json = False,
) -> None:
    """Show a vessel's track: each physical vessel under the MMSI as a branch of its own.

    For example:

      cordiale maritime track --store ./sea --mmsi 227000001

      cordiale maritime track --store sea --mmsi 227000001 --format csv --out t.csv
    """
    found = _found(there(store), mmsi, day(since), day(until))
    if out is not None:
        try:
            out.write_text(table(found) if format == "csv" else output.document(geojson(found), line=True) + "\n")
        except OSError as fault:
            raise StorageFailed(f"{out}: {fault.strerror}") from None
    whole = geojson(found)
    output.show(json, whole, lambda console: _show(console, found, whole))


def _found(store: Path, mmsi: int, since: date | None, until: date | None) -> Track:
    archive, parts = Archive(store), [np.zeros(0, POSITION)]
    for each in archive.days():
        if (since or each) <= each <= (until or each):
            parts += archive.positions(each, mmsi={mmsi})
    rows = np.concatenate(parts)
    if not len(rows):
        raise NotFound(str(mmsi), what="vessel in the archive")
    return tracked(rows, mmsi, shipped("ours"))


def _show(console: Console, found: Track, whole: dict[str, Any]) -> None:
    rows = [
        (
            each["properties"]["branch"],
            len(each["properties"]["times"]),
            moment(each["properties"]["begin"]),
            moment(each["properties"]["end"]),
        )
        for each in whole["features"]
    ]
    console.print(grid((_("Branch"), _("Reports"), _("From"), _("To")), rows))
