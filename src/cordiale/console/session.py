"""Who may look: a launch token, good for one use, is exchanged for a session that lives in a cookie.

The token is in the address once, when the browser is opened; nothing secret is in any address afterwards. Only digests are
kept, and they are compared in constant time.

A session that nobody uses is locked (`cordiale.console.lock`): it is answered with nothing but the page that asks for the
passphrase. What pages ask by themselves is no use; a person's keys, clicks and pages are. Without a passphrase it ends instead.
"""

import hmac
import secrets
from typing import Final

from cordiale.console.lock import Attempt, Lock
from cordiale.crypto.digest import sha256
from cordiale.vocab.moment import HOUR, MINUTE, Clock, Moment

TOKEN_BYTES: Final = 32
LAUNCH_FOR: Final = 10 * MINUTE
"""How long a launch token waits for its use."""
IDLE_FOR: Final = 12 * HOUR
"""After so long without a request a session ends."""
SESSIONS: Final = 8


class Sessions:
    """Launch tokens and sessions of one process; they end with it."""

    def __init__(self, clock: Clock, lock: Lock | None = None) -> None:
        self._clock = clock
        self.lock: Final = lock or Lock(clock, minutes=0)
        self._launch: dict[bytes, Moment] = {}
        self._last: dict[bytes, Moment] = {}
        self._used: dict[bytes, Moment] = {}
        self._locked: set[bytes] = set()

    def launch(self) -> str:
        """A new launch token."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        self._launch[sha256(token.encode())] = self._clock()
        return token

    def redeem(self, token: str) -> str | None:
        """A new session's secret for a launch token that was never used; else None."""
        found = _find(self._launch, token)
        if found is None or self._clock() - self._launch.pop(found) > LAUNCH_FOR:
            return None
        if len(self._last) >= SESSIONS:
            self._drop(min(self._last, key=lambda each: self._last[each]))
        session = secrets.token_urlsafe(TOKEN_BYTES)
        digest = sha256(session.encode())
        self._last[digest] = self._used[digest] = self._clock()
        return session

    def holds(self, session: str) -> bool:
        """Whether this is a session's secret, and it is still alive; using it keeps it alive."""
        found, now = _find(self._last, session), self._clock()
        if found is None:
            return False
        if now - self._last[found] > IDLE_FOR or (not self.lock.is_set and self._idle(found, now)):
            self._drop(found)
            return False
        self._last[found] = now
        return True

    def is_open(self, session: str) -> bool:
        """Whether this session may be told something now; asking does not keep it alive."""
        return _find(self._last, session) is not None and not self.is_locked(session)

    def use(self, session: str) -> None:
        """Note that a person is there."""
        found = _find(self._last, session)
        if found is not None and not self.is_locked(session):
            self._used[found] = self._clock()

    def is_locked(self, session: str) -> bool:
        """Whether it asks for the passphrase: it was locked, or nobody has used it for so long."""
        found = _find(self._last, session)
        if found is None or not self.lock.is_set:
            return False
        if self._idle(found, self._clock()):
            self._locked.add(found)
        return found in self._locked

    def close(self, session: str) -> None:
        """Lock it now; it ends where there is no passphrase to open it again."""
        found = _find(self._last, session)
        if found is not None and self.lock.is_set:
            self._locked.add(found)
        elif found is not None:
            self._drop(found)

    def open(self, session: str, passphrase: str) -> Attempt:
        """Unlock it with the passphrase; after too many wrong ones every session ends."""
        outcome, found = self.lock.attempt(passphrase), _find(self._last, session)
        if outcome is Attempt.OPENED and found is not None:
            self._used[found] = self._clock()
            self._locked.discard(found)
        if outcome is Attempt.ENDED:
            for each in list(self._last):
                self._drop(each)
        return outcome

    def end(self, session: str) -> None:
        """Sign out."""
        found = _find(self._last, session)
        if found is not None:
            self._drop(found)

    def _idle(self, found: bytes, now: Moment) -> bool:
        idle = self.lock.idle
        return idle is not None and now - self._used[found] > idle

    def _drop(self, found: bytes) -> None:
        del self._last[found], self._used[found]
        self._locked.discard(found)


def _find(known: dict[bytes, Moment], secret: str) -> bytes | None:
    """Every digest is looked at, whichever is right."""
    digest = sha256(secret.encode(errors="replace"))
    found = None
    for each in known:
        if hmac.compare_digest(each, digest):
            found = each
    return found
