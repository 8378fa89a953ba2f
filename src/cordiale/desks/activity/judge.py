"""Whether two rows conflict: the one test that batch and board share, so that they can't answer differently.

    open time overlap ∧ altitude overlap ∧ a rule against the two kinds ∧ shared interior

All overlaps are open: what only touches does not conflict. The order is that of cost.
"""

from typing import Final, NamedTuple

import numpy as np

from cordiale.desks.activity.kernel import Bytes, Floats, Ints, Longs, Shorts, kernel
from cordiale.desks.activity.overlap import overlap
from cordiale.desks.activity.sphere import TOUCH, Shapes

COMPATIBLE: Final = -1
"""In the matrix of rules: these kinds may share a place at a time."""

LINK: Final = 3
"""Numbers of a row in a list of neighbours: row, begin, end; so that whoever is at another time is passed over in one stride."""


class Columns(NamedTuple):
    """n rows, ready to be searched."""

    shapes: Shapes
    box: Floats
    """[n, 6] least and greatest on the three axes of space, unit sphere."""
    begin: Longs
    end: Longs
    altitude: Floats
    reference: Bytes
    kind: Shorts
    nation: Shorts
    activity: Ints


@kernel
def conflict(c: Columns, matrix: Shorts, i: int, j: int) -> bool:
    """Whether rows `i` and `j` do; two volumes of one activity never."""
    return opposed(c, matrix, i, j) and boxes_meet(c, i, j) and overlap(c.shapes, i, j, TOUCH) > TOUCH


@kernel
def opposed(c: Columns, matrix: Shorts, i: int, j: int) -> bool:
    """Whether two rows would conflict if they were in one place."""
    return (
        c.activity[i] != c.activity[j]
        and c.begin[i] < c.end[j]
        and c.begin[j] < c.end[i]
        and matrix[1 if c.nation[i] == c.nation[j] else 0, c.kind[i], c.kind[j]] != COMPATIBLE
        and shared_altitude(c, i, j) > 0.0
    )


@kernel
def confirmed(c: Columns, pairs: Ints) -> Ints:
    """Those of opposed pairs whose shapes share interior."""
    found = 0
    for n in range(len(pairs)):
        if overlap(c.shapes, pairs[n, 0], pairs[n, 1], TOUCH) > TOUCH:
            pairs[found] = pairs[n]
            found += 1
    return pairs[:found].copy()


@kernel
def shared_altitude(c: Columns, i: int, j: int) -> float:
    """Metres of altitude in both bands, or between them if negative; cautious where their references differ."""
    low = 0 if c.reference[i] == c.reference[j] else 2
    return min(c.altitude[i, low + 1], c.altitude[j, low + 1]) - max(c.altitude[i, low], c.altitude[j, low])


@kernel
def boxes_meet(c: Columns, i: int, j: int) -> bool:
    """Whether the boxes do, edges included: where not, the shapes are apart."""
    return (
        c.box[i, 0] <= c.box[j, 3]
        and c.box[j, 0] <= c.box[i, 3]
        and c.box[i, 1] <= c.box[j, 4]
        and c.box[j, 1] <= c.box[i, 4]
        and c.box[i, 2] <= c.box[j, 5]
        and c.box[j, 2] <= c.box[i, 5]
    )


@kernel
def keep(pairs: Ints, found: int, i: int, j: int) -> Ints:
    """`pairs` with one more at `found`, in an array twice as long where it was full."""
    if found == len(pairs):
        longer = np.empty((2 * found, 2), np.int32)
        longer[:found] = pairs
        pairs = longer
    pairs[found, 0], pairs[found, 1] = i, j
    return pairs


@kernel
def depths(s: Shapes, triples: Ints) -> Floats:
    """How far the shapes of two rows reach into each other, in radians; 0 where the third number names a resource of both."""
    found = np.zeros(len(triples))
    for n in range(len(triples)):
        if triples[n, 2] < 0:
            found[n] = overlap(s, triples[n, 0], triples[n, 1], np.inf)
    return found


@kernel
def near(c: Columns, row: int, links: Longs) -> Ints:
    """Of links (a row, its begin and end, three numbers each) the rows whose time and box meet those of a row."""
    found, kept = 0, np.empty(len(links) // LINK, np.int32)
    for at in range(0, len(links), LINK):
        if links[at + 1] < c.end[row] and c.begin[row] < links[at + 2] and boxes_meet(c, row, links[at]):
            kept[found] = links[at]
            found += 1
    return kept[:found]


@kernel
def hits(c: Columns, matrix: Shorts, row: int, others: Ints) -> Ints:
    """Which of `others` conflict with a row."""
    found, kept = 0, np.empty(len(others), np.int32)
    for other in others:
        if conflict(c, matrix, row, other):
            kept[found] = other
            found += 1
    return kept[:found]
