"""A mapping that never changes, of which a changed copy shares all but what changed.

Entries lie on shelves by their keys' hash. A change copies the shelves that it touches, and two copies differ only where
their shelves are not the same object; so both cost a shelf's length, not the mapping's.
"""

from collections.abc import Collection, Hashable, Iterator, Mapping
from itertools import chain
from typing import Final, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_SHELVES: Final = 128


class Shelves(Mapping[K, V]):
    """Starts empty; `changed` gives other ones, `shelved` one of any mapping."""

    __slots__ = ("_shelves",)

    def __init__(self, shelves: list[dict[K, V]] | None = None) -> None:
        self._shelves: Final[list[dict[K, V]]] = [{}] * _SHELVES if shelves is None else shelves

    def __getitem__(self, key: K) -> V:
        return self._shelves[hash(key) % _SHELVES][key]

    def __iter__(self) -> Iterator[K]:
        return chain.from_iterable(self._shelves)

    def __len__(self) -> int:
        return sum(map(len, self._shelves))

    def __repr__(self) -> str:
        return f"Shelves({len(self)} entries)"

    def changed(self, put: Mapping[K, V], drop: Collection[K] = ()) -> "Shelves[K, V]":
        """With these entries put, and those dropped that are there."""
        shelves = self._shelves.copy()
        for place in {hash(key) % _SHELVES for key in (*put, *drop)}:
            shelves[place] = dict(shelves[place])
        for key, value in put.items():
            shelves[hash(key) % _SHELVES][key] = value
        for key in drop:
            shelves[hash(key) % _SHELVES].pop(key, None)
        return Shelves(shelves)

    def with_one(self, key: K, value: V) -> "Shelves[K, V]":
        """With this entry put."""
        place, shelves = hash(key) % _SHELVES, self._shelves.copy()
        shelf = shelves[place] = shelves[place].copy()
        shelf[key] = value
        return Shelves(shelves)

    def since(self, before: Mapping[K, V]) -> tuple[dict[K, V], set[K]]:
        """What was put and what was dropped since `before`; an entry that is the same object was not."""
        put: dict[K, V] = {}
        gone: set[K] = set()
        for old, new in zip(shelved(before)._shelves, self._shelves, strict=True):
            if old is not new:
                put.update((key, value) for key, value in new.items() if key not in old or old[key] is not value)
                gone |= old.keys() - new.keys()
        return put, gone


def shelved(entries: Mapping[K, V]) -> Shelves[K, V]:
    """The same entries; the same object if they are on shelves already."""
    if isinstance(entries, Shelves):
        return entries
    empty: Shelves[K, V] = Shelves()
    return empty.changed(entries)
