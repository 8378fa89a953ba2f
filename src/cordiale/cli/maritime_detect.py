"""`maritime detect`: all days of a store to findings, in one process, in several, or on a cluster."""

import os
from collections import Counter
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final

from cyclopts import Parameter
from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.text import Text

from cordiale.analysis.finding import Change, Finding
from cordiale.cli import output
from cordiale.cli.command import Json, single
from cordiale.cli.language import _, mark, spoken
from cordiale.cli.letters import moment
from cordiale.cli.maritime_options import Profile, Store, tell_compiling, tell_left_out, there
from cordiale.cli.terminal import console as screen
from cordiale.cli.terminal import facts, safe, table
from cordiale.desks.maritime.detect.areas import Drawings
from cordiale.desks.maritime.detect.detectors import BY_NAME
from cordiale.desks.maritime.picture.alert import document
from cordiale.desks.maritime.run import Progress as Told
from cordiale.desks.maritime.run import Span
from cordiale.desks.maritime.schema import DEGREE
from cordiale.errors import WrongUsage
from cordiale.vocab.moment import Moment, iso
from cordiale.wiring.maritime_batch import Order, Outcome, run

detect = single("detect")

CHANGES: Final[Mapping[str, str]] = {
    "raised": mark("raised"),
    "revised": mark("revised"),
    "retracted": mark("retracted"),
}
_WORKERS_MOST: Final = 64


Cables = Annotated[Path | None, Parameter(help="GeoJSON lines of cables and pipelines, plain or gzipped.")]
Zones = Annotated[
    Path | None, Parameter(help="GeoJSON: polygons are zones, lines are traffic lanes in the direction of traffic.")
]

Anchorages = Annotated[
    list[Path] | None,
    Parameter(help="Files of ports and anchorages: CSV or GeoJSON.", negative=(), consume_multiple=True),
]


def drawings(cables: Path | None, zones: Path | None) -> Drawings:
    """The two files as the desk takes them."""
    return Drawings(*("" if each is None else str(each.absolute()) for each in (cables, zones)))


@detect.default
def _detect(
    *,
    store: Store,
    profile: Profile = "ours",
    workers: Annotated[int, Parameter(help="Processes; without it, one for each processor.")] = 0,
    cluster: Annotated[
        Path | None, Parameter(help="A TOML file that names a Dask cluster and this client's certificate.")
    ] = None,
    since: Annotated[str, Parameter(help="The first day, as 2024-07-08; without it, the first there is.")] = "",
    until: Annotated[str, Parameter(help="The last day; nothing later is looked at.")] = "",
    anchorages: Anchorages = None,
    cables: Cables = None,
    zones: Zones = None,
    json: Json = False,
) -> None:
    """Look for behaviours in the positions of a store. What is found stands in the store until the next run.

    What an earlier run has looked at is not read again. The findings are the same for any number of workers.

    For example:

      cordiale maritime detect --store ./sea --profile ours --workers 2

      cordiale maritime detect --store ./sea --cables cables.json --zones zones.json

      cordiale maritime detect --store ./sea --until 2024-07-08 --json
    """
    if not 0 <= workers <= _WORKERS_MOST:
        raise WrongUsage(_("there can be 1 to {most} workers").format(most=_WORKERS_MOST))
    span = Span(day(since), day(until))
    order = Order(
        there(store), profile, workers or os.cpu_count() or 1, cluster, span, anchorages or (), drawings(cables, zones)
    )
    tell_compiling(quiet=json)
    with _bar(quiet=json) as told:
        outcome = run(order, told)
    answer = _document(store, profile, outcome)
    output.show(json, answer, lambda console: _show(console, answer))


def day(given: str) -> date | None:
    """A day as people write it; none where nothing is written."""
    try:
        return date.fromisoformat(given) if given else None
    except ValueError:
        raise WrongUsage(_("{value} is no day; write it as 2024-07-08").format(value=repr(given[:20]))) from None


class _Rate(ProgressColumn):
    """Positions a second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed / 1e6:.2f} M/s" if task.speed else "")


@contextmanager
def _bar(*, quiet: bool) -> Generator[Told]:
    errors = screen(errors=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), _Rate(), TimeRemainingColumn())
    with Progress(*columns, console=errors, transient=True, disable=quiet or not errors.is_terminal) as bar:
        task = bar.add_task(_("Positions"), total=None)
        yield lambda done, most: bar.update(task, completed=done, total=most)


def _document(store: Path, profile: str, outcome: Outcome) -> dict[str, Any]:
    found = outcome.found
    counts = Counter(finding.detector for finding in outcome.findings)
    return {
        "store": str(store),
        "profile": profile,
        "through": iso(found.now),
        "positions": found.positions,
        "vessels": found.vessels,
        "findings": len(outcome.findings),
        "by_detector": {name: counts[name] for name in BY_NAME if counts[name]},
        "changes": dict(Counter(act(change) for change in outcome.changes)),
        "left_out": list(outcome.left_out),
        "alerts": [alert(finding) for finding in outcome.findings],
        "naive_gaps": [
            {
                "mmsi": int(gap["mmsi"]),
                "begin": iso(Moment(int(gap["begin"]))),
                "end": iso(Moment(int(gap["end"]))),
                "lon": int(gap["lon0"]) / DEGREE,
                "lat": int(gap["lat0"]) / DEGREE,
            }
            for gap in found.naive
        ],
    }


def act(change: Change) -> str:
    """What became of a finding, in a word."""
    return "raised" if change.before is None else "retracted" if change.after is None else "revised"


def alert(finding: Finding) -> dict[str, Any]:
    """A finding as `maritime alerts` tells it, but for who its vessels say they are: it is the same in batch and watch."""
    return {name: value for name, value in document(finding, {}, spoken()).items() if name != "vessels"}


def _show(console: Console, answer: dict[str, Any]) -> None:
    console.print(facts([
        (_("Through"), moment(answer["through"])),
        (_("Positions looked at"), answer["positions"]),
        (_("Vessels"), answer["vessels"]),
        (_("Silences that say nothing"), len(answer["naive_gaps"])),
    ]))  # fmt: skip
    tell_left_out(console, answer["left_out"])
    if not answer["findings"]:
        console.print(_("Nothing was found."))
        return
    rows = [(safe(BY_NAME[name].title.text(spoken())), count) for name, count in answer["by_detector"].items()]
    console.print()
    console.print(table((_("Behaviour"), _("Alerts")), rows))
    console.print()
    changed = ", ".join(f"{_(CHANGES[act])} {count}" for act, count in answer["changes"].items())
    console.print(_("Since the last run: {changes}").format(changes=changed or _("nothing has changed")))
    console.print(
        _("All of them: {command}").format(command=f"cordiale maritime alerts --store {answer['store']}"),
        soft_wrap=True,
    )
