"""`maritime report`: one alert on a page, as PDF or PNG."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from cordiale.cli import files, output
from cordiale.cli.command import Json, single
from cordiale.cli.language import _, spoken
from cordiale.cli.maritime_options import Marking, Profile, Store, there
from cordiale.cli.terminal import safe
from cordiale.desks.maritime.alerts import Alerts
from cordiale.desks.maritime.picture.alert import by_id, mmsi_of
from cordiale.desks.maritime.picture.scene import UNMARKED
from cordiale.desks.maritime.picture.state import identities
from cordiale.desks.maritime.report.geography import lines
from cordiale.desks.maritime.report.page import Case, write
from cordiale.desks.maritime.sighting import reports
from cordiale.errors import WrongUsage

report = single("report")


@report.default
def _report(
    alert_: Annotated[str, Parameter(name="ALERT", help="The beginning of the alert's id.")],
    /,
    *,
    store: Store,
    out: Annotated[Path, Parameter(help="The file to write: its name ends in .pdf or .png.")],
    marking: Marking = "",
    cables: Annotated[Path | None, Parameter(help="Cables and pipelines to draw, as GeoJSON.")] = None,
    zones: Annotated[Path | None, Parameter(help="Zones to draw, as GeoJSON.")] = None,
    profile: Profile = "ours",
    json: Json = False,
) -> None:
    """Write a report on one alert: a map with its track, speed over time, what was seen and why, with the marking.

    For example:

      cordiale maritime report 3f2a --store ./sea --out alert.pdf --marking OFFICIAL
    """
    form = out.suffix.lower().removeprefix(".")
    if form not in ("pdf", "png"):
        raise WrongUsage(_("the file's name ends in .pdf or .png"))
    finding = by_id(Alerts(there(store)).findings(profile), alert_)
    case = Case(
        finding,
        identities(store, mmsi_of(finding)),
        reports(store, finding),
        marking or UNMARKED.text(spoken()),
        spoken(),
        lines(cables),
        lines(zones),
    )
    data = write(case, "pdf" if form == "pdf" else "png")
    files.write(out, data)
    answer = {"file": str(out), "alert": finding.id, "bytes": len(data), "marking": case.marking}
    output.show(json, answer, lambda console: console.print(safe(f"{out}: {case.marking}"), soft_wrap=True))
