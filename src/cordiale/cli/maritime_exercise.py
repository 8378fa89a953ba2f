"""`maritime exercise`: made-up traffic with behaviours whose truth is known."""

from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import Parameter
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cordiale.cli import output
from cordiale.cli.command import Json, single
from cordiale.cli.language import _
from cordiale.cli.maritime_options import Store
from cordiale.cli.terminal import console as screen
from cordiale.cli.terminal import facts, safe
from cordiale.desks.maritime.exercise.make import Made, exercise
from cordiale.errors import AlreadyExists, WrongUsage

generate = single("exercise")
_DAYS_MOST = 400
_VESSELS_MOST = 20_000


@generate.default
def _generate(
    *,
    store: Store,
    seed: Annotated[int, Parameter(help="The same seed makes the same files; 1, if nothing is said.")] = 1,
    days: Annotated[int, Parameter(help="How many days: 2, if nothing is said.")] = 2,
    vessels: Annotated[int, Parameter(help="How many vessels in the background: 200, if nothing is said.")] = 200,
    json: Json = False,
) -> None:
    """Fill a new store with an exercise: made-up traffic in the Channel, with behaviours whose truth is known.

    Everything in it is marked EXERCISE. The folder exercise in the store has the truth (truth.json), and cables, zones,
    lanes and anchorages as GeoJSON for `detect`.

    For example:

      cordiale maritime exercise --store ./exercise --seed 7 --days 3 --vessels 400
    """
    if not (0 < days <= _DAYS_MOST and 0 < vessels <= _VESSELS_MOST):
        raise WrongUsage(_("an exercise has 1 to {days} days and 1 to {vessels} vessels").format(
            days=_DAYS_MOST, vessels=_VESSELS_MOST
        ))  # fmt: skip
    if (store / "positions").exists():
        raise AlreadyExists(str(store), what="store")
    errors = screen(errors=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors, transient=True, disable=json or not errors.is_terminal) as bar:
        task = bar.add_task(_("Days"), total=days)
        made = exercise(
            store, seed=seed, days=days, vessels=vessels, progress=lambda done, _all: bar.update(task, completed=done)
        )
    answer = {"store": str(store), **msgspec.to_builtins(made)}
    output.show(json, answer, lambda console: _show(console, made, store))


def _show(console: Console, made: Made, store: Path) -> None:
    console.print(facts([
        (_("Store"), safe(str(store))),
        (_("Positions"), made.positions),
        (_("Behaviours"), len([truth for truth in made.truths if truth.detectors])),
        (_("Truth"), safe(str(store / "exercise" / "truth.json"))),
    ]))  # fmt: skip
