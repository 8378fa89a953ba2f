"""The scene as a pytest fixture; a folder's conftest imports it."""

from collections.abc import Iterator

import pytest

from forge.scene import Scene, staged


@pytest.fixture
def scene() -> Iterator[Scene]:
    """The United Kingdom and France with a joint room of four people: a copy of one's own."""
    with staged() as found:
        yield found
