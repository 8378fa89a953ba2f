"""Files that a reader sees whole or not at all, and only their owner reads."""

import os
from pathlib import Path


def replace(path: Path, data: bytes) -> None:
    """Write a file under another name, make it durable, and rename it: a reader sees the former one or this."""
    temporary = path.with_name(path.name + ".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
