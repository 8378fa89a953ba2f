"""A day at sea for the two consoles of the demonstration: looked at by the desk once, and kept for the next time.

The day is a real one where it lies beside the checkout, else an exercise. What was made of it is kept in the user's cache, under
a digest of the day and of the desk that looked at it, so that another desk looks again. Until it is there the consoles show an
empty desk; nobody waits for it.
"""

import shutil
import tempfile
import threading
from collections.abc import Iterator, Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

import platformdirs

from cordiale.crypto.digest import sha256
from cordiale.wiring.stage import Stage, StepFailed

EXERCISE: Final = ("exercise", "--seed", "7", "--days", "1", "--vessels", "40")


class SeaStores:
    """A store for each person, filled in a thread; `into` are their folders, which stay empty until then."""

    def __init__(self, stage: Stage, day: Path | None, into: Sequence[Path]) -> None:
        self._stage, self._day, self._into = stage, day, into
        for folder in into:
            folder.mkdir(mode=0o700, parents=True)
        self._thread = threading.Thread(target=self._fill, daemon=True)
        self._thread.start()

    def _fill(self) -> None:
        try:
            kept = kept_at(self._day)
            if not kept.is_dir():
                self._make(kept)
            for folder in self._into:
                with tempfile.TemporaryDirectory(dir=folder.parent) as place:
                    shutil.copytree(kept, Path(place) / "sea")
                    (Path(place) / "sea").rename(folder)
        except (OSError, StepFailed):
            return  # the consoles say that the desk has nothing yet, and what to do

    def _make(self, kept: Path) -> None:
        """The store under its name in the cache, once it is whole."""
        kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept.parent) as place:
            store = Path(place) / "sea"
            first = EXERCISE if self._day is None else ("ingest", str(self._day))
            for name, words in (("sea", first), ("sea-detect", ("detect", "--workers", "1"))):
                if self._stage.job(name, ["maritime", *words, "--store", str(store)]).wait() != 0:
                    raise StepFailed(f"maritime {words[0]} failed")
            if not kept.is_dir():
                store.rename(kept)


def kept_at(day: Path | None) -> Path:
    """Where the store of a day is kept, looked at by the desk as it is now."""
    told = [b"exercise" if day is None else day.read_bytes(), *_sources(files("cordiale.desks.maritime"))]
    name = sha256(b"".join(map(sha256, told))).hex()[:16]
    return Path(platformdirs.user_cache_dir("cordiale")) / f"sea-{name}"


def _sources(folder: Traversable) -> Iterator[bytes]:
    """The desk's code and data, in order of their names."""
    for each in sorted(folder.iterdir(), key=lambda item: item.name):
        if each.is_dir() and each.name != "__pycache__":
            yield from _sources(each)
        elif each.name.endswith((".py", ".toml")):
            yield each.read_bytes()
