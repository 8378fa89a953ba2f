"""Group commit on a real store: what is acknowledged is durable, one job's error is its own, a kill loses nothing said."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cordiale.adapters.group_commit import GroupCommit
from cordiale.adapters.node_store import SqliteNodeStore
from cordiale.errors import NotFound, StorageFailed, TooBusy
from cordiale.ledger.log import audit
from cordiale.ledger.merkle import leaf_hash
from cordiale.node.ports import Transaction
from cordiale.vocab.party import Nation

UK = Nation("uk")
HERE = Path(__file__).resolve().parent


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "node.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteNodeStore]:
    opened = SqliteNodeStore(path, UK)
    yield opened
    opened.close()


def append(log: str, leaf: bytes):
    def job(tx: Transaction) -> int:
        state = tx.logs.state(log)
        grown, hashes = state.append([leaf])
        tx.logs.append(log, grown, [leaf], hashes, b"note of %d" % grown.size)
        return state.size

    return job


def failing(error: Exception, log: str = "log"):
    def job(tx: Transaction) -> None:
        append(log, b"undone")(tx)
        raise error

    return job


class Gate:
    """Holds the writer within a job, so that the next jobs gather."""

    def __init__(self, commits: GroupCommit) -> None:
        self.entered, self.opened = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=commits.call, args=(self._job,))
        self._thread.start()
        assert self.entered.wait(5)

    def _job(self, _tx: Transaction) -> None:
        self.entered.set()
        assert self.opened.wait(5)

    def open(self) -> None:
        self.opened.set()
        self._thread.join()


def test_everything_that_waits_goes_into_one_commit(store: SqliteNodeStore) -> None:
    sizes: list[int] = []
    commits = GroupCommit(store, most=50, observe=lambda jobs, _seconds: sizes.append(jobs))

    async def main() -> list[int]:
        gate = await asyncio.to_thread(Gate, commits)
        tasks = [asyncio.create_task(commits.submit(append("log", b"%d" % number))) for number in range(80)]
        await asyncio.sleep(0)
        assert commits.depth == 80
        await asyncio.to_thread(gate.open)
        return await asyncio.gather(*tasks)

    assert asyncio.run(main()) == list(range(80))
    commits.close()
    assert sizes == [1, 50, 30]
    with store.read() as tx:
        assert tx.logs.leaves("log", 0, 99) == [b"%d" % number for number in range(80)]
        assert tx.logs.checkpoint("log") == b"note of 80"


def test_nobody_is_told_before_it_is_durable(store: SqliteNodeStore, path: Path) -> None:
    commits, other = GroupCommit(store), SqliteNodeStore(path, UK)
    for number in range(20):
        assert commits.call(append("log", b"x")) == number
        with other.read() as tx:
            assert tx.logs.state("log").size == number + 1
    commits.close()
    other.close()


def test_an_error_is_its_jobs_own(store: SqliteNodeStore) -> None:
    commits = GroupCommit(store)
    errors = [NotFound("it", what="thing"), ZeroDivisionError(), StorageFailed("said by the job itself")]

    async def main() -> list[object]:
        gate = await asyncio.to_thread(Gate, commits)
        jobs = [append("log", b"one"), *map(failing, errors), append("log", b"two")]
        tasks = [asyncio.create_task(commits.submit(job)) for job in jobs]
        await asyncio.sleep(0)
        await asyncio.to_thread(gate.open)
        return await asyncio.gather(*tasks, return_exceptions=True)

    assert asyncio.run(main()) == [0, *errors, 1]
    with pytest.raises(ZeroDivisionError):
        commits.call(failing(ZeroDivisionError()))
    commits.close()
    with store.read() as tx:
        assert tx.logs.leaves("log", 0, 9) == [b"one", b"two"]


def test_a_storage_failure_fails_all_of_the_group_and_the_next_one_works(store: SqliteNodeStore) -> None:
    commits = GroupCommit(store)
    with store.write() as tx:
        connection = tx._connection

    def fill_the_disk(tx: Transaction) -> None:
        connection.pragma("max_page_count", connection.pragma("page_count"))
        append("log", bytes(100_000))(tx)

    async def main() -> list[object]:
        gate = await asyncio.to_thread(Gate, commits)
        jobs = [append("log", b"one"), fill_the_disk, append("log", b"two")]
        tasks = [asyncio.create_task(commits.submit(job)) for job in jobs]
        await asyncio.sleep(0)
        await asyncio.to_thread(gate.open)
        return await asyncio.gather(*tasks, return_exceptions=True)

    found = asyncio.run(main())
    assert [type(result) for result in found] == [StorageFailed] * 3
    assert len({id(result) for result in found}) == 3
    with store.read() as tx:
        assert tx.logs.state("log").size == 0
    commits.call(lambda _tx: connection.pragma("max_page_count", 1_000_000) and None)
    assert commits.call(append("log", b"three")) == 0
    commits.close()


class Broken:
    """A store that cannot begin."""

    def write(self):
        raise OSError("the disk is gone")


def test_whatever_storage_raises_the_writer_goes_on() -> None:
    commits = GroupCommit(Broken())  # type: ignore[arg-type]
    for _ in range(2):
        with pytest.raises(StorageFailed, match="OSError"):
            commits.call(lambda _tx: None)
    commits.close()


def test_the_queue_is_bounded(store: SqliteNodeStore) -> None:
    commits = GroupCommit(store, waiting=3)

    async def main() -> None:
        gate = await asyncio.to_thread(Gate, commits)
        tasks = [asyncio.create_task(commits.submit(append("log", b"x"))) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(TooBusy):
            await commits.submit(append("log", b"x"))
        with pytest.raises(TooBusy):
            commits.call(append("log", b"x"))
        await asyncio.to_thread(gate.open)
        assert await asyncio.gather(*tasks) == [0, 1, 2]

    asyncio.run(main())
    commits.close()


def test_whoever_waits_for_logs_is_woken_after_the_commit(store: SqliteNodeStore) -> None:
    heard: list[tuple[frozenset[str], int]] = []

    def wake(logs: frozenset[str]) -> None:
        with store.read() as tx:
            heard.append((logs, tx.logs.state("log").size))

    commits = GroupCommit(store)
    commits.on_commit(wake)
    commits.on_commit(lambda logs: None)
    commits.call(append("log", b"x"))
    commits.call(lambda _tx: None)
    with pytest.raises(ZeroDivisionError):
        commits.call(failing(ZeroDivisionError(), "other"))
    commits.close()
    assert heard[0] == (frozenset({"log"}), 1)
    assert heard[1] == (frozenset(), 1)


def test_closing_writes_what_waits_and_takes_no_more(store: SqliteNodeStore) -> None:
    commits = GroupCommit(store)

    async def main() -> None:
        gate = await asyncio.to_thread(Gate, commits)
        tasks = [asyncio.create_task(commits.submit(append("log", b"x"))) for _ in range(200)]
        await asyncio.sleep(0)
        closing = asyncio.create_task(asyncio.to_thread(commits.close))
        await asyncio.to_thread(gate.open)
        assert await asyncio.gather(*tasks) == list(range(200))
        await closing

    asyncio.run(main())
    with pytest.raises(StorageFailed):
        commits.call(append("log", b"late"))


def test_a_caller_who_left_or_whose_loop_ended_is_not_told(store: SqliteNodeStore) -> None:
    commits = GroupCommit(store)

    async def leave() -> Gate:
        gate = await asyncio.to_thread(Gate, commits)
        task = asyncio.create_task(commits.submit(append("log", b"left")))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return gate

    async def cancelled_before_told() -> None:
        gate = await leave()
        await asyncio.to_thread(gate.open)
        await commits.submit(append("log", b"stayed"))

    asyncio.run(cancelled_before_told())
    gate = asyncio.run(leave())
    gate.open()
    assert commits.call(append("log", b"last")) == 3
    commits.close()


def test_killed_at_any_moment_everything_that_was_acknowledged_is_there(path: Path) -> None:
    rounds, acknowledged = 4, -1
    for number in range(rounds):
        child = subprocess.Popen(
            [sys.executable, str(HERE / "killed_writer.py"), str(path)], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        time.sleep(random.Random(number).uniform(0.05, 0.4))
        os.kill(child.pid, signal.SIGKILL)
        said = [line for line in child.stdout.read().split("\n")[:-1] if line]
        child.wait()
        child.stdout.close()
        acknowledged = max([acknowledged, *map(int, said)])
    store = SqliteNodeStore(path, UK)
    with store.read() as tx:
        state = tx.logs.state("log")
        leaves, hashes = tx.logs.leaves("log", 0, state.size), tx.logs.hashes("log", 0, state.size)
        assert acknowledged > 50
        assert state.size > acknowledged
        assert leaves == [b"leaf %d" % place for place in range(state.size)]
        assert hashes == [leaf_hash(leaf) for leaf in leaves]
        assert tx.logs.checkpoint("log") == b"note of %d" % state.size
        other = tx.logs.state("other")
        assert other.size == state.size
        audit_without_signature(leaves, hashes, state.checkpoint())
    commits = GroupCommit(store)
    assert commits.call(append("log", b"after")) == state.size
    commits.close()
    store.close()


def audit_without_signature(leaves: list[bytes], hashes: list[bytes], checkpoint: object) -> None:
    """The audit takes what has `size` and `root`; here nobody signed."""
    audit(leaves, hashes, checkpoint)  # type: ignore[arg-type]
