"""What tests of worlds share."""

from collections.abc import Iterator

import pytest

from worlds.world import World, two_nations


@pytest.fixture(scope="module")
def nations(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One world for all tests of a module that don't count what others ran: each has a room of its own."""
    found = two_nations(tmp_path_factory.mktemp("world"))
    yield found
    found.close()
