"""What the tests of the command line share: how a command ended, an agent with prepared answers, documents."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Result:
    """How a command ended and what it printed."""

    status: int
    out: str
    err: str


Cordiale = Callable[..., Result]


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
