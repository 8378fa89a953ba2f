"""The command line in this process, and an agent that answers what a test tells it to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.kit import Agent, Cordiale, Result
from cordiale.adapters.agent_socket import AgentSocket
from cordiale.cli import language, main
from worlds.world import World, two_nations

VARIABLES = ("CORDIALE_LANG", "LC_ALL", "LC_MESSAGES", "LANG", "CORDIALE_NATION", "CORDIALE_AGENT")


@pytest.fixture(scope="session")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One world of two nations for all tests here: each adds a room of its own."""
    found = two_nations(tmp_path_factory.mktemp("world"))
    yield found
    found.close()


@pytest.fixture
def cordiale(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Cordiale]:
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


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[Agent]:
    """The agent, listening in a folder of its own."""
    found = Agent(tmp_path / "agent")
    found.folder.mkdir()
    with AgentSocket(found.folder, found.handle, lambda _: None):
        yield found
