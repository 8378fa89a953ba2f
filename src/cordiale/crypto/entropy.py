"""Randomness: the operating system's, through one function that a test may replace."""

import os
from collections.abc import Callable

Entropy = Callable[[int], bytes]
"""Gives that many unpredictable bytes. Arrives as an argument where a test needs to know the outcome."""


def fresh(count: int) -> bytes:
    """`count` bytes from the operating system."""
    return os.urandom(count)
