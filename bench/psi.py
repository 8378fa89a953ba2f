"""OpenMined's PSI as a peer: the ECDH protocol with a Golomb-compressed set, P-256, C++ behind Python (PyPI `openmined.psi`).

It tells the client which of its elements the server has, so both directions are two runs with the roles exchanged; each runs
in a process of its own, both at once, as our two sides do. Sets are handed over as text, one element a line. It commits to
nothing, pads nothing and signs nothing.
"""

import json
import subprocess
import sys
import time
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PACKAGE: Final = "openmined.psi"
FALSE_POSITIVES: Final = 1e-9
_INSTALL_SECONDS: Final = 300
_RUN_SECONDS: Final = 900

ONE_WAY: Final = f"""
import json, sys, time
import private_set_intersection.python as psi
theirs, mine = (open(path).read().split() for path in sys.argv[1:])
print("ready", flush=True)
sys.stdin.readline()
wall, cpu = time.perf_counter(), time.process_time()
client, server = psi.client.CreateWithNewKey(True), psi.server.CreateWithNewKey(True)
setup = server.CreateSetupMessage({FALSE_POSITIVES}, len(mine), theirs, psi.DataStructure.GCS)
request = client.CreateRequest(mine)
response = server.ProcessRequest(request)
met = client.GetIntersection(setup, response)
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
sent = sum(len(each.SerializeToString()) for each in (setup, request, response))
print(json.dumps(dict(wall=wall, cpu=cpu, bytes=sent, met=len(met))))
"""


@dataclass(frozen=True)
class Measured:
    """Both directions: seconds until the later one was done, CPU seconds and bytes of both, and what each found."""

    seconds: float
    cpu: float
    sent: int
    met: tuple[int, ...]


def install(folder: Path) -> Path | None:
    """An interpreter with the package in a new environment, or None if it could not be had from wheels in time."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    command = [str(python), "-m", "pip", "install", "--quiet", "--only-binary", ":all:", PACKAGE]
    try:
        subprocess.run(command, check=True, timeout=_INSTALL_SECONDS, stdout=sys.stderr, stderr=subprocess.DEVNULL)
    except (subprocess.SubprocessError, OSError):
        return None
    return python


def version(python: Path) -> str:
    """Which release it is."""
    asked = "from importlib.metadata import version; print(version('openmined.psi'))"
    return subprocess.run([str(python), "-c", asked], check=True, capture_output=True, text=True).stdout.strip()


def both_ways(python: Path, folder: Path, sets: tuple[list[int], list[int]]) -> Measured:
    """Run both directions at once."""
    paths = [folder / "uk.txt", folder / "fr.txt"]
    for path, elements in zip(paths, sets, strict=True):
        path.write_text("\n".join(map(str, elements)), encoding="ascii")
    pipe = subprocess.PIPE
    runs = [
        subprocess.Popen([str(python), "-c", ONE_WAY, *map(str, order)], stdin=pipe, stdout=pipe, text=True)
        for order in (paths, paths[::-1])
    ]
    try:
        for run in runs:
            if run.stdout is None or run.stdout.readline().strip() != "ready":
                raise RuntimeError("the peer did not start")
        begun = time.perf_counter()
        for run in runs:
            if run.stdin is not None:
                run.stdin.write("go\n")
                run.stdin.flush()
        found = [json.loads(run.communicate(timeout=_RUN_SECONDS)[0]) for run in runs]
        seconds = time.perf_counter() - begun
    finally:
        for run in runs:
            run.kill()
            run.wait()
    return Measured(
        seconds,
        sum(each["cpu"] for each in found),
        sum(each["bytes"] for each in found),
        tuple(each["met"] for each in found),
    )
