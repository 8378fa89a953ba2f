"""Cells of space: cubes around the unit sphere, at twelve sizes, each half as wide as the one before.

Boxes are put into cubes, not onto a map, so that no cell has an edge case at the antimeridian or a pole. A row belongs to the
finest level whose cubes are at least twice as wide as its box, or to the coarsest; so it lies in eight cubes at most, in
two or three mostly. Two boxes that meet at a level have exactly one common cube that is the meeting of the two: the cube
of the greater of their lesser corners. It alone reports them, so that nothing is found twice.
"""

import math
from typing import Final

import numpy as np

from cordiale.desks.activity.kernel import Floats, Longs, kernel

LEVELS: Final = 12
"""Cubes of level k are 2 / 2^k wide: from the whole sphere's radius, 12,742 km across, to 6.2 km."""
AXIS_BITS: Final = 13
"""Of a cube's name, for its place on each axis."""


@kernel
def level_of(box: Floats) -> int:
    """Of a row by its box."""
    wide = max(box[3] - box[0], box[4] - box[1], box[5] - box[2])
    level = 0
    while level < LEVELS - 1 and 2.0 * wide <= math.ldexp(1.0, -level):
        level += 1
    return level


@kernel
def step(value: float, level: int) -> int:
    """The cube in which a coordinate is, counted from −1 on its axis."""
    return int((value + 1.0) * math.ldexp(0.5, level))


@kernel
def cell(x: int, y: int, z: int, level: int) -> int:
    """A cube's name: one whole number."""
    return ((level << AXIS_BITS | x) << AXIS_BITS | y) << AXIS_BITS | z


@kernel
def place_of(name: int, bits: int) -> int:
    """A cube's place among 2^bits buckets: the highest bits of a product with an odd number near 2^64 / golden ratio."""
    return ((name * -7046029254386353131) >> 1 & 0x7FFFFFFFFFFFFFFF) >> (63 - bits)


@kernel
def touched(box: Floats, level: int) -> Longs:
    """The cubes of a level, its box's own or a coarser one, that a box touches: eight at most."""
    found, names = 0, np.empty(8, np.int64)
    for x in range(step(box[0], level), step(box[3], level) + 1):
        for y in range(step(box[1], level), step(box[4], level) + 1):
            for z in range(step(box[2], level), step(box[5], level) + 1):
                names[found] = cell(x, y, z, level)
                found += 1
    return names[:found]


@kernel
def homes(box: Floats) -> Longs:
    """The cubes to which a row belongs."""
    return touched(box, level_of(box))


@kernel
def around(box: Floats) -> Longs:
    """The cubes to which a row belongs, and all coarser ones that its box touches."""
    own = level_of(box)
    found, names = 0, np.empty(8 * (own + 1), np.int64)
    for level in range(own + 1):
        cubes = touched(box, level)
        names[found : found + len(cubes)] = cubes
        found += len(cubes)
    return names[:found]


@kernel
def within(cubes: Longs, box: Floats) -> Longs:
    """The cubes, half as wide, inside cubes of one level that a box touches."""
    mask = (1 << AXIS_BITS) - 1
    found, names = 0, np.empty(8 * len(cubes), np.int64)
    for cube in cubes:
        level, x = (cube >> (3 * AXIS_BITS)) + 1, cube >> (2 * AXIS_BITS) & mask
        y, z = cube >> AXIS_BITS & mask, cube & mask
        for i in range(max(2 * x, step(box[0], level)), min(2 * x + 1, step(box[3], level)) + 1):
            for j in range(max(2 * y, step(box[1], level)), min(2 * y + 1, step(box[4], level)) + 1):
                for k in range(max(2 * z, step(box[2], level)), min(2 * z + 1, step(box[5], level)) + 1):
                    names[found] = cell(i, j, k, level)
                    found += 1
    return names[:found]
