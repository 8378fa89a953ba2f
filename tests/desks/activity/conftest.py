"""The first test of a process may have to compile the kernels: half a minute of CPU, several on a machine that is busy."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent
_SECONDS = 600


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Hooks of a folder see every test: only those of this folder have the longer time."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.timeout(_SECONDS))
