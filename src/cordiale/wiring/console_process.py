"""A console's process: started, asked where it opens, and stopped with the block. The command and the demonstration share it."""

import json
import signal
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from cordiale.errors import CordialeError

CONSOLE: Final = "cordiale.console"
_GRACE_SECONDS: Final = 5


class ConsoleProcess:
    """A console that runs. Its address holds a secret, good for one use: it is shown, never logged."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        self._opened: dict[str, str] | None = None

    def opened(self) -> dict[str, str]:
        """`url`, which opens the console once, and `host`; waits until it is ready."""
        if self._opened is None:
            line = self._process.stdout.readline() if self._process.stdout else b""
            if not line:
                raise CordialeError("the console did not start")
            self._opened = json.loads(line)
        return dict(self._opened or {})

    def wait(self) -> int:
        """Until it ends by itself; its exit status."""
        return max(self._process.wait(), 0)


@contextmanager
def console_process(
    agent: Path, language: str, *, port: int = 0, module: str = CONSOLE, more: Sequence[str] = ()
) -> Generator[ConsoleProcess]:
    """The console of the agent in this folder. `module` is what runs, and `more` what it is told besides."""
    arguments = ["--agent", str(agent), "--port", str(port), "--language", language, *more]
    command = [sys.executable, "-m", module, *arguments]
    # In a session of its own, so that Ctrl-C reaches it through this process alone.
    process = subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True)
    try:
        yield ConsoleProcess(process)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()
