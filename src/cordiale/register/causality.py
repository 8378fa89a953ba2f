"""Causal order without clocks: each message names how many it has seen from each nation.

If a message has seen another, its sum of heads is larger, because `advance` takes in what that one had seen. So sorting
by (sum, nation, sequence) is a linear extension of the causal order, the same for every reader; concurrent messages fall
in a fixed, arbitrary order.
"""

from collections.abc import Mapping

from cordiale.vocab.party import Nation

Position = tuple[int, Nation, int]


def position(heads: Mapping[Nation, int], nation: Nation, sequence: int) -> Position:
    """Where a message stands: sort by this. `sequence` counts from 1 within nation and room."""
    return (sum(heads.values()), nation, sequence)


def advance(
    heads: Mapping[Nation, int], seen: Mapping[Nation, int], nation: Nation, sequence: int
) -> dict[Nation, int]:
    """The heads after reading message `sequence` of `nation`, which itself had `seen` so much."""
    merged = {**heads, nation: max(heads.get(nation, 0), sequence)}
    for other, count in seen.items():
        merged[other] = max(merged.get(other, 0), count)
    return merged
