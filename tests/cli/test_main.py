"""How commands end: exit statuses, one document under --json, no traceback ever."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cli.kit import Agent, Cordiale, message
from cordiale import __version__
from cordiale.cli import crash, main, messages
from cordiale.errors import Malformed, NotReleasable, Unreachable

PYTHON = [sys.executable, "-m", "cordiale"]


def test_the_version(cordiale: Cordiale) -> None:
    found = cordiale("--version")
    assert (found.status, found.out, found.err) == (0, f"cordiale {__version__}\n", "")


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["room", "nonsense"],
        ["--nonsense"],
        ["room", "list", "--nonsense"],
        ["room", "list"],
        ["room", "show", "--agent", "x"],
        ["room", "show", "a", "b", "--agent", "x"],
        ["send", "a", "b", "--agent", "x", "--wait", "soon"],
        ["send", "a", "b", "--agent", "x", "--wait", "61"],
        ["send", "a", "b", "--agent", "x", "--agent", "y"],
        ["send", "a", "--agent", "x"],
        ["read", "a", "--limit", "0", "--agent", "x"],
        ["log", "show", "--start", "-1", "--nation", "x"],
        ["room", "list", "--lang", "de"],
        ["room", "list", "--json=perhaps", "--agent", "x"],
        ["verify"],
        ["room", "create", "t", "--ceiling"],
    ],
)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_wrong_usage_is_two(arguments: list[str], language: str, cordiale: Cordiale, tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    if "log" in arguments:
        assert cordiale("nation", "init", "uk", "--nation", "x").status == 0
    found = cordiale(*arguments, *(() if "--lang" in arguments else ("--lang", language)))
    assert found.status == 2
    assert found.out == ""
    assert len(found.err.splitlines()) == 3
    assert found.err.startswith("Error: " if "--lang" in arguments or language == "en" else "Erreur\u00a0: ")
    assert "Traceback" not in found.err


@pytest.mark.parametrize("arguments", [["room", "list", "--nonsense", "--json"], ["--json", "nonsense"]])
def test_wrong_usage_is_a_document_too(arguments: list[str], cordiale: Cordiale) -> None:
    found = cordiale(*arguments)
    assert found.status == 2
    assert json.loads(found.out)["error"]["code"] == "wrong-usage"


def test_a_refusal_is_one_and_names_rule_and_next_step(cordiale: Cordiale, agent: Agent) -> None:
    error = NotReleasable("because", rule="uk-eyes-only", nation="uk", destination="fr", detail_fr="parce que")
    agent.answers["send"] = [error]
    english = cordiale("send", "r", "t", "--agent", agent.folder)
    assert english.status == 1
    happened, why, step = english.err.splitlines()
    assert happened == "Error: The border of uk refused release to fr: because"
    assert why.startswith("  Why:  rule uk-eyes-only")
    assert step.startswith("  Next: ")
    french = cordiale("send", "r", "t", "--agent", agent.folder, "--lang", "fr")
    assert "parce que" in french.err
    assert "règle uk-eyes-only" in french.err
    document = json.loads(cordiale("send", "r", "t", "--agent", agent.folder, "--json").out)["error"]
    assert document["code"] == "not-releasable"
    assert document["rule"] == "uk-eyes-only"
    assert document["facts"]["destination"] == "fr"


@pytest.mark.parametrize("error", [Unreachable("x", what="the node"), Malformed("x", what="card")])
def test_other_failures_are_one(error: Exception, cordiale: Cordiale, agent: Agent) -> None:
    agent.answers["room.list"] = [error]
    found = cordiale("room", "list", "--agent", agent.folder)
    assert found.status == 1
    assert len(found.err.splitlines()) == 3


def test_nobody_is_asked_for_the_passphrase_of_an_agent_that_is_not_there(cordiale: Cordiale) -> None:
    found = cordiale("room", "list", "--agent", "nowhere")
    assert found.status == 1
    assert "nowhere" in found.err


def test_a_fault_of_our_own_is_reported_in_a_file(
    cordiale: Cordiale, agent: Agent, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("of all things")

    monkeypatch.setattr(messages, "ask", fail)
    found = cordiale("send", "EXERCISE room", "EXERCISE secret text", "--agent", agent.folder)
    assert found.status == 1
    assert "Traceback" not in found.err
    assert "of all things" not in found.err
    (path,) = (tmp_path / "state" / "crashes").iterdir()
    assert str(path) in found.err
    assert path.stat().st_mode & 0o777 == 0o600
    report = path.read_text()
    assert "ZeroDivisionError: of all things" in report
    assert "command: send" in report
    assert "secret text" not in report


def test_a_report_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CORDIALE_STATE", str(tmp_path / "file"))
    assert "could not be written" in str(crash.report(ValueError("x"), "send").facts["why"])


def test_a_folder_that_cannot_be_written_is_told(cordiale: Cordiale, agent: Agent, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    agent.answers["read"] = [{"room": "cd" * 32, "messages": []}]
    for arguments in (
        ("read", "r", "--save", "file/inside", "--agent", agent.folder),
        ("nation", "init", "uk", "--nation", "file/inside"),
    ):
        found = cordiale(*arguments, "--json")
        assert found.status == 1
        assert json.loads(found.out)["error"]["code"] == "storage-failed"


def test_bytes_that_are_no_text_are_refused(agent: Agent) -> None:
    command = [*map(os.fsencode, PYTHON), b"send", b"r", b"\xff\xfe", b"--agent", os.fsencode(agent.folder)]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 2
    assert b"not valid UTF-8" in done.stderr
    command = [*PYTHON, "send", "r", "--stdin", "--agent", str(agent.folder)]
    done = subprocess.run(command, capture_output=True, check=False, input=b"\xff\xfe")
    assert done.returncode == 2
    assert b"not valid UTF-8" in done.stderr
    assert agent.asked == []


def test_interrupted_is_quiet(cordiale: Cordiale, agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(messages, "ask", interrupted)
    found = cordiale("send", "r", "t", "--agent", agent.folder)
    assert (found.status, found.out, found.err) == (main.INTERRUPTED, "", "")


def test_a_reader_that_goes_away_is_no_error(agent: Agent) -> None:
    agent.answers["read"] = [{"room": "cd" * 32, "messages": [message(text="x" * 1000)] * 1000}]
    command = [*PYTHON, "read", "r", "--agent", str(agent.folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(20) == main.PIPE_BROKEN


def test_the_module_runs_and_starts_quickly() -> None:
    before = os.times()
    began = time.monotonic()
    done = subprocess.run([*PYTHON, "--version"], capture_output=True, check=True, text=True)
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    assert done.stdout == f"cordiale {__version__}\n"
    assert spent < 0.8, f"{spent:.2f} s of CPU, {time.monotonic() - began:.2f} s"


def test_only_what_a_command_needs_is_imported() -> None:
    code = (
        "import sys; from cordiale.cli.main import main; main(['--help']);"
        "sys.exit(any(name in sys.modules for name in ('cordiale.agent.engine', 'cordiale.crypto.certificate', 'apsw')))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0


def test_text_that_the_terminal_cannot_write_is_escaped(agent: Agent) -> None:
    agent.answers["read"] = [{"room": "cd" * 32, "messages": [message(text="Æther ☃")]}]
    command = [*PYTHON, "read", "r", "--agent", str(agent.folder)]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run(command, capture_output=True, check=False, env=environment)
    assert done.returncode == 0
    assert b"\\xc6ther \\u2603" in done.stdout
