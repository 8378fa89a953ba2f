"""A token bucket for each caller: `rate` requests a second, a second's worth at once."""

import time
from collections.abc import Callable
from typing import Final

from cordiale.errors import TooBusy

_CALLERS: Final = 65_536


class RateLimit:
    """Callers are those whose signature held: strangers have no bucket."""

    def __init__(self, rate: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._clock = rate, clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def check(self, caller: str) -> None:
        """Take a token, or raise `TooBusy`."""
        now = self._clock()
        tokens, at = self._buckets.get(caller, (float(self._rate), now))
        tokens = min(float(self._rate), tokens + (now - at) * self._rate)
        if tokens < 1.0:
            self._buckets[caller] = (tokens, now)
            raise TooBusy(f"{self._rate} requests a second are allowed")
        if len(self._buckets) >= _CALLERS and caller not in self._buckets:
            self._buckets.clear()
        self._buckets[caller] = (tokens - 1.0, now)
