"""The maritime desk as a process of its own for a console: a store, no key, no network; it ends when the console does.

    python -m cordiale.wiring.desk_process STORE DESCRIPTOR

The console starts it with one end of a pair of sockets, which nobody else can reach, and asks through the other, a line of
JSON each way, one question at a time. Files of AIS come from anywhere; what reads them can neither speak for the person nor
answer a browser.
"""

import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from cordiale.adapters import journal
from cordiale.adapters.agent_socket import Caller, serve
from cordiale.errors import Unreachable
from cordiale.wiring import maritime_desk

_GRACE_SECONDS: Final = 5


class Desk:
    """The process, started when it is first asked, and again if it was ended."""

    def __init__(self, store: Path) -> None:
        self._store = store
        self._turn = threading.Lock()
        self._caller: Caller | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def call(self, method: str, params: Mapping[str, Any], *, wait: float = 0) -> dict[str, Any]:
        """The answer, or the error that the desk raised; `Unreachable` where its process ended."""
        with self._turn:
            if self._process is None or self._process.poll() is not None:
                self._start()
            if self._caller is None:
                raise Unreachable("it does not run", what="the maritime desk")
            return self._caller.call(method, params, wait=wait)

    def close(self) -> None:
        """End it."""
        if self._caller is not None:
            self._caller.__exit__()
        if self._process is not None:
            try:
                self._process.wait(_GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = self._caller = None

    def _start(self) -> None:
        self.close()
        ours, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-m", "cordiale.wiring.desk_process", str(self._store), str(theirs.fileno())]
            self._process = subprocess.Popen(command, pass_fds=(theirs.fileno(),), start_new_session=True)
        self._caller = Caller(ours)


def main() -> None:
    """Answer until the other end is closed."""
    store, descriptor = Path(sys.argv[1]), int(sys.argv[2])
    journal.configure()
    log = journal.journal()

    def fault(error: Exception) -> None:
        log.error("desk.fault", code=getattr(error, "code", type(error).__name__))

    with socket.socket(fileno=descriptor) as stream:
        serve(stream, lambda method, params: maritime_desk.call(store, method, params), fault)


if __name__ == "__main__":
    main()
