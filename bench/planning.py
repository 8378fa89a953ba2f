"""Matching requirements × offers: how long until a proposal is proven to within 0.1 %.

Two plans of 1,000 requirements × 2,500 offers of 30 nations (`bench.forces`), each in three worlds drawn from three seeds: one in
which offers serve once and may be split (a transport problem), and one with minima, substitutes, exclusive and reusable offers as
well. Every stage of ours counts: three priorities, caveats, fairness, total. All that `match` does is inside the clock: sorting,
fitting, solving, explaining.

Peers do less: one weighted sum of shortfalls and caveats, no fairness, in one program, to the same gap. HiGHS takes the very rows
that we make, its presolve and cuts beside; CP-SAT (OR-tools, from PyPI in an environment of its own) takes the same numbers. One
thread each, CPU seconds: walls depend on what else the machine does.
"""

import argparse
import json
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from msgspec.structs import replace

from bench.forces import drawn
from bench.peers import environment, release
from bench.table import Benchmark, Effort, Report, Row, Work
from cordiale.desks.planning.demand import Matching, Offer, Requirement
from cordiale.desks.planning.fit import Tables
from cordiale.desks.planning.linear import Floats, Linear, beside
from cordiale.desks.planning.matching import match
from cordiale.desks.planning.part import parts
from cordiale.desks.planning.solver import Deadline, Solver

SIZE: Final = (1_000, 2_500)
QUICK: Final = (100, 250)
SEEDS: Final = (1, 2, 3)
GAP: Final = 0.001
SECONDS: Final = 600.0
"""Of the wall, so that it is not the machine's load that ends a search."""
EFFORT: Final = 60.0
"""CP-SAT's deterministic time, about CPU seconds."""
PACKAGE: Final = "ortools"
_WEIGHTS: Final = (10_000, 100, 1)

CP_SAT: Final = """
import json, sys, time
from ortools.sat.python import cp_model
data = json.load(open(sys.argv[1]))
begun = time.process_time()
model = cp_model.CpModel()
x = [model.new_int_var(0, upper, "") for upper in data["upper"]]
for low, high, columns, values in data["rows"]:
    total = sum(x[c] * v for c, v in zip(columns, values))
    if low is not None: model.add(total >= low)
    if high is not None: model.add(total <= high)
model.minimize(sum(x[c] * v for c, v in data["costs"]))
solver = cp_model.CpSolver()
solver.parameters.num_workers, solver.parameters.relative_gap_limit = 1, data["gap"]
solver.parameters.max_time_in_seconds = data["seconds"]
solver.parameters.max_deterministic_time = data["effort"]
status = solver.solve(model)
found = solver.objective_value if status in (cp_model.OPTIMAL, cp_model.FEASIBLE) else None
print(json.dumps(dict(cpu=time.process_time() - begun, value=found, bound=solver.best_objective_bound)))
"""

Plan = tuple[list[Requirement], list[Offer]]


def transport(plan: Plan) -> Plan:
    """The same plan, in which offers serve once and may be split, and nothing stands in for anything else."""
    return (
        [replace(each, minimum=0, substitutes=()) for each in plan[0]],
        [replace(each, exclusive=False, reusable=False) for each in plan[1]],
    )


def weighed(plan: Plan) -> tuple[Linear, Floats]:
    """One program with one weighted sum: what the peers solve."""
    tables = Tables(*plan)
    groups = parts(tables, tables.pairs())
    costs: list[Floats] = []
    for part in groups:
        row = np.zeros(part.program.columns)
        row[: len(part.pairs)] = [len(pair.against) for pair in part.pairs]
        for number, (column, unit) in part.shortfalls.items():
            required = tables.requirements[number]
            row[column] = required.weight * unit * _WEIGHTS[required.priority - 1]
        costs.append(row)
    return beside([part.program for part in groups]), np.concatenate(costs)


def by_highs(plan: Plan) -> tuple[float, float]:
    """CPU seconds and gap of HiGHS's own branch and bound."""
    begun = time.process_time()
    program, costs = weighed(plan)
    found = Solver(program).branched(costs, GAP, Deadline(SECONDS))
    seconds = time.process_time() - begun
    return seconds, _gap(None if found.x is None else float(costs @ found.x), found.bound)


def by_cp_sat(python: Path, plan: Plan, folder: Path) -> tuple[float, float]:
    """CPU seconds (building its model included, reading ours not) and gap of CP-SAT."""
    program, costs = weighed(plan)
    rows, used = program.rows, np.flatnonzero(costs)
    document = {
        "upper": program.upper.astype(int).tolist(),
        "rows": [
            (
                int(rows.low[n]) if np.isfinite(rows.low[n]) else None,
                int(rows.high[n]) if np.isfinite(rows.high[n]) else None,
                rows.column[rows.start[n] : rows.start[n + 1]].tolist(),
                rows.value[rows.start[n] : rows.start[n + 1]].astype(int).tolist(),
            )
            for n in range(len(rows.low))
        ],
        "costs": [(int(n), int(costs[n])) for n in used],
        "gap": GAP,
        "seconds": SECONDS,
        "effort": EFFORT,
    }
    path = folder / "plan.json"
    path.write_text(json.dumps(document), encoding="ascii")
    done = subprocess.run([str(python), "-c", CP_SAT, str(path)], check=True, capture_output=True, timeout=2 * SECONDS)
    found = json.loads(done.stdout)
    return float(found["cpu"]), _gap(found["value"], found["bound"])


def _gap(value: float | None, bound: float) -> float:
    return 1.0 if value is None else max(0.0, value - bound) / max(1.0, abs(value))


def ours(plan: Plan, rounds: int) -> tuple[float, Matching]:
    """The median of so many runs, all of which must agree."""
    times: list[float] = []
    found: list[Matching] = []
    for _ in range(rounds):
        begun = time.process_time()
        found.append(match(*plan, gap=GAP, seconds=SECONDS))
        times.append(time.process_time() - begun)
    if any(each != found[0] for each in found) and found[0].gap <= GAP:
        raise RuntimeError("two runs found different things")
    return statistics.median_low(times), found[0]


class Measured(NamedTuple):
    """Of one world: seconds and gap of ours and of each peer, and what was found."""

    mine: tuple[float, float]
    peers: dict[str, tuple[float, float]]
    facts: str


def world(plan: Plan, rounds: int, python: Path | None, folder: Path) -> Measured:
    """Ours and the peers in one world."""
    seconds, found = ours(plan, rounds)
    peers = {"HiGHS, one weighted sum": by_highs(plan)}
    if python is not None:
        peers[f"CP-SAT {release(python, PACKAGE)}, one weighted sum"] = by_cp_sat(python, plan, folder)
    stages = ", ".join(f"{each.name} {each.value:g} ≥ {each.bound:g} ({each.proof})" for each in found.stages)
    facts = f"{len(Tables(*plan).pairs())} pairs, {seconds:.2f} CPU s, {stages}"
    return Measured((seconds, found.gap), peers, facts)


def rows_of(name: str, goal: float | None, worlds: Sequence[Measured]) -> list[Row]:
    """The median of the worlds, the slowest of them, and the greatest gap, beside each peer's."""
    rows: list[Row] = []
    pieces = (
        ("median of the worlds", "CPU s", 0, 1.0, goal, statistics.median),
        ("slowest world", "CPU s", 0, 1.0, goal, max),
        ("greatest gap of a stage", "%", 1, 100.0, None if goal is None else 100 * GAP, max),
    )
    for what, unit, at, scale, wanted, of in pieces:
        work = Work(f"{name}: {what}", unit, "less", wanted)
        peers = [(peer, scale * of([each.peers[peer][at] for each in worlds])) for peer in worlds[0].peers]
        rows += work.rows(scale * of([each.mine[at] for each in worlds]), peers)
    return rows


def measure(effort: Effort, given: argparse.Namespace) -> Report:
    """All rows."""
    size, seeds = (QUICK, SEEDS[:1]) if given.quick else (SIZE, SEEDS)
    rows: list[Row] = []
    facts: dict[str, Any] = {"requirements": size[0], "offers": size[1]}
    with tempfile.TemporaryDirectory() as made:
        python: Path | None = given.cp_sat
        if python is None and not given.quick and not given.no_cp_sat:
            python = environment(Path(made) / "cp-sat", PACKAGE)
        everything = {seed: drawn(*size, seed) for seed in seeds}
        kinds = {
            "a transport problem": {seed: transport(plan) for seed, plan in everything.items()},
            "with minima, substitutes, exclusive, reusable": everything,
        }
        for name, plans in kinds.items():
            worlds = {seed: world(plan, effort.windows, python, Path(made)) for seed, plan in plans.items()}
            rows += rows_of(name, None if given.quick else 4.0, list(worlds.values()))
            facts |= {f"{name}, world {seed}": found.facts for seed, found in worlds.items()}
    notes = [
        f"Worlds: {len(seeds)}; rounds of ours: {effort.windows}, their median counts. Peers ran once.",
        "Ours goes through every stage in its order; the peers minimise one weighted sum without fairness and total.",
        "≥ is the bound that nothing can be below. `dual`: by multipliers, computed again here. `branch`: the solver's word.",
        *([] if python else ["CP-SAT did not run: it could not be installed here, or was not asked."]),
    ]
    return Report("planning", "Requirements and offers", rows, facts, notes)


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--no-cp-sat", action="store_true", help="HiGHS is the only peer")
    parser.add_argument("--cp-sat", type=Path, help="the Python of an environment that has ortools")


BENCHMARK: Final = Benchmark(
    "planning", "Requirements and offers", measure, quick=Effort(1, 1), full=Effort(1, 3), options=_options
)

if __name__ == "__main__":
    raise SystemExit(BENCHMARK.run())
