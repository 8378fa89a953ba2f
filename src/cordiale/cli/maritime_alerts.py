"""`maritime alerts`: what stands found, narrowed as a reader asks; and one of them with all that speaks for it."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import Console
from rich.text import Text

from cordiale.cli import output
from cordiale.cli.command import Json, group
from cordiale.cli.language import _, spoken
from cordiale.cli.letters import moment, span
from cordiale.cli.maritime_options import Profile, Since, Store, Until, Within, box, there, when
from cordiale.cli.terminal import facts, safe, table
from cordiale.desks.maritime.alerts import Alerts
from cordiale.desks.maritime.detect.detectors import BY_NAME
from cordiale.desks.maritime.picture import alert, measure
from cordiale.desks.maritime.picture.state import identities
from cordiale.desks.maritime.triage import Standing, Triage
from cordiale.errors import WrongUsage
from cordiale.wiring.triage_words import STATES

alerts = group("alerts")

Score = Annotated[float, Parameter(help="Only from this score on, 0 to 1.")]


@alerts.default
def _alerts(
    *,
    store: Store,
    profile: Profile = "ours",
    detector: Annotated[list[str], Parameter(help="Only of these detectors.", consume_multiple=True)] = [],  # noqa: B006
    vessel: Annotated[str, Parameter(help="Only of this vessel: MMSI, IMO number or a part of its name.")] = "",
    since: Since = "",
    until: Until = "",
    within: Within = "",
    score: Score = 0.0,
    json: Json = False,
) -> None:
    """List the alerts that stand, by time.

    For example:

      cordiale maritime alerts --store ./sea --detector gap --within=-2,50,2,52

      cordiale maritime alerts --store ./sea --vessel 9187629 --score 0.5 --json
    """
    there(store)
    for name in detector:
        if name not in BY_NAME:
            raise WrongUsage(
                _("there is no detector {name}; there are {names}").format(
                    name=repr(name[:40]), names=", ".join(BY_NAME)
                )
            )
    standing = Alerts(store).findings(profile)
    known = identities(store, {mmsi for finding in standing for mmsi in alert.mmsi_of(finding)}) if standing else {}
    choice = alert.Choice(tuple(detector), vessel, when(since), when(until, end=True), box(within), score)
    triaged = Triage(store).standing()
    found = [
        alert.document(each, known, spoken()) | {"triage": triaged.get(each.id, Standing()).state}
        for each in alert.chosen(standing, choice, known)
    ]
    looked = profile in Alerts(store).standing()
    answer = {"store": str(store), "profile": profile, "looked": looked, "standing": len(standing), "alerts": found}
    output.show(json, answer, lambda console: _show(console, answer))


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
    finding = alert.by_id(Alerts(there(store)).findings(profile), alert_)
    document = alert.document(finding, identities(store, alert.mmsi_of(finding)), spoken())
    document["triage"] = Triage(store).standing().get(finding.id, Standing()).state
    output.show(json, {"alert": document}, lambda console: shown(console, document))


def _show(console: Console, answer: Mapping[str, Any]) -> None:
    found, store = answer["alerts"], answer["store"]
    if not answer["looked"]:
        line = _("Nobody has looked for behaviours here by these thresholds yet: {command}")
        command = f"cordiale maritime detect --store {store} --profile {answer['profile']}"
        console.print(line.format(command=safe(command)), soft_wrap=True)
    elif not answer["standing"]:
        console.print(_("No alert stands."))
    elif not found:
        console.print(_("None of the {count} alerts that stand answers that.").format(count=answer["standing"]))
    else:
        listed(console, found)
        console.print()
        line = _("{count} of {standing} alerts. One whole: {command}")
        command = f"cordiale maritime alerts show {found[0]['id'][:8]} --store {store}"
        words = line.format(count=len(found), standing=answer["standing"], command=safe(command))
        console.print(words, soft_wrap=True)


def listed(console: Console, found: Sequence[Mapping[str, Any]]) -> None:
    """A table of alerts."""
    rows = [
        (
            each["id"][:8],
            moment(each["begin"]),
            f"{each['title']}, {_(STATES[each['triage']])}" if each["triage"] != "new" else each["title"],
            " / ".join(vessel_name(vessel) for vessel in each["vessels"]),
            f"{each['lat']:.2f}, {each['lon']:.2f}",
            f"{each['score']:.2f}",
        )
        for each in found
    ]
    heads = (_("Alert"), _("Begin"), _("What"), _("Vessels"), _("Position"), _("Score"))
    console.print(table(heads, rows, whole=(0, 1, 4, 5)))


def vessel_name(vessel: Mapping[str, Any]) -> str:
    """The name, or the MMSI where there is none."""
    return str(vessel["name"] or f"MMSI {vessel['mmsi']:09}")


def shown(console: Console, each: Mapping[str, Any]) -> None:
    """One alert with everything."""
    console.print(Text(safe(each["title"]), style="bold"))
    console.print(safe(each["explanation"]))
    console.print()
    pairs: list[tuple[str, object]] = [
        (_("Alert"), each["id"]),
        (_("Time"), span(each["begin"], each["end"])),
        (_("Position"), f"{each['lat']:.5f}, {each['lon']:.5f}"),
        (_("Score"), f"{each['score']:.2f}"),
        (_("Profile"), each["profile"]),
        (_("Status"), _(STATES[each["triage"]])),
    ]
    for vessel in each["vessels"]:
        imo = _("IMO {number}").format(number=vessel["imo"]) if vessel["imo"] else ""
        told = [vessel["name"], f"MMSI {vessel['mmsi']:09}", imo, vessel["call_sign"]]
        pairs.append((_("Vessel"), "  ".join(filter(None, told))))
    pairs += [
        (measure.name(name, spoken()), measure.said(name, told["value"], told["unit"], spoken()))
        for name, told in each["values"].items()
    ]
    console.print(facts(pairs))
    console.print()
    console.print(Text(_("Evidence"), style="bold"))
    evidence(console, each["evidence"])


def evidence(console: Console, told: Sequence[Mapping[str, Any]]) -> None:
    """What speaks for it, with its points where it has any; when it was so, and where that comes from, below."""
    pairs: list[tuple[str, object]] = []
    for each in told:
        below = " · ".join(filter(None, (moment(each["at"]) if each["at"] else "", safe(each["source"]))))
        text = Text(safe(each["what"])).append(f"\n{below}", style="dim")
        pairs.append((f"+{each['points']:g}" if each["points"] else "·", text))
    console.print(facts(pairs))
