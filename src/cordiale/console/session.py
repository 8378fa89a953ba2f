"""Who may look: a launch token, good for one use, is exchanged for a session that lives in a cookie.

The token is in the address once, when the browser is opened; nothing secret is in any address afterwards. Only digests are
kept, and they are compared in constant time.
"""

import hmac
import secrets
from typing import Final

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

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._launch: dict[bytes, Moment] = {}
        self._last: dict[bytes, Moment] = {}

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
            del self._last[min(self._last, key=lambda each: self._last[each])]
        session = secrets.token_urlsafe(TOKEN_BYTES)
        self._last[sha256(session.encode())] = self._clock()
        return session

    def holds(self, session: str) -> bool:
        """Whether this is a session's secret, and it is still alive; using it keeps it alive."""
        found, now = _find(self._last, session), self._clock()
        if found is None:
            return False
        if now - self._last[found] > IDLE_FOR:
            del self._last[found]
            return False
        self._last[found] = now
        return True

    def end(self, session: str) -> None:
        """Sign out."""
        found = _find(self._last, session)
        if found is not None:
            del self._last[found]


def _find(known: dict[bytes, Moment], secret: str) -> bytes | None:
    """Every digest is looked at, whichever is right."""
    digest = sha256(secret.encode(errors="replace"))
    found = None
    for each in known:
        if hmac.compare_digest(each, digest):
            found = each
    return found
