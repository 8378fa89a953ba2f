"""Files to which lines are added and in which none is ever changed; only their owner reads them."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path


def append(path: Path, lines: Iterable[bytes]) -> None:
    """Add lines at the end, durably. A line that a stopped writer left half-written is ended first. Raises `OSError`."""
    data = b"".join(line + b"\n" for line in lines)
    if not data:
        return
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        size = file.seek(0, os.SEEK_END)
        torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
        file.write((b"\n" if torn else b"") + data)
        file.flush()
        os.fsync(descriptor)


def whole(path: Path) -> Iterator[bytes]:
    """Every whole line, the oldest first; none where there is no file. Raises `OSError`."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return
    yield from data.split(b"\n")[:-1]
