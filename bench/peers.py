"""Peers: the bare relay as a target, two processes of `bench.relay` loaded exactly as Cordiale's nodes are; and throw-away
environments for peers that come from a package registry."""

import os
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import venv
from collections.abc import Generator, Iterable
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Final

import httpx2

from bench.load import OK, Answer, Heard, Shot, digest, request
from bench.relay import WAIT_SECONDS, unpacked

HOST: Final = "127.0.0.1"
MESSAGE_BYTES: Final = 1024
_START_SECONDS: Final = 60.0
_INSTALL_SECONDS: Final = 300


class RelayPair:
    """The accepting relay and the one that follows it. Messages are random bytes of the size that Cordiale's
    envelopes have, so that both sides move and store as much."""

    def __init__(self, folder: Path, ports: tuple[int, int], pids: tuple[int, int], size: int) -> None:
        self._folder, self._ports, self.pids, self._size = folder, ports, pids, size
        self.address: Final = (HOST, ports[0])

    def shots(self, messages: int, batch: int) -> list[Shot]:
        """`batch` is always one: this relay has no batches."""
        made = (os.urandom(self._size) for _ in range(messages))
        return [Shot(request("POST", "/put", f"{HOST}:{self._ports[0]}", data), (digest(data),)) for data in made]

    def accepted(self, shot: Shot, answer: Answer) -> list[bytes]:
        return list(shot.messages) if answer.status == OK else []

    def arrived(self) -> int:
        with closing(_reader(self._folder / "far.db")) as database:
            return int(database.execute("SELECT coalesce(max(place), 0) FROM message").fetchone()[0])

    def missing(self, digests: Iterable[bytes]) -> int:
        with closing(_reader(self._folder / "far.db")) as database:
            held = {row[0] for row in database.execute("SELECT digest FROM message")}
        return len(set(digests) - held)

    @contextmanager
    def listening(self, heard: Heard) -> Generator[None]:
        stop, start = threading.Event(), self.arrived()

        def read() -> None:
            size, url = start, f"http://{HOST}:{self._ports[1]}/from"
            with httpx2.Client(trust_env=False, timeout=WAIT_SECONDS * 2) as client:
                while not stop.is_set():
                    try:
                        page = unpacked(client.post(url, content=str(size)).content)
                    except httpx2.TransportError:  # hung up: the benchmark is over
                        return
                    size += len(page)
                    for data in page:
                        heard(digest(data))

        threading.Thread(target=read, daemon=True).start()
        try:
            yield
        finally:
            stop.set()


@contextmanager
def relay_pair(folder: Path, *, group: int, size: int) -> Generator[RelayPair]:
    """Both processes, running; stopped at the end by their own ids."""
    folder.mkdir()
    ports = (free_port(), free_port())
    with ExitStack() as stack:
        near = stack.enter_context(_process(folder / "near.db", ports[0], group, ""))
        wait_for(ports[0])
        far = stack.enter_context(_process(folder / "far.db", ports[1], group, f"http://{HOST}:{ports[0]}"))
        wait_for(ports[1])
        yield RelayPair(folder, ports, (near.pid, far.pid), size)


@contextmanager
def _process(database: Path, port: int, group: int, follows: str) -> Generator[subprocess.Popen[bytes]]:
    arguments = ["--database", str(database), "--port", str(port), "--group", str(group), "--follows", follows]
    process = subprocess.Popen([sys.executable, "-m", "bench.relay", *arguments], stdin=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _reader(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True)


def environment(folder: Path, *packages: str) -> Path | None:
    """An interpreter with these packages in a new environment, or None if they could not be had from wheels in time."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    command = [str(python), "-m", "pip", "install", "--quiet", "--only-binary", ":all:", *packages]
    try:
        subprocess.run(command, check=True, timeout=_INSTALL_SECONDS, stdout=sys.stderr, stderr=subprocess.DEVNULL)
    except (subprocess.SubprocessError, OSError):
        return None
    return python


def release(python: Path, package: str) -> str:
    """Which release of a package an environment has."""
    asked = f"from importlib.metadata import version; print(version({package!r}))"
    return subprocess.run([str(python), "-c", asked], check=True, capture_output=True, text=True).stdout.strip()


def free_port() -> int:
    """A port that nobody listens on now."""
    with closing(socket.socket()) as held:
        held.bind((HOST, 0))
        return int(held.getsockname()[1])


def wait_for(port: int) -> None:
    """Until somebody listens there, or the last `OSError`."""
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
