"""The desk's process: it answers through its own socket alone, keeps no key, comes back after a fault, ends with whoever asks."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cordiale.errors import NotFound, Unreachable, WrongUsage
from cordiale.wiring.desk import Desk
from desks.maritime import sea


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    found = Desk(sea.store(tmp_path / "sea"))
    yield found
    found.close()


def test_it_answers_and_refuses(desk: Desk) -> None:
    assert len(desk.call("alerts", {})["alerts"]) == 1
    with pytest.raises(WrongUsage):
        desk.call("nothing", {})
    with pytest.raises(NotFound):
        desk.call("alert", {"alert": "ffffff"})
    assert desk.call("picture", {})["begin"], "a refusal ends nothing"


def test_it_comes_back_when_it_was_ended(desk: Desk) -> None:
    desk.call("alerts", {})
    first = desk._process
    assert first is not None
    first.kill()
    first.wait()
    assert desk.call("alerts", {})["looked"]
    assert desk._process is not first


def test_it_ends_when_it_dies_while_it_is_asked(desk: Desk) -> None:
    desk.call("alerts", {})
    assert desk._process is not None
    assert desk._caller is not None
    desk._process.kill()
    with pytest.raises(Unreachable):
        desk._caller.call("alerts", {})


def test_it_ends_with_whoever_asks(desk: Desk) -> None:
    desk.call("alerts", {})
    process = desk._process
    assert process is not None
    desk.close()
    assert process.returncode == 0


def test_it_loads_nothing_that_opens_keys_or_speaks_to_the_network() -> None:
    """What the process has imported when it is ready to answer."""
    script = (
        "import sys, cordiale.wiring.desk_process\n"
        "bad = ('cordiale.adapters.keystore', 'cordiale.adapters.agent_store', 'starlette', 'httpx2', 'uvicorn', 'numba')\n"
        "print([name for name in bad if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
