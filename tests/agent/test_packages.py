"""cordiale.agent.packages: a person can be invited when all key packages are used up, again and again."""

import pytest

from cordiale.agent import packages
from cordiale.agent.packages import LAST_RESORT, LastResort
from cordiale.agent.workspace import PACKAGE
from cordiale.errors import Unreachable
from cordiale.mls.key_package import KeyPackage
from cordiale.node import books, directory
from cordiale.vocab.identifier import RoomId
from cordiale.vocab.moment import DAY, Moment
from cordiale.vocab.party import Address
from cordiale.wire import canonical, limits
from forge import dump
from forge.scene import FR, TO_FRANCE, Scene
from worlds.world import Agent

DENIS = Address.parse("denis@fr")


def present(agent: Agent) -> LastResort | None:
    """The agent's own note of its package of last resort."""
    with agent.store.read() as state:
        value = state.value(LAST_RESORT)
    return None if value is None else canonical.decode(value, LastResort, limit=limits.CARD_BYTES)


def keys(agent: Agent) -> set[str]:
    """Where its key packages are kept."""
    with agent.store.read() as state:
        return set(state.values(PACKAGE))


def at_node(scene: Scene) -> bytes:
    """What the node hands out for Denis next; his ordinary packages are used up with it."""
    node = scene.node("fr")
    with node.store.write() as tx:
        while True:
            (package,) = directory.take(node.authority(), tx, DENIS)
            if KeyPackage.decode(package).is_last_resort:
                return package


def invited(scene: Scene, *titles: str, last_resort: bool = True) -> list[RoomId]:
    """New rooms of Alice's into which she adds Denis, before he reads of any; by his last resort, unless said otherwise."""
    alice = scene.agent("alice@uk").engine
    rooms = [alice.create_room(title, {FR}, alice.label(TO_FRANCE)) for title in titles]
    scene.settle(2)
    if last_resort:
        at_node(scene)
    for room in rooms:
        alice.invite(room, [DENIS])
    return rooms


def greeted(scene: Scene, room: RoomId) -> list[str]:
    """What Denis reads in a room after Alice has written there."""
    alice = scene.agent("alice@uk").engine
    alice.send_text(room, "EXERCISE welcome", alice.label(TO_FRANCE))
    alice.flush()
    scene.settle(3)
    return scene.agent("denis@fr").texts(room)


def test_there_is_one_at_the_node_from_the_first_day(scene: Scene) -> None:
    denis = scene.agent("denis@fr")
    held, package = present(denis), KeyPackage.decode(at_node(scene))
    assert held is not None
    assert held.published
    assert held.place == PACKAGE + package.reference().hex()


def test_it_lets_a_person_into_rooms_when_all_others_are_used_up(scene: Scene) -> None:
    denis, package = scene.agent("denis@fr"), at_node(scene)
    rooms = invited(scene, "EXERCISE one", "EXERCISE two")
    assert at_node(scene) == package
    before = keys(denis)
    scene.settle(3)
    assert before < keys(denis)
    assert [greeted(scene, room) for room in rooms] == [["EXERCISE welcome"]] * 2


def test_once_used_it_is_replaced_and_its_secrets_wait_for_others_who_hold_it(scene: Scene) -> None:
    denis, package = scene.agent("denis@fr"), at_node(scene)
    before = present(denis)
    invited(scene, "EXERCISE one")
    scene.settle(3)
    after = present(denis)
    assert before is not None
    assert after is not None
    assert after.place != before.place
    assert after.published
    assert {before.place, after.place} <= keys(denis)
    assert at_node(scene) != package


def test_ordinary_packages_are_erased_by_their_use(scene: Scene) -> None:
    denis = scene.agent("denis@fr")
    before, held = keys(denis), present(denis)
    invited(scene, "EXERCISE one", last_resort=False)
    scene.settle(3)
    assert len(before - keys(denis)) == 1
    assert present(denis) == held


def test_it_is_renewed_in_time_and_the_expired_are_forgotten(scene: Scene) -> None:
    denis = scene.agent("denis@fr")
    own, suite, now = denis.engine.own, denis.engine._suite, denis.engine._clock()
    before = present(denis)
    assert before is not None
    with denis.store.write() as state:
        month = Moment(now + 29 * DAY)
        assert not packages.last_resort_is_due(state, month)
        later = Moment(now + 31 * DAY)
        assert packages.last_resort_is_due(state, later)
        renewed = packages.due_last_resort(state, own, suite, later)
        assert packages.due_last_resort(state, own, suite, later) == renewed
        packages.published(state, renewed)
        assert not packages.last_resort_is_due(state, later)
    assert before.place in keys(denis)
    with denis.store.write() as state:
        packages.due_last_resort(state, own, suite, Moment(now + 100 * DAY))
    assert before.place not in keys(denis)
    assert len(keys(denis)) == 2


def test_what_the_node_did_not_take_is_offered_again(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    denis = scene.agent("denis@fr")
    with denis.store.write() as state:
        state.drop_value(LAST_RESORT)

    def away(made: object) -> int:
        raise Unreachable("the node of fr")

    with monkeypatch.context() as patch:
        patch.setattr(denis.engine._client, "publish", away)
        for _ in range(2):
            with pytest.raises(Unreachable):
                denis.engine.sync()
    held, kept = present(denis), keys(denis)
    assert held is not None
    assert not held.published
    denis.engine.sync()
    assert present(denis) == LastResort(held.place, held.made, published=True)
    assert keys(denis) == kept
    assert PACKAGE + KeyPackage.decode(at_node(scene)).reference().hex() == held.place


def test_a_welcome_from_the_past_lets_nobody_in_again(scene: Scene) -> None:
    """The secrets of the last resort are kept, so an old Welcome would still open: it is refused by its epoch."""
    denis, node, inbox = scene.agent("denis@fr"), scene.node("fr"), f"inbox/{DENIS}"
    (room,) = invited(scene, "EXERCISE one")
    scene.settle(3)
    welcome = node.leaves(inbox)[-1]
    scene.agent("alice@uk").engine.remove(room, DENIS)
    scene.settle(3)
    before, group = dump.of_agent(denis), dump.group(denis, room)
    with node.store.write() as tx:
        books.append(node.authority(), tx.logs, inbox, [welcome])
    assert denis.engine.sync_all() > 0
    assert dump.of_agent(denis) == before
    assert dump.group(denis, room) == group
