"""The map of a report as SVG: Mercator about the alert, coast and borders, cables and zones, the tracks.

Only shapes are drawn here; words are set by the page over them, at places that come along in millimetres from the upper left.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from cordiale.desks.maritime.coast import borders, coastlines, lines_near
from cordiale.desks.maritime.line import Line, simplified
from cordiale.desks.maritime.report.room import Box, Mark, corner, times
from cordiale.vocab.moment import DAY, MINUTE, Moment, iso

WIDTH, HEIGHT = 170.0, 88.0
"""Millimetres."""
LEAST: Final = 0.1
"""Degrees of latitude that a map shows at the least: some 11 km."""
INSET: Final = (42.0, 31.0)
"""Millimetres of the small map that shows where the large one is."""
LIMIT: Final = 89.9
"""Degrees of latitude up to which a map is drawn: Mercator has no pole."""
AROUND: Final = 3.5
"""Degrees of latitude that the small map shows at the least, and how many times the large one's."""
EARTH: Final = 6_371_008.8
NAUTICAL: Final = 1852.0
SEA, LAND, SHORE, GRID = "#e9f1f5", "#f4efe3", "#8d8671", "#b9cbd6"
BORDER, CABLE, ZONE = "#9a8f77", "#7a4fa3", "#2e7d6b"
TRACKS: Final = ("#0b3d66", "#c2541b", "#3f7d20", "#7d2f73")
_STEPS: Final = (1 / 60, 2 / 60, 5 / 60, 10 / 60, 15 / 60, 0.5, 1.0, 2.0, 5.0, 10.0)
_LENGTHS: Final = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500)
_POINTS: Final = 2_000
_ARROWS: Final = 40
_INSIDE: Final = 5
"""How much more what belongs to the alert counts than the rest of a track."""
GAP: Final = 30 * MINUTE
"""Where reports are farther apart nothing is known between, and lines are broken."""


class Path(msgspec.Struct, frozen=True):
    """A vessel's reports: [n, 2] degrees, unwrapped; ms; and which of them belong to the alert itself."""

    line: Line
    time: NDArray[np.int64]
    inside: NDArray[np.bool_]


class Word(NamedTuple):
    """Something to be set over the map, in mm; `kind` says how: grid-x, grid-y, scale, below, moment, moment-left."""

    x: float
    y: float
    text: str
    kind: str
    track: int = 0


class Frame(NamedTuple):
    """Which part of the world: Mercator metres (of the unit sphere) to millimetres."""

    west: float
    north: float
    scale: float
    width: float
    height: float

    def place(self, line: Line) -> Line:
        """[n, 2] millimetres from degrees."""
        x = np.radians(line[:, 0])
        y = np.arcsinh(np.tan(np.radians(np.clip(line[:, 1], -LIMIT, LIMIT))))
        return np.column_stack([(x - self.west) * self.scale, (self.north - y) * self.scale])

    @property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees."""
        east, south = self.west + self.width / self.scale, self.north - self.height / self.scale
        lat = [math.degrees(math.atan(math.sinh(y))) for y in (south, self.north)]
        return math.degrees(self.west), lat[0], math.degrees(east), lat[1]

    def metres(self, y: float) -> float:
        """Of one millimetre, at a height of the map."""
        return EARTH / self.scale / math.cosh(self.north - y / self.scale)


def frame_of(paths: Sequence[Path], place: tuple[float, float], width: float = WIDTH, height: float = HEIGHT) -> Frame:
    """About what belongs to the alert, with all of the tracks where they don't make it small."""
    near = [path.line[path.inside] for path in paths if path.inside.any()] or [np.array([place])]
    inner, outer = _bounds(near), _bounds([path.line for path in paths] or near)
    (x0, y0), (x1, y1) = inner
    room = max((x1 - x0), (y1 - y0) * 1.6, LEAST * 2) * 1.5
    wanted = np.array([(x0 - room, y0 - room), (x1 + room, y1 + room)])
    low, high = np.maximum(outer[0], wanted[0]), np.minimum(outer[1], wanted[1])
    middle = (low + high) / 2
    flat = math.cos(math.radians(min(LIMIT, abs(float(middle[1])))))
    tall = max(LEAST, float(high[1] - low[1]) * 1.3, float(high[0] - low[0]) * flat * height / width * 1.2)
    tall = min(tall, 2 * LIMIT)
    center = max(tall / 2 - LIMIT, min(LIMIT - tall / 2, float(middle[1])))
    y = np.arcsinh(np.tan(np.radians([center - tall / 2, center + tall / 2])))
    scale = height / float(y[1] - y[0])
    return Frame(math.radians(float(middle[0])) - width / 2 / scale, float(y[1]), scale, width, height)


def _bounds(lines: Sequence[Line]) -> Line:
    every = np.concatenate(lines)
    return np.array([every.min(axis=0), every.max(axis=0)])


def draw(frame: Frame, paths: Sequence[Path], cables: Iterable[Line] = (), zones: Iterable[Line] = ()) -> str:
    """The SVG."""
    box = frame.box
    parts = [
        _land(frame, 0.22),
        _lines(frame, lines_near(borders(), *box), f'stroke="{BORDER}" stroke-width="0.25" stroke-dasharray="1.1 0.9"'),
        _grid(frame),
        _lines(
            frame,
            zones,
            f'stroke="{ZONE}" stroke-width="0.4" stroke-dasharray="2 0.8" fill="{ZONE}" fill-opacity="0.07"',
        ),
        _lines(frame, cables, f'stroke="{CABLE}" stroke-width="0.55"'),
        *(_track(frame, path, TRACKS[place % len(TRACKS)]) for place, path in enumerate(paths)),
        _scale_bar(frame),
        _north(frame),
        _inset(frame, inset_box(frame, paths)),
        f'<rect width="{frame.width}" height="{frame.height}" fill="none" stroke="#4a5560" stroke-width="0.5"/>',
    ]
    clip = f'<clipPath id="m"><rect width="{frame.width}" height="{frame.height}"/></clipPath>'
    size = f'viewBox="0 0 {frame.width} {frame.height}" width="{frame.width}mm" height="{frame.height}mm"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{clip}<g clip-path="url(#m)">{"".join(parts)}</g></svg>'


def _land(frame: Frame, wide: float) -> str:
    """Sea, and land on it."""
    near = lines_near(coastlines(), *frame.box)
    land = "".join(_d(part, closed=True) for line in near if len(part := _clipped(frame, line)))
    return (
        f'<rect width="{frame.width}" height="{frame.height}" fill="{SEA}"/><path d="{land}" fill="{LAND}" '
        f'fill-rule="evenodd" stroke="{SHORE}" stroke-width="{wide}" stroke-linejoin="round"/>'
    )


def inset_box(frame: Frame, paths: Sequence[Path]) -> Box:
    """Where the small map stands: in the corner in which it hides least, above all of the alert itself."""
    every = [(frame.place(path.line), 1) for path in paths]
    inside = [(frame.place(path.line[path.inside]), _INSIDE) for path in paths]
    return corner(Box(0.0, 0.0, frame.width, frame.height), INSET, every + inside)


def _inset(frame: Frame, box: Box) -> str:
    """Where the map is: a small one about it."""
    west, south, east, north = frame.box
    wide, high = INSET
    tall = min(60.0, max(AROUND, (north - south) * AROUND))
    middle = max(tall / 2 - LIMIT, min(LIMIT - tall / 2, (south + north) / 2))
    y = [math.asinh(math.tan(math.radians(lat))) for lat in (middle - tall / 2, middle + tall / 2)]
    scale = high / (y[1] - y[0])
    small = Frame(math.radians((west + east) / 2) - wide / 2 / scale, y[1], scale, wide, high)
    corners = small.place(np.array([(west, north), (east, south)]))
    (x0, y0), (x1, y1) = corners.tolist()
    grow = max(0.0, 2.4 - (x1 - x0)) / 2
    there = (
        f'x="{x0 - grow:.2f}" y="{y0 - grow:.2f}" width="{x1 - x0 + 2 * grow:.2f}" height="{y1 - y0 + 2 * grow:.2f}"'
    )
    return (
        f'<g transform="translate({box.x0} {box.y0})"><clipPath id="i"><rect width="{wide}" '
        f'height="{high}"/></clipPath><g clip-path="url(#i)">{_land(small, 0.12)}<rect {there} fill="#c2541b" '
        f'fill-opacity="0.25" stroke="#c2541b" '
        f'stroke-width="0.45"/></g><rect width="{wide}" height="{high}" fill="none" stroke="#4a5560" '
        'stroke-width="0.35"/></g>'
    )


def words(frame: Frame, paths: Sequence[Path], west: str, mile: str) -> list[Word]:
    """What is set over the map; `west` is the letter of that direction (W, O), `mile` the sign of a nautical mile (NM, M)."""
    found: list[Word] = []
    lon, lat = _meridians(frame), _parallels(frame)
    for degree in lon:
        x = float(frame.place(np.array([(degree, 0.0)]))[0, 0])
        found.append(Word(x, frame.height, _angle(degree, "E", west), "grid-x"))
    for degree in lat:
        y = float(frame.place(np.array([(0.0, degree)]))[0, 1])
        found.append(Word(0.0, y, _angle(degree, "N", "S"), "grid-y"))
    length, bar = _bar(frame)
    found.append(Word(5.0 + bar, frame.height - 6.4, f"{length:g} {mile}", "scale"))
    found.append(Word(5.0 + bar / 2, frame.height - 3.0, f"{length * NAUTICAL / 1000:.3g} km", "below"))
    return found + _moments(frame, paths)


def _moments(frame: Frame, paths: Sequence[Path]) -> list[Word]:
    """The times at which the alert began and ended on each track; with the day where that is not one."""
    ends: list[tuple[Path, int, int]] = []
    for track, path in enumerate(paths):
        chosen = path.inside.nonzero()[0]
        ends += [(path, int(each), track) for each in dict.fromkeys((chosen[0], chosen[-1]))] if len(chosen) else []
    days = {int(path.time[place]) // DAY for path, place, _ in ends}
    marks: list[Mark] = []
    for path, place, track in ends:
        x, y = frame.place(path.line[[place]])[0].tolist()
        marks.append(Mark(x, y, _clock(int(path.time[place]), day=len(days) > 1), track))
    _, bar = _bar(frame)
    taken = [
        inset_box(frame, paths),
        Box(3.0, frame.height - 9.4, 20.0 + bar, frame.height - 2.0),
        Box(frame.width - 13.4, 3.6, frame.width - 2.6, 14.4),
    ]
    lines = [frame.place(path.line) for path in paths]
    placed = times(Box(0.0, 0.0, frame.width, frame.height), marks, taken, lines)
    return [Word(each.x, each.y, each.text, "moment-left" if each.left else "moment", each.track) for each in placed]


def _clock(at: int, *, day: bool) -> str:
    return iso(Moment(at))[5:16].replace("T", " ") if day else iso(Moment(at))[11:16]


def _angle(degree: float, positive: str, negative: str) -> str:
    turned = (degree + 180.0) % 360.0 - 180.0 if positive == "E" else degree
    minutes = round(abs(turned) * 60)
    letter = positive if turned > 0 else negative if turned < 0 else ""
    if minutes == 180 * 60:
        letter = ""
    return f"{minutes // 60}°{minutes % 60:02}′ {letter}".strip()


def _meridians(frame: Frame) -> list[float]:
    west, _, east, _ = frame.box
    return _ticks(west, east, 6)


def _parallels(frame: Frame) -> list[float]:
    _, south, _, north = frame.box
    return _ticks(south, north, 5)


def _ticks(low: float, high: float, most: int) -> list[float]:
    step = next((step for step in _STEPS if (high - low) / step <= most), 20.0)
    return [k * step for k in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _grid(frame: Frame) -> str:
    xs = [float(frame.place(np.array([(degree, 0.0)]))[0, 0]) for degree in _meridians(frame)]
    ys = [float(frame.place(np.array([(0.0, degree)]))[0, 1]) for degree in _parallels(frame)]
    d = "".join(f"M{x:.2f} 0V{frame.height}" for x in xs) + "".join(f"M0 {y:.2f}H{frame.width}" for y in ys)
    return f'<path d="{d}" fill="none" stroke="{GRID}" stroke-width="0.15"/>'


def _track(frame: Frame, path: Path, colour: str) -> str:
    """All of it thin, with a dot for each report; what belongs to the alert thick, with arrows along it."""
    every = frame.place(path.line)
    spots = _thinned(every)
    dots = "".join(f'<circle cx="{x:.2f}" cy="{y:.2f}" r="0.32"/>' for x, y in spots.tolist())
    parts = [f'<g fill="{colour}" fill-opacity="0.55">{dots}</g>', _stroke(every, path.time, colour, 0.3, 0.7)]
    inside, time = every[path.inside], path.time[path.inside]
    if len(inside) > 1:
        parts += [_stroke(inside, time, "#ffffff", 1.7, 0.75), _stroke(inside, time, colour, 1.0, 1.0), _arrows(inside)]
    for end, filled in ((0, "#ffffff"), (-1, colour)):
        if len(inside):
            x, y = inside[end].tolist()
            parts.append(
                f'<circle cx="{x:.2f}" cy="{y:.2f}" r="1.15" fill="{filled}" stroke="{colour}" stroke-width="0.5"/>'
            )
    return "".join(parts)


def _stroke(points: Line, time: NDArray[np.int64], colour: str, wide: float, opacity: float) -> str:
    """A line through the points; dashed where nothing was heard for long, as nothing is known between."""
    cuts = np.flatnonzero(np.diff(time) > GAP) + 1
    pieces = [simplified(part, _POINTS)[0] if len(part) > _POINTS else part for part in np.split(points, cuts)]
    heard = "".join(_d(part) for part in pieces if len(part) > 1)
    silent = "".join(_d(points[cut - 1 : cut + 1]) for cut in cuts.tolist())
    style = (
        f'fill="none" stroke="{colour}" stroke-width="{wide}" stroke-opacity="{opacity}" stroke-linejoin="round" '
        'stroke-linecap="round"'
    )
    dashed = f' stroke-dasharray="{wide * 1.2:.2f} {wide * 2.6:.2f}"'
    return (f'<path d="{heard}" {style}/>' if heard else "") + (
        f'<path d="{silent}" {style}{dashed}/>' if silent else ""
    )


def _thinned(points: Line) -> Line:
    """At most so many dots as can be told apart."""
    return points[:: max(1, len(points) // 700)]


def _arrows(points: Line) -> str:
    """Small white arrow heads every 22 mm, or farther apart where they would be too many."""
    steps = np.hypot(*np.diff(points, axis=0).T)
    run = np.concatenate([[0.0], np.cumsum(steps)])
    found: list[str] = []
    for at in np.arange(11.0, run[-1], max(22.0, run[-1] / _ARROWS)).tolist():
        k = min(len(points) - 2, int(np.searchsorted(run, at, "right")) - 1)
        if steps[k] > 0:
            dx, dy = ((points[k + 1] - points[k]) / steps[k]).tolist()
            x, y = (points[k] + (at - run[k]) * np.array((dx, dy))).tolist()
            tip = (
                f"M{x + 0.8 * dx:.2f} {y + 0.8 * dy:.2f}L{x - 0.6 * dx - 0.55 * dy:.2f} {y - 0.6 * dy + 0.55 * dx:.2f}"
            )
            found.append(f"{tip}L{x - 0.6 * dx + 0.55 * dy:.2f} {y - 0.6 * dy - 0.55 * dx:.2f}Z")
    return f'<path d="{"".join(found)}" fill="#ffffff"/>'


def _lines(frame: Frame, lines: Iterable[Line], style: str) -> str:
    fill = "" if "fill=" in style else ' fill="none"'
    d = "".join(_d(frame.place(line)) for line in lines if len(line) > 1)
    return f'<path d="{d}" {style}{fill} stroke-linejoin="round"/>' if d else ""


def _bar(frame: Frame) -> tuple[float, float]:
    """(nautical miles, millimetres) of the scale bar: about a quarter of the width."""
    mile = NAUTICAL / frame.metres(frame.height - 6)
    length = max((each for each in _LENGTHS if each * mile <= frame.width * 0.3), default=_LENGTHS[0])
    return length, length * mile


def _scale_bar(frame: Frame) -> str:
    _, bar = _bar(frame)
    x, y, half = 5.0, frame.height - 7.0, bar / 2
    return (
        f'<rect x="{x - 2}" y="{y - 2.4}" width="{bar + 17}" height="7.4" rx="1" fill="#ffffff" fill-opacity="0.82"/>'
        f'<rect x="{x}" y="{y}" width="{half:.2f}" height="1.1" fill="#2b343b"/>'
        f'<rect x="{x}" y="{y}" width="{bar:.2f}" height="1.1" fill="none" stroke="#2b343b" stroke-width="0.25"/>'
    )


def _north(frame: Frame) -> str:
    x = frame.width - 8.0
    return (
        f'<circle cx="{x}" cy="9" r="5.4" fill="#ffffff" fill-opacity="0.82"/>'
        f'<path d="M{x} 5.2L{x + 1.9} 11.2L{x} 9.9Z" fill="#2b343b"/>'
        f'<path d="M{x} 5.2L{x - 1.9} 11.2L{x} 9.9Z" fill="#ffffff" stroke="#2b343b" stroke-width="0.25"/>'
    )


def _clipped(frame: Frame, ring: Line) -> Line:
    """A ring cut to a little more than the map (Sutherland and Hodgman, Communications of the ACM 17:1, 1974)."""
    points = frame.place(ring)
    for axis, bound, sign in ((0, -5.0, 1), (0, frame.width + 5, -1), (1, -5.0, 1), (1, frame.height + 5, -1)):
        if not len(points):
            return points
        points = _cut(points, axis, bound, sign)
    return points


def _cut(points: Line, axis: int, bound: float, sign: int) -> Line:
    after = np.roll(points, -1, axis=0)
    here, there = sign * (points[:, axis] - bound), sign * (after[:, axis] - bound)
    crosses = (here >= 0) != (there >= 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(crosses, here / (here - there), 0.0)
    met = points + t[:, None] * (after - points)
    pairs = np.stack([points, met], axis=1).reshape(-1, 2)
    return pairs[np.stack([here >= 0, crosses], axis=1).ravel()]


def _d(points: Line, *, closed: bool = False) -> str:
    return "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in points.tolist()) + ("Z" if closed else "")
