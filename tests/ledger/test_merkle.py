"""cordiale.ledger.merkle against RFC 9162's recursion and its published roots."""

import pytest

from cordiale.errors import LimitExceeded, Malformed
from cordiale.ledger.merkle import EMPTY_ROOT, FRONTIER_BYTES, SIZE_LIMIT, Frontier, leaf_hash, node_hash
from cordiale.vocab.identifier import Digest
from cordiale.wire import canonical
from ledger import reference

CT_ENTRIES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
CT_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""Entries and roots that Certificate Transparency's implementations share (transparency-dev/merkle, testonly)."""

LEAVES = [leaf_hash(b"%d" % index) for index in range(600)]


def test_the_published_roots_come_out():
    frontier = Frontier.empty()
    assert frontier.root() == EMPTY_ROOT
    for entry, root in zip(CT_ENTRIES, CT_ROOTS, strict=True):
        frontier = frontier.append(leaf_hash(bytes.fromhex(entry)))
        assert frontier.root().hex() == root


def test_hashes_separate_leaves_from_nodes():
    left, right = leaf_hash(b"l"), leaf_hash(b"r")
    assert leaf_hash(b"x") == reference.leaf(b"x")
    assert node_hash(left, right) == reference.mth([left, right])
    assert node_hash(left, right) != leaf_hash(left + right)


@pytest.mark.parametrize("step", [1, 2, 3, 7, 8, 255, 256, 257])
def test_any_batching_gives_the_same_root(step):
    frontier = Frontier.empty()
    for start in range(0, len(LEAVES), step):
        frontier = frontier.extend(LEAVES[start : start + step])
        if step > 7:
            assert frontier.root() == reference.mth(LEAVES[: frontier.size])
    assert frontier == Frontier.empty().extend(LEAVES)


def test_growing_leaves_the_old_frontier_as_it_was():
    old = Frontier.empty().extend(LEAVES[:5])
    assert old.extend([]) == old
    old.append(LEAVES[5])
    assert (old.size, old.root()) == (5, reference.mth(LEAVES[:5]))


@pytest.mark.parametrize("size", [0, 1, 2, 5, 255, 256, 600])
def test_encoding_round_trips(size):
    frontier = Frontier.empty().extend(LEAVES[:size])
    assert Frontier.decode(frontier.encode()) == frontier


def test_the_largest_frontier_fits_its_limit():
    largest = Frontier(SIZE_LIMIT, (LEAVES[0],) * 63)
    assert Frontier.decode(largest.encode()) == largest
    with pytest.raises(LimitExceeded):
        Frontier.decode(bytes(FRONTIER_BYTES + 1))


@pytest.mark.parametrize(
    ("size", "hashes"),
    [(-1, ()), (0, (LEAVES[0],)), (3, (LEAVES[0],)), (1, (Digest(b"short"),)), (2**63, (LEAVES[0],))],
)
def test_a_frontier_that_cannot_be_is_refused(size, hashes):
    with pytest.raises(Malformed):
        Frontier(size, hashes)


def test_decoding_checks_as_constructing_does():
    class Loose(canonical.Record, frozen=True):
        size: int
        hashes: tuple[bytes, ...]

    with pytest.raises(Malformed):
        Frontier.decode(canonical.encode(Loose(3, (bytes(32),))))
    with pytest.raises(Malformed):
        Frontier.decode(b"\x00")
