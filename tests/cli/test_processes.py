"""`node run`, `agent run` and `demo`: what they say; that they do it is tested where it is done."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from cli.kit import Cordiale
from cordiale.cli import agent_process, demonstration, nodes

STEPS = (
    {"key": "set_up", "en": "Two nations", "fr": "Deux nations"},
    {"key": "uk_writes", "en": "The UK writes", "fr": "Le Royaume-Uni écrit"},
)


def test_the_node_says_where_it_listens(cordiale: Cordiale, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(directory: Path, *, ready: Callable[[Mapping[str, Any]], None]) -> None:
        ready({"nation": directory.name, "agent": "http://a", "peer": "http://p"})

    monkeypatch.setattr(nodes.node, "run", run)
    assert "The node of uk is running: agents at http://a" in cordiale("node", "run", "--nation", "uk").out
    assert "est en marche" in cordiale("node", "run", "--nation", "uk", "--lang", "fr").out
    assert json.loads(cordiale("node", "run", "--nation", "uk", "--json").out)["peer"] == "http://p"


def test_the_agent_says_whose_it_is(cordiale: Cordiale, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "agent.json").write_text("{}")
    (tmp_path / "secret").write_text("EXERCISE only")

    def run(_directory: Path, passphrase: str, *, ready: Callable[[Mapping[str, Any]], None]) -> None:
        assert passphrase == "EXERCISE only"
        ready({"address": "alice@uk"})

    monkeypatch.setattr(agent_process.agent, "run", run)
    arguments = ("agent", "run", "--agent", tmp_path, "--passphrase-file", "secret")
    assert cordiale(*arguments).out == "The agent of alice@uk is running.\n"
    assert json.loads(cordiale(*arguments, "--json").out) == {"address": "alice@uk"}
    assert cordiale("agent", "run", "--agent", "nowhere", "--passphrase-file", "secret").status == 1


@pytest.mark.parametrize("ok", [True, False])
def test_the_demonstration_is_told_as_it_plays(ok: bool, cordiale: Cordiale, monkeypatch: pytest.MonkeyPatch) -> None:
    def play(*, progress: Callable[[Mapping[str, Any]], None], **_: object) -> dict[str, Any]:
        found: dict[str, Any] = {"ok": ok, "seconds": 1.5, "processes_left": 0}
        for step, good in zip(STEPS, (True, ok), strict=True):
            told = {"told": {"en": "It was seen.", "fr": "Cela fut vu."}} if good else {"error": "\x1b[31m"}
            found[step["key"]] = {"ok": good, "seconds": 0.5, **told}
            progress({**step, "state": "running"})
            progress({**step, "state": "done" if good else "failed", "fr": {"rule": "x"}, **found[step["key"]]})
        return found

    monkeypatch.setattr(demonstration, "play", play)
    shown = cordiale("demo", "--lang", "fr")
    assert shown.status == (0 if ok else 1)
    assert "✔ Deux nations" in shown.out
    assert ("✘ Le Royaume-Uni écrit" in shown.out) == (not ok)
    assert "Cela fut vu." in shown.out
    assert "\x1b[31m" not in shown.out
    assert ("<U+001B>[31m" in shown.out) == (not ok)
    assert ("Tout s'est passé" in shown.out) == ok
    document = cordiale("demo", "--once", "--json")
    assert json.loads(document.out)["ok"] is ok
    assert document.status == (0 if ok else 1)
