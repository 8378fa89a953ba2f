"""The command line in this process, and an agent that answers what a test tells it to."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cordiale.adapters.agent_socket import AgentSocket
from cordiale.cli import language, main

VARIABLES = ("CORDIALE_LANG", "LC_ALL", "LC_MESSAGES", "LANG", "CORDIALE_NATION", "CORDIALE_AGENT")


@dataclass(frozen=True)
class Result:
    """How a command ended and what it printed."""

    status: int
    out: str
    err: str


Cordiale = Callable[..., Result]


@pytest.fixture
def cordiale(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Cordiale]:
    """Run `cordiale` with these arguments, in a folder of its own."""
    for name in (*VARIABLES, "CORDIALE_PASSPHRASE_FILE", "CORDIALE_ROOT_PASSPHRASE_FILE", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CORDIALE_STATE", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> Result:
        capsys.readouterr()
        status = main.main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return Result(status, printed.out, printed.err)

    yield run
    language.speak("en")


@dataclass
class Agent:
    """A running agent with prepared answers; an answer that is an exception is raised."""

    folder: Path
    answers: dict[str, list[dict[str, Any] | Exception]] = field(
        default_factory=dict[str, list[dict[str, Any] | Exception]]
    )
    asked: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list[tuple[str, Mapping[str, Any]]])

    def handle(self, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        self.asked.append((method, params))
        answers = self.answers[method]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[Agent]:
    """The agent, listening in a folder of its own."""
    found = Agent(tmp_path / "agent")
    found.folder.mkdir()
    with AgentSocket(found.folder, found.handle, lambda _: None):
        yield found


MARKING = {
    "text": "OFFICIAL-SENSITIVE – RELEASABLE TO FRANCE",
    "original": "UK OFFICIAL-SENSITIVE – RELEASABLE TO FRANCE",
    "colour": "#0b4f8a",
    "classification": "official-sensitive",
    "equivalent": False,
}


def message(**changes: Any) -> dict[str, Any]:
    """A message as the agent shows it."""
    return {
        "number": 1,
        "id": "ab" * 16,
        "room": "cd" * 32,
        "author": "alice@uk",
        "nation": "uk",
        "kind": "text",
        "text": "EXERCISE: hello",
        "file": None,
        "marking": MARKING,
        "state": "stored",
        "rule": "",
        "detail": "",
        "sent": "2026-07-10T12:34:56.789Z",
        "sequence": 1,
        **changes,
    }


def room(**changes: Any) -> dict[str, Any]:
    """A room as the agent shows it."""
    return {
        "id": "cd" * 32,
        "title": "EXERCISE Channel",
        "nations": ["fr", "uk"],
        "hub": "uk",
        "ceiling": MARKING,
        "epoch": 3,
        "member": True,
        "members": [{"address": "alice@uk", "nation": "uk", "device": "0011"}],
        **changes,
    }
