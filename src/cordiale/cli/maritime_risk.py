"""`maritime risk`: the store's vessels against lists of sanctions, and what else speaks for looking more closely."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

from cyclopts import Parameter
from rich.console import Console
from rich.text import Text

from cordiale.cli import output
from cordiale.cli.command import Json, single
from cordiale.cli.language import _, mark, spoken
from cordiale.cli.maritime_alerts import evidence
from cordiale.cli.maritime_options import Profile, Store, there
from cordiale.cli.terminal import safe
from cordiale.desks.maritime.alerts import Alerts
from cordiale.desks.maritime.picture.alert import evidence_document
from cordiale.desks.maritime.risk.identity import vessels
from cordiale.desks.maritime.risk.kept import keep
from cordiale.desks.maritime.risk.listing import SHOWN, ListFile
from cordiale.desks.maritime.risk.load import load_lists
from cordiale.desks.maritime.risk.match import Match
from cordiale.desks.maritime.risk.score import BY, Assessment, Assessor, assess
from cordiale.errors import WrongUsage
from cordiale.vocab.moment import iso

risk = single("risk")

STATUS: Final[Mapping[str, str]] = {
    "sanctioned": mark("sanctioned"),
    "ambiguous": mark("ambiguous"),
    "possible": mark("possible"),
    "none": mark("not listed"),
}


@risk.default
def _risk(
    *,
    store: Store,
    list_: Annotated[
        list[str],
        Parameter(
            name="--list",
            help="Lists: uk=FILE, eu=FILE or ofac=FILE, or FILE alone.",
            consume_multiple=True,
        ),
    ] = [],  # noqa: B006
    profile: Profile = "ours",
    commercial_only: Annotated[bool, Parameter(help="Leave out lists whose licence forbids commercial use.")] = False,
    vessel: Annotated[str, Parameter(help="Only this vessel: MMSI, IMO number or a part of its name.")] = "",
    score: Annotated[
        int, Parameter(help="Only from this score on (10); vessels that meet a list are always shown.")
    ] = 10,
    json: Json = False,
) -> None:
    """Match the store's vessels to lists of sanctions, and add up what else speaks for looking more closely.

    A vessel is matched by IMO number, then by MMSI, current or former, then by name with call sign; by its name alone it is
    never called sanctioned. Every point of a score cites its list or finding, its date and its evidence.

    For example:

      cordiale maritime risk --store ./sea --list uk=uk.csv --list ofac=sdn.xml

      cordiale maritime risk --store ./sea --list eu=eu.csv --vessel 9187629
    """
    there(store)
    lists, left_out = load_lists([_named(text) for text in list_], commercial_only=commercial_only)
    assessor = Assessor(lists, Alerts(store).findings(profile))
    found = assess(vessels(store), assessor)
    keep(store, found)
    wanted = [each for each in found if (each.score >= score or each.status) and _answers(each, vessel)]
    answer: dict[str, Any] = {
        "vessels": len(found),
        "lists": [_list_document(file) for file in lists],
        "left_out": [file.publication.code for file in left_out],
        "found": [_document(each) for each in wanted],
    }
    output.show(json, answer, lambda console: _show(console, answer))


def _named(text: str) -> tuple[str, Path]:
    """`uk=FILE`, or a file whose list is found by what is in it."""
    key, equals, path = text.partition("=")
    if not equals:
        return "", Path(text)
    if not path:
        raise WrongUsage(_("a list is given as uk=FILE, eu=FILE or ofac=FILE"))
    return key, Path(path)


def _answers(each: Assessment, wanted: str) -> bool:
    text = wanted.strip().upper()
    numbers = {str(number) for number in (*each.vessel.mmsi, *each.vessel.imo)}
    return not text or text in numbers or any(text in said.value.upper() for said in each.vessel.names)


def _list_document(file: ListFile) -> dict[str, Any]:
    return {
        "list": file.publication.code,
        "form": file.publication.form,
        "title": file.publication.title.text(spoken()),
        "published": file.published or None,
        "licence": file.publication.licence,
        "commercial": file.publication.commercial,
        "sha256": file.sha256,
        "rows": file.rows,
        "vessels": len(file.listings),
        "broken": len(file.broken),
        "first_broken": [{"row": row, "why": why} for row, why in file.broken[:SHOWN]],
    }


def _document(each: Assessment) -> dict[str, Any]:
    vessel = each.vessel
    return {
        "vessel": vessel.key,
        "name": vessel.name,
        "mmsi": list(vessel.mmsi),
        "imo": list(vessel.imo),
        "names": [said.value for said in vessel.names],
        "call_signs": [said.value for said in vessel.call_signs],
        "first": iso(vessel.first) if vessel.first else None,
        "last": iso(vessel.last) if vessel.last else None,
        "status": each.status.name.lower(),
        "score": each.score,
        "matches": [_match(match) for match in each.matches],
        "evidence": [evidence_document(told, spoken()) for told in each.evidence],
    }


def _match(match: Match) -> dict[str, Any]:
    listing = match.listing
    return {
        "list": listing.list,
        "row": listing.row,
        "name": listing.names[0] if listing.names else "",
        "by": match.by,
        "value": match.value,
        "status": match.status.name.lower(),
        "listed": listing.listed or None,
        "programme": listing.programme,
    }


def _show(console: Console, answer: Mapping[str, Any]) -> None:
    for file in answer["lists"]:
        line = _("{title}: {vessels} vessels, {broken} broken rows; licence {licence}")
        console.print(line.format(**{name: safe(value) for name, value in file.items()}))
        for each in file["first_broken"]:
            console.print(f"  {safe(each['row'])}: {safe(each['why'])}", soft_wrap=True)
    if answer["left_out"]:
        console.print(_("Left out by licence: {lists}").format(lists=", ".join(answer["left_out"])))
    if not answer["lists"]:
        console.print(_("Without --list nobody is looked up on a list of sanctions; what else is known is added up."))
    if not answer["found"]:
        console.print(_("Nothing is known of any of {count} vessels.").format(count=answer["vessels"]))
    _vessels(console, answer["found"])
    if answer["found"]:
        line = _("{found} of {count} vessels of the store.")
        console.print()
        console.print(line.format(found=len(answer["found"]), count=answer["vessels"]))


def _vessels(console: Console, found: Sequence[Mapping[str, Any]]) -> None:
    for each in found:
        console.print()
        numbers = [_("IMO {number}").format(number=imo) for imo in each["imo"]]
        numbers += [f"MMSI {mmsi:09}" for mmsi in each["mmsi"]]
        name = [safe(each["name"])] if each["name"] else []
        heading = Text("  ".join([*name, *numbers]), style="bold")
        heading.append(f"  {_(STATUS[each['status']])}")
        by = sorted({match["by"] for match in each["matches"]})
        if by:
            heading.append(_(" by {what}").format(what=", ".join(BY[name].text(spoken()) for name in by)))
        heading.append(_(", {score} points").format(score=each["score"]))
        console.print(heading)
        evidence(console, each["evidence"])
