"""The lock of a console that nobody sits at: a passphrase of its own, kept as a verifier in the agent's folder.

    digest( Argon2id(passphrase, salt) )     nothing in the file opens anything but the lock

It guards what a browser shows, not the agent's store: that has its own passphrase, which never comes near a browser. After three
wrong attempts each further one waits twice as long; after ten in a row every session ends, and the console must be opened anew
from the machine's command line. Who forgot it removes the file there.
"""

import threading
from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec

from cordiale.analysis import whole_file
from cordiale.crypto.digest import equal, sha256
from cordiale.crypto.entropy import fresh
from cordiale.crypto.passphrase import SALT_BYTES, Cost, derive_key
from cordiale.errors import Malformed, WrongUsage
from cordiale.vocab.moment import MINUTE, SECOND, Clock, Moment
from cordiale.wire import typed
from cordiale.wire.canonical import Record

FILE: Final = "console-lock.json"
LEAST: Final = 8
MOST: Final = 256
"""Characters of a passphrase."""
MINUTES: Final = 10
MINUTES_MOST: Final = 12 * 60
FREE: Final = 3
ATTEMPTS: Final = 10
_WAIT_MOST: Final = 300 * SECOND
_BYTES_MOST: Final = 4_096
_VERSION: Final = 1
_CONTEXT: Final = b"cordiale console lock 1\x00"


class Attempt(StrEnum):
    """What became of trying a passphrase."""

    OPENED = "opened"
    WRONG = "wrong"
    TOO_SOON = "too-soon"
    ENDED = "ended"


class _Kept(Record, frozen=True):
    version: int
    salt: str
    cost: Cost
    verifier: str
    minutes: int


class Lock:
    """One console's; safe to use from several threads. Without a `path` it is kept in memory alone."""

    def __init__(
        self, clock: Clock, path: Path | None = None, *, minutes: int = MINUTES, cost: Cost | None = None
    ) -> None:
        self._clock, self._path, self._cost = clock, path, cost or Cost()
        self._unset_minutes = minutes
        self._gate = threading.Lock()
        self._failed, self._next = 0, Moment(0)
        self._kept = self._read()

    @property
    def is_set(self) -> bool:
        """Whether there is a passphrase."""
        return self._kept is not None

    @property
    def minutes(self) -> int:
        """After how many minutes without a person it locks; 0 for never."""
        return self._unset_minutes if self._kept is None else self._kept.minutes

    @property
    def idle(self) -> int | None:
        """The same as a span of time; None for never."""
        return self.minutes * MINUTE or None

    def wait(self) -> int:
        """Seconds until a next attempt is looked at."""
        return max(0, -(-(self._next - self._clock()) // SECOND))

    def set(self, passphrase: str, minutes: int) -> None:
        """A new passphrase, in the place of the one before."""
        if not LEAST <= len(passphrase) <= MOST:
            raise WrongUsage(f"a passphrase has {LEAST} to {MOST} characters")
        salt = fresh(SALT_BYTES)
        verifier = _verifier(passphrase, salt, self._cost)
        self._keep(_Kept(_VERSION, salt.hex(), self._cost, verifier.hex(), _minutes(minutes)))

    def set_minutes(self, minutes: int) -> None:
        """Another time until it locks."""
        if self._kept is None:
            raise WrongUsage("set a passphrase first")
        self._keep(msgspec.structs.replace(self._kept, minutes=_minutes(minutes)))

    def attempt(self, passphrase: str) -> Attempt:
        """Try one; only one at a time is looked at, so that many at once gain nothing."""
        with self._gate:
            if self.wait() or self._kept is None or len(passphrase) > MOST:
                return Attempt.TOO_SOON if self.wait() else Attempt.WRONG
            kept = self._kept
            if equal(_verifier(passphrase, bytes.fromhex(kept.salt), kept.cost), bytes.fromhex(kept.verifier)):
                self._failed, self._next = 0, Moment(0)
                return Attempt.OPENED
            self._failed += 1
            if self._failed >= ATTEMPTS:
                self._failed = 0
                return Attempt.ENDED
            if self._failed >= FREE:
                wait = min(SECOND << (self._failed - FREE), _WAIT_MOST)
                self._next = Moment(self._clock() + wait)
            return Attempt.WRONG

    def _read(self) -> _Kept | None:
        if self._path is None or not self._path.exists():
            return None
        try:
            with self._path.open("rb") as file:
                kept = typed.decode_json(file.read(_BYTES_MOST), _Kept)
            sound = kept.cost.sound and kept.version == _VERSION and len(bytes.fromhex(kept.salt)) == SALT_BYTES
        except (OSError, msgspec.MsgspecError, ValueError):
            sound, kept = False, None
        if not sound or kept is None:
            raise Malformed(f"{self._path}: remove it and set a passphrase again", what="console's lock")
        return kept

    def _keep(self, kept: _Kept) -> None:
        if self._path is not None:
            whole_file.replace(self._path, msgspec.json.encode(kept))
        self._kept = kept


def _verifier(passphrase: str, salt: bytes, cost: Cost) -> bytes:
    return sha256(_CONTEXT + derive_key(passphrase, salt, cost))


def _minutes(minutes: int) -> int:
    if not 0 <= minutes <= MINUTES_MOST:
        raise WrongUsage(f"minutes until it locks are 0 (never) to {MINUTES_MOST}")
    return minutes
