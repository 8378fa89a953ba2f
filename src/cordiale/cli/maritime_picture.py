"""`maritime picture`: where everybody is, what was found, what partners share; on the screen or in a file of a common form."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
from cyclopts import Parameter
from rich.console import Console

from cordiale.adapters.clock import system_clock
from cordiale.cli import output
from cordiale.cli.command import AgentAccess, Json, Passphrase, single
from cordiale.cli.files import write
from cordiale.cli.language import _, spoken
from cordiale.cli.letters import moment
from cordiale.cli.maritime_alerts import listed
from cordiale.cli.maritime_options import Marking, Profile, Store, Within, box, there, when
from cordiale.cli.maritime_release import shared_in
from cordiale.cli.maritime_risk import STATUS as RISK
from cordiale.cli.terminal import safe, table
from cordiale.desks.maritime.alerts import Alerts
from cordiale.desks.maritime.picture.alert import Choice
from cordiale.desks.maritime.picture.forms import FORMS
from cordiale.desks.maritime.picture.geojson import collection
from cordiale.desks.maritime.picture.scene import UNMARKED, Scene, chosen
from cordiale.desks.maritime.picture.state import HOURS, latest
from cordiale.desks.maritime.risk.kept import kept
from cordiale.desks.maritime.triage import Standing, Triage
from cordiale.errors import WrongUsage

picture = single("picture")

_HOURS_MOST: Final = 10_000
_WIDE: Final = 110
"""Columns from which on a vessel's status has room."""
Form = Literal["geojson", "csv", "cot", "kml"]


@Parameter(name="*")
@dataclass(frozen=True)
class Narrowed:
    """What of the picture is wanted."""

    at: Annotated[str, Parameter(help="As it was then, as 2026-06-01T12:00Z; without it, at the last report.")] = ""
    hours: Annotated[float, Parameter(help="How far back a vessel was heard at the most: 24, if nothing is said.")] = (
        HOURS
    )
    since: Annotated[str, Parameter(help="Only what was heard, or ended, then or later.")] = ""
    within: Within = ""
    vessel: Annotated[str, Parameter(help="Only this vessel: MMSI, IMO number or a part of its name.")] = ""
    alerts_only: Annotated[bool, Parameter(help="Only vessels that an alert or a list of sanctions names.")] = False
    dismissed: Annotated[bool, Parameter(help="Also alerts that were set aside.")] = False


EVERYTHING: Final = Narrowed()


@picture.default
def _picture(
    *,
    store: Store,
    format: Annotated[Form | None, Parameter(help="Write a file of this form; cot is Cursor-on-Target.")] = None,
    out: Annotated[Path | None, Parameter(help="The file to write.")] = None,
    narrowed: Narrowed = EVERYTHING,
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

    Alerts that were set aside are left out. A file carries its marking and, with --room, whose each shared record is and
    how it is marked.

    For example:

      cordiale maritime picture --store ./sea --within=1,50.8,1.9,51.2

      cordiale maritime picture --store ./sea --at 2024-07-08T06:00Z --alerts-only

      cordiale maritime picture --store ./sea --format geojson --out sea.geojson

      cordiale maritime picture --store ./sea --room Watch --agent ./alice
    """
    if (format is None) != (out is None):
        raise WrongUsage(_("--format and --out go together"))
    if room and agent is None:
        raise WrongUsage(_("--room needs --agent"))
    there(store)
    shared, ceiling = shared_in(room, AgentAccess(agent, passphrase_file)) if room and agent else ((), "")
    mark = marking or ceiling or UNMARKED.text(spoken())
    scene = _scene(store, profile, narrowed, Scene(system_clock(), mark, spoken(), shared=shared))
    answer = collection(scene, out.name if out else "")
    if format is not None and out is not None:
        write(out, FORMS[format](scene, out.name))
        answer = {"file": str(out), "format": format, "marking": scene.marking, **_counts(scene)}
    output.show(json, answer, lambda console: _show(console, answer, scene))


def _scene(store: Path, profile: str, narrowed: Narrowed, bare: Scene) -> Scene:
    """What is wanted of a store, on a scene that has nothing of it yet."""
    if not 0 < narrowed.hours <= _HOURS_MOST:
        raise WrongUsage(_("--hours is more than 0 and at most {most}").format(most=_HOURS_MOST))
    end = when(narrowed.at, end=True)
    choice = Choice((), narrowed.vessel, when(narrowed.since), end, box(narrowed.within))
    triaged = {} if narrowed.dismissed else Triage(store).standing()
    findings = Alerts(store).findings(profile)
    whole = msgspec.structs.replace(
        bare,
        states=tuple(latest(store, hours=narrowed.hours, until=end)),
        findings=tuple(each for each in findings if triaged.get(each.id, Standing()).state != "dismissed"),
        risks=kept(store).status,
    )
    return chosen(whole, choice, alerts_only=narrowed.alerts_only)


def _counts(scene: Scene) -> dict[str, int]:
    return {"vessels": len(scene.states), "alerts": len(scene.findings), "shared": len(scene.shared)}


def _show(console: Console, answer: Mapping[str, Any], scene: Scene) -> None:
    if "file" in answer:
        line = _("{file}: {vessels} vessels, {alerts} alerts, {shared} shared; {marking}")
        console.print(line.format(**{name: safe(value) for name, value in answer.items()}), soft_wrap=True)
        return
    told = [feature["properties"] | {"at": feature["geometry"]["coordinates"]} for feature in answer["features"]]
    console.print(safe(answer["marking"]), style="bold")
    console.print(_("{vessels} vessels, {alerts} alerts, {shared} shared").format(**_counts(scene)))
    vessels = [each for each in told if each["kind"] == "vessel"]
    if vessels:
        wide = console.width >= _WIDE
        headings = (
            _("Vessel"),
            "MMSI",
            _("Heard"),
            _("Position"),
            _("Knots"),
            _("Noted"),
            *((_("Status"),) if wide else ()),
        )
        console.print()
        console.print(table(headings, [_vessel(each)[: len(headings)] for each in vessels], whole=(1, 2, 3, 4)))
    found = [
        {"triage": "new", "lon": each["at"][0], "lat": each["at"][1], **each}
        for each in told
        if each["kind"] == "alert"
    ]
    if found:
        console.print()
        listed(console, found)
    partners = [each for each in told if each["kind"] == "shared"]
    if partners:
        console.print()
        rows = [
            (each["owner"], each["marking"], each["status"], moment(each["begin"]), each["explanation"])
            for each in partners
        ]
        console.print(table((_("Whose"), _("Marking"), _("Status"), _("Begin"), _("What")), rows, whole=(0, 3)))


def _vessel(each: Mapping[str, Any]) -> tuple[object, ...]:
    speed = "" if each["speed_kn"] is None else f"{each['speed_kn']:.1f}"
    place = f"{each['at'][1]:.3f}, {each['at'][0]:.3f}"
    noted = [_(RISK[each["sanctions"]])] if each["sanctions"] else []
    if each["alerts"]:
        noted.append(_("alerts: {count}").format(count=len(each["alerts"])))
    return each["name"], f"{each['mmsi']:09}", moment(each["time"])[5:], place, speed, ", ".join(noted), each["status"]
