"""The MLS engine beside others: entering, commits and messages in rooms of a thousand and of ten thousand.

All figures are CPU time of the work alone (`time.process_time` in the process that does it), but for three rows that say so:
there half of the signatures are made or verified on a second thread, and the time is the clock's; the rows below them give the
CPU time of the busier of the two threads. Peers do the same work in turns in
the same run, on the same bytes where one engine takes another's: mls-rs (Rust, by its Python binding) enters our room by our
Welcome, follows our commits, and we follow its. `rfc9420` (pure Python) refuses our Welcome, so it adds a member
to a group of its own. The floor beside some rows is the bare signature that no engine can leave out.

A populated room (`bench.mls_room`) is one in which everybody has committed. Peers are installed from the package registry for
a full run, or taken from an environment that has them (`--peers PYTHON`); without them, figures measured elsewhere stand
beside ours.
"""

import argparse
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from bench.mls_members import MLS_RS, RFC9420, Member, foreign, found_apart
from bench.mls_room import newcomer
from bench.mls_talking import (
    DECRYPTING,
    ENCRYPTING,
    P256_DECRYPT,
    P256_ENCRYPT,
    Talk,
    floors,
    talking,
    talking_p256,
)
from bench.mls_work import (
    ADD,
    CLASSICAL_ID,
    COMMIT,
    FOUND_CLASSICAL,
    HYBRID,
    HYBRID_PROCESS,
    JOIN,
    MANY,
    MEMBERS,
    MS,
    PROCESS,
    Spent,
    adding,
    by_rfc9420,
    committing,
    entering,
    growing,
    hybrid,
)
from bench.peers import environment, release
from bench.table import Benchmark, Effort, Report, Row, Work
from cordiale.crypto.suite import HYBRID_ID

ROUNDS: Final = 7
"""Commits of each kind per window; their median counts."""
MESSAGES: Final = 10_000
"""For each second of a window."""
KIB: Final = 1024.0
ELSEWHERE: Final = "mls-rs (measured elsewhere)"
FLOOR: Final = "floor: the bare signatures"
JOIN_FACTOR: Final = 1.25
HYBRID_SIZE: Final = Work("that commit's size", "KB", "less", goal=32)
FOUND: Final = Work("create and add 1,000, hybrid suite", "CPU ms", "less", goal=400)
FOUND_TOGETHER: Final = Work("the same on two threads, elapsed", "ms", "less", goal=400)
FOUND_BUSIER: Final = Work("the same, by the CPU time of the busier thread", "CPU ms", "less")
FOUND_MEMORY: Final = Work("that process's peak memory", "MB", "less", goal=200)
GROWTH_JOIN: Final = Work("join, per member: 10,000 against 1,000 members", "×", "less", goal=1.1)
GROWTH_CREATE: Final = Work("create a commit: 10,000 against 1,000 members", "×", "less", goal=1.4)
GROWTH_PROCESS: Final = Work("process a commit: 10,000 against 1,000 members", "×", "less", goal=1.4)
"""Logarithmic growth: 14 levels of the tree against 10."""


@dataclass(frozen=True)
class Peers:
    """Those that run: a member by mls-rs in our rooms, and a founder by rfc9420."""

    rust: Member | None
    python: Member | None
    rust_name: str
    environment: Path | None = None


def measure(effort: Effort, given: argparse.Namespace) -> Report:
    """Everything; peers' environments and processes are gone afterwards."""
    ours, theirs, rounds = Spent(), Spent(), ROUNDS * effort.windows
    with ExitStack() as stack:
        peers = started(stack, given)
        floor = floors(int(MESSAGES * effort.seconds))
        groups = entering(ours, theirs, peers.rust, max(2, effort.windows))
        groups = committing(ours, theirs, groups, peers.rust, rounds)
        for _ in range(effort.windows):
            groups = talking(ours, theirs, groups, peers.rust, int(MESSAGES * effort.seconds))
            talking_p256(ours, int(MESSAGES * effort.seconds))
        adding(ours, theirs, groups[0], peers.rust, rounds)
        size = hybrid(ours, rounds)
        founding = [found_apart(suite_id, MEMBERS) for suite_id in (HYBRID_ID, CLASSICAL_ID)]
        rust = founding_by(peers)
        python = by_rfc9420(peers.python, rounds)
        small, many = growing(max(2, effort.windows), 2 * rounds)
    rows = [
        *_rooms(ours, {peers.rust_name: theirs, RFC9420: python, FLOOR: floor}),
        *_talk(ours, ENCRYPTING, P256_ENCRYPT, {peers.rust_name: theirs, RFC9420: python, FLOOR: floor}),
        *_talk(ours, DECRYPTING, P256_DECRYPT, {peers.rust_name: theirs, FLOOR: floor}),
        *_hybrid(ours, theirs, size, peers),
        *_founding(founding, rust, python, peers),
        *_growth(small, many),
    ]
    return Report("mls", BENCHMARK.title, rows, _counted(ours, many, founding, size), notes(peers, rounds))


def founding_by(peers: Peers) -> dict[str, Any] | None:
    """mls-rs founds a group of its own, in a process of its own."""
    if peers.environment is None:
        return None
    packages = [newcomer(f"member {index}", CLASSICAL_ID).package.hex() for index in range(MEMBERS)]
    with foreign(peers.environment, "mls_rs_member") as founder:
        return founder.ask("found", packages=packages)


def started(stack: ExitStack, given: argparse.Namespace) -> Peers:
    """The peers, if asked for and to be had."""
    python: Path | None = given.peers
    if python is None and not given.quick:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cordiale-bench-")))
        python = environment(folder, MLS_RS, RFC9420)
    if python is None:
        return Peers(None, None, ELSEWHERE)
    return Peers(
        stack.enter_context(foreign(python, "mls_rs_member")),
        stack.enter_context(foreign(python, "rfc9420_member")),
        f"mls-rs ({release(python, MLS_RS)} of its binding)",
        python,
    )


_ELSEWHERE: Final = {JOIN.name: 80.0, PROCESS.name: 2.9, ADD.name: 6.7, FOUND_CLASSICAL.name: 444.0}


def _rooms(ours: Spent, peers: dict[str, Spent]) -> list[Row]:
    """Work in a room of a thousand, ours beside whoever did the same."""

    def beside(work: Work) -> list[tuple[str, float | None]]:
        found = [(name, spent.ms(work)) for name, spent in peers.items()]
        return [(name, _ELSEWHERE.get(work.name) if name == ELSEWHERE else value) for name, value in found]

    rust = next(value for _, value in beside(JOIN))
    join = replace(JOIN, goal=None if rust is None else round(JOIN_FACTOR * rust, 1))
    return [row for work in (join, PROCESS, COMMIT, ADD) for row in work.rows(ours.ms(work) or 0.0, beside(work))]


def _talk(ours: Spent, talk: Talk, p256: Work, peers: dict[str, Spent]) -> list[Row]:
    """Messages one by one beside whoever did the same, by pages, and with the other signature beside its own floor."""

    def beside(work: Work) -> list[Row]:
        return work.rows(ours.rate(work) or 0.0, [(name, spent.rate(work)) for name, spent in peers.items()])

    return [row for work in (talk.alone, talk.elapsed, talk.busier, p256) for row in beside(work)]


def _hybrid(ours: Spent, theirs: Spent, size: int, peers: Peers) -> list[Row]:
    return [
        HYBRID.row(ours.ms(HYBRID) or 0.0, f"{peers.rust_name}, classical", theirs.ms(COMMIT)),
        HYBRID_SIZE.row(size / KIB),
        HYBRID_PROCESS.row(ours.ms(HYBRID_PROCESS) or 0.0, f"{peers.rust_name}, classical", theirs.ms(PROCESS)),
    ]


def _founding(ours: list[dict[str, Any]], rust: dict[str, Any] | None, python: Spent, peers: Peers) -> list[Row]:
    spent = _ELSEWHERE[FOUND_CLASSICAL.name] if rust is None else rust["cpu"] * MS
    peak = None if rust is None else rust["peak_kib"] / KIB
    return [
        FOUND.row(ours[0]["cpu"] * MS, f"{peers.rust_name}, classical", spent),
        FOUND_TOGETHER.row(ours[0]["elapsed"] * MS),
        FOUND_BUSIER.row(ours[0]["busier"] * MS),
        FOUND_MEMORY.row(ours[0]["peak_kib"] / KIB, f"{peers.rust_name}, classical", peak),
        *FOUND_CLASSICAL.rows(ours[1]["cpu"] * MS, [(peers.rust_name, spent), (RFC9420, python.ms(FOUND_CLASSICAL))]),
    ]


def _growth(small: Spent, many: Spent) -> list[Row]:
    """How ten times as many members change the cost."""

    def times(work: Work) -> float:
        return (many.ms(work) or 0.0) / (small.ms(work) or 1.0)

    return [
        GROWTH_JOIN.row(times(JOIN) * MEMBERS / MANY),
        GROWTH_CREATE.row(times(COMMIT)),
        GROWTH_PROCESS.row(times(PROCESS)),
    ]


def _counted(ours: Spent, many: Spent, founding: list[dict[str, Any]], size: int) -> dict[str, Any]:
    """What a reader can check the rows by."""
    return {
        "members": MEMBERS,
        "many": MANY,
        "commits": len(ours.times[COMMIT.name]),
        "joins": len(ours.times[JOIN.name]),
        "hybrid_commit_bytes": size,
        "welcome_bytes": [each["welcome_bytes"] for each in founding],
        "ten_thousand_ms": [round(many.ms(work) or 0.0, 1) for work in (JOIN, COMMIT, PROCESS)],
    }


def notes(peers: Peers, rounds: int) -> list[str]:
    """How it was measured."""
    without = "Peers were not run: figures measured elsewhere, on another machine, stand beside ours."
    return [
        f"CPU time of the work alone; the median of {rounds} commits of each kind. Suite 1 unless the row says otherwise.",
        "Messages: the median of pages of 64, written and read in turns; one by one on one thread where nothing else is said.",
        "Elapsed on two threads: by the clock, so that all else that the machine does counts; the row below does not count it.",
        "Populated: every parent node is filled, and the engine's own whole-tree check has passed on it.",
        "mls-rs enters our room by our Welcome and follows our commits, and we its; it has no additional data in messages.",
        "Ours commits every addition with a path of fresh keys; mls-rs and rfc9420 leave the path out.",
        "Absolute goals come from a machine on which mls-rs joined in 80 ms: its figure here says how much slower this one is.",
        "The join's goal is 1.25 × mls-rs. The floor is what the Ed25519 signatures alone cost with the same library.",
        *([without] if peers.rust is None else []),
    ]


def options(parser: argparse.ArgumentParser) -> None:
    """Arguments of this benchmark alone."""
    parser.add_argument("--peers", type=Path, help=f"the Python of an environment that has {MLS_RS} and {RFC9420}")


BENCHMARK: Final = Benchmark(
    "mls", "MLS: rooms of a thousand and more", measure, Effort(0.1, 1), Effort(0.3, 3), options
)

if __name__ == "__main__":
    sys.exit(BENCHMARK.run())
