"""The two seats of a module's tests; they come in any order, so each begins by going where it looks."""

from collections.abc import Iterator

import pytest

from browser.stage import Scene, scene


@pytest.fixture(scope="module")
def seats(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with scene(tmp_path_factory.mktemp("stage")) as found:
        yield found
