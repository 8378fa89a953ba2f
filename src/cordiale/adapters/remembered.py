"""A cache that forgets with the transaction: what is rolled back in the database is rolled back here."""

from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Remembered(Generic[K, V]):
    """Values by key, each change undoable back to a mark."""

    def __init__(self) -> None:
        self._values: dict[K, V] = {}
        self._undo: list[tuple[K, V | None]] = []

    def get(self, key: K) -> V | None:
        return self._values.get(key)

    def put(self, key: K, value: V) -> None:
        self._undo.append((key, self._values.get(key)))
        self._values[key] = value

    def mark(self) -> int:
        """Where things stand now, for `back_to`."""
        return len(self._undo)

    def back_to(self, mark: int) -> None:
        """Undo every change since `mark`."""
        while len(self._undo) > mark:
            key, earlier = self._undo.pop()
            if earlier is None:
                self._values.pop(key, None)
            else:
                self._values[key] = earlier

    def settle(self, most: int) -> None:
        """The changes are final; at most `most` values are kept for the next time."""
        self._undo.clear()
        if len(self._values) > most:
            self._values.clear()

    def forget(self) -> None:
        """Know nothing any more."""
        self._undo.clear()
        self._values.clear()
