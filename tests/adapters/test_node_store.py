"""The node's store on real SQLite files: every port, continuity, rollback, other processes, tampering, a full disk."""

import threading
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from adapters.kit import Home, found
from cordiale.adapters.node_store import SqliteNodeStore, SqliteTransaction
from cordiale.crypto.certificate import Chain
from cordiale.crypto.digest import sha256
from cordiale.errors import IllegalStep, Malformed, NotFound, ProofInvalid, StorageFailed
from cordiale.ledger.checkpoint import verify
from cordiale.ledger.log import audit
from cordiale.ledger.merkle import leaf_hash
from cordiale.ledger.proof import inclusion_proof, verify_inclusion
from cordiale.node import books, serve
from cordiale.node.authority import Authority
from cordiale.node.ports import Device, LinkRow, MemberRow, RoomRow
from cordiale.vocab.identifier import Digest, Epoch, RoomId
from cordiale.vocab.moment import Moment
from cordiale.vocab.party import Address, Nation

UK = Nation("uk")
ROOM = RoomId(b"r" * 32)
LOG = "home/" + ROOM.hex()
ALICE = Address("alice", UK)


@pytest.fixture(scope="module")
def home() -> Home:
    return found("uk")


@pytest.fixture(scope="module")
def authority(home: Home) -> Authority:
    return home.authority()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "node.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteNodeStore]:
    opened = SqliteNodeStore(path, UK)
    yield opened
    opened.close()


def device(name: str, mark: int, *, revoked: bool = False) -> Device:
    return Device(Digest(bytes([mark]) * 32), Address(name, UK), f"d{mark}", b"k" * 32, revoked)


def fill(store: SqliteNodeStore, authority: Authority, count: int, log: str = LOG) -> None:
    with store.write() as tx:
        start = tx.logs.state(log).size
        books.append(authority, tx.logs, log, [b"leaf %d" % place for place in range(start, start + count)])


def check_log(tx: SqliteTransaction, authority: Authority, log: str = LOG) -> None:
    state = tx.logs.state(log)
    checkpoint = verify(
        tx.logs.checkpoint(log),
        origin=state.origin,
        name=books.checkpoint_name(UK),
        key=authority.border.public_key,
    )
    assert (checkpoint.size, checkpoint.root) == (state.size, state.frontier.root())
    audit(tx.logs.leaves(log, 0, state.size), tx.logs.hashes(log, 0, state.size), checkpoint)


# --- logs -----------------------------------------------------------------------------------------------------------


def test_a_log_grows_and_every_reader_of_it_agrees(store: SqliteNodeStore, authority: Authority) -> None:
    for count in (1, 255, 300, 1, 0, 700):
        fill(store, authority, count)
    fill(store, authority, 3, "guard")
    with store.read() as tx:
        check_log(tx, authority)
        check_log(tx, authority, "guard")
        assert tx.logs.names() == [("guard", 3), (LOG, 1257)]
        assert tx.logs.leaves(LOG, 1255, 10) == [b"leaf 1255", b"leaf 1256"]
        assert tx.logs.leaves(LOG, 1257, 10) == tx.logs.leaves(LOG, 0, 0) == tx.logs.leaves("other", 0, 9) == []
        assert tx.logs.find(LOG, sha256(b"leaf 700")) == 700
        assert tx.logs.find("guard", sha256(b"leaf 700")) is None
        assert tx.logs.find("other", sha256(b"leaf 1")) is None
        root = tx.logs.state(LOG).frontier.root()
        for index in (0, 255, 256, 1023, 1256):
            proof = inclusion_proof(serve.tiles(tx.logs, LOG), index, 1257)
            verify_inclusion(leaf_hash(b"leaf %d" % index), index, 1257, proof, root)
        assert len(tx.logs.subtrees(LOG, 1, 0, 99)) == 4
        assert tx.logs.checkpoint("other") == tx.logs.cosigned("other") == tx.logs.cosigned(LOG) == b""


def test_a_tile_that_is_not_complete_is_not_found(store: SqliteNodeStore, authority: Authority) -> None:
    fill(store, authority, 10)
    with store.read() as tx, pytest.raises((NotFound, IllegalStep, IndexError)):
        inclusion_proof(serve.tiles(tx.logs, LOG), 3, 300)


def test_origin_is_of_the_nation_that_keeps_the_log(store: SqliteNodeStore) -> None:
    with store.read() as tx:
        assert tx.logs.state("guard").origin == "cordiale/uk/guard"
        assert tx.logs.state("border/uk-fr").origin == "cordiale/uk/border/uk-fr"
        assert tx.logs.state("border/fr-uk").origin == "cordiale/fr/border/fr-uk"
        with pytest.raises(Malformed):
            tx.logs.state("border/NOBODY-uk")


@pytest.mark.parametrize("wrong", ["gap", "repeat", "hashes", "origin"])
def test_appending_continues_exactly_or_is_refused(store: SqliteNodeStore, authority: Authority, wrong: str) -> None:
    fill(store, authority, 5)
    with store.write() as tx:
        before = tx.logs.state(LOG)
        first, hashes = before.append([b"a"])
        second, more = first.append([b"b"])
        with pytest.raises(IllegalStep):
            match wrong:
                case "gap":
                    tx.logs.append(LOG, second, [b"b"], more, b"note")
                case "repeat":
                    tx.logs.append(LOG, before, [b"a"], hashes, b"note")
                case "hashes":
                    tx.logs.append(LOG, first, [b"a"], [], b"note")
                case _:
                    tx.logs.append("guard", first, [b"a"], hashes, b"note")
    with store.read() as tx:
        check_log(tx, authority)


def test_cosigned_checkpoints_are_kept_apart(store: SqliteNodeStore, authority: Authority) -> None:
    with store.write() as tx:
        tx.logs.put_cosigned("border/fr-uk", b"early")
    fill(store, authority, 2, "border/uk-fr")
    with store.write() as tx:
        tx.logs.put_cosigned("border/uk-fr", b"one")
        tx.logs.put_cosigned("border/uk-fr", b"two")
        assert tx.logs.cosigned("border/uk-fr") == b"two"
    with store.read() as tx:
        assert tx.logs.cosigned("border/fr-uk") == b"early"
        assert tx.logs.state("border/fr-uk").size == 0
        check_log(tx, authority, "border/uk-fr")


# --- the other ports ------------------------------------------------------------------------------------------------


def test_blobs_are_content_addressed_and_stay(store: SqliteNodeStore) -> None:
    digest, chain = sha256(b"data"), Chain((b"one", b"two"))
    with store.write() as tx:
        tx.blobs.put_envelope(digest, b"data", ROOM, Moment(1))
        tx.blobs.put_envelope(digest, b"other", ROOM, Moment(2))
        tx.blobs.put_chain(digest, chain)
        tx.blobs.put_chain(digest, Chain((b"other",)))
    with store.read() as tx:
        assert tx.blobs.envelope(digest) == b"data"
        assert tx.blobs.chain(digest) == chain
        assert tx.blobs.envelope(sha256(b"")) is None
        assert tx.blobs.chain(sha256(b"")) is None


def test_registry(store: SqliteNodeStore) -> None:
    phone, laptop, other = device("alice", 1), device("alice", 2), device("bob", 3)
    with store.write() as tx:
        for row in (other, laptop, phone):
            tx.registry.put_device(row)
        assert tx.registry.put_key_packages(phone.digest, [b"p1", b"p2", b"p3"]) == 3
        assert tx.registry.put_key_packages(laptop.digest, [b"l1"]) == 1
        assert tx.registry.take_key_packages(ALICE) == [b"p1", b"l1"]
        assert tx.registry.take_key_packages(ALICE) == [b"p2"]
        assert tx.registry.count_key_packages(phone.digest) == 1
        assert tx.registry.take_key_packages(ALICE) == [b"p3"]
        assert tx.registry.take_key_packages(ALICE) == []
        assert tx.registry.take_key_packages(other.address) == []
        for package in (b"r1", b"r2"):
            tx.registry.put_last_resort(phone.digest, package)
        assert tx.registry.count_key_packages(phone.digest) == 0
        assert [tx.registry.take_key_packages(ALICE) for _ in range(2)] == [[b"r2"], [b"r2"]]
        tx.registry.put_key_packages(phone.digest, [b"p4"])
        assert [tx.registry.take_key_packages(ALICE) for _ in range(2)] == [[b"p4"], [b"r2"]]
    with store.read() as tx:
        assert tx.registry.device(phone.digest) == phone
        assert tx.registry.device(Digest(bytes(32))) is None
        assert tx.registry.devices() == [phone, laptop, other]
        assert tx.registry.devices(ALICE) == [phone, laptop]
        assert not tx.registry.revoked(ALICE)


def test_revocation_covers_devices_and_whoever_has_none(store: SqliteNodeStore) -> None:
    with store.write() as tx:
        tx.registry.put_device(device("alice", 1))
        tx.registry.put_device(device("bob", 2))
        tx.registry.put_key_packages(Digest(b"\1" * 32), [b"p"])
        tx.registry.put_last_resort(Digest(b"\1" * 32), b"r")
        assert tx.registry.revoke(ALICE) == 1
        assert tx.registry.revoke(ALICE) == 0
        assert tx.registry.revoke(Address("carol", UK)) == 0
    with store.read() as tx:
        assert tx.registry.revoked(ALICE)
        assert tx.registry.revoked(Address("carol", UK))
        assert not tx.registry.revoked(Address("bob", UK))
        assert [row.revoked for row in tx.registry.devices()] == [True, False]
        assert tx.registry.take_key_packages(ALICE) == []


def test_rooms(store: SqliteNodeStore) -> None:
    row, later = RoomRow(ROOM, b"p", Epoch(0), b"g0"), RoomRow(ROOM, b"p", Epoch(1), b"g1")
    member = MemberRow(ROOM, b"k" * 32, ALICE, 3)
    with store.write() as tx:
        assert tx.rooms.room(ROOM) is None
        tx.rooms.put_room(row)
        assert tx.rooms.room(ROOM) == row
        tx.rooms.put_room(later)
        tx.rooms.put_member(member)
        tx.rooms.put_member(MemberRow(ROOM, b"j" * 32, ALICE, 1, 5, 2))
        tx.rooms.put_sequence(ROOM, UK, 7)
        tx.rooms.put_accepted(sha256(b"e"), -1)
    with store.read() as tx:
        assert tx.rooms.room(ROOM) == later
        assert tx.rooms.rooms() == [later]
        assert tx.rooms.member(ROOM, b"k" * 32) == member
        assert tx.rooms.member(ROOM, b"x" * 32) is None
        assert [found.since for found in tx.rooms.members(ROOM)] == [1, 3]
        assert len(tx.rooms.memberships(ALICE)) == 2
        assert (tx.rooms.sequence(ROOM, UK), tx.rooms.sequence(ROOM, Nation("fr"))) == (7, 0)
        assert tx.rooms.accepted(sha256(b"e")) == -1
        assert tx.rooms.accepted(sha256(b"f")) is None
    with store.write() as tx:
        tx.rooms.put_accepted(sha256(b"e"), 9)
        assert tx.rooms.accepted(sha256(b"e")) == 9


def test_links(store: SqliteNodeStore) -> None:
    row = LinkRow(Nation("fr"), "invited", b"mine", b"", True)
    with store.write() as tx:
        tx.links.put_link(row)
        tx.links.put_link(LinkRow(Nation("de"), "none", b"", b"", False))
        tx.links.put_link(LinkRow(Nation("fr"), "linked", b"mine", b"theirs", True, b"sealed"))
    with store.read() as tx:
        assert tx.links.link(Nation("fr")) == LinkRow(Nation("fr"), "linked", b"mine", b"theirs", True, b"sealed")
        assert tx.links.link(Nation("it")) is None
        assert [link.nation for link in tx.links.links()] == ["de", "fr"]


# --- transactions ---------------------------------------------------------------------------------------------------


def test_a_savepoint_undoes_rows_and_memory(store: SqliteNodeStore, authority: Authority) -> None:
    fill(store, authority, 4)
    with store.write() as tx:
        tx.rooms.put_room(RoomRow(ROOM, b"p", Epoch(1), b"before"))
        with tx.savepoint():
            books.append(authority, tx.logs, LOG, [b"leaf 4"])
        with pytest.raises(ZeroDivisionError), tx.savepoint():
            books.append(authority, tx.logs, LOG, [b"gone"])
            books.append(authority, tx.logs, "new", [b"gone"])
            tx.rooms.put_room(RoomRow(ROOM, b"p", Epoch(2), b"gone"))
            with tx.savepoint():
                books.append(authority, tx.logs, LOG, [b"gone too"])
            raise ZeroDivisionError
        assert tx.logs.state(LOG).size == 5
        assert tx.logs.state("new").size == 0
        room = tx.rooms.room(ROOM)
        assert room is not None and room.group == b"before"
        books.append(authority, tx.logs, "new", [b"stays"])
    fill(store, authority, 1)
    with store.read() as tx:
        check_log(tx, authority)
        check_log(tx, authority, "new")
        assert tx.logs.leaves(LOG, 0, 9) == [b"leaf %d" % place for place in range(6)]
        assert tx.logs.leaves("new", 0, 9) == [b"stays"]


def test_a_write_that_raises_leaves_nothing(store: SqliteNodeStore, authority: Authority) -> None:
    fill(store, authority, 2)
    with pytest.raises(ZeroDivisionError), store.write() as tx:
        books.append(authority, tx.logs, LOG, [b"gone"])
        raise ZeroDivisionError
    fill(store, authority, 1)
    with store.read() as tx:
        assert tx.logs.leaves(LOG, 0, 9) == [b"leaf 0", b"leaf 1", b"leaf 2"]
        check_log(tx, authority)


def test_a_write_within_a_write_is_a_mistake_and_not_a_deadlock(store: SqliteNodeStore) -> None:
    with store.write(), pytest.raises(IllegalStep), store.write():
        pass


def test_reading_is_a_snapshot_and_writes_nothing(store: SqliteNodeStore, authority: Authority) -> None:
    fill(store, authority, 2)
    with store.read() as tx:
        assert tx.logs.state(LOG).size == 2
        fill(store, authority, 3)
        assert len(tx.logs.leaves(LOG, 0, 99)) == 2
    with store.read() as tx:
        books.append(authority, tx.logs, LOG, [b"never"])
    with store.read() as tx:
        assert tx.logs.state(LOG).size == 5
        check_log(tx, authority)


def test_two_readers_see_only_whole_transactions_while_one_writes(store: SqliteNodeStore, authority: Authority) -> None:
    ended, faults = threading.Event(), list[BaseException]()

    def read() -> None:
        try:
            while not ended.is_set():
                with store.read() as tx:
                    size = tx.logs.state(LOG).size
                    assert size % 7 == 0
                    assert tx.logs.state("guard").size == size
                    if size:
                        check_log(tx, authority)
        except BaseException as fault:  # handed to the test's own thread
            faults.append(fault)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for _ in range(40):
        with store.write() as tx:
            for log in (LOG, "guard"):
                books.append(authority, tx.logs, log, [b"leaf"] * 7)
    ended.set()
    for reader in readers:
        reader.join()
    assert not faults


def test_readers_do_not_fall_over_each_other_and_may_outlive_the_store(path: Path) -> None:
    store, faults = SqliteNodeStore(path, UK), list[BaseException]()

    def read() -> None:
        try:
            for _ in range(300):
                with store.read() as tx:
                    tx.logs.names()
        except BaseException as fault:  # handed to the test's own thread
            faults.append(fault)

    threads = [threading.Thread(target=read) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    with store.read() as tx:
        store.close()
        assert tx.logs.names() == []


def test_what_another_process_wrote_is_noticed(store: SqliteNodeStore, path: Path, authority: Authority) -> None:
    fill(store, authority, 2)
    with store.write() as tx:
        tx.rooms.put_room(RoomRow(ROOM, b"p", Epoch(0), b"old"))
    other = SqliteNodeStore(path, UK)
    fill(other, authority, 3)
    with other.write() as tx:
        tx.rooms.put_room(RoomRow(ROOM, b"p", Epoch(1), b"new"))
    other.close()
    fill(store, authority, 1)
    with store.write() as tx:
        room = tx.rooms.room(ROOM)
        assert room is not None and room.group == b"new"
        assert tx.logs.state(LOG).size == 6
    with store.read() as tx:
        check_log(tx, authority)


def test_reopening_finds_everything(path: Path, authority: Authority) -> None:
    first = SqliteNodeStore(path, UK)
    fill(first, authority, 600)
    first.close()
    with pytest.raises(StorageFailed), first.read():
        pass
    with pytest.raises(StorageFailed), first.write():
        pass
    second = SqliteNodeStore(path, UK)
    fill(second, authority, 1)
    with second.read() as tx:
        check_log(tx, authority)
        assert tx.logs.state(LOG).size == 601
    second.close()
    assert path.stat().st_mode & 0o777 == 0o600
    assert not path.with_name("node.db-wal").exists()


# --- what storage does wrong ----------------------------------------------------------------------------------------


def tamper(path: Path, statement: str) -> None:
    raw = apsw.Connection(str(path))
    raw.execute(statement)
    raw.close()


@pytest.mark.parametrize(
    ("statement", "entry"),
    [
        ("UPDATE entry SET leaf = CAST('forged' AS BLOB) WHERE leaf = CAST('leaf 5' AS BLOB)", 5),
        ("UPDATE entry SET hash = zeroblob(32) WHERE leaf = CAST('leaf 6' AS BLOB)", 6),
        ("DELETE FROM entry WHERE leaf = CAST('leaf 9' AS BLOB)", 9),
        ("DELETE FROM entry WHERE leaf = CAST('leaf 0' AS BLOB)", 0),
    ],
)
def test_a_tampered_row_is_given_back_as_it_is_and_named_by_the_audit(
    store: SqliteNodeStore, path: Path, authority: Authority, statement: str, entry: int
) -> None:
    fill(store, authority, 10)
    tamper(path, statement)
    with store.read() as tx, pytest.raises(ProofInvalid) as caught:
        check_log(tx, authority)
    assert caught.value.facts["entry"] == entry
    fill(store, authority, 1)
    with store.read() as tx, pytest.raises(ProofInvalid) as caught:
        check_log(tx, authority)
    assert caught.value.facts["entry"] == entry


def test_a_tampered_size_is_a_storage_failure(store: SqliteNodeStore, path: Path, authority: Authority) -> None:
    fill(store, authority, 3)
    tamper(path, "UPDATE log SET size = 2")
    with store.read() as tx, pytest.raises(StorageFailed):
        tx.logs.state(LOG)


def test_a_full_disk_fails_the_whole_transaction_whatever_the_caller_makes_of_it(
    store: SqliteNodeStore, authority: Authority
) -> None:
    fill(store, authority, 3)
    with store.write() as tx:
        connection = tx._connection
        pages = connection.pragma("page_count")
    with pytest.raises(StorageFailed, match="FullError"), store.write() as tx:
        connection.pragma("max_page_count", pages + 1)
        books.append(authority, tx.logs, LOG, [b"leaf 3"])
        with pytest.raises(StorageFailed), tx.savepoint():
            tx.blobs.put_envelope(sha256(b""), bytes(100_000), ROOM, Moment(1))
        with pytest.raises(StorageFailed), tx.savepoint():
            tx.links.put_link(LinkRow(Nation("fr"), "none", b"", b"", False))
    with store.write() as tx:
        connection.pragma("max_page_count", 1_000_000)
        assert tx.links.links() == []
    fill(store, authority, 1)
    with store.read() as tx:
        assert tx.logs.leaves(LOG, 0, 9) == [b"leaf 0", b"leaf 1", b"leaf 2", b"leaf 3"]
        check_log(tx, authority)


def test_what_is_no_database_or_of_another_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes(b"not a database" * 400)
    with pytest.raises(StorageFailed, match="NotADBError"):
        SqliteNodeStore(tmp_path / "text", UK)
    with pytest.raises(StorageFailed):
        SqliteNodeStore(tmp_path / "missing" / "node.db", UK)
    SqliteNodeStore(tmp_path / "later", UK).close()
    tamper(tmp_path / "later", "PRAGMA user_version = 99")
    with pytest.raises(StorageFailed, match="version 99"):
        SqliteNodeStore(tmp_path / "later", UK)
