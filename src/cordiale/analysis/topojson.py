"""TopoJSON 1.0 read into lines: https://github.com/topojson/topojson-specification.

A topology's arcs are whole numbers, each the difference to the one before; an arc is named by its number, one that is to be
followed backwards by the number's complement. Here every ring becomes one array of degrees, unwrapped: where a ring crosses the
antimeridian its longitudes go on past 180, and a ring around a pole ends 360 from where it began.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any, cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from cordiale.errors import Malformed
from cordiale.wire import typed

Line = NDArray[np.float64]
"""[n, 2] longitude and latitude in degrees; a ring's last point is its first, or 360 degrees from it."""


class _Transform(msgspec.Struct, frozen=True):
    scale: tuple[float, float]
    translate: tuple[float, float]


class _Geometry(msgspec.Struct, frozen=True):
    type: str
    arcs: Any = ()
    """Numbers of arcs, in lists within lists: a list of numbers is a line or a ring."""
    geometries: tuple["_Geometry", ...] = ()


class _Topology(msgspec.Struct, frozen=True):
    transform: _Transform
    objects: dict[str, _Geometry]
    arcs: list[list[list[int]]]


class Topology:
    """One file, decoded."""

    def __init__(self, data: bytes) -> None:
        """`Malformed` where `data` is no topology with a transform."""
        try:
            self._read = typed.decode_json(data, _Topology)
        except msgspec.DecodeError as why:
            raise Malformed(str(why), what="TopoJSON") from None
        scale, translate = self._read.transform.scale, self._read.transform.translate
        self._arcs = [np.cumsum(np.array(arc, float), axis=0) * scale + translate for arc in self._read.arcs]

    def lines(self, name: str) -> list[Line]:
        """Every line and ring of an object, unwrapped."""
        return [_unwrapped(np.concatenate([*self._parts(each)])) for each in _chains(self._read.objects[name])]

    def shared(self, name: str) -> list[Line]:
        """The arcs that two of an object's areas have in common: borders, without coasts."""
        used = Counter(
            number if number >= 0 else ~number for chain in _chains(self._read.objects[name]) for number in chain
        )
        return [_unwrapped(self._arcs[number]) for number, times in sorted(used.items()) if times > 1]

    def _parts(self, chain: list[int]) -> Iterator[Line]:
        """Each arc but the first without its first point, which is the last of the one before."""
        for place, number in enumerate(chain):
            arc = self._arcs[number] if number >= 0 else self._arcs[~number][::-1]
            yield arc[1 if place else 0 :]


def _chains(geometry: _Geometry) -> Iterator[list[int]]:
    for part in geometry.geometries:
        yield from _chains(part)
    yield from _flat(geometry.arcs)


def _flat(arcs: Any) -> Iterator[list[int]]:
    if arcs and isinstance(arcs[0], int):
        yield cast(list[int], arcs)
    else:
        for each in arcs:
            yield from _flat(each)


def _unwrapped(line: Line) -> Line:
    """Each longitude by whole turns to within half a turn of the one before."""
    steps = np.diff(line[:, 0])
    turns = np.concatenate([[0.0], np.cumsum(np.round(steps / 360.0))])
    return np.column_stack([line[:, 0] - 360.0 * turns, line[:, 1]])
