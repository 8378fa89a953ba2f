"""What the documentation says must be so: `python -m tools.check_docs`, part of `make lint`.

links      every relative link and `#anchor` in every page resolves
commands   every `cordiale …` line in a fenced block parses against the real command line
paths      every path of the repository, and every `cordiale.…` name, that stands in backticks exists
limits     docs/limits.md lists every constant of `cordiale.wire.limits` with the value that it has
words      nothing that belongs to one machine or to a registry, and nothing left undone
"""

import importlib
import re
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Final

from tools import markdown
from tools.command_line import wrong_with
from tools.markdown import Page, Spot

ROOT: Final = Path(__file__).resolve().parent.parent
LIMITS_MODULE: Final = "cordiale.wire.limits"
LIMITS_PAGE: Final = "docs/limits.md"
UNITS: Final = frozenset({"KIB", "MIB"})
"""Constants of the limits module that are units, not limits."""

_SKIPPED: Final = frozenset({"node_modules", "dist", "build"})
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_PATH: Final = re.compile(r"\.?[\w-][\w.-]*(?:/[\w.*-]+)*/?")
_DOTTED: Final = re.compile(r"cordiale(?:\.\w+)+")
_NUMBER: Final = re.compile(r"[0-9][0-9,]*")
_CONTROL: Final = re.compile(r"^(?:[|;<]|&&?|\|\||\d?>{1,2}.*)$")
_FORBIDDEN: Final = MappingProxyType(
    {
        "a path of one machine": re.compile(r"(?<![\w.])/(?:home|root|work|Users|mnt|workspace)/\w"),
        "a registry's address": re.compile(
            r"pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)|crates\.io|index-url|proxy\.golang", re.IGNORECASE
        ),
        "something left undone": re.compile(r"\b(?:TODO|FIXME|XXX|TBD)\b"),
    }
)


@dataclass(frozen=True, order=True)
class Fault:
    """Something in a page that is not so."""

    page: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}: {self.what}"


Check = Callable[[Sequence[Page]], Iterable[Fault]]


def pages(root: Path = ROOT) -> list[Page]:
    """Every Markdown file that is part of the project."""
    found = (path for path in sorted(root.rglob("*.md")) if not _skipped(path.relative_to(root)))
    return [markdown.read(path) for path in found]


def _skipped(path: Path) -> bool:
    return any(part in _SKIPPED or part.startswith(".") for part in path.parts[:-1])


# --- links --------------------------------------------------------------------------------------------------------


def check_links(found: Sequence[Page]) -> Iterator[Fault]:
    """Relative links point to something, and their anchors too. What is on the web is not asked for."""
    by_path = {page.path.resolve(): page for page in found}
    for page in found:
        for link in page.links():
            if not _SCHEME.match(link.text) and (why := _broken(page, link.text, by_path)):
                yield _fault(page, link, why)


def _broken(page: Page, link: str, by_path: dict[Path, Page]) -> str:
    name, _, anchor = link.partition("#")
    target = (page.path.parent / name).resolve() if name else page.path.resolve()
    if not target.exists():
        return f"there is no {name}"
    if anchor and target in by_path and anchor not in by_path[target].anchors():
        return f"{target.name} has no heading #{anchor}"
    return ""


# --- commands -----------------------------------------------------------------------------------------------------


def check_commands(found: Sequence[Page]) -> Iterator[Fault]:
    """Every command line of ours that is shown can be given as it stands."""
    for page in found:
        for line in commands(page):
            if why := wrong_with(shlex.split(line.text)):
                yield _fault(page, line, f"cordiale {line.text}: {why}")


def commands(page: Page) -> Iterator[Spot]:
    """What follows `cordiale` in the shell lines of fenced blocks, up to the next shell operator."""
    for block in page.blocks:
        if block.language in {"sh", "bash", "console", "shell"}:
            for line in _joined(block.lines):
                yield from (Spot(line.line, shlex.join(words)) for words in _calls(line.text))


def _joined(lines: Iterable[Spot]) -> Iterator[Spot]:
    """Lines with those that they continue."""
    begun: Spot | None = None
    for line in lines:
        whole = Spot(begun.line, begun.text + " " + line.text.strip()) if begun else line
        begun = Spot(whole.line, whole.text[:-1].rstrip()) if whole.text.endswith("\\") else None
        if begun is None:
            yield whole


def _calls(line: str) -> Iterator[list[str]]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split = True
    call: list[str] | None = None
    for word in lexer:
        if _CONTROL.match(word):
            if call is not None:
                yield call
            call = None
        elif call is not None:
            call.append(word)
        elif word == "cordiale" or word.endswith("/cordiale"):
            call = []
    if call is not None:
        yield call


# --- paths and names ----------------------------------------------------------------------------------------------


def check_paths(found: Sequence[Page], root: Path = ROOT) -> Iterator[Fault]:
    """Paths and dotted names in backticks exist."""
    tops = {path.name for path in root.iterdir()}
    for page in found:
        for span in page.spans():
            if why := _missing(span.text, root, tops):
                yield _fault(page, span, why)


def _missing(span: str, root: Path, tops: set[str]) -> str:
    if _DOTTED.fullmatch(span):
        return "" if resolve(span) is not _NOTHING else f"there is no {span}"
    if "/" not in span or span.partition("/")[0] not in tops or not _PATH.fullmatch(span):
        return ""
    there = any(root.glob(span)) if "*" in span else (root / span).exists()
    return "" if there else f"there is no {span}"


_NOTHING: Final = object()


def resolve(name: str) -> object:
    """A module, or something in one, by its dotted name; `_NOTHING` where there is none."""
    parts = name.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            value: object = importlib.import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        for part in parts[cut:]:
            value = getattr(value, part, _NOTHING)
            if value is _NOTHING:
                break
        return value
    return _NOTHING


# --- limits -------------------------------------------------------------------------------------------------------


def check_limits(found: Sequence[Page], root: Path = ROOT) -> Iterator[Fault]:
    """The page on limits has every limit, each with its value and unit."""
    listed = [page for page in found if page.path == root / LIMITS_PAGE]
    if not listed:
        yield Fault(LIMITS_PAGE, 0, "there is no page on limits")
        return
    page, seen = listed[0], set[str]()
    for line, (name, value, unit) in limit_rows(page):
        seen.add(name.rpartition(".")[2] if name.startswith(LIMITS_MODULE) or "." not in name else name)
        actual = resolve(name if "." in name else f"{LIMITS_MODULE}.{name}")
        if actual != value:
            yield Fault(LIMITS_PAGE, line, f"{name} is {'not there' if actual is _NOTHING else actual}, not {value}")
        if not unit:
            yield Fault(LIMITS_PAGE, line, f"{name} has no unit")
    for name in sorted(declared(importlib.import_module(LIMITS_MODULE)) - seen):
        yield Fault(LIMITS_PAGE, 0, f"{name} is not listed")


def limit_rows(page: Page) -> Iterator[tuple[int, tuple[str, int, str]]]:
    """Rows of the form | `NAME` | number | unit | … |"""
    for line, cells in page.rows():
        name = cells[0].strip("`")
        if len(cells) >= 3 and cells[0].startswith("`") and _NUMBER.fullmatch(cells[1]):
            yield line, (name, int(cells[1].replace(",", "")), cells[2])


def declared(module: ModuleType) -> set[str]:
    """The limits that a module declares."""
    return {name for name, value in vars(module).items() if name.isupper() and isinstance(value, int)} - UNITS


# --- words --------------------------------------------------------------------------------------------------------


def check_words(found: Sequence[Page], root: Path = ROOT) -> Iterator[Fault]:
    """Nothing of one machine, of a registry, or left undone; the lock files hold no address at all."""
    for page in found:
        for number, line in enumerate(page.text.splitlines(), 1):
            for what, pattern in _FORBIDDEN.items():
                if match := pattern.search(line):
                    yield Fault(_name(page), number, f"{what}: {match[0]}")
            if f"{root}/" in line or f"{Path.home()}/" in line:
                yield Fault(_name(page), number, "a path of this machine")
    for lock in sorted(root.glob("requirements*.lock")):
        for number, line in enumerate(lock.read_text(encoding="utf-8").splitlines(), 1):
            if "://" in line or line.startswith(("-i ", "--index-url", "--extra-index-url")):
                yield Fault(lock.name, number, "a download address in a lock file")


def check_readme(found: Sequence[Page], root: Path = ROOT) -> Iterator[Fault]:
    """The first page names the two commands that everyone needs."""
    text = next((page.text for page in found if page.path == root / "README.md"), "")
    for command in ("make demo", "make test"):
        if command not in text:
            yield Fault("README.md", 0, f"`{command}` is not named")


# ------------------------------------------------------------------------------------------------------------------

CHECKS: Final[tuple[Check, ...]] = (
    check_links,
    check_commands,
    check_paths,
    check_limits,
    check_words,
    check_readme,
)


def faults(found: Sequence[Page]) -> list[Fault]:
    """Everything that is wrong, in order."""
    return sorted(fault for check in CHECKS for fault in check(found))


def _fault(page: Page, spot: Spot, what: str) -> Fault:
    return Fault(_name(page), spot.line, what)


def _name(page: Page) -> str:
    return str(page.path.relative_to(ROOT)) if page.path.is_relative_to(ROOT) else page.path.name


def main() -> int:
    """Print what is wrong; the exit status."""
    found = pages()
    wrong = faults(found)
    for fault in wrong:
        sys.stderr.write(f"{fault}\n")
    sys.stdout.write(f"Documentation: {len(found)} pages, {len(wrong)} faults.\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
