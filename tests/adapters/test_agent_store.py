"""The encrypted store: every port, encrypted at rest, one holder, wrong keys, search as words, crashes."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import msgspec
import pytest

from cordiale.adapters.agent_state import search_expression
from cordiale.adapters.agent_store import EncryptedAgentStore
from cordiale.adapters.sqlite import Database
from cordiale.agent.ports import FileRow, MessageRow, QueuedRow
from cordiale.errors import AlreadyExists, IllegalStep, NotFound, StorageFailed, StoreLocked
from cordiale.vocab.identifier import Digest, RoomId
from cordiale.vocab.moment import Moment

KEY = bytes(range(32))
ROOM, OTHER = RoomId(b"r" * 32), RoomId(b"o" * 32)
NEEDLE = "EXERCISE needle in a haystack"
HERE = Path(__file__).resolve().parent


def message(number: int, text: str = "", *, room: RoomId = ROOM, lamport: int | None = None) -> MessageRow:
    place = number if lamport is None else lamport
    name = number.to_bytes(16, "big")
    return MessageRow(
        room, name, "a@uk", b"label", "text", text, b"", Moment(number), place, "uk", number, "queued", b"e", "d", "r"
    )


def queued(room: RoomId, content: bytes) -> QueuedRow:
    return QueuedRow(0, room, b"i" * 16, content, b"label", Moment(5), b"", b"")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "agent.db"


@pytest.fixture
def store(path: Path) -> Iterator[EncryptedAgentStore]:
    opened = EncryptedAgentStore.create(path, KEY)
    yield opened
    opened.close()


# --- the port -------------------------------------------------------------------------------------------------------


def test_values(store: EncryptedAgentStore) -> None:
    with store.write() as state:
        for key in ("room/b", "room/a", "room", "rooma", "s"):
            state.put_value(key, key.encode())
        state.put_value("s", b"again")
        state.drop_value("rooma")
        state.drop_value("never")
    with store.read() as state:
        assert state.value("s") == b"again"
        assert state.value("rooma") is None
        assert list(state.values("room/").items()) == [("room/a", b"room/a"), ("room/b", b"room/b")]
        assert len(state.values("")) == 4


def test_keys_of_dropped_values_are_zero_and_their_places_are_used_again(store: EncryptedAgentStore) -> None:
    for _ in range(3):
        with store.write() as state:
            for number in range(20):
                state.put_value(f"group/{number}", b"secret")
        with store.write() as state:
            for number in range(20):
                state.drop_value(f"group/{number}")
    with store._database.read() as connection:
        assert connection.every("SELECT DISTINCT key FROM slot") == [(bytes(32),)]
        assert connection.one("SELECT count(*) FROM slot") == connection.one("SELECT count(*) FROM free_slot") == (20,)


def test_after_an_erasure_the_log_is_empty_or_after_the_next_write(store: EncryptedAgentStore, path: Path) -> None:
    log = path.with_name(path.name + "-wal")
    with store.write() as state:
        state.put_value("key", b"value")
    assert log.stat().st_size > 0
    for change in (lambda state: state.put_value("key", b"other"), lambda state: state.drop_value("key")):
        with store.write() as state:
            change(state)
        assert log.stat().st_size == 0
        with store.write() as state:
            state.put_value("key", b"value")
    with patch.object(Database, "empty_log", side_effect=StorageFailed("the disk is full")), store.write() as state:
        state.put_value("key", b"kept all the same")
    assert log.stat().st_size > 0
    with store.write() as state:
        assert state.value("key") == b"kept all the same"
        assert not state.erased
    assert log.stat().st_size == 0


def test_messages_in_causal_order_and_in_order_of_arrival(store: EncryptedAgentStore) -> None:
    with store.write() as state:
        for number, lamport in ((1, 9), (2, 3), (3, 6)):
            state.put_message(message(number, lamport=lamport))
        state.put_message(message(4, room=OTHER))
        state.put_message(msgspec.structs.replace(message(1, lamport=9), state="sent"))
    with store.read() as state:
        found = state.messages(ROOM, limit=9)
        assert [row.lamport for _, row in found] == [3, 6, 9]
        assert found[2][1].state == "sent"
        assert [number for number, _ in state.arrived(0, 9)] == [1, 2, 3, 4]
        assert [row.lamport for _, row in state.messages(ROOM, limit=2)] == [6, 9]
        assert [row.id for row in state.messages_like(ROOM, found[0][1].id.hex(), limit=2)] == [found[0][1].id]
        assert state.message(ROOM, message(2).id) == message(2, lamport=3)
        assert state.message(OTHER, message(2).id) is None
        assert state.arrived(4, 9) == []
        assert [number for number, _ in state.messages(ROOM, limit=9, after=1)] == [2, 3]
        assert [number for number, _ in state.messages(ROOM, limit=9, before=1)] == [2, 3]
        assert [number for number, _ in state.messages(ROOM, limit=1, after=1)] == [3]
        assert state.latest() == 4


def test_before_the_first_message(store: EncryptedAgentStore) -> None:
    with store.read() as state:
        assert state.latest() == 0
        assert state.messages(ROOM, limit=9) == state.messages(ROOM, limit=9, after=1) == []


def test_ones_own_are_found_past_what_others_wrote(store: EncryptedAgentStore) -> None:
    with store.write() as state:
        for number, stands in enumerate(("received", "stored", "received", "stored", "refused", "stored"), 1):
            state.put_message(msgspec.structs.replace(message(number), state=stands))
        assert [int.from_bytes(row.id) for row in state.in_state("stored", 2)] == [6, 4]
        assert [int.from_bytes(row.id) for row in state.in_state("refused", 9)] == [5]
    plan = "EXPLAIN QUERY PLAN SELECT id FROM message WHERE state = ? AND state <> 'received' ORDER BY number DESC"
    with store.write() as state:
        assert "message_own" in str(state._connection.every(plan, "stored"))


def test_queue(store: EncryptedAgentStore) -> None:
    with store.write() as state:
        first, second = state.enqueue(queued(ROOM, b"1")), state.enqueue(queued(OTHER, b"2"))
        third = state.enqueue(queued(ROOM, b"3"))
        assert first < second < third
        row = state.queued(None, 1)[0]
        state.update_queued(msgspec.structs.replace(row, envelope=b"bytes", digest=b"digest"))
        state.dequeue(second)
    with store.read() as state:
        assert [row.content for row in state.queued(None, 9)] == [b"1", b"3"]
        assert [row.content for row in state.queued(ROOM, 1)] == [b"1"]
        assert state.queued(OTHER, 9) == []
        assert state.queued(None, 1)[0] == msgspec.structs.replace(row, envelope=b"bytes", digest=b"digest")


def test_files_count_their_parts_whatever_came_first(store: EncryptedAgentStore) -> None:
    row = FileRow(b"f", "map.pdf", 6, Digest(b"d" * 32), 2, 0)
    with store.write() as state:
        assert state.put_part(b"f", 1, b"def")
        assert not state.put_part(b"f", 1, b"xyz")
        assert state.file(b"f") is None
        state.put_file(row)
        assert state.file(b"f") == msgspec.structs.replace(row, have=1)
        assert state.put_part(b"f", 0, b"abc")
        state.put_file(msgspec.structs.replace(row, name="chart.pdf"))
        found = state.file(b"f")
        assert found is not None and (found.have, found.name) == (2, "chart.pdf")
        assert state.parts(b"f") == [b"abc", b"def"]


# --- search ---------------------------------------------------------------------------------------------------------


def test_search_finds_beginnings_of_words_without_case_and_accents(store: EncryptedAgentStore) -> None:
    with store.write() as state:
        state.put_message(message(1, "Le café de la Manche, flotte fantôme"))
        state.put_message(message(2, "Shadow fleet off Brest"))
        state.put_message(message(3, "shadows of doubt"))
        state.put_message(message(4))
    with store.read() as state:
        assert [row.sequence for row in state.search("SHADOW", 9)] == [3, 2]
        assert [row.sequence for row in state.search("shad", 1)] == [3]
        assert [row.sequence for row in state.search("cafe fant", 9)] == [1]
        assert [row.sequence for row in state.search("CAFÉ", 9)] == [1]
        assert state.search("shadow café", 9) == []


def test_search_follows_changes_of_the_text(store: EncryptedAgentStore) -> None:
    with store.write() as state:
        state.put_message(message(1, "before"))
        state.put_message(message(1, "after"))
        state.put_message(message(2, "gone"))
        state.put_message(message(2, ""))
        state.put_message(message(3, ""))
        state.put_message(message(3, "came"))
    with store.read() as state:
        assert state.search("before", 9) == state.search("gone", 9) == []
        assert len(state.search("after", 9)) == len(state.search("came", 9)) == 1


@pytest.mark.parametrize(
    "query",
    ['"', "'", "a AND (", "NEAR(", "*", "text:fleet", "-fleet", "\x00", 'fleet"*', "^fleet", "{a b}", "___", "", "²"],
)
def test_what_people_type_is_never_query_syntax(store: EncryptedAgentStore, query: str) -> None:
    with store.write() as state:
        state.put_message(message(1, "the fleet a and near text"))
    with store.read() as state:
        expected = 1 if "fleet" in query or query == "NEAR(" else None
        found = state.search(query, 9)
        assert expected is None or len(found) == expected


def test_many_words_are_cut() -> None:
    assert search_expression("a b") == '"a"* "b"*'
    assert len(search_expression("w " * 100).split()) == 16


# --- keys, locks, rest ----------------------------------------------------------------------------------------------


def test_nothing_is_readable_at_rest(store: EncryptedAgentStore, path: Path) -> None:
    with store.write() as state:
        for number in range(50):
            state.put_message(message(number, f"{NEEDLE} {number}"))
        state.put_value("identity", NEEDLE.encode() * 2000)
    for companion in path.parent.iterdir():
        data = companion.read_bytes()
        assert NEEDLE.encode() not in data
        assert b"haystack" not in data
        assert b"SQLite format" not in data
        assert b"CREATE TABLE" not in data
        assert companion.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("key", [bytes(32), KEY[::-1], KEY[:31], b""])
def test_another_key_opens_nothing(store: EncryptedAgentStore, path: Path, key: bytes) -> None:
    store.close()
    before = path.read_bytes()
    with pytest.raises(StoreLocked) as caught:
        EncryptedAgentStore.open(path, key)
    assert key.hex() not in repr(caught.value) + str(caught.value) or not key
    assert path.read_bytes() == before
    EncryptedAgentStore.open(path, KEY).close()


def test_one_process_holds_a_store(store: EncryptedAgentStore, path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from cordiale.adapters.agent_store import EncryptedAgentStore as S\n"
        f"try: S.open(Path({str(path)!r}), bytes(range(32)))\n"
        "except Exception as e: print(type(e).__name__, e)"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said.startswith("StoreLocked") and "another process holds" in said
    store.close()
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said == ""
    with pytest.raises(StorageFailed), store.read():
        pass


def test_create_and_open_say_what_is_there(tmp_path: Path, path: Path, store: EncryptedAgentStore) -> None:
    with pytest.raises(AlreadyExists):
        EncryptedAgentStore.create(path, KEY)
    with pytest.raises(NotFound):
        EncryptedAgentStore.open(tmp_path / "none", KEY)
    with pytest.raises(StorageFailed):
        EncryptedAgentStore.create(path / "below-a-file", KEY)
    with store.write() as state:
        state._connection.pragma("user_version", 7)
    store.close()
    with pytest.raises(StoreLocked, match="version 7"):
        EncryptedAgentStore.open(path, KEY)
    assert KEY.hex() not in repr(store)


def test_an_altered_page_is_noticed(store: EncryptedAgentStore, path: Path) -> None:
    with store.write() as state:
        state.put_value("big", bytes(40_000))
    store.close()
    data = bytearray(path.read_bytes())
    data[-2000] ^= 1
    path.write_bytes(data)
    with pytest.raises((StorageFailed, StoreLocked)):
        again = EncryptedAgentStore.open(path, KEY)
        try:
            with again.read() as state:
                state.value("big")
        finally:
            again.close()


def test_a_block_that_raises_leaves_nothing(store: EncryptedAgentStore) -> None:
    with pytest.raises(ZeroDivisionError), store.write() as state:
        state.put_value("key", b"value")
        state.put_message(message(1, "text"))
        raise ZeroDivisionError
    with store.read() as state:
        assert state.value("key") is None
        assert state.search("text", 9) == []
    with store.write(), pytest.raises(IllegalStep), store.write():
        pass


def test_threads_read_while_one_writes(store: EncryptedAgentStore) -> None:
    faults: list[BaseException] = []

    def read() -> None:
        try:
            for _ in range(30):
                with store.read() as state:
                    count = len(state.arrived(0, 1000))
                    assert len(state.search("text", 1000)) == count
        except BaseException as fault:  # handed to the test's own thread
            faults.append(fault)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(40):
        with store.write() as state:
            state.put_message(message(number, "text"))
    for thread in threads:
        thread.join()
    assert not faults


def test_killed_while_writing_it_opens_again_with_whole_blocks(path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[2])\n"
        "from adapters.test_agent_store import *\n"
        "s = EncryptedAgentStore.create(Path(sys.argv[1]), KEY)\n"
        "for n in range(100000):\n"
        "    with s.write() as state:\n"
        "        state.put_message(message(2 * n, 'text')); state.put_message(message(2 * n + 1, 'text'))\n"
        "    print(n, flush=True)\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", program, str(path), str(HERE.parent)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    for _ in range(30):
        said = int(child.stdout.readline())
    os.kill(child.pid, signal.SIGKILL)
    rest = [line for line in child.stdout.read().split("\n")[:-1] if line]
    child.wait()
    child.stdout.close()
    said = int(rest[-1]) if rest else said
    store = EncryptedAgentStore.open(path, KEY)
    with store.read() as state:
        found = state.arrived(0, 1_000_000)
        assert len(found) % 2 == 0
        assert len(found) >= 2 * (said + 1)
        assert len(state.search("text", 1_000_000)) == len(found)
    store.close()
