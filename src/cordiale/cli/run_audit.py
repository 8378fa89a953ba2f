"""`deconflict audit`: one side's opened run, repeated and compared, offline."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

from cyclopts import Parameter
from rich.console import Console
from rich.text import Text

from cordiale.adapters.clock import system_clock
from cordiale.cli import files, output
from cordiale.cli.command import Json, single
from cordiale.cli.deconflicting import STATE
from cordiale.cli.language import _
from cordiale.cli.letters import moment
from cordiale.cli.proofs import root_rows, roots_from
from cordiale.cli.terminal import console, facts, safe
from cordiale.federation.run_bundle import RUN_BUNDLE_BYTES, ProvenRun, verify_run_bundle
from cordiale.register.deconfliction import entry
from cordiale.register.deconfliction.grid import Spot
from cordiale.vocab.identifier import Digest
from cordiale.vocab.moment import iso
from cordiale.vocab.party import Nation
from cordiale.wire import limits

audit = single("audit")
HEADINGS: Final = "cell,first_day,last_day"


@audit.default
def _audit(
    opened: Annotated[Path, Parameter(help="The file that `deconflict open` wrote.")],
    /,
    *,
    root: Annotated[
        list[Path] | None, Parameter(negative=(), help="A root certificate that you know (root.der); may be repeated.")
    ] = None,
    earlier: Annotated[
        list[Path] | None,
        Parameter(
            negative=(), help="The bundle of an earlier run's record, to count against the budget; may be repeated."
        ),
    ] = None,
    cells: Annotated[Path | None, Parameter(help="Save the opened plan's cells and days as CSV.")] = None,
    json: Json = False,
) -> None:
    """Check, offline, that one side of a run did as it had committed itself to.

    Its whole run is repeated from what it opened and compared byte for byte with what it had signed. The sizes have to be
    within the cap, the run within its budget, and both registers have to say what was said. Whether the plan was the true one
    is not shown by this: compare its cells (--cells) with what the records of its activities disclose.

    It takes as long as the run took that side.

    For example:

      cordiale deconflict audit summer.run --root uk/root.der --root fr/root.der
      cordiale deconflict audit summer.run --root uk/root.der --root fr/root.der --earlier may.bundle --cells plan.csv
    """
    pinned = roots_from(root or [])
    data = files.read(opened, RUN_BUNDLE_BYTES, what="opened run")
    before = [files.read(each, limits.BUNDLE_BYTES, what="bundle") for each in earlier or ()]
    if not json:
        console(errors=True).print(_("Repeating the run; this takes as long as the run did."), soft_wrap=True)
    proven = verify_run_bundle(data, before, pinned, system_clock())
    found = as_document(proven, pinned)
    if cells is not None:
        found["saved"] = str(files.write(cells, _csv(proven.audited.plan)))
    output.show(json, found, lambda console: _shown(console, found))


def as_document(proven: ProvenRun, pinned: Mapping[Nation, bytes]) -> dict[str, Any]:
    """What an audit shows, as JSON."""
    logged, roots = proven.audited.logged, dict[Nation, Digest]()
    terms = logged.terms
    for record in proven.records.values():
        for crossing in record.crossings.values():
            roots.update(crossing.roots)
    return {
        "proven": True,
        "run": terms.run.hex(),
        "purpose": terms.purpose,
        "people": list(terms.people),
        "opened": proven.nation,
        "cells": len(proven.audited.plan),
        "ended": logged.ended.value,
        "created": iso(terms.created),
        "first_day": entry.day(terms.first_day),
        "last_day": entry.day(terms.last_day),
        "grids": [f"{grid.resolution}/{grid.days}" for grid in terms.grids],
        "most": terms.most,
        "sizes": [list(pair) for pair in logged.sizes],
        "met": list(logged.met),
        "budget": {"runs": terms.budget.runs, "elements": terms.budget.elements, "days": terms.budget.days},
        "earlier": [each.terms.run.hex() for each in proven.earlier],
        "records": {nation: record.record.hex() for nation, record in proven.records.items()},
        "commitments": [digest.hex() for digest in logged.commitments],
        "roots": {nation: {"sha256": digest.hex(), "pinned": nation in pinned} for nation, digest in roots.items()},
    }


def _csv(plan: Sequence[Spot]) -> bytes:
    rows = (f"{spot.cell:x},{entry.day(spot.day)},{entry.day(spot.day + spot.days - 1)}" for spot in plan)
    return "\n".join((HEADINGS, *rows, "")).encode()


def _shown(console: Console, found: Mapping[str, Any]) -> None:
    title = _("The audit holds: what {nation} signed follows from the plan that it had committed to.")
    console.print(Text(title.format(nation=found["opened"]), style="bold"), soft_wrap=True)
    pairs: list[tuple[str, object]] = [
        (_("Run"), found["run"]),
        (_("Purpose"), found["purpose"]),
        (_("People"), ", ".join(found["people"])),
        (_("Proposed"), moment(found["created"])),
        (_("Ended"), _(STATE[found["ended"]]) if found["ended"] in STATE else found["ended"]),
        (
            _("Opened plan"),
            _("{cells} cells and days on grid {grid}").format(cells=found["cells"], grid=found["grids"][-1]),
        ),
        (_("Asked by pass"), ", ".join(f"{one}/{other}" for one, other in found["sizes"])),
        (_("Met by pass"), ", ".join(map(str, found["met"]))),
        (_("Most elements"), found["most"]),
        (_("Budget"), _("{runs} runs, {elements} elements in {days} days").format(**found["budget"])),
        (_("Earlier runs counted"), len(found["earlier"])),
    ]
    for nation, record in found["records"].items():
        pairs.append((_("Record of {nation}").format(nation=nation), _("{record}, as was said").format(record=record)))
    if "saved" in found:
        pairs.append((_("Saved as"), safe(found["saved"])))
    console.print(facts([*pairs, *root_rows(found["roots"])]))
