"""Run fuzz targets: `python -m fuzz [--seconds N] [--runs N] [--seed N] [TARGET…]`.

With atheris each target runs in a process of its own, guided by coverage, and what reached new code is kept under
`fuzz/corpus/<target>/`; without it, under our own mutations. Ends with status 1 at the first input that raises anything; that
input is kept there too.
"""

import argparse
import importlib
import pkgutil
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from hashlib import sha256
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from random import Random

import fuzz
from fuzz.mutation import mutated

HERE = Path(__file__).parent
CORPUS = HERE / "corpus"
KEPT_BYTES = 512
"""Longer inputs are not kept: the seeds are whole messages already."""
KEPT_MOST = 300
"""Of each run, the shortest."""


def targets() -> list[str]:
    """Every module of this package that has `TestOneInput`."""
    names = (found.name for found in pkgutil.iter_modules(fuzz.__path__))
    return sorted(name for name in names if "\ndef TestOneInput(" in (HERE / f"{name}.py").read_text(encoding="utf-8"))


def seeds_of(name: str) -> list[bytes]:
    """What a target starts from: its own seeds, and inputs that were kept."""
    module = importlib.import_module(f"fuzz.{name}")
    own: Callable[[], list[bytes]] = getattr(module, "seeds", list)
    kept = sorted((CORPUS / name).glob("*")) if (CORPUS / name).is_dir() else []
    return [b"", *own(), *(path.read_bytes() for path in kept)]


def run(name: str, *, seconds: float, runs: int, seed: int) -> tuple[int, bytes | None]:
    """How many inputs were tried, and the one that raised."""
    one_input: Callable[[bytes], None] = importlib.import_module(f"fuzz.{name}").TestOneInput
    end = time.monotonic() + seconds
    for number, data in zip(count(1), mutated(seeds_of(name), Random(f"{name}/{seed}")), strict=False):
        try:
            one_input(data)
        except Exception:
            traceback.print_exc()
            return number, data
        if number >= runs or time.monotonic() > end:
            return number, None
    raise AssertionError("mutations never end")


def keep(name: str, data: bytes) -> Path:
    """Where an input that raised is kept."""
    path = CORPUS / name / sha256(data).hexdigest()[:16]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def run_atheris(name: str, seconds: float) -> int:
    """The status of a run in a process of its own. Inputs that reached new code are kept beside those that were there."""
    kept = CORPUS / name
    kept.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        start, found = Path(scratch) / "start", Path(scratch) / "found"
        for folder in (start, found):
            folder.mkdir()
        for number, data in enumerate(seeds_of(name)):
            (start / str(number)).write_bytes(data)
        options = [f"-max_total_time={int(seconds)}", f"-artifact_prefix={kept}/", "-print_final_stats=1"]
        command = [sys.executable, "-m", "fuzz.guided", name, *options, str(found), str(start)]
        status = subprocess.run(command, cwd=HERE.parent, check=False).returncode
        new = sorted((path for path in found.iterdir() if path.stat().st_size <= KEPT_BYTES), key=_size)
        for path in new[:KEPT_MOST]:
            keep(name, path.read_bytes())
        return status


def _size(path: Path) -> int:
    return path.stat().st_size


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; its exit status."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description="Run fuzz targets.")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="default: all")
    parser.add_argument("--seconds", type=float, default=10.0, help="for each target (10)")
    parser.add_argument("--runs", type=int, default=sys.maxsize, help="inputs for each target at most")
    parser.add_argument("--seed", type=int, default=0, help="another seed, other mutations")
    parser.add_argument("--plain", action="store_true", help="our own mutations even where atheris is installed")
    options = parser.parse_args(arguments)
    known = targets()
    unknown = sorted(set(options.targets) - set(known))
    if unknown:
        parser.error(f"no such target: {', '.join(unknown)}; there are {', '.join(known)}")
    guided = find_spec("atheris") is not None and not options.plain
    for name in options.targets or known:
        if guided:
            if status := run_atheris(name, options.seconds):
                return status
            continue
        started = time.monotonic()
        tried, escaped = run(name, seconds=options.seconds, runs=options.runs, seed=options.seed)
        elapsed = time.monotonic() - started
        print(f"{name:24} {tried:9} inputs  {tried / max(elapsed, 1e-9):9.0f}/s", flush=True)
        if escaped is not None:
            print(f"{name}: an input raised; kept as {keep(name, escaped)}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
