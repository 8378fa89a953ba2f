"""`maritime alerts`: what stands found, narrowed as a reader asks; and one of them with all that speaks for it."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import Console
from rich.text import Text

from cordiale.cli import output
from cordiale.cli.command import Json, group
from cordiale.cli.language import _, spoken
from cordiale.cli.maritime_options import Profile, Since, Store, Until, Within, box, when
from cordiale.cli.terminal import facts, safe, table
from cordiale.desks.maritime.alerts import Alerts
from cordiale.desks.maritime.detect.detectors import BY_NAME
from cordiale.desks.maritime.picture import alert, measure
from cordiale.desks.maritime.picture.state import identities
from cordiale.errors import WrongUsage

alerts = group("alerts")

Score = Annotated[float, Parameter(help="Only from this score on, 0 to 1.")]


@alerts.default
def _alerts(
    *,
    store: Store,
    profile: Profile = "ours",
    detector: Annotated[list[str], Parameter(help="Only of this detector; may be repeated.")] = [],  # noqa: B006
    vessel: Annotated[str, Parameter(help="Only of this vessel: MMSI, IMO number or a part of its name.")] = "",
    since: Since = "",
    until: Until = "",
    within: Within = "",
    score: Score = 0.0,
    json: Json = False,
) -> None:
    """List the alerts that stand, by time.

    For example:

      cordiale maritime alerts --store ./sea --detector encounter --within=-2,50,2,52

      cordiale maritime alerts --store ./sea --vessel 9187629 --score 0.5 --json
    """
    for name in detector:
        if name not in BY_NAME:
            raise WrongUsage(_("there is no such detector: {name}").format(name=name[:40]))
    standing = Alerts(store).findings(profile)
    known = identities(store, {mmsi for finding in standing for mmsi in alert.mmsi_of(finding)}) if standing else {}
    choice = alert.Choice(tuple(detector), vessel, when(since), when(until, end=True), box(within), score)
    found = [alert.document(each, known, spoken()) for each in alert.chosen(standing, choice, known)]
    answer = {"profile": profile, "standing": len(standing), "alerts": found}
    output.show(json, answer, lambda console: listed(console, found))


@alerts.command
def show(
    alert_: Annotated[str, Parameter(name="ALERT", help="The beginning of the alert's id.")],
    /,
    *,
    store: Store,
    profile: Profile = "ours",
    json: Json = False,
) -> None:
    """Show one alert: what was seen against which thresholds, and all evidence.

    For example:

      cordiale maritime alerts show 3f2a --store ./sea
    """
    finding = alert.by_id(Alerts(store).findings(profile), alert_)
    document = alert.document(finding, identities(store, alert.mmsi_of(finding)), spoken())
    output.show(json, {"alert": document}, lambda console: shown(console, document))


def listed(console: Console, found: Sequence[Mapping[str, Any]]) -> None:
    """A table of alerts."""
    if not found:
        console.print(_("No alert answers that."))
        return
    rows = [
        (
            each["id"][:8],
            each["begin"][:16].replace("T", " "),
            each["title"],
            " / ".join(vessel_name(vessel) for vessel in each["vessels"]),
            f"{each['lat']:.3f}, {each['lon']:.3f}",
            f"{each['score']:.2f}",
        )
        for each in found
    ]
    console.print(table((_("Alert"), _("Begin (UTC)"), _("What"), _("Vessels"), _("Position"), _("Score")), rows))


def vessel_name(vessel: Mapping[str, Any]) -> str:
    """The name, or the MMSI where there is none."""
    return str(vessel["name"] or f"MMSI {vessel['mmsi']}")


def shown(console: Console, each: Mapping[str, Any]) -> None:
    """One alert with everything."""
    console.print(Text(safe(each["title"]), style="bold"))
    console.print(safe(each["explanation"]), soft_wrap=True)
    console.print()
    pairs: list[tuple[str, object]] = [
        (_("Alert"), each["id"]),
        (_("Time"), f"{each['begin']} – {each['end']}"),
        (_("Position"), f"{each['lat']:.5f}, {each['lon']:.5f}"),
        (_("Score"), f"{each['score']:.2f}"),
        (_("Profile"), each["profile"]),
    ]
    for vessel in each["vessels"]:
        told = [f"MMSI {vessel['mmsi']}", f"IMO {vessel['imo']}" if vessel["imo"] else "", vessel["call_sign"]]
        pairs.append((_("Vessel"), "  ".join([vessel["name"], *filter(None, told)])))
    pairs += [
        (measure.name(name, spoken()), measure.amount(told["value"], told["unit"], spoken()))
        for name, told in each["values"].items()
    ]
    console.print(facts(pairs))
    evidence(console, each["evidence"])


def evidence(console: Console, told: Sequence[Mapping[str, Any]]) -> None:
    """What speaks for it, with its points where it has any."""
    if told:
        rows = [
            (each["at"] or "", f"{each['points']:g}" if each["points"] else "", each["what"], each["source"])
            for each in told
        ]
        console.print(table((_("Time"), _("Points"), _("Evidence"), _("Source")), rows))
