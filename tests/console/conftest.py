"""Who looks at the pages of a module's `world`, and the one room that is there."""

import pytest

from console.visitor import Visitor, console_of, signed_in
from cordiale.wiring import commands
from worlds.world import World


@pytest.fixture(scope="module")
def room(world: World) -> str:
    (found,) = commands.call(world.agents["alice@uk"].engine, "room.list", {})["rooms"]
    return found["id"]


@pytest.fixture
def alice(world: World) -> Visitor:
    return signed_in(*console_of(world.agents["alice@uk"].engine))


@pytest.fixture
def claire(world: World) -> Visitor:
    return signed_in(*console_of(world.agents["claire@fr"].engine, "fr"))
