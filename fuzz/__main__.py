"""Run fuzz targets: `python -m fuzz [--seconds N] [--runs N] [--seed N] [TARGET…]`.

With atheris each target runs in a process of its own, guided by coverage; without it, under our own mutations. Ends with
status 1 at the first input that raises anything. That input, and the shortest of those that reached new code, are kept in
`fuzz/corpus/<target>.txt`, a line of hexadecimal each, and are where the next run starts from.
"""

import argparse
import importlib
import pkgutil
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Sequence
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
    own: Callable[[], list[bytes]] = getattr(importlib.import_module(f"fuzz.{name}"), "seeds", list)
    return [b"", *own(), *kept(name)]


def kept(name: str) -> list[bytes]:
    """Inputs that reached new code, or raised, in earlier runs."""
    path = CORPUS / f"{name}.txt"
    return [bytes.fromhex(line) for line in path.read_text("ascii").splitlines()] if path.is_file() else []


def keep(name: str, inputs: Iterable[bytes]) -> Path:
    """Put inputs beside those that are kept, shortest first."""
    path = CORPUS / f"{name}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = sorted({data.hex() for data in (*kept(name), *inputs)} - {""}, key=lambda line: (len(line), line))
    path.write_text("".join(f"{line}\n" for line in lines), "ascii")
    return path


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


def run_atheris(name: str, seconds: float) -> int:
    """The status of a run in a process of its own. The shortest inputs that reached new code are kept, and one that raised."""
    with tempfile.TemporaryDirectory() as scratch:
        start, found, raised = (Path(scratch) / folder for folder in ("start", "found", "raised"))
        for folder in (start, found, raised):
            folder.mkdir()
        for number, data in enumerate(seeds_of(name)):
            (start / str(number)).write_bytes(data)
        options = [f"-max_total_time={int(seconds)}", f"-artifact_prefix={raised}/", "-print_final_stats=1"]
        command = [sys.executable, "-m", "fuzz.guided", name, *options, str(found), str(start)]
        status = subprocess.run(command, cwd=HERE.parent, check=False).returncode
        new = sorted((path.read_bytes() for path in found.iterdir()), key=len)
        keep(name, [data for data in new if len(data) <= KEPT_BYTES][:KEPT_MOST])
        keep(name, (path.read_bytes() for path in raised.iterdir()))
        return status


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
            print(f"{name}: an input raised; kept in {keep(name, [escaped])}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
