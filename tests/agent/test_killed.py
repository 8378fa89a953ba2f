"""kill -9 at every write of an agent's store: the conversation goes on as if nothing had been."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from forge import killed_agent

SLICES = 8
TESTS = Path(killed_agent.__file__).parents[1]


@pytest.mark.parametrize("first", range(1, SLICES + 1))
def test_killed_at_every_write_point_nothing_is_lost_repeated_or_sealed_twice(first: int) -> None:
    """Each slice kills at every eighth write, before its commit and after; together they are all that there are."""
    done = subprocess.run(
        [sys.executable, str(TESTS / "forge" / "killed_agent.py"), str(first), str(SLICES)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(TESTS), *filter(None, sys.path)))},
        capture_output=True,
        text=True,
        check=False,
        timeout=170,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert int(done.stdout) >= 4, "the conversation has writes enough in each slice"
