"""The passphrase's side file, and Argon2id against known answers."""

import json
from pathlib import Path

import pytest

from cordiale.adapters import keystore
from cordiale.crypto.passphrase import Cost, derive_key
from cordiale.errors import AlreadyExists, NotFound, StorageFailed, StoreLocked

CHEAP = Cost(memory=64, passes=1, lanes=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "salt.json"


def test_the_same_passphrase_gives_the_same_key_again(path: Path) -> None:
    key = keystore.create(path, "correct horse", cost=CHEAP)
    assert len(key) == 32
    assert keystore.unlock(path, "correct horse") == key
    assert keystore.unlock(path, "correct horse ") != key
    assert path.stat().st_mode & 0o777 == 0o600
    assert "correct" not in path.read_text()
    assert key.hex() not in path.read_text()


def test_accents_may_be_typed_either_way(path: Path) -> None:
    key = keystore.create(path, "passé", cost=CHEAP)
    assert keystore.unlock(path, "passé") == key


def test_every_store_has_its_own_salt(tmp_path: Path) -> None:
    keys = {keystore.create(tmp_path / name, "same", cost=CHEAP) for name in "abc"}
    assert len(keys) == 3


def test_the_default_is_rfc_9106s_second_choice() -> None:
    assert (Cost().memory, Cost().passes, Cost().lanes) == (65_536, 3, 4)
    assert Cost().sound


@pytest.mark.parametrize(
    ("passes", "memory", "answer"),
    [
        (2, 65_536, "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7"),
        (2, 256, "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe"),
    ],
)
def test_known_answers(passes: int, memory: int, answer: str) -> None:
    """From test.c of the reference implementation (P-H-C/phc-winner-argon2), Argon2id version 19."""
    cost = Cost(memory=memory, passes=passes, lanes=1)
    assert derive_key("password", b"somesalt", cost).hex() == answer


def test_what_exists_is_not_overwritten(path: Path) -> None:
    key = keystore.create(path, "first", cost=CHEAP)
    with pytest.raises(AlreadyExists):
        keystore.create(path, "second", cost=CHEAP)
    assert keystore.unlock(path, "first") == key


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"function": "md5"},
        {"salt": "zz"},
        {"salt": "00"},
        {"cost": {"memory": 1 << 40, "passes": 1, "lanes": 1}},
        {"cost": {"memory": 64, "passes": 0, "lanes": 1}},
        {"cost": {"memory": 8, "passes": 1, "lanes": 4}},
        {"cost": {"memory": 64, "passes": 1, "lanes": 99}},
        {"extra": 1},
    ],
)
def test_a_file_that_was_changed_is_refused(path: Path, change: dict[str, object]) -> None:
    keystore.create(path, "pass", cost=CHEAP)
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(StoreLocked):
        keystore.unlock(path, "pass")


def test_missing_unreadable_and_impossible_places(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        keystore.unlock(tmp_path / "none", "pass")
    with pytest.raises(StorageFailed):
        keystore.unlock(tmp_path, "pass")
    with pytest.raises(StorageFailed):
        keystore.create(tmp_path / "no" / "folder", "pass", cost=CHEAP)
    (tmp_path / "text").write_bytes(b"\xff" * 9000)
    with pytest.raises(StoreLocked):
        keystore.unlock(tmp_path / "text", "pass")
