"""Files that people name on the command line: read within a limit, written whole or not at all."""

from pathlib import Path

from cordiale.analysis import whole_file
from cordiale.errors import LimitExceeded, NotFound, StorageFailed


def read(path: Path, limit: int, *, what: str) -> bytes:
    """A file's bytes; `NotFound` or `LimitExceeded` naming it."""
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as fault:
        raise NotFound(f"{path} ({fault.strerror})", what=what) from None
    if len(data) > limit:
        raise LimitExceeded(f"{path} has more than {limit} bytes")
    return data


def write(path: Path, data: bytes) -> Path:
    """Write a file that only its owner can read; its full path."""
    try:
        whole_file.replace(path, data)
    except OSError as fault:
        raise StorageFailed(f"{path}: {fault.strerror}") from None
    return path.resolve()
