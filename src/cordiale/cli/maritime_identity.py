"""`maritime identity`: what a vessel has said of itself, from when to when, and since when it is known."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from cyclopts import Parameter
from rich.console import Console
from rich.text import Text

from cordiale.cli import output
from cordiale.cli.command import Json, single
from cordiale.cli.language import _, mark, spoken
from cordiale.cli.letters import moment, span
from cordiale.cli.maritime_detect import day
from cordiale.cli.maritime_options import Store, there
from cordiale.cli.terminal import facts, safe
from cordiale.desks.maritime.identity import state
from cordiale.desks.maritime.identity.archive import histories
from cordiale.desks.maritime.identity.spell import FIELDS, History
from cordiale.desks.maritime.picture import measure
from cordiale.desks.maritime.picture.scene import type_words
from cordiale.errors import NotFound
from cordiale.vocab.moment import Moment, iso

identity = single("identity")

NAMED: Final[Mapping[str, str]] = {
    "imo": mark("IMO number"),
    "name": mark("Name"),
    "call_sign": mark("Call sign"),
    "ship_type": mark("Type"),
    "size": mark("Length × breadth"),
    "draught": mark("Draught"),
}


@identity.default
def _identity(
    number: Annotated[int, Parameter(help="An MMSI or an IMO number.")],
    /,
    *,
    store: Store,
    since: Annotated[str, Parameter(help="The first day, as 2024-07-08; without it, the first there is.")] = "",
    until: Annotated[str, Parameter(help="The last day; nothing later is looked at.")] = "",
    json: Json = False,
) -> None:
    """Show what a vessel has said of itself: each value from when to when, and when it was confirmed.

    An IMO number shows every MMSI that has sent it. A value is confirmed when it is said in a second minute.

    For example:

      cordiale maritime identity 227000001 --store ./sea

      cordiale maritime identity 9074729 --store ./sea --json
    """
    known = histories(there(store), day(since), day(until))
    found = [(mmsi, history) for mmsi, history in sorted(known.items()) if _is(number, mmsi, history)]
    if not found:
        raise NotFound(str(number), what="vessel in the archive")
    answer: dict[str, Any] = {"number": number, "vessels": [_document(*each) for each in found]}
    output.show(json, answer, lambda console: _show(console, answer))


def _is(number: int, mmsi: int, history: History) -> bool:
    return number == mmsi or any(spell.value == str(number) for spell in history.get("imo", ()))


def _document(mmsi: int, history: History) -> dict[str, Any]:
    said = {
        field: [
            {
                "value": spell.value,
                "first": iso(Moment(spell.first)),
                "last": iso(Moment(spell.last)),
                "confirmed": iso(Moment(spell.second)) if spell.second else None,
                "minutes": spell.minutes,
            }
            for spell in history[field]
        ]
        for field in FIELDS
        if field in history
    }
    return {"mmsi": mmsi, "state": state.of_mmsi(mmsi) or None, "said": said}


def _show(console: Console, answer: Mapping[str, Any]) -> None:
    for vessel in answer["vessels"]:
        heading = Text(f"MMSI {vessel['mmsi']:09}", style="bold")
        heading.append(f"  {vessel['state'] or _('of no State')}")
        console.print(heading)
        for field, said in vessel["said"].items():
            console.print(_(NAMED[field]), style="bold")
            console.print(facts((_value(field, each["value"]), _told(each)) for each in said))


def _value(field: str, value: str) -> str:
    """A value with its unit; the type of ship in words too."""
    match field:
        case "ship_type":
            return f"  {value} {type_words(int(value), spoken())}".rstrip()
        case "size":
            return f"  {value} m"
        case "draught":
            return f"  {measure.amount(int(value) / 10, 'm', spoken())}"
        case _:
            return f"  {safe(value)}"


def _told(each: Mapping[str, Any]) -> str:
    """From when to when, and since when it is sure."""
    words = [span(each["first"], each["last"])]
    if each["confirmed"]:
        words.append(
            _("in {minutes} minutes, confirmed {time}").format(minutes=each["minutes"], time=moment(each["confirmed"]))
        )
    else:
        words.append(_("once, not confirmed"))
    return ", ".join(words)
