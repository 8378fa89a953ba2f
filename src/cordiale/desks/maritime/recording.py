"""What a watch hears, on its way into the archive, so that picture, track and report know a sea that is only heard live.

What arrives waits in memory (whoever watches has it in a journal), is laid down as runs in `STORE/heard`, and merged into the
days by a thread of its own. A day's file is rewritten whole; so the thread rests nine times as long as a merge took, ten seconds
at least: the archive is that fresh, and a core at most a tenth busy with it, however large the day.
"""

import threading
import time
from pathlib import Path
from typing import Final

from cordiale.desks.maritime.archive import Archive
from cordiale.desks.maritime.ingest.batch import Batch, nothing, together
from cordiale.desks.maritime.spool import Spool
from cordiale.desks.maritime.table import KINDS
from cordiale.errors import CordialeError, StoreLocked

REST_SECONDS: Final = 10.0
"""Between two merges, at least."""
_REST_RATIO: Final = 9
_LAST_WAIT_SECONDS: Final = 30.0
"""How long the last merge waits for another process that reads into the store."""


class Recording:
    """One watch's part of the archive. `aside` belongs to the watch alone. Close it."""

    def __init__(self, store: Path, aside: Path, rest_seconds: float = REST_SECONDS) -> None:
        self.added, self.repeated = 0, 0
        """Positions that are new in the archive, and those that were there."""
        self._archive, self._spool = Archive(store), Spool(store / "heard", aside)
        self._waiting: list[Batch] = []
        self._gate = threading.Lock()
        self._fault: CordialeError | None = None
        self._rest = rest_seconds
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recording", daemon=True)
        self._thread.start()

    def take(self, batch: Batch) -> None:
        """What arrived. Raises `StorageFailed` where the last merge did, and takes nothing."""
        if self._fault is not None:
            raise self._fault
        with self._gate:
            self._waiting.append(batch)

    def lay_down(self) -> None:
        """Afterwards all that was taken is in files. Raises `StorageFailed`, and then has it still."""
        with self._gate:
            for kind, table in zip(KINDS, together([nothing(), *self._waiting]), strict=True):
                if len(table):
                    self._spool.add(kind, table)
            self._waiting = []

    def close(self) -> bool:
        """Merge what is left; false where another process keeps the store, and the next watch will merge it."""
        self._over.set()
        self._thread.join()
        self.lay_down()
        try:
            self._merge(_LAST_WAIT_SECONDS)
        except StoreLocked:
            return False
        return True

    def _run(self) -> None:
        rest = self._rest
        while not self._over.wait(rest):
            began = time.monotonic()
            try:
                self.lay_down()
                self._merge()
            except StoreLocked:
                pass  # another reads into the store: the next time
            except CordialeError as fault:
                self._fault = fault
                return
            rest = max(self._rest, _REST_RATIO * (time.monotonic() - began))

    def _merge(self, wait_seconds: float = 0) -> None:
        """All runs there are, those of a watch that was killed and of others beside this one too."""
        if not self._spool.days():
            return
        with self._archive.writing(wait_seconds):
            for kind, day in self._spool.days():
                runs = self._spool.runs(kind, day)
                merged = self._archive.merge(day, kind, runs)
                runs.drop()
                if kind == "positions":
                    self.added += merged.added
                    self.repeated += merged.repeated
