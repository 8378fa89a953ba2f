"""Speed over time as SVG: a step less than the map, above one time axis (UTC) for all vessels."""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cordiale.desks.maritime.report.chart import GAP, TRACKS, Word
from cordiale.vocab.moment import Moment, iso

WIDTH, HEIGHT = 170.0, 28.0
_SPEEDS: Final = (1, 2, 5, 10, 20, 50)
_MINUTES: Final = (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 7200)

Series = tuple[NDArray[np.int64], NDArray[np.float64]]
"""ms, and knots; NaN where AIS had no speed."""


def draw(series: Sequence[Series], begin: int, end: int, alert: tuple[int, int]) -> str:
    """The SVG; `alert` is shaded."""
    top, step = _scale(series)
    x0, x1 = (_x(at, begin, end) for at in alert)
    parts = [
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fbfcfd"/>',
        f'<rect x="{x0:.2f}" width="{max(0.4, x1 - x0):.2f}" height="{HEIGHT}" fill="#f2d9a6" fill-opacity="0.55"/>',
        *(
            f'<path d="M0 {_y(k * step, top):.2f}H{WIDTH}" stroke="#d5dde3" stroke-width="0.15"/>'
            for k in range(1, math.ceil(top / step))
        ),
        *(
            f'<path d="M{_x(at, begin, end):.2f} 0V{HEIGHT}" stroke="#d5dde3" stroke-width="0.15"/>'
            for at in _times(begin, end)
        ),
        *(_line(each, begin, end, top, TRACKS[place % len(TRACKS)]) for place, each in enumerate(series)),
        f'<path d="M0 {HEIGHT}H{WIDTH}" stroke="#4a5560" stroke-width="0.5"/>',
    ]
    clip = f'<clipPath id="p"><rect width="{WIDTH}" height="{HEIGHT}"/></clipPath>'
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}mm" height="{HEIGHT}mm"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{clip}<g clip-path="url(#p)">{"".join(parts)}</g></svg>'


def words(series: Sequence[Series], begin: int, end: int) -> list[Word]:
    """Labels of both axes."""
    top, step = _scale(series)
    found = [Word(0.0, _y(k * step, top), f"{k * step:g}", "grid-y") for k in range(0, math.ceil(top / step))]
    return found + [Word(_x(at, begin, end), HEIGHT, _told(at), "grid-x") for at in _times(begin, end)]


def _scale(series: Sequence[Series]) -> tuple[float, float]:
    """(top of the axis, step) in knots."""
    fastest = max((float(np.nanmax(knots)) for _, knots in series if np.isfinite(knots).any()), default=0.0)
    top = max(2.0, fastest * 1.15)
    return top, next((float(step) for step in _SPEEDS if top / step <= 4.5), 100.0)


def _times(begin: int, end: int) -> list[int]:
    """Full minutes, hours or days in between, at most nine."""
    step = next((each for each in _MINUTES if (end - begin) / (each * 60_000) <= 9), 14_400) * 60_000
    return list(range(-(-begin // step) * step, end, step))


def _told(at: int) -> str:
    day, clock = iso(Moment(at))[5:10], iso(Moment(at))[11:16]
    return day if clock == "00:00" else clock


def _x(at: int, begin: int, end: int) -> float:
    return (at - begin) / max(1, end - begin) * WIDTH


def _y(knots: float, top: float) -> float:
    return HEIGHT * (1 - knots / top)


def _line(series: Series, begin: int, end: int, top: float, colour: str) -> str:
    time, knots = series
    good = np.isfinite(knots)
    time, knots = time[good], knots[good]
    parts: list[str] = []
    for k, (at, speed) in enumerate(zip(time.tolist(), knots.tolist(), strict=True)):
        pen = "M" if k == 0 or at - int(time[k - 1]) > GAP else "L"
        parts.append(f"{pen}{_x(at, begin, end):.2f} {_y(speed, top):.2f}")
    return f'<path d="{"".join(parts)}" fill="none" stroke="{colour}" stroke-width="0.55" stroke-linejoin="round"/>'
