"""RFC 9420 vectors, by file and suite. A test whose file is absent is skipped by that file's name."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "mls"

Case = dict[str, Any]


@cache
def load(name: str) -> list[Case]:
    """All cases of a file."""
    path = FOLDER / f"{name}.json"
    if not path.exists():
        pytest.skip(f"vectors {path.name} are not beside this checkout")
    return json.loads(path.read_text())


def of_suite(name: str, suite_id: int) -> list[Case]:
    """The cases of one suite; there is at least one of each published suite in every file that names suites."""
    cases = [case for case in load(name) if case["cipher_suite"] == suite_id]
    if not cases:
        pytest.skip(f"{name}.json has no case of suite {suite_id}")
    return cases


every_suite = pytest.mark.parametrize("suite_id", range(1, 8))
"""RFC 9420's own suites, all of which have published cases."""


def raw(text: str) -> bytes:
    """Bytes from hexadecimal."""
    return bytes.fromhex(text)
