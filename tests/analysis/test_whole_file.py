"""A file that is replaced is seen whole: the former one or the new one, and by its owner alone."""

import os
import stat
from pathlib import Path

import pytest

from cordiale.analysis import whole_file


def test_a_file_is_replaced_and_private(tmp_path: Path) -> None:
    path = tmp_path / "state"
    path.write_bytes(b"former")
    path.chmod(0o644)
    whole_file.replace(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_fails_leaves_the_former_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "state"
    whole_file.replace(path, b"former")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        whole_file.replace(path, b"new")
    assert path.read_bytes() == b"former"
    monkeypatch.undo()
    whole_file.replace(path, b"after")  # what was left half-written is in nobody's way
    assert path.read_bytes() == b"after"
