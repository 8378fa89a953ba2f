"""The main job as a machine runs it: real processes, real sockets, real databases."""

import hashlib
import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from conftest import SHARED
from cordiale.wiring.stage import until

STEPS = (
    "set_up",
    "uk_writes",
    "france_answers",
    "file_crosses",
    "borders_refuse",
    "node_sees",
    "outage",
    "joint_decision",
    "activities_meet",
    "watch_at_sea",
    "members_change",
    "proofs",
)


def play(*arguments: str) -> tuple[int, dict, str]:
    done = subprocess.run(
        [sys.executable, "-m", "cordiale", "demo", "--once", "--json", *arguments],
        capture_output=True,
        text=True,
        timeout=400,
        env={**os.environ, "NO_COLOR": "1"},
        check=False,
    )
    return done.returncode, json.loads(done.stdout), done.stderr


@pytest.mark.timeout(420)
def test_the_story_comes_out_as_it_should_and_leaves_nothing_running(tmp_path: Path) -> None:
    file = tmp_path / "EXERCISE log.bin"
    file.write_bytes(os.urandom(700_001))
    status, told, errors = play("--file", str(file), "--directory", str(tmp_path / "kept"))
    assert {key: told[key].get("error") for key in STEPS if not told[key]["ok"]} == {}
    assert (status, told["ok"], told["processes_left"], errors) == (0, True, 0, "")
    assert told["file_crosses"]["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert told["uk_writes"]["read_as"]["claire@fr"].startswith("DIFFUSION RESTREINTE")
    assert told["france_answers"]["read_as"]["bob@uk"].startswith("OFFICIAL-SENSITIVE")
    assert told["borders_refuse"]["refusals"]["uk"]["rule"] == "uk-eyes-only"
    assert told["borders_refuse"]["refusals"]["fr"]["rule"] == "fr-special-france"
    assert told["activities_meet"]["unseen"] == "sight-missing"
    assert told["activities_meet"]["cause"] == "firing-danger"
    assert f"entry {told['proofs']['altered_entry']}" in told["proofs"]["found"]
    sea = told["watch_at_sea"]
    assert sea["released_again"] == "none" and sea["alerts"] > 0 and sea["vessels_in_picture"] > 10
    assert sea["seen_as"]["claire@fr"].startswith("DIFFUSION RESTREINTE")
    for log in (tmp_path / "kept").glob("*.log"):
        text = log.read_text()
        assert "Traceback" not in text
        assert "EXERCISE: three coasters" not in text, "a log holds content"
        assert "REL FRA" not in text, "a log holds label text"


def test_a_file_that_is_not_there_is_refused_before_anything_starts(tmp_path: Path) -> None:
    status, told, _ = play("--file", str(tmp_path / "missing.bin"))
    assert (status, told["error"]["code"]) == (1, "not-found")


def test_a_step_that_fails_ends_the_story_and_what_was_started_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    from cordiale.wiring import demo
    from cordiale.wiring.stage import StepFailed
    from cordiale.wiring.story import Step, Story

    def fails(story: Story) -> dict[str, object]:
        story.stage.found("uk")
        story.stage.start_node("uk")
        raise StepFailed("as the test wants it")

    never = Step("uk_writes", "", "", lambda _: pytest.fail("the story goes on after a failure"))
    monkeypatch.setattr(demo, "STEPS", (Step("set_up", "", "", fails), never))
    told = demo.play()
    assert (told["ok"], told["processes_left"]) == (False, 0)
    assert told["set_up"]["error"] == "as the test wants it"
    assert told["uk_writes"] == {"ok": False, "skipped": True}


@pytest.mark.skipif(
    not (SHARED / "maritime" / "dover-strait-2024-07-07.csv").exists(), reason="the Dover Strait AIS log is not here"
)
def test_the_real_log_is_found_beside_the_checkout() -> None:
    from cordiale.wiring.demo import real_file

    assert real_file() == SHARED / "maritime" / "dover-strait-2024-07-07.csv"


@pytest.mark.timeout(180)
def test_told_to_end_it_leaves_nothing_running(tmp_path: Path) -> None:
    place = tmp_path / "kept"
    command = [sys.executable, "-m", "cordiale", "demo", "--once", "--json", "--directory", str(place)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        until(lambda: _running(place), "a node or an agent runs", seconds=90)
        process.terminate()
        assert process.wait(60) == 128 + signal.SIGTERM
    assert _running(place) == []


def _running(place: Path) -> list[int]:
    """Processes whose command names this folder, besides the demonstration."""
    found = []
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            command = each.read_bytes()
            if str(place).encode() in command and b"\0demo\0" not in command:
                found.append(int(each.parent.name))
    return found
