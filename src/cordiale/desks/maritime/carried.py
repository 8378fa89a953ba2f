"""What stage one carries from one day to the next, independent of how many shards there are.

Checkpoints of shards (`Stage.checkpoint`) are merged into one, its vessels in the order of MMSI and branch, and cut again for
however many shards go on from it. Counts of an hour that not every shard has ended stay counts: they sum up.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cordiale.desks.maritime.detect.heard import HEARD
from cordiale.desks.maritime.detect.index import mixed

Arrays = Mapping[str, NDArray[Any]]
_HOUR: Final = 0
_MMSI: Final = (1 << 32) - 1


class Merged(NamedTuple):
    """One checkpoint of all shards, and the counts of hours that had ended for the others."""

    checkpoint: dict[str, NDArray[Any]]
    heard: NDArray[np.void]
    """[n] of HEARD"""


def merge(parts: Sequence[Arrays]) -> Merged:
    """The checkpoint of all shards together."""
    now = max(int(part["hour"][_HOUR]) for part in parts)
    running = [part for part in parts if int(part["hour"][_HOUR]) == now]
    ended = [_ended(part) for part in parts if int(part["hour"][_HOUR]) != now]
    cells = np.concatenate([part["touched"] for part in running])
    touched, place = np.unique(cells, return_inverse=True)
    known = np.unique(np.concatenate([part["known"] for part in running]))
    checkpoint = {
        "vessels": _together([part["vessels"] for part in parts]),
        "touched": touched.astype(np.int32),
        "messages": _sums(place, [part["messages"] for part in running], len(touched)),
        "distinct": _sums(place, [part["distinct"] for part in running], len(touched)),
        "known": known,
        "hour": np.array([now, len(touched), len(known)], np.int64),
        "tally": np.sum([part["tally"] for part in parts], axis=0),
    }
    return Merged(checkpoint, np.concatenate([np.zeros(0, HEARD), *ended]))


def cut(whole: Arrays, shard: int, shards: int) -> dict[str, NDArray[Any]]:
    """One shard's part of a merged checkpoint. Counts of cells, which sum up, go to the first."""
    mine = _falls(whole["vessels"]["mmsi"], shard, shards)
    known = whole["known"][_falls(whole["known"] & _MMSI, shard, shards)]
    first = slice(None) if shard == 0 else slice(0)
    touched = whole["touched"][first]
    return {
        "vessels": _picked(whole["vessels"], mine),
        "touched": touched,
        "messages": whole["messages"][first],
        "distinct": whole["distinct"][first],
        "known": known,
        "hour": np.array([whole["hour"][_HOUR], len(touched), len(known)], np.int64),
        "tally": whole["tally"] if shard == 0 else np.zeros_like(whole["tally"]),
    }


def _falls(mmsi: NDArray[Any], shard: int, shards: int) -> NDArray[np.bool_]:
    """Which of them fall to that shard; `Stage` decides by the same hash."""
    return np.array([mixed(int(each)) % shards == shard for each in mmsi], bool)


def _ended(part: Arrays) -> NDArray[np.void]:
    rows = np.zeros(len(part["touched"]), HEARD)
    rows["hour"], rows["cell"] = part["hour"][_HOUR], part["touched"]
    rows["messages"], rows["vessels"] = part["messages"], part["distinct"]
    return np.sort(rows, order=("hour", "cell"))


def _sums(place: NDArray[Any], parts: Sequence[NDArray[Any]], count: int) -> NDArray[np.uint32]:
    return np.bincount(place, np.concatenate(parts), count).astype(np.uint32)


def _together(parts: Sequence[NDArray[np.void]]) -> NDArray[np.void]:
    """All vessels by MMSI and branch; `next`, the number of a vessel's following branch, is renumbered."""
    moved: list[NDArray[np.void]] = []
    start = 0
    for part in parts:
        later = part.copy()
        later["next"] = np.where(part["next"] >= 0, part["next"] + start, -1)
        moved.append(later)
        start += len(part)
    whole = np.concatenate(moved)
    return _picked(whole, np.lexsort((whole["branch"], whole["mmsi"])))


def _picked(vessels: NDArray[np.void], which: NDArray[Any]) -> NDArray[np.void]:
    """These, in this order; whole MMSIs only."""
    numbers = np.flatnonzero(which) if which.dtype == bool else which
    places = np.full(len(vessels) + 1, -1, np.int64)
    places[numbers] = np.arange(len(numbers))
    found = vessels[numbers]
    found["next"] = places[found["next"]]
    return found
