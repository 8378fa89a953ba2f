"""The benchmark of the MLS engine, in small: its rooms are legitimate, its rows have their shape, its counts hold."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from bench.mls_members import found
from bench.mls_room import GROUP_ID, Room, anybody, founder, newcomer, now
from bench.table import COLUMNS

from bench import mls
from cordiale.crypto.suite import HYBRID_ID
from cordiale.mls.tree import ParentNode, RatchetTree
from cordiale.mls.tree_math import node_width
from cordiale.mls.tree_validation import check_whole_tree

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("suite_id", [1, HYBRID_ID])
@pytest.mark.parametrize("members", [2, 5, 16, 21])
def test_a_populated_room_is_legitimate(suite_id: int, members: int) -> None:
    """As a newcomer sees it, who has the bytes alone; and its members understand each other."""
    room = Room(suite_id, members)
    first, last, one = room.member(0), room.member(members - 1), newcomer("newcomer", suite_id)
    tree = RatchetTree.decode(first.public.tree.encode(), first.suite)
    check_whole_tree(tree, GROUP_ID, (), anybody)
    assert tree.tree_hash() == first.public.tree_hash
    assert len(list(tree.members())) == members
    result = first.commit(add=[one.package], authenticate=anybody, now=now())
    last, _ = last.process(result.message, authenticate=anybody, now=now())
    entered = one.join(result.welcome or b"")
    assert entered.epoch_authenticator == last.epoch_authenticator == result.pending.epoch_authenticator


def test_every_parent_of_a_full_room_is_filled() -> None:
    nodes = Room(1, 16).member(3).public.tree.nodes
    assert len(nodes) == node_width(16)
    assert all(node is not None for node in nodes)
    assert sum(isinstance(node, ParentNode) for node in nodes) == 15


def test_founding_counts_its_work() -> None:
    made = found(1, 8)
    assert made["cpu"] > 0
    assert made["peak_kib"] > 1000
    packages = [newcomer(f"person {index}", 1).package for index in range(8)]
    welcome = founder(1).commit(add=packages, authenticate=anybody, now=now()).welcome
    assert abs(made["welcome_bytes"] - len(welcome or b"")) < 50


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.mls", "--quick", "--json", "--seconds", "0.02"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=170, check=False)
    assert done.returncode == 0, done.stderr.decode()
    made: dict[str, Any] = json.loads(done.stdout.decode())
    return made


def test_rows_have_their_shape(document: dict[str, Any]) -> None:
    rows = document["rows"]
    assert all(tuple(row) == COLUMNS and row["ours"] > 0 for row in rows)
    works = {row["work"] for row in rows}
    assert works >= {mls.JOIN.name, mls.PROCESS.name, mls.HYBRID_SIZE.name, mls.ADD.name, mls.GROWTH_JOIN.name}
    size = next(row for row in rows if row["work"] == mls.HYBRID_SIZE.name)
    assert size["met"] == (document["facts"]["hybrid_commit_bytes"] <= 32 * 1024)


def test_absent_peers_are_said_to_be(document: dict[str, Any]) -> None:
    peers = {row["peer"] for row in document["rows"] if row["work"] == mls.JOIN.name}
    assert peers == {mls.ELSEWHERE, mls.FLOOR}
    assert any("not run" in note for note in document["notes"])


def test_messages_stand_beside_the_floor_of_their_own_signature(document: dict[str, Any]) -> None:
    works = (mls.ENCRYPTING.alone, mls.DECRYPTING.alone, mls.P256_ENCRYPT, mls.P256_DECRYPT)
    for work in works:
        (row,) = (row for row in document["rows"] if row["work"] == work.name)
        assert row["peer"] == mls.FLOOR
