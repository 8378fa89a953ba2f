"""RFC 9420 §9.2 in the store's files: what is erased can be had from no byte of them, and the search would find it.

The stores here are written without the cipher that otherwise covers every page, which is what somebody sees who has the
passphrase too. A secret can be had where its bytes stand somewhere, or the key of a record that ever held it.
"""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random
from unittest.mock import patch

import pytest

from cordiale.adapters import agent_state, agent_store
from cordiale.adapters.agent_store import EncryptedAgentStore
from cordiale.adapters.sqlite import Connection
from cordiale.agent import packages
from cordiale.crypto.at_rest import seal_record
from cordiale.mls.member_group import MemberGroup
from cordiale.vocab.identifier import RoomId
from cordiale.vocab.party import Address
from cordiale.wire import limits
from forge import scene as scenes
from forge.device import Device
from forge.scene import FR, TO_FRANCE, Scene

Records = list[tuple[bytes, bytes]]


def _without_cipher(path: Path, _key: bytes) -> Connection:
    connection = Connection(path)
    connection.make_durable()
    connection.pragma("temp_store", "memory")
    return connection


@pytest.fixture(scope="module")
def records() -> Iterator[Records]:
    """Every record that was sealed: its key and what it holds. No page is encrypted meanwhile."""
    sealed: Records = []

    def spy(name: str, plaintext: bytes) -> tuple[bytes, bytes]:
        key, data = seal_record(name, plaintext)
        sealed.append((key, plaintext))
        return key, data

    with ExitStack() as stack:
        stack.enter_context(patch.object(agent_state, "seal_record", spy))
        stack.enter_context(patch.object(agent_store, "_connect", _without_cipher))
        yield sealed


@pytest.fixture(scope="module")
def model(records: Records) -> tuple[Path, RoomId]:
    return scenes._model.__wrapped__()


@pytest.fixture
def scene(model: tuple[Path, RoomId], tmp_path: Path) -> Iterator[Scene]:
    directory = tmp_path / "world"
    shutil.copytree(model[0], directory)
    with scenes.quickly():
        world = scenes.reopened(directory)
        yield Scene(world, model[1])
        world.close()


def _recoverable(directory: Path, records: Records, secrets: set[bytes]) -> set[bytes]:
    files = [path.read_bytes() for path in directory.iterdir() if path.is_file()]
    data = b"\x00".join(files)
    held = b"\x00".join(plain for key, plain in records if key in data)
    return {secret for secret in secrets if secret in data or secret in held}


def _secrets(group: MemberGroup) -> set[bytes]:
    """Every secret of a group's state but the device key, which is not the group's."""
    epoch = group.secrets
    found = {epoch.init, epoch.exporter, epoch.external, epoch.confirmation, epoch.membership}
    found |= {pair.private for pair in (*group.keys.values(), *group.updates)}
    for sender_data, tree, resumption in (
        (epoch.sender_data, group.secret_tree, epoch.resumption),
        *((past.sender_data, past.secret_tree, past.resumption) for past in group.past),
    ):
        found |= {sender_data.secret, resumption, *tree.nodes.values()}
        for ratchet in tree.ratchets.values():
            found |= {ratchet.secret, *(part for key in ratchet.kept.values() for part in (key.key, key.nonce))}
    return found - {b""}


class Watch:
    """One agent's secrets, before and after something."""

    def __init__(self, scene: Scene, who: str, records: Records) -> None:
        self.scene, self.who, self.records = scene, who, records
        self.before = self.live()
        assert self.recoverable(self.before) == self.before, "the search finds what is there"

    def live(self) -> set[bytes]:
        return _secrets(Device(self.scene.agent(self.who), self.scene.room).group)

    def recoverable(self, secrets: set[bytes]) -> set[bytes]:
        return _recoverable(self.scene.agent(self.who).directory, self.records, secrets)

    def require_erased(self, *, at_least: int) -> None:
        """What the state no longer has, the files don't have either; what it has, they have."""
        live = self.live()
        gone = self.before - live
        assert len(gone) >= at_least
        assert not self.recoverable(gone)
        assert self.recoverable(live) == live


@pytest.mark.parametrize("who", ["alice@uk", "bob@uk", "claire@fr"])
def test_a_used_message_key_is_gone(scene: Scene, records: Records, who: str) -> None:
    for _ in range(3):
        watch = Watch(scene, who, records)
        scene.say("alice@uk", "EXERCISE one")
        scene.settle()
        watch.require_erased(at_least=1)


def test_a_skipped_key_is_gone_once_its_message_came(scene: Scene, records: Records) -> None:
    device = Device(scene.agent("alice@uk"), scene.room)
    late = device.letter("EXERCISE late")
    scene.say("alice@uk", "EXERCISE first")
    scene.settle()
    watch = Watch(scene, "bob@uk", records)
    scene.agent("alice@uk").client.submit([late])
    scene.settle()
    assert scene.texts("bob@uk") == ["EXERCISE first", "EXERCISE late"]
    watch.require_erased(at_least=2)


def test_an_epoch_that_is_over_leaves_its_window(scene: Scene, records: Records) -> None:
    watch = Watch(scene, "bob@uk", records)
    for place in range(limits.PAST_EPOCHS + 1):
        scene.agent(("alice@uk", "claire@fr")[place % 2]).engine._change(scene.room, (), ())
        scene.settle()
    assert len(watch.before - watch.live()) > len(watch.before) / 2
    watch.require_erased(at_least=8)


def test_a_commit_of_ones_own_keeps_no_second_copy(scene: Scene, records: Records) -> None:
    """A message is read while a commit waits for the hub in another country, then the commit comes back."""
    claire = scene.agent("claire@fr").engine
    claire._change(scene.room, (), ())
    with claire._unit() as work:
        assert work.pending(scene.room) is not None
    watch = Watch(scene, "claire@fr", records)
    scene.say("alice@uk", "EXERCISE meanwhile")
    scene.node("fr").replicate(scene.node("uk"))
    claire.sync_all()
    watch.require_erased(at_least=1)
    scene.settle(3)
    assert Device(scene.agent("claire@fr"), scene.room).group.epoch == 2
    watch.require_erased(at_least=5)


def test_who_is_put_out_keeps_nothing_of_the_room(scene: Scene, records: Records) -> None:
    scene.say("alice@uk", "EXERCISE last")
    scene.settle()
    watch = Watch(scene, "bob@uk", records)
    scene.agent("alice@uk").engine.remove(scene.room, Address.parse("bob@uk"))
    scene.settle()
    assert watch.live() == set()
    watch.require_erased(at_least=10)
    assert scene.texts("bob@uk") == ["EXERCISE last"]
    assert not scene.agent("bob@uk").engine.room(scene.room).member


def _packages(scene: Scene, who: str) -> set[bytes]:
    with scene.agent(who).engine._unit() as work:
        return {secrets.init_private for _, _, secrets in packages.kept(work.state)}


def test_a_used_key_package_is_gone(scene: Scene, records: Records) -> None:
    before, directory = _packages(scene, "bob@uk"), scene.agent("bob@uk").directory
    assert _recoverable(directory, records, before) == before
    alice = scene.agent("alice@uk").engine
    room = alice.create_room("EXERCISE second", {FR}, alice.label(TO_FRANCE))
    alice.invite(room, [Address.parse("bob@uk")])
    scene.settle()
    used = before - _packages(scene, "bob@uk")
    assert len(used) == 1
    assert not _recoverable(directory, records, used)


def test_the_search_finds_what_a_log_that_stays_would_give_away(scene: Scene, records: Records) -> None:
    watch = Watch(scene, "bob@uk", records)
    with patch.object(EncryptedAgentStore, "_empty_log", lambda _store: None):
        scene.say("alice@uk", "EXERCISE one")
        scene.settle()
        assert watch.recoverable(watch.before - watch.live())
    scene.say("alice@uk", "EXERCISE two")
    scene.settle()
    watch.require_erased(at_least=1)


@pytest.mark.parametrize("seed", range(4))
def test_keys_of_records_are_overwritten_where_they_lie(tmp_path: Path, records: Records, seed: int) -> None:
    """However much is written, moved and dropped: SQLite leaves copies of rows behind, of these rows it must not."""
    random, start = Random(seed), len(records)
    store = EncryptedAgentStore.create(tmp_path / "store.db", bytes(32))
    for _ in range(250):
        with store.write() as state:
            for _ in range(random.randrange(1, 6)):
                name = f"group/{random.randrange(150)}"
                if random.random() < 0.3:
                    state.drop_value(name)
                else:
                    state.put_value(name, random.randbytes(random.choice((40, 40, 200, 1500, 6000))))
    with store.read() as state:
        live = set(state.values("").values())
    data = b"\x00".join(path.read_bytes() for path in tmp_path.iterdir())
    store.close()
    assert len(live) > 50
    assert live == {plain for key, plain in records[start:] if key in data}
