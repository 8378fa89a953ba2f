"""`plan match`: who could serve what, why the rest is missing, and how good that is proven to be."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from cyclopts import Parameter
from rich.console import Console
from rich.text import Text

from cordiale.cli import output
from cordiale.cli.command import AgentAccess, group
from cordiale.cli.language import _, mark, spoken
from cordiale.cli.reach import ask
from cordiale.cli.registers import Room
from cordiale.cli.terminal import console as screen
from cordiale.cli.terminal import safe, table
from cordiale.errors import WrongUsage

app = group("plan")
_SHOWN: Final = 200
"""So many lines of each table are shown to people; --json has all."""
_PROOFS: Final[Mapping[str, str]] = {
    "dual": mark("multipliers, checked here"),
    "branch": mark("the solver's branching"),
    "enumerated": mark("every lesser share ruled out"),
    "none": mark("not proven"),
}


@app.command(name="match")
def _match(
    room: Room,
    /,
    *,
    relief: Annotated[
        bool, Parameter(help="Relief needs and offers instead of requirements and contributions.")
    ] = False,
    proposed: Annotated[bool, Parameter(help="Also what is asked for or offered and does not bind yet.")] = False,
    standing: Annotated[
        str, Parameter(help="With --relief: Actual, Exercise, System, Test or Draft; never two of them together.")
    ] = "Actual",
    key: Annotated[
        tuple[str, ...],
        Parameter(
            help="NATION=UNITS by which its part is measured; without any, all that it offers.", consume_multiple=False
        ),
    ] = (),
    gap: Annotated[float, Parameter(help="How near to the best each stage must be proven, as a share.")] = 0.001,
    seconds: Annotated[float, Parameter(help="How long it may take.")] = 30.0,
    propose: Annotated[
        bool,
        Parameter(help="Propose an allocation for each line. It binds by the offering nation's key, never without."),
    ] = False,
    label: Annotated[str, Parameter(help="The marking of what is proposed; without it, the room's ceiling.")] = "",
    access: AgentAccess,
) -> None:
    """Match what is required with what is offered: least shortfall by priority, then caveats, then fairness between nations.

    Each gap has its reasons, and each figure a bound that nothing can be below. Nothing is decided: with --propose, allocations
    are drafted that wait for their keys.

    For example:

      cordiale plan match "Channel watch"
      cordiale plan match "Channel watch" --relief --standing Exercise --json
      cordiale plan match "Channel watch" --key uk=3 --key fr=2 --propose
    """
    params = {
        "room": room,
        "relief": relief,
        "proposed": proposed,
        "standing": standing,
        "keys": _keys(key),
        "gap": gap,
        "seconds": seconds,
        "propose": propose,
        "label": label,
    }
    errors = screen(errors=True)
    if access.json or not errors.is_terminal:
        answer = ask(access, "plan.match", params, wait=seconds)
    else:
        with errors.status(_("Matching")):
            answer = ask(access, "plan.match", params, wait=seconds)
    output.show(access.json, answer, lambda console: _matched(console, answer))


def _keys(given: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for each in given:
        nation, _equals, units = each.partition("=")
        if not (units.isascii() and units.isdecimal()):
            raise WrongUsage(_("{text} is not NATION=UNITS").format(text=repr(each[:40])))
        found[nation] = int(units)
    return found


def _matched(console: Console, answer: Mapping[str, Any]) -> None:
    console.print(_("Required: {requirements}. Offered: {offers}.").format(
        requirements=answer["requirements"], offers=answer["offers"]
    ))  # fmt: skip
    _part(console, _("Who serves what"), _allocations(answer["allocations"]))
    if answer["gaps"]:
        console.print()
        console.print(Text(_("What is missing"), style="bold"))
        for each in answer["gaps"][:_SHOWN]:
            console.print(Text(f"  {safe(each['text'])}"))
        _more(console, answer["gaps"])
    _part(console, _("Fairness"), _nations(answer["nations"]))
    _part(console, _("How good it is"), _stages(answer["stages"]))
    if answer["left_out"]:
        headings = (_("Name"), _("Why"))
        rows = [(each["name"], each["why"]) for each in answer["left_out"]]
        _part(console, _("Left out"), (headings, rows))
    console.print()
    console.print(_("Proven to within {gap} %, in {seconds} s.").format(
        gap=_number(100 * answer["gap"], 3), seconds=_number(answer["seconds"], 2)
    ))  # fmt: skip
    if answer["proposed"]:
        console.print(
            _("Allocations proposed: {count}. Each waits for its keys.").format(count=len(answer["proposed"]))
        )


_Rows = tuple[Sequence[str], Sequence[Sequence[object]]]


def _part(console: Console, title: str, found: _Rows) -> None:
    headings, rows = found
    console.print()
    console.print(Text(title, style="bold"))
    if not rows:
        console.print(f"  {_('Nothing.')}")
        return
    console.print(table(headings, rows[:_SHOWN]))
    _more(console, rows)


def _more(console: Console, rows: Sequence[object]) -> None:
    if len(rows) > _SHOWN:
        console.print(_("… and {count} more").format(count=len(rows) - _SHOWN))


def _allocations(found: Sequence[Mapping[str, Any]]) -> _Rows:
    headings = (_("Requirement"), _("Offered"), _("Nation"), _("Units"), _("Rate ‰"), _("Against caveats"))
    rows = [
        (
            each["requirement_name"],
            each["offer_name"],
            each["nation"],
            each["quantity"],
            each["rate"],
            ", ".join(each["against"]),
        )
        for each in found
    ]
    return headings, rows


def _nations(found: Sequence[Mapping[str, Any]]) -> _Rows:
    headings = (_("Nation"), _("Units"), _("Key"), _("Share"))
    return headings, [
        (each["nation"], each["units"], each["key"], f"{_number(100 * each['share'], 1)} %") for each in found
    ]


def _number(value: float, places: int) -> str:
    text = f"{value:.{places}f}"
    return text.replace(".", ",") if spoken() == "fr" else text


def _stages(found: Sequence[Mapping[str, Any]]) -> _Rows:
    headings = (_("Criterion"), _("Proven by"))
    return headings, [(each["text"], _(_PROOFS[each["proof"]])) for each in found]
