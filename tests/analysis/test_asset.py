"""What is shipped of others: every file is there, and comes by its hash alone."""

import json
import sys
from base64 import b64encode
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from cordiale.analysis.asset import asset
from cordiale.errors import NotFound

ROOT = Path(__file__).resolve().parents[2]
MANIFEST = ROOT / "assets"


def hook() -> ModuleType:
    spec = spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec and spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_file_is_shipped() -> None:
    for name in json.loads((MANIFEST / "package.json").read_bytes())["shipped"]:
        assert asset(name), name


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(NotFound):
        asset("none.json")


def test_the_lock_has_hashes_and_no_addresses() -> None:
    lock = json.loads((MANIFEST / "package-lock.json").read_bytes())
    packages = [entry for name, entry in lock["packages"].items() if name]
    assert packages
    for entry in packages:
        assert entry["integrity"].startswith("sha512-")
        assert "resolved" not in entry


def test_what_is_there_is_not_fetched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = hook()
    monkeypatch.setattr(module, "_install", lambda folder: pytest.fail("fetched again"))
    module.fetch(MANIFEST, ROOT / "src" / "cordiale" / "assets")


def test_half_a_set_is_fetched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its stamp a folder counts for nothing, and a failure leaves no stamp."""
    module = hook()
    into = tmp_path / "assets"
    into.mkdir()
    (into / "land-10m.json").write_bytes(b"half")
    monkeypatch.setattr(module, "_install", lambda folder: None)
    with pytest.raises(FileNotFoundError):
        module.fetch(MANIFEST, into)
    assert not (into / "manifest.json").exists()


def test_a_package_with_another_hash_is_refused(tmp_path: Path) -> None:
    """Whether the registry answers or not, nothing is installed."""
    module = hook()
    manifest = tmp_path / "manifest"
    manifest.mkdir()
    for file in module.MANIFEST:
        (manifest / file).write_bytes((MANIFEST / file).read_bytes())
    lock = json.loads((manifest / "package-lock.json").read_bytes())
    lock["packages"]["node_modules/world-atlas"]["integrity"] = "sha512-" + b64encode(bytes(64)).decode()
    (manifest / "package-lock.json").write_text(json.dumps(lock))
    with pytest.raises(module.Failed):
        module.fetch(manifest, tmp_path / "assets")
    assert not (tmp_path / "assets").exists()


def test_an_unknown_npm_leaves_the_one_in_the_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    commands = list(hook()._commands())
    assert [Path(command[0]).is_relative_to(sys.prefix) for command in commands] == [True]
