"""The demonstration's switches: what they do is seen by the ordinary means, and put back by the same."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cordiale.errors import CordialeError, ProofInvalid, WrongUsage
from cordiale.wiring import commands
from cordiale.wiring.cable import Cable
from cordiale.wiring.switches import Switches
from worlds.world import World, two_nations


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    found = two_nations(tmp_path_factory.mktemp("world"))
    yield found
    found.close()


@pytest.fixture
def switches(world: World) -> Iterator[Switches]:
    with Cable() as cable:
        yield Switches(cable, {code: node.home for code, node in world.nodes.items()})


def test_before_anything_crossed_there_is_nothing_to_alter(tmp_path: Path) -> None:
    fresh = two_nations(tmp_path)
    try:
        with Cable() as cable, pytest.raises(CordialeError, match="nothing has crossed yet"):
            Switches(cable, {code: node.home for code, node in fresh.nodes.items()}).call("alter", {"nation": "uk"})
    finally:
        fresh.close()


def test_an_entry_is_altered_named_and_put_back(world: World, switches: Switches) -> None:
    alice = world.agents["alice@uk"].engine
    given = {"title": "EXERCISE", "with": ["fr"], "ceiling": "OFFICIAL-SENSITIVE REL FRA"}
    commands.call(alice, "room.create", given)
    world.settle(3)
    home = world.nodes[next(iter(world.nodes))].home
    assert switches.call("look", {"nation": "uk"}) == {"cut": False, "other": "fr", "altered": None}
    altered = switches.call("alter", {"nation": "uk"})["altered"]
    assert altered == switches.call("alter", {"nation": "uk"})["altered"], "once is enough"
    with pytest.raises(ProofInvalid, match=f"entry {altered['entry']}"):
        home.verify_log(altered["log"])
    assert switches.call("look", {"nation": "fr"})["altered"] is None
    assert switches.call("restore", {"nation": "uk"})["altered"] is None
    assert home.verify_log("border/uk-fr")[0]["ok"]


def test_the_line_is_cut_for_both(switches: Switches) -> None:
    assert switches.call("cut", {"nation": "uk"})["cut"]
    assert switches.call("look", {"nation": "fr"})["cut"]
    assert not switches.call("join", {"nation": "fr"})["cut"]


@pytest.mark.parametrize(("method", "nation"), [("stop", "uk"), ("cut", "de"), ("cut", ""), ("", "uk")])
def test_what_is_no_switch(switches: Switches, method: str, nation: str) -> None:
    with pytest.raises(WrongUsage):
        switches.call(method, {"nation": nation})
