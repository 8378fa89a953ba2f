"""`maritime picture`: where everybody is, what was found, what partners share; on the screen or in a file of a common form."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter
from rich.console import Console

from cordiale.adapters.clock import system_clock
from cordiale.cli import output
from cordiale.cli.command import AgentAccess, Json, Passphrase, single
from cordiale.cli.files import write
from cordiale.cli.language import _, spoken
from cordiale.cli.maritime_alerts import listed, vessel_name
from cordiale.cli.maritime_options import Marking, Profile, Store
from cordiale.cli.maritime_release import shared_in
from cordiale.cli.terminal import safe, table
from cordiale.desks.maritime.alerts import Alerts
from cordiale.desks.maritime.picture.forms import FORMS
from cordiale.desks.maritime.picture.geojson import collection
from cordiale.desks.maritime.picture.scene import UNMARKED, Scene
from cordiale.desks.maritime.picture.state import HOURS, latest
from cordiale.desks.maritime.risk.kept import kept
from cordiale.errors import WrongUsage

picture = single("picture")

Form = Literal["geojson", "csv", "cot", "kml"]


@picture.default
def _picture(
    *,
    store: Store,
    format: Annotated[Form | None, Parameter(help="Write a file of this form; cot is Cursor-on-Target.")] = None,
    out: Annotated[Path | None, Parameter(help="The file to write.")] = None,
    hours: Annotated[float, Parameter(help="How far back from the store's last report.")] = HOURS,
    profile: Profile = "ours",
    marking: Marking = "",
    room: Annotated[str, Parameter(help="Also what this room's members have released into it.")] = "",
    agent: Annotated[
        Path | None, Parameter(name="--agent", env_var="CORDIALE_AGENT", help="The agent's folder.")
    ] = None,
    passphrase_file: Passphrase = None,
    json: Json = False,
) -> None:
    """Show the picture: each vessel's last position, the alerts that stand, and with --room what partners share.

    A file carries its marking and, with --room, whose each shared record is and how it is marked.

    For example:

      cordiale maritime picture --store ./sea

      cordiale maritime picture --store ./sea --format geojson --out picture.geojson --marking OFFICIAL

      cordiale maritime picture --store ./sea --room "Channel watch" --agent ./alice --format kml --out picture.kml
    """
    if (format is None) != (out is None):
        raise WrongUsage(_("--format and --out go together"))
    if room and agent is None:
        raise WrongUsage(_("--room needs --agent"))
    shared, ceiling = shared_in(room, AgentAccess(agent, passphrase_file)) if room and agent else ((), "")
    scene = Scene(
        system_clock(),
        marking or ceiling or UNMARKED.text(spoken()),
        spoken(),
        tuple(latest(store, hours=hours)),
        Alerts(store).findings(profile),
        shared,
        kept(store).status,
    )
    answer = collection(scene, out.name if out else "")
    if format is not None and out is not None:
        write(out, FORMS[format](scene, out.name))
        counts = {"vessels": len(scene.states), "alerts": len(scene.findings), "shared": len(scene.shared)}
        answer = {"file": str(out), "format": format, "marking": scene.marking, **counts}
    output.show(json, answer, lambda console: _show(console, answer))


def _show(console: Console, answer: Mapping[str, Any]) -> None:
    if "file" in answer:
        line = _("{file}: {vessels} vessels, {alerts} alerts, {shared} shared; {marking}")
        console.print(line.format(**{name: safe(value) for name, value in answer.items()}), soft_wrap=True)
        return
    told = [feature["properties"] | {"at": feature["geometry"]["coordinates"]} for feature in answer["features"]]
    console.print(safe(answer["marking"]), style="bold")
    rows = [_vessel(each) for each in told if each["kind"] == "vessel"]
    headings = (_("Vessel"), "MMSI", _("Time"), _("Position"), _("Knots"), _("Status"), _("Lists"), _("Alerts"))
    console.print(table(headings, rows))
    found = [each | {"lon": each["at"][0], "lat": each["at"][1]} for each in told if each["kind"] == "alert"]
    if found:
        console.print()
        listed(console, found)
    partners = [each for each in told if each["kind"] == "shared"]
    if partners:
        console.print()
        rows = [
            (each["owner"], each["marking"], each["status"], each["begin"][:16], each["explanation"])
            for each in partners
        ]
        console.print(table((_("Whose"), _("Marking"), _("Status"), _("Begin (UTC)"), _("What")), rows))


def _vessel(each: Mapping[str, Any]) -> tuple[object, ...]:
    speed = "" if each["speed_kn"] is None else f"{each['speed_kn']:.1f}"
    place = f"{each['at'][1]:.4f}, {each['at'][0]:.4f}"
    time, alerts = each["time"][:16].replace("T", " "), len(each["alerts"]) or ""
    return vessel_name(each), each["mmsi"], time, place, speed, each["status"], each["sanctions"], alerts
