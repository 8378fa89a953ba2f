"""RFC 9420 vectors, by file and suite. A test whose file is absent is skipped by that file's name."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from cordiale.crypto.suite import SUITES

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "mls"

UNSUPPORTED_SUITES = {
    4: "MLS_256_DHKEMX448_AES256GCM_SHA512_Ed448: pyca's HPKE has no X448",
    6: "MLS_256_DHKEMX448_CHACHA20POLY1305_SHA512_Ed448: pyca's HPKE has no X448",
}
"""Published suites that this engine does not do, each with its reason; their cases show as skipped, by suite."""

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


every_suite = pytest.mark.parametrize(
    "suite_id",
    [
        pytest.param(suite_id, marks=[pytest.mark.skip(reason=UNSUPPORTED_SUITES[suite_id])])
        if suite_id in UNSUPPORTED_SUITES
        else suite_id
        for suite_id in range(1, 8)
    ],
)

assert set(range(1, 8)) == (set(SUITES) & set(range(1, 8))) | set(UNSUPPORTED_SUITES)


def raw(text: str) -> bytes:
    """Bytes from hexadecimal."""
    return bytes.fromhex(text)
