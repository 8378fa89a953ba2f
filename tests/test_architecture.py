"""The house's rules, held against every module under `src/cordiale`."""

import ast
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "cordiale"
MODULES = sorted(SOURCE.rglob("*.py"))

MODULE_LINES = 400
REASON = "Long because"
"""A module past the limit says so at its top, in these words."""
FUNCTION_LINES = 60
FUNCTION_MEDIAN = 12
BACK_DOORS = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}

SECRETS = (
    "cordiale.mls.member_group",
    "cordiale.mls.member_state",
    "cordiale.mls.schedule",
    "cordiale.mls.secret_tree",
    "cordiale.mls.tree_kem",
    "cordiale.mls.welcome",
    "cordiale.mls.epoch_keys",
    "cordiale.mls.private_message",
    "cordiale.mls.derivation",
    "cordiale.mls.key_package_secrets",
    "cordiale.crypto.hpke",
    "cordiale.crypto.hpke_schedule",
    "cordiale.crypto.encapsulation",
    "cordiale.crypto.kem_keys",
    "cordiale.crypto.kdf",
    "cordiale.crypto.aead",
    "cordiale.crypto.passphrase",
    "cordiale.agent",
)
"""What holds or derives content keys, and all of the agent."""

SECRET_NAME = re.compile(r"secret|private|seed|passphrase|password|^key$")

modules = pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def functions(path: Path) -> Iterator[Function]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, Function))


def length(node: Function) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


# --- direction ----------------------------------------------------------------------------------------------------


def test_import_contracts_hold(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(ROOT)
    assert lint_imports(config_filename=str(ROOT / ".importlinter"), cache_dir=str(tmp_path)) == 0


def test_the_node_is_blind_in_a_fresh_interpreter() -> None:
    """Whatever its modules load, directly or not, none of it can hold a content key."""
    loads = [f"cordiale.node.{path.stem}" for path in SOURCE.joinpath("node").glob("*.py") if path.stem != "__init__"]
    assert "cordiale.node.guard" in loads
    lines = [f"import {name}" for name in ("sys", *sorted(loads))]
    script = "\n".join([*lines, "print(*sorted(name for name in sys.modules if name.startswith('cordiale')))"])
    printed = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert "cordiale.mls.public_group" in printed
    assert [name for name in printed if name.startswith(SECRETS)] == []


def test_what_the_node_must_not_load_is_there() -> None:
    """A renamed module must not slip out of the list."""
    for name in SECRETS:
        path = ROOT / "src" / Path(*name.split("."))
        assert path.is_dir() or path.with_suffix(".py").is_file(), name


@modules
def test_only_crypto_imports_pyca(path: Path) -> None:
    named = {alias.name for node in ast.walk(tree(path)) if isinstance(node, ast.Import) for alias in node.names}
    named |= {node.module or "" for node in ast.walk(tree(path)) if isinstance(node, ast.ImportFrom)}
    if SOURCE / "crypto" not in path.parents:
        assert [name for name in named if name.partition(".")[0] == "cryptography"] == []


# --- size and names -----------------------------------------------------------------------------------------------


@modules
def test_modules_are_of_a_readable_size(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MODULE_LINES or REASON in (ast.get_docstring(tree(path)) or ""), f"{lines} lines"


@modules
def test_functions_are_of_a_readable_size(path: Path) -> None:
    assert [(node.name, length(node)) for node in functions(path) if length(node) > FUNCTION_LINES] == []


def test_most_functions_are_short() -> None:
    assert statistics.median(length(node) for path in MODULES for node in functions(path)) < FUNCTION_MEDIAN


@modules
def test_no_module_is_a_back_door(path: Path) -> None:
    assert not BACK_DOORS & set(path.relative_to(SOURCE).with_suffix("").parts)


@modules
def test_every_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(tree(path)), "no docstring"


# --- failures -----------------------------------------------------------------------------------------------------


@modules
def test_checks_are_no_assertions_and_nothing_is_caught_blindly(path: Path) -> None:
    nodes = list(ast.walk(tree(path)))
    assert [node.lineno for node in nodes if isinstance(node, ast.Assert)] == []
    assert [node.lineno for node in nodes if isinstance(node, ast.ExceptHandler) and node.type is None] == []


# --- secrets ------------------------------------------------------------------------------------------------------


def shown_fields(path: Path) -> Iterator[tuple[str, str]]:
    """Fields of raw bytes or text, named like a secret, of classes whose generated `repr` would show them."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ClassDef) and _generated(node) and not _hides(node):
            for field in node.body:
                if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                    raw = {"bytes", "str"} & set(re.findall(r"\w+", ast.unparse(field.annotation)))
                    if raw and SECRET_NAME.search(field.target.id):
                        yield node.name, field.target.id


def _generated(node: ast.ClassDef) -> bool:
    bases = {ast.unparse(base).rpartition(".")[2] for base in node.bases}
    decorators = {ast.unparse(each).partition("(")[0].rpartition(".")[2] for each in node.decorator_list}
    return bool(bases & {"Struct", "Record", "NamedTuple"}) or "dataclass" in decorators


def _hides(node: ast.ClassDef) -> bool:
    return any(isinstance(each, ast.FunctionDef) and each.name == "__repr__" for each in node.body)


NO_SECRETS = {("Step", "key")}
"""Named like a secret and none."""


@modules
def test_no_repr_shows_a_secret(path: Path) -> None:
    assert set(shown_fields(path)) - NO_SECRETS == set()


def test_keys_hide_themselves() -> None:
    from cordiale.crypto import hpke
    from cordiale.crypto.signature import EcdsaKey
    from cordiale.crypto.signing import SigningKey
    from cordiale.crypto.suite import HYBRID, Scheme

    pair, signer = hpke.generate(HYBRID), SigningKey.generate()
    ecdsa = EcdsaKey.generate(Scheme.ECDSA_P256_SHA256)
    for secret, shown in ((pair.private, repr(pair)), (signer.seed(), repr(signer)), (ecdsa.seed(), repr(ecdsa))):
        assert secret.hex() not in shown
        assert repr(secret)[2:-1] not in shown
