"""The README's tour by hand, run as it stands in a shell: the words are read by a second pair of eyes, as people would."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tools import markdown
from tools.check_docs import ROOT

MARK = "<!-- tour:"
BIN = Path(sys.executable).parent
SECONDS = 120.0


def tour() -> str:
    """The block after the mark, as a script that stops at the first failure."""
    page = markdown.read(ROOT / "README.md")
    mark = next(spot.line for spot in page.prose if spot.text.startswith(MARK))
    block = next(block for block in page.blocks if block.lines[0].line > mark)
    return "\n".join(["set -e", *(line.text for line in block.lines)])


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
    )
    yield process
    if process.poll() is None:
        process.terminate()
        process.wait(timeout=20)


@pytest.mark.skipif(sys.platform == "win32", reason="needs bash")
def test_the_tour_goes_as_it_says(started: subprocess.Popen[str], tmp_path: Path) -> None:
    printed, _ = started.communicate(words(tmp_path / "tmp") + "\n", timeout=SECONDS)
    assert started.returncode == 0, printed
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
    assert "Error:" not in printed
