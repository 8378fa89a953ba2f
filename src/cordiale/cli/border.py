"""`border partners|crossings|refused|verify|words|requests`: what one may see of one's nation's borders; never any content."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from cyclopts import Parameter
from rich.console import Console

from cordiale.cli import output, record_text
from cordiale.cli.command import AgentAccess, group
from cordiale.cli.language import _, mark
from cordiale.cli.letters import SHORT, moment
from cordiale.cli.reach import ask
from cordiale.cli.terminal import facts, marking, safe, table
from cordiale.wiring.border_words import BROKE, HELD, KINDS, STEPS

app = group("border")

VERIFYING: Final = 300.0
"""Seconds that an agent may take to compute every log again."""
UNLINKED: Final = mark("Your nation is not linked to another yet: your administrator does that, with cordiale peer.")
Limit = Annotated[int, Parameter(help="How many at most.")]


@app.command
def partners(*, access: AgentAccess) -> None:
    """List the linked nations: whether their nodes can be reached, since when, and what of your rooms waits for them.

    For example:

      cordiale border partners
    """
    answer = ask(access, "border.links", {})
    output.show(access.json, answer, lambda console: _partners(console, answer["links"]))


@app.command
def crossings(
    *,
    direction: Annotated[Literal["", "out", "in"], Parameter(help="out or in; both without it.")] = "",
    nation: Annotated[str, Parameter(help="Only with this nation.")] = "",
    room: Annotated[str, Parameter(help="Only of this room: its title, or the beginning of its id.")] = "",
    kind: Annotated[
        Literal["", "message", "members", "room", "notice"], Parameter(help="Only what is of this kind.")
    ] = "",
    rule: Annotated[str, Parameter(help="Only what was decided by a rule that has this in its name.")] = "",
    refused: Annotated[bool, Parameter(help="Only what your own border did not admit.")] = False,
    limit: Limit = 50,
    access: AgentAccess,
) -> None:
    """List what crossed the border in your rooms, the latest first: when, which way, under which marking and rule.

    For example:

      cordiale border crossings --direction out --room "Channel watch"
    """
    asked = {"direction": direction, "nation": nation, "room": room, "kind": kind, "rule": rule, "refused": refused}
    answer = ask(access, "border.crossings", {**asked, "limit": limit})
    output.show(access.json, answer, lambda console: _crossings(console, answer["crossings"]))


@app.command
def refused(*, limit: Limit = 50, access: AgentAccess) -> None:
    """List your own messages that your border turned down, by which rule and why; never what they say.

    For example:

      cordiale border refused
    """
    answer = ask(access, "border.refused", {"limit": limit})
    output.show(access.json, answer, lambda console: _refused(console, answer["refused"]))


@app.command
def verify(*, access: AgentAccess) -> int:
    """Verify every border log of your nation now: signatures, your rooms' entries, the whole tree, its past, the partner's word.

    For example:

      cordiale border verify
    """
    answer = ask(access, "border.verify", {}, wait=VERIFYING)
    output.show(access.json, answer, lambda console: _audits(console, answer["logs"]))
    return 0 if answer["ok"] else 1


@app.command
def words(
    *,
    compared: Annotated[str, Parameter(help="Note that a counterpart of this nation reads the same words.")] = "",
    access: AgentAccess,
) -> None:
    """Show the six words that stand for both nations' roots, to be compared with a counterpart by telephone.

    For example:

      cordiale border words

      cordiale border words --compared fr
    """
    if compared:
        ask(access, "border.compared", {"nation": compared})
    answer = ask(access, "border.words", {})
    output.show(access.json, answer, lambda console: _words(console, answer["links"]))


@app.command
def requests(*, access: AgentAccess) -> None:
    """List who waits to be let into your rooms: asked for, agreed on by both nations, or invited and not in yet.

    A request is a record of the register admission: cordiale register new. Once it binds, a member invites the person.

    For example:

      cordiale border requests
    """
    answer = ask(access, "border.requests", {})
    output.show(access.json, answer, lambda console: _requests(console, answer["requests"]))


def _partners(console: Console, links: list[dict[str, Any]]) -> None:
    if not links:
        console.print(_(UNLINKED))
        return
    rows = [
        (
            link["nation"],
            _("reachable") if link["reachable"] else _("unreachable since {time}").format(time=moment(link["since"])),
            link["waiting"],
            moment(link["contact"]) if link["contact"] else "–",
        )
        for link in links
    ]
    console.print(table((_("Nation"), _("State"), _("Waiting"), _("Last heard")), rows))


def _crossings(console: Console, found: list[dict[str, Any]]) -> None:
    if not found:
        console.print(_("Nothing has crossed in your rooms yet, or nothing fits what was asked for."))
        return
    headings = (_("When"), _("Way"), _("Marking"), _("Rule"), _("Outcome"), _("What"), _("Room"), _("Entry"))
    rows = [
        (
            moment(each["released"]),
            f"{'→' if each['direction'] == 'out' else '←'} {each['nation']}",
            marking(each["marking"]),
            each["refused"] or each["rule"],
            _outcome(each),
            _(KINDS[each["kind"]]) if each["kind"] in KINDS else each["kind"],
            each["title"] or each["room"][:SHORT],
            each["index"],
        )
        for each in found
    ]
    console.print(table(headings, rows))


def _outcome(crossing: Mapping[str, Any]) -> str:
    if crossing["refused"]:
        return _("refused here")
    if crossing["direction"] == "in":
        return _("admitted")
    return _("stored there") if crossing["confirmed"] else _("waiting")


def _refused(console: Console, found: list[dict[str, Any]]) -> None:
    if not found:
        console.print(_("None of your messages was turned down."))
        return
    rows = [
        (moment(each["sent"]), marking(each["marking"]), each["rule"], each["detail"], each["title"]) for each in found
    ]
    console.print(table((_("When"), _("Marking"), _("Rule"), _("Why"), _("Room")), rows))


def _audits(console: Console, logs: list[dict[str, Any]]) -> None:
    for log in logs:
        console.print(f"{'✓' if log['ok'] else '✘'} {safe(log['log'])}", style="bold")
        for check in log["checks"]:
            named = check["check"] == "entries" and not check["ok"] and log["entry"] is not None
            said = _(HELD[check["check"]]).format(detail=check["detail"]) if check["ok"] else _(BROKE[check["check"]])
            if named:
                said = _("Entry {entry} of {log} is not what was signed.").format(entry=log["entry"], log=log["log"])
            console.print(f"  {'✓' if check['ok'] else '✘'} {safe(said)}", soft_wrap=True)


def _words(console: Console, links: list[dict[str, Any]]) -> None:
    if not links:
        console.print(_(UNLINKED))
        return
    rows = [
        (
            link["nation"].upper(),
            f"{' '.join(link['words'])}   "
            + (
                _("compared {moment}").format(moment=moment(link["compared"]))
                if link["compared"]
                else _("not compared yet")
            ),
        )
        for link in links
    ]
    console.print(facts(rows))


def _requests(console: Console, found: list[dict[str, Any]]) -> None:
    if not found:
        console.print(_("Nobody waits to be let into your rooms."))
        return
    rows = [
        (
            each["person"] or _("withheld"),
            each["title"],
            record_text.name(each["record"]) if each["record"] else "–",
            record_text.keys(each["record"]) if each["record"] else "–",
            _(STEPS[each["step"]]),
        )
        for each in found
    ]
    console.print(table((_("Person"), _("Room"), _("Office"), _("Keys"), _("State")), rows))
