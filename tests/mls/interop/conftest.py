"""ts-mls in a Node.js process: installed once, outside the tree, from the lock file beside this."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from mls.interop.ts_mls import Driver, Unavailable, install


@pytest.fixture(scope="session")
def ts_driver() -> Iterator[Driver]:
    """The driver, or a skip that says why there is none. The packages stay in the virtual environment for the next run."""
    folder = Path(sys.prefix) / "interop-node"
    try:
        with FileLock(f"{folder}.lock", timeout=180):
            install(folder)
    except Unavailable as missing:
        pytest.skip(f"ts-mls: {missing}")
    driver = Driver(folder)
    yield driver
    driver.close()
