"""All conflicts at once: rows into cubes of space, each cube swept in order of time.

Level by level from the coarsest, every row that is of this level or a finer one is put into the cubes that its box touches.
Rows of the level itself are natives there, finer ones visitors; natives meet natives and visitors whose times overlap. The
pair is kept by one cube alone, the `_meeting` of the two, if all but its shapes is known to conflict; shapes are compared at
the end. Where cubes are thinly peopled (`CROWD`), the finer rows are natives as well, and no finer level is needed.

Rows come in order of their begin, so that whoever begins while a native is on is found without a look at anybody else: the
work is that of the pairs that share time and neighbourhood.
"""

from typing import Final, NamedTuple

import numpy as np

from cordiale.desks.activity.judge import Columns, confirmed, keep, opposed
from cordiale.desks.activity.kernel import Bytes, Floats, Ints, Longs, Shorts, kernel
from cordiale.desks.activity.lattice import cell, level_of, place_of, step

CROWD: Final = 8.0
"""How many rows may be expected to share cube and time with a row before finer cubes are worth their cost."""
_BEGIN, _END, _BOX = 0, 1, 2
_PER_BUCKET: Final = 8


class Queue(NamedTuple):
    """All rows in order of their begin."""

    row: Ints
    span: Floats
    """[n, 8] begin, end (milliseconds: whole numbers below 2^53) and the box: one line of the processor's cache."""
    level: Bytes


class Guests(NamedTuple):
    """Rows in one bucket of cubes, in order of their begin."""

    row: Ints
    cube: Longs
    span: Floats


def sweep(c: Columns, matrix: Shorts) -> Ints:
    """Every pair of rows that conflict, once each: [k, 2], in no order."""
    found = [np.zeros((0, 2), np.int32)]
    if len(c.begin) > 1:
        queue = _queue(c, np.argsort(c.begin, kind="stable"))
        share = float((c.end - c.begin).sum()) / float(c.end.max() - c.begin.min()) / len(c.begin)
        for level in np.unique(queue.level):
            pairs, last = _sweep_level(c, matrix, queue, int(level), share)
            found.append(confirmed(c, pairs))
            if last:
                break
    return np.concatenate(found)


@kernel
def _queue(c: Columns, order: Longs) -> Queue:
    queue = Queue(order.astype(np.int32), np.empty((len(order), 8)), np.empty(len(order), np.int8))
    for at in range(len(order)):
        row = order[at]
        queue.span[at, _BEGIN], queue.span[at, _END] = c.begin[row], c.end[row]
        for side in range(6):
            queue.span[at, _BOX + side] = c.box[row, side]
        queue.level[at] = level_of(c.box[row])
    return queue


@kernel
def _sweep_level(c: Columns, matrix: Shorts, queue: Queue, level: int, share: float) -> tuple[Ints, bool]:
    """The pairs of one level whose boxes meet and that are `judge.opposed`, and whether it was the last that is needed."""
    starts, places, cubes = _buckets(queue, level)
    most, squares = 0, 0.0
    for bucket in range(len(starts) - 1):
        size = starts[bucket + 1] - starts[bucket]
        most, squares = max(most, size), squares + float(size) * size
    last = share * squares / max(1, len(places)) <= CROWD
    natives, visitors = _guests(most), _guests(most)
    pairs, found = np.empty((1024, 2), np.int32), 0
    for bucket in range(len(starts) - 1):
        begin, end = starts[bucket], starts[bucket + 1]
        if end - begin > 1:
            native_to = 127 if last else level
            own, foreign = _admit(queue, native_to, places[begin:end], cubes[begin:end], natives, visitors)
            if own > 0:
                pairs, found = _among_natives(c, matrix, level, natives, own, pairs, found)
                pairs, found = _with_visitors(c, matrix, level, natives, own, visitors, foreign, pairs, found)
    return pairs[:found].copy(), last


@kernel
def _buckets(queue: Queue, level: int) -> tuple[Longs, Ints, Longs]:
    """Where each bucket begins, and what is in them: places in the queue, and their cubes."""
    entries = 0
    for at in range(len(queue.row)):
        if queue.level[at] >= level:
            for _ in range(_cubes(queue.span, at, level)):
                entries += 1
    bits = 1
    while _PER_BUCKET << bits < entries:
        bits += 1
    names, at_name = np.empty(entries, np.int64), 0
    starts = np.zeros((1 << bits) + 2, np.int64)
    for at in range(len(queue.row)):
        if queue.level[at] >= level:
            at_name = _name(queue.span, at, level, names, at_name)
    for at_name in range(entries):
        starts[place_of(names[at_name], bits) + 2] += 1
    for bucket in range(2, len(starts)):
        starts[bucket] += starts[bucket - 1]
    places, cubes, at_name = np.empty(entries, np.int32), np.empty(entries, np.int64), 0
    for at in range(len(queue.row)):
        if queue.level[at] >= level:
            for _ in range(_cubes(queue.span, at, level)):
                bucket = place_of(names[at_name], bits) + 1
                places[starts[bucket]], cubes[starts[bucket]] = at, names[at_name]
                starts[bucket] += 1
                at_name += 1
    return starts[:-1], places, cubes


@kernel
def _cubes(span: Floats, at: int, level: int) -> int:
    """How many cubes a box touches."""
    count = 1
    for axis in range(_BOX, _BOX + 3):
        count *= step(span[at, axis + 3], level) - step(span[at, axis], level) + 1
    return count


@kernel
def _name(span: Floats, at: int, level: int, names: Longs, at_name: int) -> int:
    """Write down the cubes that a box touches; how many are written in all."""
    for x in range(step(span[at, _BOX], level), step(span[at, _BOX + 3], level) + 1):
        for y in range(step(span[at, _BOX + 1], level), step(span[at, _BOX + 4], level) + 1):
            for z in range(step(span[at, _BOX + 2], level), step(span[at, _BOX + 5], level) + 1):
                names[at_name] = cell(x, y, z, level)
                at_name += 1
    return at_name


@kernel
def _guests(most: int) -> Guests:
    return Guests(np.empty(most, np.int32), np.empty(most, np.int64), np.empty((most, 8)))


@kernel
def _admit(
    queue: Queue, native_to: int, places: Ints, cubes: Longs, natives: Guests, visitors: Guests
) -> tuple[int, int]:
    """Copy a bucket's rows to where they are read one after the other; how many natives and visitors there are."""
    own, foreign = 0, 0
    for n in range(len(places)):
        at = places[n]
        if queue.level[at] <= native_to:
            _seat(queue, at, cubes[n], natives, own)
            own += 1
        else:
            _seat(queue, at, cubes[n], visitors, foreign)
            foreign += 1
    return own, foreign


@kernel
def _seat(queue: Queue, at: int, cube: int, guests: Guests, seat: int) -> None:
    guests.row[seat], guests.cube[seat] = queue.row[at], cube
    for side in range(8):
        guests.span[seat, side] = queue.span[at, side]


@kernel
def _near(one: Floats, p: int, other: Floats, q: int) -> bool:
    """Whether two boxes meet."""
    return (
        one[p, _BOX] <= other[q, _BOX + 3]
        and other[q, _BOX] <= one[p, _BOX + 3]
        and one[p, _BOX + 1] <= other[q, _BOX + 4]
        and other[q, _BOX + 1] <= one[p, _BOX + 4]
        and one[p, _BOX + 2] <= other[q, _BOX + 5]
        and other[q, _BOX + 2] <= one[p, _BOX + 5]
    )


@kernel
def _meeting(one: Floats, p: int, other: Floats, q: int, level: int) -> int:
    """The cube that reports two boxes that meet."""
    x = step(max(one[p, _BOX], other[q, _BOX]), level)
    y = step(max(one[p, _BOX + 1], other[q, _BOX + 1]), level)
    return cell(x, y, step(max(one[p, _BOX + 2], other[q, _BOX + 2]), level), level)


@kernel
def _among_natives(
    c: Columns, matrix: Shorts, level: int, guests: Guests, count: int, pairs: Ints, found: int
) -> tuple[Ints, int]:
    row, cube, span = guests.row, guests.cube, guests.span
    for p in range(count):
        end = span[p, _END]
        for q in range(p + 1, count):
            if span[q, _BEGIN] >= end:
                break
            here = cube[p] == cube[q] and _near(span, p, span, q) and _meeting(span, p, span, q, level) == cube[p]
            if here and opposed(c, matrix, row[p], row[q]):
                pairs = keep(pairs, found, row[p], row[q])
                found += 1
    return pairs, found


@kernel
def _with_visitors(
    c: Columns, matrix: Shorts, level: int, own: Guests, n: int, foreign: Guests, m: int, pairs: Ints, found: int
) -> tuple[Ints, int]:
    """Both queues walked together: the one that begins first meets those of the other that begin while it is on."""
    one, other, p, q = own.span, foreign.span, 0, 0
    while p < n and q < m:
        first, last, k, until = p, p + 1, q, q + 1
        if one[p, _BEGIN] <= other[q, _BEGIN]:
            while until < m and other[until, _BEGIN] < one[p, _END]:
                until += 1
            until = until if other[q, _BEGIN] < one[p, _END] else q
            p += 1
        else:
            while last < n and one[last, _BEGIN] < other[q, _END]:
                last += 1
            last = last if one[p, _BEGIN] < other[q, _END] else p
            q += 1
        for i in range(first, last):
            for j in range(k, until):
                near = own.cube[i] == foreign.cube[j] and _near(one, i, other, j)
                here = near and _meeting(one, i, other, j, level) == own.cube[i]
                if here and opposed(c, matrix, own.row[i], foreign.row[j]):
                    pairs = keep(pairs, found, own.row[i], foreign.row[j])
                    found += 1
    return pairs, found
