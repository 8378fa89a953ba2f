"""cordiale.ledger.tile: C2SP tlog-tiles, with the specification's own examples."""

import pytest

from cordiale.errors import Malformed, NotFound
from cordiale.ledger import tile
from cordiale.ledger.merkle import Frontier, leaf_hash
from cordiale.ledger.tile import MemoryTiles, Tile
from ledger import reference

LEAVES = [leaf_hash(b"%d" % index) for index in range(1500)]


@pytest.mark.parametrize(
    ("which", "path"),
    [
        (Tile(0, 1234067, 256), "tile/0/x001/x234/067"),
        (Tile(0, 273, 112), "tile/0/273.p/112"),
        (Tile(1, 1, 17), "tile/1/001.p/17"),
        (Tile(2, 0, 1), "tile/2/000.p/1"),
        (Tile(63, 1000, 256), "tile/63/x001/000"),
    ],
)
def test_paths_are_those_of_the_specification(which, path):
    assert which.path() == path
    assert tile.parse_path(path) == which


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0/0",
        "tile/0/x000/001",
        "tile/00/001",
        "tile/64/001",
        "tile/0/001.p/0",
        "tile/0/001.p/256",
        "tile/0/001.p/01",
        "tile/0/001.p/257",
        "tile/0/001\n",
        "tile/0/٠٠١",
        "tile/entries/000",
        "tile/0/x001/x001/x001/x001/x001/x001/x001/001",
    ],
)
def test_other_spellings_name_no_tile(path):
    with pytest.raises(Malformed):
        tile.parse_path(path)


def test_a_log_of_70000_has_the_tiles_of_the_specification():
    tiles = list(tile.changed(0, 70_000))
    widths = {level: [each.width for each in tiles if each.level == level] for level in (0, 1, 2, 3)}
    assert widths == {0: [256] * 273 + [112], 1: [256, 17], 2: [1], 3: []}
    assert list(tile.changed(0, 256)) == [Tile(0, 0, 256), Tile(1, 0, 1)]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (0, 0, []),
        (5, 5, []),
        (5, 6, [Tile(0, 0, 6)]),
        (255, 257, [Tile(0, 0, 256), Tile(0, 1, 1), Tile(1, 0, 1)]),
        (256, 300, [Tile(0, 1, 44)]),
    ],
)
def test_growth_changes_only_the_right_edge(old, new, expected):
    assert list(tile.changed(old, new)) == expected


@pytest.mark.parametrize(("old", "new"), [(-1, 0), (2, 1), (0, 2**63)])
def test_a_log_does_not_shrink(old, new):
    with pytest.raises(Malformed):
        list(tile.changed(old, new))


def test_bytes_round_trip_and_have_one_length():
    assert tile.decode(tile.encode(LEAVES[:3]), 3) == tuple(LEAVES[:3])
    for data, width in ((bytes(32), 2), (b"", 0), (bytes(257 * 32), 257), (bytes(33), 1)):
        with pytest.raises(Malformed):
            tile.decode(data, width)


@pytest.mark.parametrize("step", [1, 100, 256, 1500])
def test_tiles_hold_what_the_specification_says(step):
    tiles = MemoryTiles()
    for start in range(0, len(LEAVES), step):
        tiles.extend(LEAVES[start : start + step])
    for each in tile.changed(0, len(LEAVES)):
        span = 256**each.level
        first = each.index * 256
        expected = [reference.mth(LEAVES[at * span : (at + 1) * span]) for at in range(first, first + each.width)]
        assert list(tiles.tile(each.level, each.index, each.width)) == expected


def test_growth_names_the_place_of_each_new_hash():
    frontier = Frontier.empty().extend(LEAVES[:511])
    rows = list(tile.growth(frontier, LEAVES[511:513]))
    assert [(row.height, row.first) for row in rows] == [(0, 511), (8, 1)]
    assert list(rows[0].hashes) == LEAVES[511:513]
    assert list(rows[1].hashes) == [reference.mth(LEAVES[256:512])]


@pytest.mark.parametrize(("level", "index", "width"), [(0, 0, 4), (0, 1, 1), (1, 0, 1), (0, 0, 0), (0, 0, 257)])
def test_what_is_not_there_is_not_found(level, index, width):
    tiles = MemoryTiles()
    tiles.extend(LEAVES[:3])
    with pytest.raises(NotFound):
        tiles.tile(level, index, width)
