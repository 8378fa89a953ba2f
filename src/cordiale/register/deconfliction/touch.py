"""Which cells come no nearer to an area than a margin: told by a great circle between the two (separating axis theorem).

An H3 cell's edges are great circles. A cell and an arc are apart where, by more than the margin,

    all of the arc is beyond the great circle of one of the cell's edges, or
    all of the cell is on one side of the arc's own great circle.

A cell whose centre is outside a polygon and that is apart from each of its edges is apart from the polygon. The test is
one-sided: near a cell's corner something apart may be taken for near, by less than a third of the margin. Where a cell is not
convex (odd resolutions, across an edge of the icosahedron), an edge counts from the corner that sticks out furthest beyond it.
"""

import importlib
import math
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cordiale.register.deconfliction.shape import Vectors, cross, vectors

CORNERS: Final = 10
"""The most that a cell has: a pentagon across five faces of the icosahedron."""

_h3: Final[Any] = importlib.import_module("h3.api.numpy_int")  # the package has no types
Marks = NDArray[np.bool_]


def apart(cells: NDArray[np.uint64], corners: Vectors, margin: float, *, closed: bool) -> Marks:
    """For each cell whether it is further than `margin` (radians, more than 0) from every arc between these corners."""
    found: Marks = np.ones(len(cells), dtype=np.bool_)
    if not len(cells):
        return found
    known = np.stack([_cell(cell) for cell in cells.tolist()])
    rings, axes, reach = known[..., 0:3], known[..., 3:6], known[..., 6]
    following = np.roll(corners, -1, axis=0) if closed else corners[1:]
    for start, end in zip(corners, following if len(corners) > 1 else corners, strict=False):
        found &= _beyond_an_edge(axes, reach, start, end, margin) | _aside(rings, start, end, margin)
    return found


def _beyond_an_edge(axes: Vectors, reach: Vectors, start: Vectors, end: Vectors, margin: float) -> Marks:
    """On a minor arc whose ends are beyond a great circle, nothing is nearer to it than the nearer end."""
    heights = np.arcsin(np.clip(np.minimum(axes @ start, axes @ end), -1.0, 1.0))
    return np.any(heights - reach > margin, axis=1)


def _aside(rings: Vectors, start: Vectors, end: Vectors, margin: float) -> Marks:
    normal = cross(start, end)
    length = float(np.linalg.norm(normal))
    if length < 1e-15:
        return np.zeros(len(rings), dtype=np.bool_)
    heights = rings @ (normal / length)
    bound = math.sin(min(margin, math.pi / 2))
    return (heights.min(axis=1) > bound) | (heights.max(axis=1) < -bound)


@lru_cache(maxsize=1 << 16)
def _cell(cell: int) -> Vectors:
    """A row for each corner, counter-clockwise, the last repeated up to `CORNERS`: the corner; the unit normal outwards of the
    edge to the next one (zero where it has no length); how far the cell reaches beyond that edge."""
    ring = vectors(_h3.cell_to_boundary(cell))
    ring = np.concatenate((ring, np.repeat(ring[-1:], CORNERS - len(ring), axis=0)))
    normals = cross(np.roll(ring, -1, axis=0), ring)
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    axes: Vectors = np.where(lengths > 1e-12, normals / np.maximum(lengths, 1e-12), 0.0)
    reach = np.arcsin(np.clip((axes @ ring.T).max(axis=1, keepdims=True), -1.0, 1.0))
    return np.concatenate((ring, axes, reach), axis=1)
