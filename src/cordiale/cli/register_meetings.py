"""`register conflicts|balance|handovers`: what a room's records say together."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, cast

from cyclopts import Parameter
from rich.console import Console

from cordiale.cli import files, output
from cordiale.cli.command import AgentAccess, single
from cordiale.cli.language import _
from cordiale.cli.letters import moment
from cordiale.cli.reach import ask
from cordiale.cli.registers import Room
from cordiale.cli.terminal import safe, table
from cordiale.errors import WrongUsage
from cordiale.wire import limits

conflicts = single("conflicts")
balance = single("balance")
handovers = single("handovers")

Question = Annotated[str, Parameter(help="As for `list`, to look at some records only.")]
_ID: Final = 12


@conflicts.default
def _conflicts(
    room: Room,
    question: Question = "",
    /,
    *,
    synergy: Annotated[
        str, Parameter(help="KM,DAYS: instead, activities of two nations that are so near each other.")
    ] = "",
    gaps: Annotated[
        Path | None, Parameter(help="A JSON file of what is required: instead, what is missing, by region and week.")
    ] = None,
    access: AgentAccess,
) -> None:
    """Show which activities conflict, on which axes, by how much, and by which rule or exclusive resource.

    A file for --gaps is a list of {"region", "weeks", "area" or "corridor", "required", "kinds"}: weeks as 2027-W23 or
    2027-W23/2027-W30, the area as in a record.

    For example:

      cordiale register conflicts "Channel watch"

      cordiale register conflicts "Channel watch" --synergy 50,14

      cordiale register conflicts "Channel watch" "kind=patrol" --gaps patrols.json
    """
    params: dict[str, Any] = {"room": room, "query": question}
    if synergy and gaps is not None:
        raise WrongUsage(_("give --synergy or --gaps, not both"))
    if synergy:
        params["synergy"] = _distances(synergy)
    if gaps is not None:
        params["required"] = _required(gaps)
    answer = ask(access, "register.conflicts", params)
    output.show(access.json, answer, lambda console: _met(console, answer))


def _distances(text: str) -> list[float]:
    try:
        km, days = (float(part) for part in text.split(","))
    except ValueError:
        raise WrongUsage(_("{text} is not KM,DAYS as 50,14").format(text=text[:40])) from None
    return [km, days]


def _required(path: Path) -> Any:
    try:
        found = json.loads(files.read(path, limits.ACT_BYTES, what="file"))
    except (ValueError, RecursionError):
        raise WrongUsage(_("{path} is not JSON").format(path=path)) from None
    if not isinstance(found, list) or not found:
        raise WrongUsage(_("{path} is not a list of requirements").format(path=path))
    return cast("list[Any]", found)


def _met(console: Console, answer: Mapping[str, Any]) -> None:
    if "synergies" in answer:
        _synergies(console, answer["synergies"])
    elif "gaps" in answer:
        _gaps(console, answer["gaps"])
    elif not answer["conflicts"]:
        console.print(_("No conflict among {count} activities.").format(count=answer["activities"]))
    for each in answer.get("conflicts", ()):
        one, other = each["a"], each["b"]
        console.print(f"{one['id'][:_ID]} {safe(one['owner'])}  ×  {other['id'][:_ID]} {safe(other['owner'])}")
        console.print("  " + safe(each["explanation"]), soft_wrap=True)
    if answer["untold"]:
        untold = _("Not judged, for they show no kind or time, or none that makes sense: {count}.")
        console.print(untold.format(count=answer["untold"]))


def _synergies(console: Console, found: Sequence[Mapping[str, Any]]) -> None:
    if not found:
        console.print(_("No two nations' activities are so near each other."))
        return
    rows = [(_named(each["a"]), _named(each["b"]), f"{each['km']:.1f}", f"{each['days']:.1f}") for each in found]
    console.print(table((_("Activity"), _("Activity"), "km", _("Days")), rows))


def _gaps(console: Console, found: Sequence[Mapping[str, Any]]) -> None:
    if not found:
        console.print(_("Nothing is missing."))
        return
    rows = [
        (each["region"], each["week"], each["required"], ", ".join(map(_named, each["present"])), each["missing"])
        for each in found
    ]
    console.print(table((_("Region"), _("Week"), _("Required"), _("Present"), _("Missing")), rows))


def _named(party: Mapping[str, Any]) -> str:
    return f"{party['title'] or party['id'][:_ID]} ({party['owner']})"


# --- access and posts ---------------------------------------------------------------------------------------------


@balance.default
def _balance(room: Room, question: Question = "", /, *, access: AgentAccess) -> None:
    """Show who gave whom access, how often and for how many days, and how it stands between each two nations.

    For example:

      cordiale register balance "Channel watch"

      cordiale register balance "Channel watch" "during=2027-01-01/2027-12-31"
    """
    answer = ask(access, "register.balance", {"room": room, "query": question})
    output.show(access.json, answer, lambda console: _access(console, answer))


def _access(console: Console, answer: Mapping[str, Any]) -> None:
    if not answer["access"]:
        console.print(_("No access was asked for."))
        return
    rows = [
        (each["host"], each["guest"], each["granted"], each["days"], each["waiting"], each["refused"])
        for each in answer["access"]
    ]
    heads = (_("Host"), _("Guest"), _("Granted"), _("Days"), _("Waiting"), _("Objected to"))
    console.print(table(heads, rows))
    console.print()
    for each in answer["balance"]:
        (one, other), granted, days = each["nations"], each["granted"], each["days"]
        said = _("{one} gave {other} {count} ({days} days); {other} gave {one} {back} ({days_back} days).")
        console.print(
            said.format(
                one=one, other=other, count=granted[one], days=days[one], back=granted[other], days_back=days[other]
            )
        )


@handovers.default
def _handovers(room: Room, question: Question = "", /, *, access: AgentAccess) -> None:
    """Show each post that follows another: for how many days both people are there, or nobody is.

    For example:

      cordiale register handovers "Channel watch"
    """
    answer = ask(access, "register.handovers", {"room": room, "query": question})
    output.show(access.json, answer, lambda console: _handed(console, answer))


def _handed(console: Console, answer: Mapping[str, Any]) -> None:
    if not answer["handovers"]:
        console.print(_("No post follows another."))
        return
    rows = [
        (
            each["from"]["title"] or each["from"]["id"][:_ID],
            each["to"]["title"] or each["to"]["id"][:_ID],
            f"{each['overlap_days']:g}",
            f"{each['gap_days']:g}",
            " – ".join(map(moment, each["planned"] or ())),
            "" if each["kept"] else _("does not fit the tours"),
        )
        for each in answer["handovers"]
    ]
    heads = (_("From"), _("To"), _("Days together"), _("Days of nobody"), _("Planned"), _("Note"))
    console.print(table(heads, rows))
