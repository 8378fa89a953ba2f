"""A maritime desk's process for whoever asks it, started when it is first asked; `cordiale.wiring.desk_process` is the other end.

Nothing of the desk itself is imported here, so that a console starts without the desk's libraries.
"""

import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from cordiale.adapters.agent_socket import Caller
from cordiale.errors import Unreachable

PROCESS: Final = "cordiale.wiring.desk_process"
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
            command = [sys.executable, "-m", PROCESS, str(self._store), str(theirs.fileno())]
            self._process = subprocess.Popen(command, pass_fds=(theirs.fileno(),), start_new_session=True)
        self._caller = Caller(ours)
