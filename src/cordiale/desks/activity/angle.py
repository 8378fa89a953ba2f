"""Sines and their like by arithmetic alone: the same bits on every machine, which no library of mathematics promises.

Where two nations' agents judge whether activities meet, both must find the same. The series are those of Taylor, on an eighth of
a turn, where what is left out is below 10^-19 and rounding (some 10^-16) is all that there is.
"""

import math
from typing import Final

from cordiale.desks.activity.kernel import kernel

_RADIAN: Final = math.pi / 180.0
_QUARTER: Final = math.pi / 2.0


@kernel
def turned(degrees: float) -> tuple[float, float]:
    """Cosine and sine of an angle in degrees. Quarter turns are taken off exactly, so that at the poles nothing is left over."""
    quarters = math.floor(degrees / 90.0 + 0.5)
    rest = (degrees - 90.0 * quarters) * _RADIAN
    c, s = _cosine(rest), _sine(rest)
    which = int(quarters) % 4
    if which == 0:
        return c, s
    if which == 1:
        return -s, c
    return (-c, -s) if which == 2 else (s, -c)


@kernel
def sine(angle: float) -> float:
    """Of radians from 0 to π."""
    if angle > _QUARTER:
        angle = 2.0 * _QUARTER - angle
    return _sine(angle) if angle <= 0.5 * _QUARTER else _cosine(_QUARTER - angle)


@kernel
def cosine(angle: float) -> float:
    """Of radians from 0 to π."""
    if angle > _QUARTER:
        return -sine(angle - _QUARTER)
    return sine(_QUARTER - angle)


@kernel
def arcsine(x: float) -> float:
    """Of 0 to 1."""
    if x > 0.5:
        return _QUARTER - 2.0 * _arcsine(math.sqrt(0.5 * (1.0 - x)))
    return _arcsine(x)


@kernel
def _arcsine(x: float) -> float:
    """Of 0 to ½: the beginning of the series, then twice Newton's step, which squares the error (6e-5 at most)."""
    z = x * x
    y = x * (1.0 + z * (1.0 / 6.0 + z * (3.0 / 40.0 + z * (15.0 / 336.0))))
    y -= (_sine(y) - x) / _cosine(y)
    return y - (_sine(y) - x) / _cosine(y)


@kernel
def _sine(x: float) -> float:
    z = x * x
    tail = 1.0 / 6227020800.0 - z * (1.0 / 1307674368000.0 - z / 355687428096000.0)
    tail = 1.0 / 362880.0 - z * (1.0 / 39916800.0 - z * tail)
    return x - x * z * (1.0 / 6.0 - z * (1.0 / 120.0 - z * (1.0 / 5040.0 - z * tail)))


@kernel
def _cosine(x: float) -> float:
    z = x * x
    tail = 1.0 / 479001600.0 - z * (1.0 / 87178291200.0 - z * (1.0 / 20922789888000.0 - z / 6402373705728000.0))
    tail = 1.0 / 40320.0 - z * (1.0 / 3628800.0 - z * tail)
    return 1.0 - z * (0.5 - z * (1.0 / 24.0 - z * (1.0 / 720.0 - z * tail)))
