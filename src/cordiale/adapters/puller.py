"""Replication: one task for each linked nation follows its border log, imports what comes and cosigns it.

    connecting ──► following ──► unreachable (tried again after 0.2 s … 5 s, at once when the peer calls)
                        │  └───► refused     (the same; the peer or this node turned an answer down)
                        └──────► stopped     SplitView, ProofInvalid: loud, tried again every 30 s

An import is one job of the group commit, so that a batch counts only when it is durable, and is asked for again otherwise.
"""

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from typing import Final

from cordiale.adapters.group_commit import GroupCommit
from cordiale.adapters.journal import journal
from cordiale.adapters.metrics import NodeMetrics
from cordiale.adapters.peer_client import PeerClients
from cordiale.errors import CordialeError, ProofInvalid, SplitView, Unavailable
from cordiale.federation.session import Batch, Pull, border_log
from cordiale.ledger import checkpoint
from cordiale.node import relay
from cordiale.node.authority import Authority
from cordiale.node.ports import Store
from cordiale.vocab.moment import SECOND, Clock, Moment
from cordiale.vocab.party import Nation
from cordiale.wire import limits
from cordiale.wire.canonical import Record

FIRST_PAUSE: Final = 0.2
LONGEST_PAUSE: Final = 5.0
STOPPED_PAUSE: Final = 30.0
LINKS_EVERY: Final = 1.0


class Replication(StrEnum):
    """Where following a nation stands."""

    CONNECTING = "connecting"
    FOLLOWING = "following"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    STOPPED = "stopped"


class LinkHealth(Record, frozen=True):
    """For the operator. `behind` counts the entries that the nation has and this node has not."""

    nation: Nation
    state: Replication
    code: str
    since: Moment
    last_contact: Moment | None
    behind: int


class Following:
    """One nation as it is followed."""

    def __init__(self, nation: Nation, now: Moment) -> None:
        self.nation, self.since = nation, now
        self.state, self.code = Replication.CONNECTING, ""
        self.contact: Moment | None = None
        self.behind = 0
        self.pause = FIRST_PAUSE
        self.called = asyncio.Event()

    def turn(self, state: Replication, now: Moment, code: str = "") -> None:
        """Take a state, and tell the journal if it is another."""
        if (state, code) == (self.state, self.code):
            return
        self.state, self.code, self.since = state, code, now
        write = journal().info if state is Replication.FOLLOWING else journal().warning
        if state is Replication.STOPPED:
            write = journal().error
        write("replication", peer=self.nation, state=state, code=code)

    def next_pause(self) -> float:
        """How long to wait before the next try, longer each time, never the same for two nodes."""
        if self.state is Replication.STOPPED:
            return STOPPED_PAUSE
        pause, self.pause = self.pause, min(self.pause * 2, LONGEST_PAUSE)
        return pause * (0.5 + secrets.randbelow(1000) / 1000)


class Puller:
    """Follows every linked nation; `run` until it is cancelled."""

    def __init__(
        self,
        authority: Callable[[], Authority],
        store: Store,
        commits: GroupCommit,
        peers: PeerClients,
        clock: Clock,
        metrics: NodeMetrics,
    ) -> None:
        self._authority, self._store, self._commits = authority, store, commits
        self._peers, self._clock, self._metrics = peers, clock, metrics
        self._followed: dict[Nation, tuple[Following, asyncio.Task[None]]] = {}

    async def run(self) -> None:
        """Begin with each nation that becomes linked, end with each that no longer is."""
        try:
            while True:
                await self._attend()
                await asyncio.sleep(LINKS_EVERY)
        finally:
            for nation in list(self._followed):
                await self._end(nation)

    def heard(self, nation: Nation) -> None:
        """That nation's node has just called, so it can be reached: do not wait any longer to try."""
        if nation in self._followed:
            self._followed[nation][0].called.set()

    def health(self) -> list[LinkHealth]:
        """How each nation is followed."""
        return [
            LinkHealth(known.nation, known.state, known.code, known.since, known.contact, known.behind)
            for known, _task in self._followed.values()
        ]

    async def _attend(self) -> None:
        linked = set(self._authority().peers)
        for nation in linked - self._followed.keys():
            following = Following(nation, self._clock())
            self._followed[nation] = following, asyncio.create_task(self._follow(following), name=f"pull-{nation}")
        for nation in self._followed.keys() - linked:
            await self._end(nation)
        for nation, (following, _task) in self._followed.items():
            away = 0 if following.state is Replication.FOLLOWING else (self._clock() - following.since) / SECOND
            self._metrics.unreachable.labels(nation).set(away)

    async def _end(self, nation: Nation) -> None:
        _following, task = self._followed.pop(nation)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    async def _follow(self, following: Following) -> None:
        while True:
            try:
                await self._once(following)
                continue
            except (SplitView, ProofInvalid) as error:
                following.turn(Replication.STOPPED, self._clock(), error.code)
            except Unavailable as error:
                following.turn(Replication.UNREACHABLE, self._clock(), error.code)
            except CordialeError as error:
                following.turn(Replication.REFUSED, self._clock(), error.code)
            except Exception as fault:  # a mistake in this program must not end replication
                following.turn(Replication.REFUSED, self._clock(), type(fault).__name__)
            await self._rest(following, following.next_pause())

    async def _once(self, following: Following) -> None:
        nation, authority = following.nation, self._authority()
        log = border_log(nation, authority.nation)
        with self._store.read() as tx:
            size, kept, cosigned = tx.logs.state(log).size, tx.logs.checkpoint(log), tx.logs.cosigned(log)
        asked, following_on = self._clock(), following.state is Replication.FOLLOWING
        wait = limits.LONG_POLL_SECONDS if following_on else 0  # the first answer shows that the peer is there
        batch = await self._peers.pull(nation, Pull(log, size, cosigned, wait))
        if batch.leaves or batch.checkpoint != kept:
            await self._take(authority, nation, batch)
        following.contact, following.pause = self._clock(), FIRST_PAUSE
        following.behind = _size(batch) - batch.start - len(batch.leaves)
        following.turn(Replication.FOLLOWING, following.contact)
        if following_on and not batch.leaves and following.contact - asked < SECOND:
            await self._rest(following, FIRST_PAUSE)  # it answers at once with nothing: it is closing

    async def _take(self, authority: Authority, nation: Nation, batch: Batch) -> None:
        refusals = await self._commits.submit(lambda tx: relay.take_batch(authority, tx, nation, batch, self._clock()))
        self._metrics.imported.labels(nation).inc(len(batch.leaves) - len(refusals))
        for refusal in refusals:
            self._metrics.refused_imports.labels(nation, refusal.rule or refusal.code).inc()
            journal().warning(
                "import refused", peer=nation, offset=refusal.offset, code=refusal.code, rule=refusal.rule
            )

    async def _rest(self, following: Following, seconds: float) -> None:
        following.called.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(following.called.wait(), seconds)


def _size(batch: Batch) -> int:
    return checkpoint.parse(batch.checkpoint).checkpoint.size if batch.checkpoint else 0
