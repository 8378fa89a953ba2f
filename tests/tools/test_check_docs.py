"""Each check finds what it is there to find, and leaves alone what is right."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest
from tools.check_docs import Fault
from tools.markdown import Page

from cordiale.wire import limits
from tools import check_docs, markdown

Check = Callable[[Sequence[Page]], Iterable[Fault]]


def page(text: str, path: Path = check_docs.ROOT / "docs" / "imagined.md") -> Page:
    return markdown.parse(path, text)


def said(check: Check, text: str) -> list[str]:
    return [fault.what for fault in check([page(text)])]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text("# One\n[b](b.md#two) [web](https://example.org/x#y) [self](#one)\n")
    (tmp_path / "docs" / "b.md").write_text("## Two\n")
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "c.md").write_text("[broken](nowhere.md)\n")
    return tmp_path


def test_pages_are_those_of_the_project(tree: Path) -> None:
    assert [found.path.name for found in check_docs.pages(tree)] == ["a.md", "b.md"]


def test_links_that_resolve(tree: Path) -> None:
    assert not list(check_docs.check_links(check_docs.pages(tree)))


@pytest.mark.parametrize(
    ("link", "why"),
    [("c.md", "there is no c.md"), ("b.md#three", "b.md has no heading #three"), ("#two", "a.md has no heading #two")],
)
def test_links_that_do_not(tree: Path, link: str, why: str) -> None:
    (tree / "docs" / "a.md").write_text(f"# One\n[x]({link})\n")
    assert [(fault.line, fault.what) for fault in check_docs.check_links(check_docs.pages(tree))] == [(2, why)]


def commands(text: str) -> list[str]:
    return [line.text for line in check_docs.commands(page(text))]


def test_commands_are_found_in_shell_blocks_only() -> None:
    text = "```sh\n.venv/bin/cordiale demo\n```\n```text\ncordiale nonsense\n```\ncordiale prose\n"
    assert commands(text) == ["demo"]


def test_commands_end_at_shell_operators_and_comments() -> None:
    text = (
        "```sh\ncordiale demo --json > out.json  # all of it\ncordiale log show --nation uk | head\n"
        "cordiale node run --nation uk & cordiale doctor && echo done\nFOO=1 cordiale verify \\\n  a.bundle\n```\n"
    )
    assert commands(text) == [
        "demo --json",
        "log show --nation uk",
        "node run --nation uk",
        "doctor",
        "verify a.bundle",
    ]


def test_quoted_words_stay_together() -> None:
    assert commands('```sh\ncordiale room show "Channel watch; 2" --agent a\n```\n') == [
        "room show 'Channel watch; 2' --agent a"
    ]


def test_a_command_that_is_not_there() -> None:
    (fault,) = said(check_docs.check_commands, "```sh\ncordiale room destroy x --agent a\n```\n")
    assert "destroy" in fault


@pytest.mark.parametrize(
    "span", ["src/cordiale/errors.py", "src/cordiale/labels/data/*.toml", "docs/", "application/cbor", "a/b", "x.py"]
)
def test_paths_that_exist_or_are_none_of_ours(span: str) -> None:
    assert said(check_docs.check_paths, f"`{span}`") == []


@pytest.mark.parametrize("span", ["cordiale.errors", "cordiale.wire.limits.LABEL_BYTES", "cordiale.node.guard.outward"])
def test_names_that_exist(span: str) -> None:
    assert said(check_docs.check_paths, f"`{span}`") == []


@pytest.mark.parametrize(
    "span",
    [
        "src/cordiale/helpers.py",
        "tests/worlds/*.toml",
        "cordiale.nothing",
        "cordiale.errors.Nothing",
        "cordiale.node.x.y",
    ],
)
def test_paths_and_names_that_do_not(span: str) -> None:
    assert said(check_docs.check_paths, f"`{span}`") == [f"there is no {span}"]


def limits_page(leave: str = "", **changed: int) -> Page:
    names = sorted(check_docs.declared(limits) - {leave})
    rows = (f"| `{name}` | {changed.get(name, getattr(limits, name)):,} | units | why |" for name in names)
    return page("\n".join(rows), check_docs.ROOT / check_docs.LIMITS_PAGE)


def test_a_complete_page_on_limits() -> None:
    assert not list(check_docs.check_limits([limits_page()]))


def test_a_limit_that_is_not_listed() -> None:
    assert [fault.what for fault in check_docs.check_limits([limits_page("LABEL_BYTES")])] == [
        "LABEL_BYTES is not listed"
    ]


def test_a_limit_with_another_value() -> None:
    (fault,) = check_docs.check_limits([limits_page(PAST_EPOCHS=99)])
    assert fault.what == f"PAST_EPOCHS is {limits.PAST_EPOCHS}, not 99"


def test_a_limit_of_another_module_and_one_that_is_nowhere() -> None:
    rows = "\n| `cordiale.ledger.note.NOTE_BYTES` | 16,384 | bytes |\n| `cordiale.ledger.note.NONE` | 1 | bytes |"
    both = page(limits_page().text + rows, check_docs.ROOT / check_docs.LIMITS_PAGE)
    assert [fault.what for fault in check_docs.check_limits([both])] == [
        "cordiale.ledger.note.NONE is not there, not 1"
    ]


def test_there_must_be_a_page_on_limits() -> None:
    assert [fault.what for fault in check_docs.check_limits([])] == ["there is no page on limits"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("see /home/" + "anne/x", "a path of one machine"),
        ("from https://" + "pypi.org/simple", "a registry's address"),
        ("TO" + "DO: write", "something left undone"),
    ],
)
def test_words_that_do_not_belong(text: str, what: str) -> None:
    assert any(what in fault for fault in said(check_docs.check_words, text))


def test_words_that_do() -> None:
    assert said(check_docs.check_words, "the page /healthz, a method, todo lists of others, ~/alice") == []


def test_the_checkout_and_the_home_directory_are_not_named() -> None:
    assert said(check_docs.check_words, f"in {check_docs.ROOT}/x") != []


def test_lock_files_hold_no_address(tmp_path: Path) -> None:
    (tmp_path / "requirements.lock").write_text("a==1 --hash=sha256:00\nb @ https://example.org/b.whl\n")
    assert [(fault.page, fault.line) for fault in check_docs.check_words([], tmp_path)] == [("requirements.lock", 2)]


def test_the_first_page_names_both_commands(tmp_path: Path) -> None:
    found = page("`make demo`", tmp_path / "README.md")
    assert [fault.what for fault in check_docs.check_readme([found], tmp_path)] == ["`make test` is not named"]


def test_main_says_how_much_was_wrong(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(check_docs, "faults", lambda found: [Fault("a.md", 3, "something")])
    assert check_docs.main() == 1
    printed = capsys.readouterr()
    assert "a.md:3: something" in printed.err
    assert "1 faults" in printed.out
    monkeypatch.setattr(check_docs, "faults", lambda found: [])
    assert check_docs.main() == 0
