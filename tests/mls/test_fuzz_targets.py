"""The fuzz targets of this package, run on small mutations of real messages."""

import importlib
import random
from collections.abc import Callable

import pytest


@pytest.mark.parametrize("target", ["mls_message", "mls_welcome", "mls_credential", "mls_safe_aad"])
def test_a_target_raises_nothing(target: str) -> None:
    one_input: Callable[[bytes], None] = importlib.import_module(f"fuzz.{target}").TestOneInput
    dice = random.Random(target)
    for data in (b"", b"\x00", b"\x00\x01\x00\x01", b"\x00\x01\x00\x02", b"\x00\x01\x00\x03"):
        one_input(data)
    for _ in range(150):
        one_input(dice.randbytes(2 + dice.randint(0, 6)))
