"""What is shipped of others: every file is there, and comes by its hash alone."""

import json
import struct
import sys
from base64 import b64encode
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from cordiale.analysis.asset import asset, asset_path
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
    told = json.loads((MANIFEST / "package.json").read_bytes())
    for name in (*told["shipped"], *told["beside"], *told["made"]):
        assert asset(name), name


def test_the_map_of_the_world_is_a_file_of_tiles() -> None:
    """The header of PMTiles 3: its sections lie one behind the other and end with the file; vector tiles to zoom 7."""
    data = asset_path("world.pmtiles").read_bytes()
    assert data[:8] == b"PMTiles\x03"
    sections = [struct.unpack_from("<QQ", data, 8 + 16 * k) for k in range(4)]
    ends = [start + length for start, length in sections]
    assert [start for start, _ in sections] == [127, *ends[:3]]
    assert ends[3] == len(data)
    assert (data[99], data[100], data[101]) == (1, 0, 7)


def test_a_script_that_fails_says_so(tmp_path: Path) -> None:
    module, script = hook(), tmp_path / "fails.mjs"
    script.write_text("throw new Error('EXERCISE')")
    with pytest.raises(module.Failed, match=r"x\.bin could not be made by fails\.mjs"):
        module._make(script, tmp_path, tmp_path / "x.bin")


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
    for file in (*module.MANIFEST, "pmtiles.LICENSE", "base_map.mjs"):
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
