"""Tiles (C2SP tlog-tiles): the tree cut into pieces of height 8, the unit of storage and serving.

Tile `index` of `level` holds up to 256 hashes; its hash `i` is the root over the 256**level entries that begin at
entry (256 × index + i) × 256**level. A full tile never changes; a partial one (`width` < 256) is a prefix of the full
one and is never hashed into the level above.

    level 1   [  h0    h1   …                     ]         h0 = root over the 256 hashes of tile (0, 0)
               /    |    \\
    level 0   tile 0   tile 1   tile 2 (partial)            hashes of entries
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final, Protocol

import msgspec

from cordiale.errors import Malformed, NotFound
from cordiale.ledger.merkle import SIZE_LIMIT, Frontier, Row
from cordiale.vocab.identifier import DIGEST_BYTES, Digest

HEIGHT: Final = 8
WIDTH: Final = 1 << HEIGHT
LEVEL_LIMIT: Final = 63
"""The highest level that a path may name."""

_PATH: Final = re.compile(r"tile/(\d{1,2})/((?:x\d{3}/){0,6}\d{3})(?:\.p/(\d{1,3}))?", re.ASCII)


class Tile(msgspec.Struct, frozen=True):
    """Which tile: `width` hashes of tile `index` at `level`."""

    level: int
    index: int
    width: int

    def path(self) -> str:
        """The C2SP path, such as `tile/0/x001/x234/067` or `tile/1/000.p/17`."""
        groups = [f"{self.index % 1000:03d}"]
        rest = self.index // 1000
        while rest:
            groups.insert(0, f"x{rest % 1000:03d}")
            rest //= 1000
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{self.level}/{'/'.join(groups)}{partial}"


class TileStore(Protocol):
    """Port: where proofs read hashes from. The node's database implements it."""

    def tile(self, level: int, index: int, width: int) -> Sequence[Digest]:
        """The first `width` hashes of a tile; `NotFound` where the store does not have that many."""
        ...


def parse_path(path: str) -> Tile:
    """From a C2SP path in its one canonical form, or `Malformed`."""
    match = _PATH.fullmatch(path)
    if match is None:
        raise Malformed(f"{path[:80]!r} names no tile", what="tile path")
    level, index, width = match.groups()
    tile = Tile(int(level), int(index.replace("x", "").replace("/", "")), int(width or WIDTH))
    if tile.path() != path or not 0 < tile.width <= WIDTH or tile.level > LEVEL_LIMIT:
        raise Malformed(f"{path[:80]!r} is not in canonical form", what="tile path")
    return tile


def encode(hashes: Sequence[Digest]) -> bytes:
    """A tile's bytes: its hashes one after another."""
    return b"".join(hashes)


def decode(data: bytes, width: int) -> tuple[Digest, ...]:
    """A tile's hashes, exactly `width` of them, or `Malformed`."""
    if not 0 < width <= WIDTH or len(data) != width * DIGEST_BYTES:
        raise Malformed(f"{len(data)} bytes are not {width} hashes", what="tile")
    return tuple(Digest(data[at : at + DIGEST_BYTES]) for at in range(0, len(data), DIGEST_BYTES))


def width_at(level: int, index: int, size: int) -> int:
    """How many hashes the tile has in a log of `size` entries; 0 where there is no such tile."""
    return max(0, min(WIDTH, (size >> HEIGHT * level) - index * WIDTH))


def changed(old: int, new: int) -> Iterator[Tile]:
    """The tiles that are new or wider in a log of `new` entries than in one of `old`, level by level."""
    if not 0 <= old <= new <= SIZE_LIMIT:
        raise Malformed(f"a log cannot grow from {old} to {new}", what="log size")
    level = 0
    while new >> HEIGHT * level:
        start, end = old >> HEIGHT * level, new >> HEIGHT * level
        if start < end:
            for index in range(start // WIDTH, (end - 1) // WIDTH + 1):
                yield Tile(level, index, width_at(level, index, new))
        level += 1


def growth(frontier: Frontier, leaves: Sequence[Digest]) -> Iterator[Row]:
    """What a store adds when `leaves` are appended: for each tile level, the row of new hashes.

    `Row.height` is `HEIGHT × level`, `Row.first` the position of the first new hash within the level (tile
    `first // 256`, place `first % 256`).
    """
    for height, first, hashes in frontier.rows(leaves):
        if height % HEIGHT == 0:
            had = (frontier.size >> height) - first
            yield Row(height, first + had, hashes[had:])


class MemoryTiles:
    """A `TileStore` in memory, for small logs, bundles and tests."""

    def __init__(self) -> None:
        self.frontier = Frontier.empty()
        self._levels: dict[int, list[Digest]] = {}

    def extend(self, leaves: Sequence[Digest]) -> None:
        """Append leaf hashes."""
        for height, _first, hashes in growth(self.frontier, leaves):
            self._levels.setdefault(height // HEIGHT, []).extend(hashes)
        self.frontier = self.frontier.extend(leaves)

    def tile(self, level: int, index: int, width: int) -> Sequence[Digest]:
        """See `TileStore`."""
        hashes = self._levels.get(level, [])[index * WIDTH : index * WIDTH + width]
        if not 0 < width <= WIDTH or len(hashes) != width:
            raise NotFound(Tile(level, index, width).path(), what="tile")
        return hashes
