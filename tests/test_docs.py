"""The documentation is right, by the same functions that `make lint` uses."""

import re
from functools import cache

import pytest
from tools.check_docs import CHECKS, Check
from tools.markdown import Page

from tools import check_docs


@cache
def found() -> list[Page]:
    return check_docs.pages()


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_documentation(check: Check) -> None:
    assert [str(fault) for fault in check(found())] == []


@pytest.mark.parametrize(
    "name", ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "docs/operator.md", "docs/user.md", "docs/protocol.md"]
)
def test_pages_that_must_be(name: str) -> None:
    assert check_docs.ROOT / name in {page.path for page in found()}


def test_every_decision_is_in_the_index() -> None:
    folder = check_docs.ROOT / "docs" / "adr"
    index = (folder / "README.md").read_text(encoding="utf-8")
    decisions = sorted(path.name for path in folder.glob("[0-9]*.md"))
    assert [name for name in decisions if f"({name})" not in index] == []
    assert [int(name[:4]) for name in decisions] == list(range(1, len(decisions) + 1))


def test_rules_that_the_code_cites_are_explained() -> None:
    cited = {
        rule
        for path in (check_docs.ROOT / "src").rglob("*.py")
        for rule in re.findall(r'rule="(cordiale \w+ \d+)"', path.read_text(encoding="utf-8"))
    }
    page = (check_docs.ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
    assert cited
    assert sorted(rule for rule in cited if f"| {rule} |" not in page) == []


@pytest.mark.parametrize("page", ["maritime.md", "registers.md"])
def test_what_shows_a_promise_is_there(page: str) -> None:
    """Every test and fuzz target that a table of promises names."""
    table = (check_docs.ROOT / "docs" / page).read_text(encoding="utf-8").partition("## What is promised")[2]
    named = set(re.findall(r"`(?:tests/)?([\w/]+\.py)`", table))
    assert len(named) > 10
    there = {
        name for name in named if (check_docs.ROOT / "tests" / name).is_file() or (check_docs.ROOT / name).is_file()
    }
    assert named - there == set()
