"""What stage one carries from one day to the next, independent of how many shards there are.

Checkpoints of shards (`Stage.checkpoint`) are merged into one, its vessels in the order of MMSI and branch, and cut again for
however many shards go on from it. They are taken where a day has ended and its last hour's counts are emitted (`Stage.finish`),
so that only vessels and the tally are in them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cordiale.desks.maritime.detect.index import shard_of

Arrays = Mapping[str, NDArray[Any]]


def merge(parts: Sequence[Arrays]) -> dict[str, NDArray[Any]]:
    """The checkpoint of all shards together; the hour of each has been emitted."""
    if any(len(part["touched"]) for part in parts):
        raise AssertionError("an hour that runs cannot be merged")
    return {
        **parts[0],
        "vessels": _together([part["vessels"] for part in parts]),
        "tally": np.sum([part["tally"] for part in parts], axis=0),
    }


def cut(whole: Arrays, shard: int, shards: int) -> dict[str, NDArray[Any]]:
    """One shard's part of a merged checkpoint; `Stage` decides by the same hash whose vessels are whose."""
    mine = np.array([shard_of(int(mmsi), shards) == shard for mmsi in whole["vessels"]["mmsi"]], bool)
    tally = whole["tally"] if shard == 0 else np.zeros_like(whole["tally"])
    return {**whole, "vessels": _picked(whole["vessels"], mine), "tally": tally}


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
