"""fuzz: every target survives a few hundred mutated inputs, and the command says so."""

import pkgutil
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from random import Random

import pytest
from fuzz.mutation import mutated

import fuzz
from fuzz import __main__ as command

SLOW = {"mls_message": 40, "mls_welcome": 40, "policy_toml": 60}
"""Targets that do cryptography or much reading for each input, and their own tests."""


@pytest.mark.parametrize("name", command.targets())
def test_a_target_survives(name: str) -> None:
    tried, escaped = command.run(name, seconds=8, runs=SLOW.get(name, 300), seed=1)
    assert escaped is None
    assert tried > 5


def test_every_module_but_the_tools_is_a_target() -> None:
    modules = {found.name for found in pkgutil.iter_modules(fuzz.__path__)}
    assert modules - set(command.targets()) == {"__main__", "afresh", "guided", "mutation"}


def test_importing_needs_no_atheris() -> None:
    for name in command.targets():
        head = (command.HERE / f"{name}.py").read_text().partition("if __name__")[0]
        assert "import atheris" not in head


def test_the_command_reports_and_ends_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--plain", "--runs", "20", "label_bytes", "agent_content"]) == 0
    assert [line.split()[:2] for line in capsys.readouterr().out.splitlines()] == [
        ["label_bytes", "20"],
        ["agent_content", "20"],
    ]


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A target that raises what is not declared, once it sees a long input."""

    def one_input(data: bytes) -> None:
        if len(data) > 9:
            raise KeyError("EXERCISE")

    monkeypatch.setattr("fuzz.label_bytes.TestOneInput", one_input)
    monkeypatch.setattr("fuzz.label_bytes.seeds", lambda: [b"12345678"], raising=False)
    monkeypatch.setattr(command, "CORPUS", tmp_path)
    yield tmp_path / "label_bytes.txt"


def test_an_escape_ends_it_and_is_kept(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--plain", "--seconds", "20", "label_bytes", "agent_content"]) == 1
    (kept,) = command.kept("label_bytes")
    assert len(kept) > 9
    output = capsys.readouterr()
    assert str(broken) in output.err
    assert "agent_content" not in output.out
    assert command.seeds_of("label_bytes")[-1] == kept


def test_kept_inputs_stand_once_the_shortest_first(broken: Path) -> None:
    command.keep("label_bytes", [b"longer", b"short", b""])
    command.keep("label_bytes", [b"short", b"a"])
    assert broken.read_text("ascii").splitlines() == [data.hex() for data in (b"a", b"short", b"longer")]
    assert command.kept("label_bytes") == [b"a", b"short", b"longer"]


def test_an_unknown_target_is_wrong_usage() -> None:
    with pytest.raises(SystemExit) as ended:
        command.main(["no_such_target"])
    assert ended.value.code == 2


def test_mutations_are_repeatable_and_differ() -> None:
    first, again = (list(islice(mutated([b"EXERCISE seed"], Random(3)), 200)) for _ in range(2))
    assert first == again
    assert first[0] == b"EXERCISE seed"
    assert len(set(first)) > 150
