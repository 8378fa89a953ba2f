"""The README's tour by hand, run as it stands in a shell: the words are read by a second pair of eyes, as people would."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from tools.check_docs import ROOT

from tools import markdown

MARK = "<!-- tour:"
BIN = Path(sys.executable).parent
SECONDS = 150.0
PATIENCE = 'sleep() { command sleep "$(( $1 * 2 ))"; }'
"""Machines that run other tests beside this one are slower than a reader's."""


def tour() -> str:
    """The block after the mark, as a script that stops at the first failure."""
    page = markdown.read(ROOT / "README.md")
    mark = next(spot.line for spot in page.prose if spot.text.startswith(MARK))
    block = next(block for block in page.blocks if block.lines[0].line > mark)
    return "\n".join(["set -e", PATIENCE, *(line.text for line in block.lines)])


def words(folder: Path) -> str:
    """What both sides show, once both have the other's card."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        shown = [_words(home) for home in (*folder.glob("*/uk"), *folder.glob("*/fr"))]
        if len(shown) == 2 and all(shown):
            assert shown[0] == shown[1]
            return shown[0]
        time.sleep(0.2)
    raise TimeoutError("no words")


def _words(home: Path) -> str:
    command = [BIN / "cordiale", "peer", "list", "--nation", home, "--json"]
    done = subprocess.run(command, capture_output=True, check=False)
    links = json.loads(done.stdout)["links"] if done.returncode == 0 else []
    return " ".join(links[0]["words"]) if links and links[0]["state"] == "answered" else ""


@pytest.fixture
def started(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """The tour in `bash`, in a checkout as far as it needs one, with temporary folders of its own."""
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "bin").symlink_to(BIN)
    (tmp_path / "tmp").mkdir()
    process = subprocess.Popen(
        ["bash", "-c", tour()],
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(tmp_path / "tmp"), "CORDIALE_LANG": "en", "COLUMNS": "200"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    yield process
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=20)


@pytest.mark.timeout(400)
@pytest.mark.skipif(sys.platform == "win32", reason="needs bash")
def test_the_tour_goes_as_it_says(started: subprocess.Popen[str], tmp_path: Path) -> None:
    printed, _ = started.communicate(words(tmp_path / "tmp") + "\n", timeout=SECONDS)
    assert started.returncode == 0, printed
    assert "Traceback" not in printed, printed
    for expected in (
        "Linked with fr.",
        "Linked with uk.",
        "DIFFUSION RESTREINTE",
        "│ Two vessels off Dover",
        "border/uk-fr: ",
        "The proof holds.",
        "as you gave it",
    ):
        assert expected in printed
    assert "\nError:" not in printed
