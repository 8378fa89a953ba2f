"""The machine's clock."""

import time

from cordiale.vocab.moment import Moment


def system_clock() -> Moment:
    """UTC now, in milliseconds."""
    return Moment(time.time_ns() // 1_000_000)
