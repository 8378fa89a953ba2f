"""Members of other engines, each a process of its own, and our own founder as one where memory is measured."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from bench.mls_room import anybody, founder, newcomer, now
from cordiale.crypto.suite import suite_of
from cordiale.mls.key_package import KeyPackage

T = TypeVar("T")

MLS_RS: Final = "agentvault-mls-rs-uniffi"
RFC9420: Final = "rfc9420"
_FOREIGN: Final = Path(__file__).resolve().parent / "foreign"
_ROOT: Final = Path(__file__).resolve().parents[1]


class Member:
    """Asks one process, in turns."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, do: str, **given: object) -> dict[str, Any]:
        """The answer; `RuntimeError` if the process ended instead, having said why on standard error."""
        told, heard = self._process.stdin, self._process.stdout
        if told is None or heard is None:
            raise RuntimeError("the process has no pipes")
        told.write(json.dumps({"do": do, **given}) + "\n")
        told.flush()
        line = heard.readline()
        if not line:
            raise RuntimeError(f"no answer to {do}")
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def foreign(python: Path, program: str) -> Generator[Member]:
    """A member of another engine; stopped at the end by its own id."""
    with _started([str(python), str(_FOREIGN / f"{program}.py")]) as process:
        yield Member(process)


@contextmanager
def _started(command: list[str]) -> Generator[subprocess.Popen[str]]:
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=_ROOT)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def found_apart(suite_id: int, members: int) -> dict[str, Any]:
    """`found` in a process of its own, so that its peak is nobody else's."""
    command = [sys.executable, "-m", "bench.mls_members", str(suite_id), str(members)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=_ROOT)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def found(suite_id: int, members: int) -> dict[str, Any]:
    """A group of one, and everybody added in one commit: its CPU seconds and this process's peak memory; and others together."""
    packages, others = ([newcomer(f"member {index}", suite_id).package for index in range(members)] for _ in range(2))
    begun = time.process_time()
    made = founder(suite_id).commit(add=packages, authenticate=anybody, now=now())
    spent, peak, size = time.process_time() - begun, peak_kib(), len(made.welcome or b"")
    del made
    _, elapsed, busier = shared(partial(found_together, suite_id, others))
    return {"cpu": spent, "peak_kib": peak, "welcome_bytes": size, "elapsed": elapsed, "busier": busier}


def shared(job: Callable[[Executor], T]) -> tuple[T, float, float]:
    """Work that shares signatures with one more thread: seconds by the clock, and CPU seconds of the busier thread.

    On a machine that has two processors to spare, the clock shows little more than the busier thread's.
    """
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(time.thread_time).result()
        begun, clock = time.thread_time(), time.perf_counter()
        done = job(pool)
        elapsed, own = time.perf_counter() - clock, time.thread_time() - begun
        return done, elapsed, max(own, pool.submit(time.thread_time).result() - other)


def found_together(suite_id: int, packages: Sequence[bytes], pool: Executor) -> None:
    """The same, but that the key packages are verified on two threads first."""
    parsed = list(map(KeyPackage.decode, packages))
    KeyPackage.verify_each(parsed, suite_of(suite_id), pool)
    founder(suite_id).commit(add=parsed, authenticate=anybody, now=now())


def peak_kib() -> int:
    """This program's peak resident memory. (`getrusage` counts what its parent had before it started, too.)"""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


if __name__ == "__main__":
    print(json.dumps(found(int(sys.argv[1]), int(sys.argv[2]))))
