"""A fault of our own: a report goes to a file that only its owner can read, and the person is told where.

The report holds the trace and the versions, never the arguments: those may be what someone wrote.
"""

import os
import platform
import time
import traceback
from pathlib import Path

from platformdirs import user_state_path

from cordiale import __version__
from cordiale.cli.language import _
from cordiale.errors import CordialeError


def report(error: BaseException, command: str) -> CordialeError:
    """Write the report; the error to tell, which names the file."""
    kind = type(error).__name__
    try:
        why = _("a fault in the program; the report is in {path}").format(path=_write(error, command))
    except OSError:
        why = _("a fault in the program; the report could not be written")
    return CordialeError(kind, why=why)


def _write(error: BaseException, command: str) -> Path:
    folder = Path(os.environ.get("CORDIALE_STATE") or user_state_path("cordiale")) / "crashes"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{os.getpid()}.txt"
    head = f"cordiale {__version__}, Python {platform.python_version()}, {platform.system()}\ncommand: {command}\n\n"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", errors="backslashreplace") as file:
        file.write(head + "".join(traceback.format_exception(error)))
    return path
