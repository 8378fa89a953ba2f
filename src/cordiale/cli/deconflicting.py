"""`deconflict propose|accept|decline|stop|status|result|open|audit`: where two plans meet, before either is shown."""

import base64
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

from cyclopts import Parameter
from rich.console import Console

from cordiale.cli import files, output
from cordiale.cli.command import AgentAccess, group
from cordiale.cli.language import _, mark
from cordiale.cli.letters import SHORT, moment
from cordiale.cli.reach import Session, ask, session
from cordiale.cli.terminal import console, facts, safe, table

app = group("deconflict")

Room = Annotated[str, Parameter(help="The room's title, or the beginning of its id.")]
Run = Annotated[str, Parameter(help="The beginning of the run's number, or `last`.")]
PlanFile = Annotated[
    Path | None, Parameter(name="--plan", help="A JSON file with your activities; it never leaves this machine.")
]
Source = Annotated[
    str, Parameter(name="--from", help="The room whose register has your activities; without it, this room.")
]
Label = Annotated[str, Parameter(help="The marking; without it, the room's ceiling.")]
Runs = Annotated[int, Parameter(help="Runs that your nation allows with the other within the period.")]
Elements = Annotated[int, Parameter(help="Elements that the other may ask within the period.")]
Days = Annotated[int, Parameter(help="The period, in days.")]
PAUSE_SECONDS: Final = 1.0

STATE: Final[Mapping[str, str]] = {
    "asked": mark("waits for your consent"),
    "proposed": mark("waits for the other's consent"),
    "running": mark("under way"),
    "done": mark("done"),
    "declined": mark("declined"),
    "broken-off": mark("broken off"),
    "disputed": mark("disputed"),
}
OVER: Final = ("done", "declined", "broken-off", "disputed")


@app.command
def propose(
    room: Room,
    purpose: Annotated[str, Parameter(help="What for, in a line; both registers keep it.")],
    /,
    *,
    with_: Annotated[str, Parameter(name="--with", help="Whose consent is asked; needed where several could.")] = "",
    plan: PlanFile = None,
    from_: Source = "",
    first_day: Annotated[str, Parameter(help="The first day compared, as 2026-06-01; without it, today.")] = "",
    last_day: Annotated[str, Parameter(help="The last day compared; without it, a year later.")] = "",
    grid: Annotated[
        list[str],
        Parameter(name="--grid", help="H3 resolution/days, from coarse to fine; may be repeated (3/7, then 4/1)."),
    ] = ["3/7", "4/1"],  # noqa: B006
    most: Annotated[int, Parameter(help="The most elements of one side in one pass.")] = 16_384,
    hours: Annotated[int, Parameter(help="What is not over after so many hours is broken off.")] = 24,
    runs: Runs = 12,
    elements: Elements = 1_000_000,
    days: Days = 30,
    label: Label = "",
    access: AgentAccess,
) -> None:
    """Propose to learn where two plans meet, and nothing else of them. Nothing of your plan is sent but a commitment to it.

    The other side is asked for its consent on these terms. Both registers record the run before anything is compared. Keep
    `agent run` going meanwhile.

    For example:

      cordiale deconflict propose "Channel watch" "Summer exercises" --plan summer.json --first-day 2026-06-01
      cordiale deconflict propose "Channel watch" "Patrols" --with claire@fr --from "National plans" --grid 4/7 --grid 5/1
    """
    wanted: dict[str, Any] = {"person": with_, "purpose": purpose, "first_day": first_day, "last_day": last_day}
    wanted |= {"grids": grid, "most": most, "hours": hours}
    _done(access, "deconflict.propose", {"room": room, **wanted, **_inputs(plan, from_, label, runs, elements, days)})


@app.command
def accept(
    room: Room, run: Run, /, *, plan: PlanFile = None, from_: Source = "", runs: Runs = 12,
    elements: Elements = 1_000_000, days: Days = 30, label: Label = "", access: AgentAccess,
) -> None:  # fmt: skip
    """Consent to a run on the terms that were proposed, with your own plan. See them first with `deconflict status`.

    For example:

      cordiale deconflict accept "Channel watch" last --plan summer.json
    """
    given = _inputs(plan, from_, label, runs, elements, days)
    _done(access, "deconflict.accept", {"room": room, "run": run, **given})


@app.command
def decline(room: Room, run: Run, /, *, label: Label = "", access: AgentAccess) -> None:
    """Say no to a run that was proposed to you. Both registers record that, too.

    For example:

      cordiale deconflict decline "Channel watch" last
    """
    _done(access, "deconflict.decline", {"room": room, "run": run, "label": label})


@app.command
def stop(room: Room, run: Run, /, *, access: AgentAccess) -> None:
    """Break off a run that you take part in. It counts in full against the budget.

    For example:

      cordiale deconflict stop "Channel watch" last
    """
    _done(access, "deconflict.stop", {"room": room, "run": run})


@app.command
def status(
    room: Room, run: Annotated[str, Parameter(help="One run, with its terms.")] = "", /, *,
    follow: Annotated[bool, Parameter(help="Say how it goes until it is over.")] = False, access: AgentAccess,
) -> None:  # fmt: skip
    """List the runs of a room that you have a part in, or show the terms of one and how it stands.

    For example:

      cordiale deconflict status "Channel watch"
      cordiale deconflict status "Channel watch" last --follow
    """
    if not run:
        answer = ask(access, "deconflict.list", {"room": room})
        output.show(access.json, answer, lambda console: _listed(console, answer["runs"]))
        return
    with session(access) as agent:
        answer = agent.call("deconflict.show", {"room": room, "run": run})
        if follow:
            answer = _followed(agent, room, answer)
    output.show(access.json, answer, lambda console: _one(console, answer["run"]))


@app.command
def result(room: Room, run: Run, /, *, access: AgentAccess) -> None:
    """Show the cells and days in which the two plans meet, and which of your own activities are there.

    What you show of them is your decision: `cordiale register disclose`.

    For example:

      cordiale deconflict result "Channel watch" last
    """
    answer = ask(access, "deconflict.result", {"room": room, "run": run})
    output.show(access.json, answer, lambda console: _result(console, answer["result"]))


@app.command(name="open")
def open_(
    room: Room, run: Run, /, *,
    out: Annotated[Path | None, Parameter(help="Where to write it; without it, in this folder.")] = None,
    access: AgentAccess,
) -> None:  # fmt: skip
    """Lay your side of a run that is over open for an audit, in one file. It shows your whole plan, unencrypted.

    For people whom both nations clear for it, in a dispute. With the file goes all that was said in the run, signed, and what
    both registers hold of it; they check it with `cordiale deconflict audit`, offline.

    For example:

      cordiale deconflict open "Channel watch" last --out summer.run
    """
    answer = ask(access, "deconflict.open", {"room": room, "run": run})
    data = base64.b64decode(answer.pop("bundle"))
    path = files.write(out or Path(f"{str(answer['run']['run'])[:SHORT]}.run"), data)
    answer["bundle"] = str(path)
    text = _("Saved as {path}. It shows your whole plan. To audit it: cordiale deconflict audit {name}")
    shown = text.format(path=safe(path), name=safe(path.name))
    output.show(access.json, answer, lambda console: console.print(shown, soft_wrap=True))


app.command("cordiale.cli.run_audit:audit", name="audit", help=mark("Check offline what one side of a run had opened."))


def _inputs(plan: Path | None, source: str, label: str, runs: int, elements: int, days: int) -> dict[str, Any]:
    path = str(plan.absolute()) if plan is not None else ""
    return {"plan": path, "source": source, "label": label, "budget": [runs, elements, days]}


def _done(access: AgentAccess, method: str, params: Mapping[str, Any]) -> None:
    answer = ask(access, method, params)
    output.show(access.json, answer, lambda console: _one(console, answer["run"]))


def _followed(agent: Session, room: str, answer: dict[str, Any]) -> dict[str, Any]:
    """Ask until it is over, and say on the error output where it has come to."""
    told, number = "", answer["run"]["run"]
    while answer["run"]["state"] not in OVER:
        here = _progress(answer["run"])
        if here != told:
            told = here
            console(errors=True).print(here, soft_wrap=True)
        time.sleep(PAUSE_SECONDS)
        answer = agent.call("deconflict.show", {"room": room, "run": number})
    return answer


# --- for people ---------------------------------------------------------------------------------------------------


def _progress(run: Mapping[str, Any]) -> str:
    if run["state"] != "running":
        return _state(run)
    return _("under way: pass {at} of {passes}").format(at=run["pass"], passes=run["passes"])


def _state(run: Mapping[str, Any]) -> str:
    found = str(run["state"])
    return _(STATE[found]) if found in STATE else safe(found)


def _listed(console: Console, runs: list[dict[str, Any]]) -> None:
    if not runs:
        console.print(_("No run yet."))
        return
    rows = [
        (
            each["run"][:SHORT],
            each["initiator"],
            each["responder"],
            moment(each["created"]),
            _progress(each),
            each["purpose"],
        )
        for each in runs
    ]
    console.print(table((_("Run"), _("Proposed by"), _("Asked"), _("On"), _("State"), _("Purpose")), rows))


def _one(console: Console, run: Mapping[str, Any]) -> None:
    budget = run["budget"]
    pairs: list[tuple[str, object]] = [
        (_("Run"), run["run"]),
        (_("Purpose"), run["purpose"]),
        (_("Proposed by"), run["initiator"]),
        (_("Asked"), run["responder"]),
        (_("State"), _progress(run)),
        (_("Deadline"), moment(run["until"])),
        (_("Days"), f"{run['first_day']} – {run['last_day']}"),
        (_("Grids"), ", ".join(run["grids"])),
        (_("Most elements"), run["most"]),
        (_("Budget"), _("{runs} runs, {elements} elements in {days} days").format(**budget)),
    ]
    if run["sizes"]:
        pairs.append((_("Asked by pass"), ", ".join(f"{one}/{other}" for one, other in run["sizes"])))
        pairs.append((_("Met by pass"), ", ".join(map(str, run["met"]))))
    if run["detail"]:
        pairs.append((_("Reason"), " ".join((run["detail"], f"({run['rule']})" if run["rule"] else "")).strip()))
    console.print(facts(pairs))


def _result(console: Console, found: Mapping[str, Any]) -> None:
    meetings = found["meetings"]
    if not meetings:
        console.print(_("The two plans meet nowhere."))
        return
    inside: dict[int, list[str]] = {}
    for activity in found["activities"]:
        for place in activity["meetings"]:
            inside.setdefault(place, []).append(activity["name"])
    rows = [
        (each["cell"], f"{each['latitude']:.2f} {each['longitude']:.2f}", _days(each), "; ".join(inside.get(place, ())))
        for place, each in enumerate(meetings)
    ]
    console.print(table((_("Cell"), _("Centre"), _("Days"), _("Your activities")), rows))


def _days(meeting: Mapping[str, Any]) -> str:
    first, last = str(meeting["first_day"]), str(meeting["last_day"])
    return first if first == last else f"{first} – {last}"
