"""Which rules of RFC 9420 are checked and tested: `python -m tools.mls_rules`, and a test of `make test`.

    docs/mls-rules.toml ──┬── every check ──> `rule="RFC 9420 §12.2 (3)"` in src/cordiale/mls ──> a test that asserts it
                          ├── every `made` ──> the test named in `shown`
                          └── docs/mls-rules.md, the same for people (`--update` writes it)

A rule counts as checked where a call in the engine names it as its `rule`, and as tested where a test calls
`refused("12.2-3")` or `refuses("12.2-3", …)` of `tests/mls/rules/refusal.py`, which fail unless exactly that rule is
the reason of a refusal. Comments, docstrings and skipped tests count for nothing.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
CATALOGUE: Final = "docs/mls-rules.toml"
PAGE: Final = "docs/mls-rules.md"
ENGINE: Final = "src/cordiale/mls"
TESTS: Final = "tests/mls"
ASSERTED_IN: Final = "mls.rules.refusal"
KINDS: Final = ("check", "summary", "made", "application", "recommended")

_LAWS: Final = MappingProxyType({"": "RFC 9420", "ext:": "draft-ietf-mls-extensions"})
"""What an id begins with, and whose rule it then is."""
_CITED: Final = re.compile(rf"(?P<law>{'|'.join(_LAWS.values())}) §(?P<section>\d+(?:\.\d+)*)(?: \((?P<number>\d+)\))?")
_ASSERTIONS: Final = frozenset({"refused", "refuses"})
_NOT_RUN: Final = frozenset({"skip", "skipif", "xfail", "importorskip"})


@dataclass(frozen=True)
class Rule:
    """One row of the catalogue."""

    id: str
    says: str
    kind: str = "check"
    also: tuple[str, ...] = ()
    see: tuple[str, ...] = ()
    where: str = ""
    shown: str = ""

    @property
    def section(self) -> str:
        """Of its law."""
        return self.id.partition("-")[0].rpartition(":")[2]

    @property
    def order(self) -> tuple[str, tuple[int, ...], int]:
        """The place among all rules."""
        law, _, _ = self.id.rpartition(":")
        return law, tuple(map(int, self.section.split("."))), int(self.id.partition("-")[2])

    def cited(self) -> str:
        """As an error shows it."""
        return cited(self.id)


def cited(rule: str) -> str:
    """An id as an error shows it: 12.2-3 is `RFC 9420 §12.2 (3)`."""
    prefix, colon, place = rule.rpartition(":")
    section, _, number = place.partition("-")
    return f"{_LAWS[prefix + colon]} §{section} ({number})"


def _id(citation: re.Match[str]) -> str:
    prefix = next(prefix for prefix, law in _LAWS.items() if law == citation["law"])
    return f"{prefix}{citation['section']}-{citation['number'] or ''}"


def catalogue(root: Path = ROOT) -> list[Rule]:
    """Every rule, as listed."""
    listed = tomllib.loads((root / CATALOGUE).read_text(encoding="utf-8"))["rule"]
    return [
        Rule(**{key: tuple(value) if isinstance(value, list) else value for key, value in row.items()})
        for row in listed
    ]


# --- What code and tests say ----------------------------------------------------------------------------------------


def checked(root: Path = ROOT) -> dict[str, list[str]]:
    """Where each rule is named by a call of the engine; the key of one without number ends in `-`."""
    found: dict[str, set[tuple[str, int]]] = {}
    for path in sorted((root / ENGINE).rglob("*.py")):
        for scope, names in _scopes(ast.parse(path.read_text(encoding="utf-8"))):
            for value in (word.value for node in ast.walk(scope) for word in _keywords(node) if word.arg == "rule"):
                for match in filter(None, map(_CITED.fullmatch, _texts(value, names))):
                    found.setdefault(_id(match), set()).add((str(path.relative_to(root)), value.lineno))
    return {rule: [f"{path}:{line}" for path, line in sorted(places)] for rule, places in found.items()}


def _scopes(tree: ast.Module) -> Iterator[tuple[ast.AST, dict[str, set[str]]]]:
    """Each function, and each statement that is in none, with the texts that names stand for there."""
    outer = _constants(ast.Module([node for node in tree.body if isinstance(node, ast.Assign | ast.AnnAssign)], []))
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node, outer
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            yield node, {**outer, **_constants(node)}


def _keywords(node: ast.AST) -> Sequence[ast.keyword]:
    return node.keywords if isinstance(node, ast.Call) else ()


def _constants(tree: ast.AST) -> dict[str, set[str]]:
    """The texts that each name may stand for, as a constant, a variable or a default."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name):
                    found.setdefault(target.id, set()).update(_texts(node.value, {}))
        elif isinstance(node, ast.arguments):
            for word, default in zip(node.kwonlyargs, node.kw_defaults, strict=True):
                if default is not None:
                    found.setdefault(word.arg, set()).update(_texts(default, {}))
    return found


def _texts(value: ast.AST, names: Mapping[str, set[str]]) -> set[str]:
    """Every text that an expression may give."""
    found: set[str] = set()
    for node in ast.walk(value):
        if isinstance(node, ast.Name):
            found |= names.get(node.id, set())
        elif text := _text(node):
            found.add(text)
    return found


def _text(node: ast.AST) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def tested(root: Path = ROOT) -> dict[str, list[str]]:
    """Which tests assert that a rule is the reason of a refusal."""
    found: dict[str, list[str]] = {}
    for path, function in _tests(root):
        for node in ast.walk(function):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in _ASSERTIONS
                and node.args
            ):
                found.setdefault(_text(node.args[0]), []).append(f"{path.relative_to(root)}::{function.name}")
    return found


def _tests(root: Path, *, asserting: bool = True) -> Iterator[tuple[Path, ast.FunctionDef]]:
    """Every test function that runs always; `asserting`: those of files that assert refusals."""
    for path in sorted((root / TESTS).rglob("test_*.py")):
        body = ast.parse(path.read_text(encoding="utf-8")).body
        marked = any(isinstance(node, ast.Assign) and _may_be_skipped(node) for node in body)
        asserts = any(isinstance(node, ast.ImportFrom) and node.module == ASSERTED_IN for node in body)
        if not marked and asserts >= asserting:
            for node in body:
                if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and not _may_be_skipped(node):
                    yield path, node


def _may_be_skipped(within: ast.stmt) -> bool:
    return any(isinstance(node, ast.Attribute) and node.attr in _NOT_RUN for node in ast.walk(within))


# --- What is missing ------------------------------------------------------------------------------------------------


def faults(root: Path = ROOT) -> list[str]:
    """Every rule without check or test, and every check or test without rule."""
    rules, in_code, in_tests = catalogue(root), checked(root), tested(root)
    shown = {f"{path.relative_to(root)}::{function.name}" for path, function in _tests(root, asserting=False)}
    known = {rule.id: rule for rule in rules}
    wrong = [fault for rule in rules for fault in _faults(rule, known, in_code, in_tests, shown)]
    if len(known) != len(rules):
        wrong.append("a number is given twice")
    if list(known.values()) != sorted(known.values(), key=lambda rule: rule.order):
        wrong.append("the rules are not in order")
    for rule, places in in_code.items():
        if rule.endswith("-"):
            wrong.append(f"§{rule[:-1].rpartition(':')[2]} is cited without a number: {', '.join(places)}")
        elif rule not in known:
            wrong.append(f"{rule} is not in the catalogue: {', '.join(places)}")
    wrong += [
        f"{rule or 'a rule that is no literal'} is not in the catalogue: {', '.join(places)}"
        for rule, places in in_tests.items()
        if rule not in known
    ]
    return wrong


def _faults(
    rule: Rule,
    known: Mapping[str, Rule],
    in_code: Mapping[str, list[str]],
    in_tests: Mapping[str, list[str]],
    shown: set[str],
) -> Iterator[str]:
    if rule.kind not in KINDS:
        yield f"{rule.id}: there is no kind {rule.kind}"
    if rule.kind == "check" and rule.id not in in_code:
        yield f"{rule.id} is not checked: {rule.says}"
    if rule.kind == "check" and rule.id not in in_tests:
        yield f"{rule.id} is not tested: {rule.says}"
    if rule.kind == "summary" and not (rule.see and known.keys() >= set(rule.see)):
        yield f"{rule.id} sums up nothing, or what is not there: {', '.join(rule.see)}"
    if rule.kind == "made" and not rule.shown:
        yield f"{rule.id} is shown by no test: {rule.says}"
    if rule.kind in {"application", "recommended"} and not rule.where:
        yield f"{rule.id}: it is not said who sees to it"
    if rule.shown and rule.shown not in shown:
        yield f"{rule.id}: there is no test {rule.shown}"


# --- The page -------------------------------------------------------------------------------------------------------

_HEAD: Final = """# The rules of RFC 9420

What the MLS engine demands of what it receives, rule by rule, in our own words. The number is the section of RFC 9420
and a running number within it; an error that refuses something names the same, as `RFC 9420 §12.2 (3)`. Those with `ext:` are
of draft-ietf-mls-extensions. "Also" says
where the RFC states the rule again. This page is made from `docs/mls-rules.toml` by `python -m tools.mls_rules --update`;
the same script, which is part of `make test`, fails if a rule has no check in `src/cordiale/mls/`, or no test in
`tests/mls/` that provokes exactly this refusal.

| kind | what it means |
| --- | --- |
| check | the engine refuses what breaks it; a test provokes the refusal |
| summary | it holds when the rules named hold |
| made | nothing received can break it; a test shows that the engine keeps it |
| application | the duty of who uses the engine, done where it says |
| recommended | the RFC asks for no refusal; it says what is done |

| rule | what must hold | kind |
| --- | --- | --- |
"""


def page(rules: Sequence[Rule]) -> str:
    """The catalogue for people."""
    return _HEAD + "".join(map(_row, rules))


def _row(rule: Rule) -> str:
    also = f" (Also §{', §'.join(rule.also)}.)" if rule.also else ""
    kind = f"{rule.kind}: {', '.join(rule.see)}" if rule.see else rule.kind
    where = f" {rule.where}" if rule.where else ""
    return f"| {rule.id} | {rule.says}{also}{where} | {kind} |\n"


def main(arguments: Sequence[str]) -> int:
    """Print what is uncovered; the exit status."""
    rules = catalogue()
    if "--update" in arguments:
        (ROOT / PAGE).write_text(page(rules), encoding="utf-8")
    wrong = faults()
    if (ROOT / PAGE).read_text(encoding="utf-8") != page(rules):
        wrong.append(f"{PAGE} is not of this catalogue: run with --update")
    for fault in wrong:
        sys.stderr.write(f"{fault}\n")
    checks = sum(rule.kind == "check" for rule in rules)
    sys.stdout.write(f"RFC 9420: {len(rules)} rules, {checks} of them checks, {len(wrong)} faults.\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
