"""cordiale.node.crossings: a member sees the hashes of every entry, and the entries of their own rooms alone."""

from collections.abc import Iterator

import pytest

from cordiale.errors import Malformed, NotFound, Unauthorised
from cordiale.federation.api import BorderPage, BorderRequest
from cordiale.federation.envelope import parse_entry
from cordiale.ledger.merkle import leaf_hash
from cordiale.node import crossings
from cordiale.vocab.party import Nation
from cordiale.wire import limits
from cordiale.wiring import commands
from worlds.world import World, two_nations

LOG = "border/uk-fr"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Two rooms: alice with claire, bob with denis; three messages in each."""
    found = two_nations(tmp_path_factory.mktemp("world"))
    for founder, guest in (("alice@uk", "claire@fr"), ("bob@uk", "denis@fr")):
        engine = found.agents[founder].engine
        given = {"title": f"EXERCISE {founder}", "with": ["fr"], "ceiling": "OFFICIAL-SENSITIVE REL FRA"}
        room = commands.call(engine, "room.create", given)["room"]["id"]
        commands.call(engine, "room.invite", {"room": room, "people": [guest]})
        found.settle(2)
        for number in range(3):
            commands.call(engine, "send", {"room": room, "text": f"EXERCISE {number}", "wait_seconds": 1})
    found.settle(3)
    yield found
    found.close()


def page(world: World, nation: str, person: str, log: str = LOG, start: int = 0, count: int = 500) -> BorderPage:
    node = world.nodes[Nation(nation)]
    caller = node.device(world.agents[person].engine.own.digest)
    with node.store.read() as tx:
        return crossings.page(node.authority(), tx, caller, BorderRequest(log, start, count))


@pytest.mark.parametrize(("nation", "mine", "other"), [("uk", "alice@uk", "bob@uk"), ("fr", "claire@fr", "denis@fr")])
def test_everyone_gets_all_hashes_and_their_own_rooms_entries(world: World, nation: str, mine: str, other: str) -> None:
    first, second = page(world, nation, mine), page(world, nation, other)
    assert first.hashes == second.hashes
    rooms = [{parse_entry(leaf).binding.room for leaf in each.leaves if leaf} for each in (first, second)]
    assert len(rooms[0]) == len(rooms[1]) == 1
    assert not rooms[0] & rooms[1]
    assert not [place for place in range(len(first.leaves)) if first.leaves[place] and second.leaves[place]]
    for each in (first, second):
        assert len([leaf for leaf in each.leaves if leaf]) >= 3
        assert all(leaf_hash(leaf) == known for leaf, known in zip(each.leaves, each.hashes, strict=True) if leaf)
        assert not any(each.refused)
        assert each.damaged == ()


def test_who_came_later_does_not_see_what_crossed_before(world: World) -> None:
    seen = [parse_entry(leaf) for leaf in page(world, "fr", "claire@fr").leaves if leaf]
    founding = [parse_entry(leaf) for leaf in page(world, "uk", "alice@uk").leaves if leaf]
    assert len(seen) < len(founding)
    assert {entry.digest for entry in seen} < {entry.digest for entry in founding}


@pytest.mark.parametrize("log", ["guard", "enrolment", "home/00", "border/fr-de", "border/uk-uk", "border/", ""])
def test_another_log_is_as_if_it_were_not_there(world: World, log: str) -> None:
    with pytest.raises((Unauthorised, NotFound)):
        page(world, "uk", "alice@uk", log)


@pytest.mark.parametrize(("start", "count"), [(-1, 1), (0, -1), (0, limits.BORDER_PAGE + 1), (2**70, 1)])
def test_an_impossible_stretch(world: World, start: int, count: int) -> None:
    with pytest.raises(Malformed):
        page(world, "uk", "alice@uk", start=start, count=count)


def test_past_the_end_there_is_nothing(world: World) -> None:
    found = page(world, "uk", "alice@uk", start=10_000)
    assert (found.hashes, found.leaves) == ((), ())
    assert found.checkpoint


def test_what_waits_is_counted_for_ones_own_rooms(world: World) -> None:
    uk, fr = world.nodes[Nation("uk")], world.nodes[Nation("fr")]
    fr.up, alice = False, world.agents["alice@uk"].engine
    (room,) = [each["id"] for each in commands.call(alice, "room.list", {})["rooms"]]
    for number in range(2):
        commands.call(alice, "send", {"room": room, "text": f"EXERCISE late {number}", "wait_seconds": 1})

    def waiting(person: str) -> int:
        with uk.store.read() as tx:
            caller = uk.device(world.agents[person].engine.own.digest)
            return crossings.waiting(uk.authority(), tx, caller, Nation("fr"))

    assert (waiting("alice@uk"), waiting("bob@uk")) == (2, 0)
    fr.up = True
    world.settle(3)
    assert waiting("alice@uk") == 0
