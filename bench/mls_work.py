"""What the MLS benchmark measures: entering, committing, adding and founding, by our engine and by its peers.

A room's members are followed in turns: each commit is made by one engine and processed by the others, on the same bytes.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeVar

import msgspec

from bench.mls_members import Member
from bench.mls_room import Room, anybody, newcomer, now
from bench.table import Work
from cordiale.crypto.suite import HYBRID_ID
from cordiale.mls.leaf_node import DEFAULT_PROPOSALS, default_capabilities
from cordiale.mls.member_committing import CommitResult
from cordiale.mls.member_group import MemberGroup

T = TypeVar("T")

CLASSICAL_ID: Final = 1
MEMBERS: Final = 1_000
MANY: Final = 10_000
TEXT_BYTES: Final = 1024
MS: Final = 1000.0

JOIN: Final = Work("join by Welcome, 1,000 members, populated", "CPU ms", "less")
PROCESS: Final = Work("process a commit, 1,000 members, populated", "CPU ms", "less", goal=3)
COMMIT: Final = Work("create a commit, 1,000 members, populated", "CPU ms", "less")
HYBRID: Final = Work("create a commit, 1,000 members, populated, hybrid suite", "CPU ms", "less", goal=20)
HYBRID_PROCESS: Final = Work("process that commit", "CPU ms", "less")
ADD: Final = Work("add one to 1,000, populated", "CPU ms", "less", goal=10)
FOUND_CLASSICAL: Final = Work("create and add 1,000", "CPU ms", "less")
ENCRYPT: Final = Work("encrypt 1 KB with 120 B of additional data", "messages/s", goal=20_000)


@dataclass
class Spent:
    """CPU seconds by kind of work, of one engine."""

    times: dict[str, list[float]] = field(default_factory=dict[str, list[float]])

    def add(self, work: Work, seconds: float) -> None:
        """One more measurement."""
        self.times.setdefault(work.name, []).append(seconds)

    def take(self, work: Work, job: Callable[[], T]) -> T:
        """Do the work, and measure it."""
        begun = time.process_time()
        done = job()
        self.add(work, time.process_time() - begun)
        return done

    def ms(self, work: Work) -> float | None:
        """The median in milliseconds, if this engine did the work."""
        return statistics.median(self.times[work.name]) * MS if work.name in self.times else None

    def rate(self, work: Work) -> float | None:
        """The median of measurements of one each, as so many a second."""
        return 1 / statistics.median(self.times[work.name]) if work.name in self.times else None


def step(group: MemberGroup, message: bytes) -> MemberGroup:
    """The group after another's commit."""
    return group.process(message, authenticate=anybody, now=now())[0]


def committed(group: MemberGroup, *packages: bytes) -> CommitResult[MemberGroup]:
    """A commit that adds whoever offers these key packages."""
    return group.commit(add=packages, authenticate=anybody, now=now())


def entering(ours: Spent, theirs: Spent, rust: Member | None, joins: int) -> tuple[MemberGroup, MemberGroup]:
    """Joins of a populated room; the member that added and the last that entered, which has committed since."""
    first = Room(CLASSICAL_ID, MEMBERS - (1 if rust is None else 2)).member(0)
    entry, entered = [entry_of(ours, theirs, first, rust) for _ in range(joins)][-1]
    result = committed(entered)
    if rust is not None:
        rust.ask("process", message=result.message.hex())
    return step(entry.pending, result.message), result.pending


def entry_of(
    ours: Spent, theirs: Spent, first: MemberGroup, rust: Member | None
) -> tuple[CommitResult[MemberGroup], MemberGroup]:
    """One commit that adds a member of each engine, and ours once it has joined."""
    one = newcomer("newcomer", CLASSICAL_ID)
    packages = [one.package] if rust is None else [one.package, bytes.fromhex(rust.ask("package")["package"])]
    result = committed(first, *packages)
    welcome = result.welcome or b""
    entered = ours.take(JOIN, partial(one.join, welcome))
    if rust is not None:
        theirs.add(JOIN, rust.ask("join", welcome=welcome.hex())["cpu"])
    return result, entered


def committing(
    ours: Spent, theirs: Spent, groups: tuple[MemberGroup, MemberGroup], rust: Member | None, rounds: int
) -> tuple[MemberGroup, MemberGroup]:
    """Commits of each engine, which all others follow; who commits first has not committed since it was added."""
    first, second = groups
    for _ in range(rounds):
        if rust is not None:
            made = rust.ask("commit")
            theirs.add(COMMIT, made["cpu"])
            rust.ask("process", message=made["message"])
            message = bytes.fromhex(made["message"])
            first = step(first, message)
            second = ours.take(PROCESS, partial(step, second, message))
        result = ours.take(COMMIT, partial(committed, first))
        first = result.pending
        second = ours.take(PROCESS, partial(step, second, result.message))
        if rust is not None:
            theirs.add(PROCESS, rust.ask("process", message=result.message.hex())["cpu"])
    return first, second


def adding(ours: Spent, theirs: Spent, first: MemberGroup, rust: Member | None, rounds: int) -> None:
    """One more member, over and over. (mls-rs has to adopt each, so its group grows by a few.)"""
    for number in range(rounds):
        package = newcomer(f"one more: {number}", CLASSICAL_ID).package
        ours.take(ADD, partial(committed, first, package))
        if rust is not None:
            made = rust.ask("add", package=package.hex())
            theirs.add(ADD, made["cpu"])
            rust.ask("process", message=made["message"])


def hybrid(ours: Spent, rounds: int) -> int:
    """Commits in a populated room of the hybrid suite; their size in bytes."""
    room = Room(HYBRID_ID, MEMBERS)
    first, second, size = room.member(0), room.member(MEMBERS // 2), 0
    for _ in range(rounds):
        result = ours.take(HYBRID, partial(committed, first))
        second = ours.take(HYBRID_PROCESS, partial(step, second, result.message))
        first, size = result.pending, len(result.message)
    return size


def growing(joins: int, rounds: int) -> tuple[Spent, Spent]:
    """Joins and commits in a room of a thousand and one of ten thousand, in turns, so that both meet the same machine."""
    spent = (Spent(), Spent())
    one = newcomer("newcomer", CLASSICAL_ID)
    entries = [committed(Room(CLASSICAL_ID, members - 1).member(0), one.package) for members in (MEMBERS, MANY)]
    pairs: list[tuple[MemberGroup, MemberGroup]] = []
    for turn in range(joins):
        for each, entry in zip(spent, entries, strict=True):
            entered = each.take(JOIN, partial(one.join, entry.welcome or b""))
            if turn == joins - 1:
                result = committed(entered)
                pairs.append((step(entry.pending, result.message), result.pending))
    for _ in range(rounds):
        pairs = [committing(each, Spent(), pair, None, 1) for each, pair in zip(spent, pairs, strict=True)]
    return spent


def by_rfc9420(python: Member | None, rounds: int) -> Spent:
    """What the pure-Python peer does of it, in a group of its own."""
    spent = Spent()
    if python is None:
        return spent
    able = msgspec.structs.replace(default_capabilities(), proposals=tuple(sorted(DEFAULT_PROPOSALS)))
    people = [newcomer(f"member {index}", CLASSICAL_ID, able) for index in range(MEMBERS + rounds)]
    packages = [one.package.hex() for one in people]
    founded = python.ask("found", packages=packages[:MEMBERS], seed=people[0].signer.seed().hex())
    spent.add(FOUND_CLASSICAL, founded["cpu"])
    for package in packages[MEMBERS:]:
        spent.add(ADD, python.ask("add", package=package)["cpu"])
    spent.add(ENCRYPT, python.ask("encrypt", size=TEXT_BYTES, count=rounds * 20)["cpu"] / (rounds * 20))
    return spent
