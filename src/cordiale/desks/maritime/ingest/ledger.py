"""What a store has read: `STORE/ingest.json`, one entry for each source file, by the SHA-256 of its bytes."""

import hashlib
from pathlib import Path
from typing import Any, Final

import msgspec

from cordiale.analysis import whole_file
from cordiale.errors import Malformed, NotFound, StorageFailed

FILE: Final = "ingest.json"
_CHUNK: Final = 1 << 20


class Entry(msgspec.Struct, frozen=True):
    """One source file that was read whole."""

    sha256: str
    name: str
    size: int
    form: str
    counts: dict[str, Any]


class Ledger:
    """The entries, in the order in which they were read."""

    def __init__(self, store: Path) -> None:
        self._path = store / FILE
        self.entries: list[Entry] = []
        if self._path.is_file():
            try:
                self.entries = msgspec.json.decode(self._path.read_bytes(), type=list[Entry])
            except (msgspec.DecodeError, UnicodeDecodeError) as fault:
                raise Malformed(f"{self._path}: {fault}", what="ledger of the store") from None

    def find(self, digest: str) -> Entry | None:
        """The entry of a file that was read before."""
        return next((entry for entry in self.entries if entry.sha256 == digest), None)

    def add(self, *entries: Entry) -> None:
        """Write entries down, all or none."""
        self.entries = [*self.entries, *entries]
        try:
            whole_file.replace(self._path, msgspec.json.format(msgspec.json.encode(self.entries), indent=1) + b"\n")
        except OSError as fault:
            raise StorageFailed(f"{self._path}: {fault.strerror}") from None


def digest_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    found = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(_CHUNK):
                found.update(piece)
    except OSError as fault:
        raise NotFound(f"{path} ({fault.strerror})", what="file") from None
    return found.hexdigest()
