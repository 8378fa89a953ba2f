"""A mapping that never changes, of which a changed copy shares all but what changed.

Entries lie on shelves by their keys' hash, and shelves stand in rows. A change copies the shelves that it touches and their
rows, and two copies differ only where their shelves are not the same object; so both cost a shelf's and a row's length, not
the mapping's.
"""

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Final, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
T = TypeVar("T")

_WIDE: Final = 32
"""Rows, and shelves in each: a room of ten thousand has some twenty keys on a shelf."""
_BARE: Final[list[dict[Any, Any]]] = [{}] * _WIDE
"""The row on which nothing lies yet, the same one everywhere."""


class Shelves(Mapping[K, V]):
    """Starts empty; `changed` gives other ones, `shelved` one of any mapping."""

    __slots__ = ("_rows",)

    def __init__(self, rows: list[list[dict[K, V]]] | None = None) -> None:
        self._rows: Final[list[list[dict[K, V]]]] = [_BARE] * _WIDE if rows is None else rows

    def __getitem__(self, key: K) -> V:
        place = hash(key)
        return self._rows[place % _WIDE][place // _WIDE % _WIDE][key]

    def __iter__(self) -> Iterator[K]:
        return chain.from_iterable(self._filled())

    def __len__(self) -> int:
        return sum(map(len, self._filled()))

    def __repr__(self) -> str:
        return f"Shelves({len(self)} entries)"

    def changed(self, put: Mapping[K, V], drop: Collection[K] = ()) -> "Shelves[K, V]":
        """With these entries put, and those dropped that are there."""
        rows = self._rows.copy()
        places = {hash(key) % _WIDE**2 for key in (*put, *drop)}
        for number in {place % _WIDE for place in places}:
            rows[number] = rows[number].copy()
        for place in places:
            row, number = rows[place % _WIDE], place // _WIDE
            row[number] = row[number].copy()
        after = Shelves(rows)
        for key, value in put.items():
            after._shelf(key)[key] = value
        for key in drop:
            after._shelf(key).pop(key, None)
        return after

    def with_one(self, key: K, value: V) -> "Shelves[K, V]":
        """With this entry put."""
        place, rows = hash(key), self._rows.copy()
        row = rows[place % _WIDE] = rows[place % _WIDE].copy()
        number = place // _WIDE % _WIDE
        shelf = row[number] = row[number].copy()
        shelf[key] = value
        return Shelves(rows)

    def since(self, before: Mapping[K, V]) -> tuple[dict[K, V], set[K]]:
        """What was put and what was dropped since `before`; an entry that is the same object was not."""
        put: dict[K, V] = {}
        gone: set[K] = set()
        for old, new in _differing(shelved(before)._rows, self._rows):
            for one, other in _differing(old, new):
                put.update((key, value) for key, value in other.items() if key not in one or one[key] is not value)
                gone |= one.keys() - other.keys()
        return put, gone

    def _filled(self) -> Iterator[dict[K, V]]:
        return chain.from_iterable(row for row in self._rows if row is not _BARE)

    def _shelf(self, key: K) -> dict[K, V]:
        place = hash(key)
        return self._rows[place % _WIDE][place // _WIDE % _WIDE]


def _differing(old: Sequence[T], new: Sequence[T]) -> Iterator[tuple[T, T]]:
    return ((one, other) for one, other in zip(old, new, strict=True) if one is not other)


def shelved(entries: Mapping[K, V]) -> Shelves[K, V]:
    """The same entries; the same object if they are on shelves already."""
    if isinstance(entries, Shelves):
        return entries
    empty: Shelves[K, V] = Shelves()
    return empty.changed(entries)
