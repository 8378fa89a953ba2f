"""The fuzz targets of this package, run on what is known to be interesting and on mutations of it."""

import importlib
import random
from collections.abc import Callable

import pytest

from cordiale.labels.label import encode_label
from cordiale.labels.shipped import shipped
from cordiale.labels.stanag4774 import to_xml
from labels.lattice import POLICIES, UK, label, policy_fields, toml_file

FOUND = label(UK, "SECRET LOCSEN REL FRA, DEU")
SEEDS = {
    "label_bytes": [encode_label(FOUND)],
    "label_xml": [to_xml(FOUND, POLICIES["uk"])],
    "policy_toml": [shipped("fr")[:4000], shipped("table"), toml_file(policy_fields([]))],
}


def mutations(seed: bytes, times: int) -> list[bytes]:
    dice = random.Random(seed)
    found: list[bytes] = []
    for _ in range(times):
        data = bytearray(seed)
        for _ in range(dice.randint(1, 4)):
            at = dice.randrange(len(data))
            data[at : at + dice.randint(0, 3)] = bytes(dice.randrange(256) for _ in range(dice.randint(0, 3)))
        found.append(bytes(data))
    return found


@pytest.mark.parametrize("target", sorted(SEEDS))
def test_a_target_raises_nothing(target: str) -> None:
    one_input: Callable[[bytes], None] = importlib.import_module(f"fuzz.{target}").TestOneInput
    for seed in (b"", b"\x00", *SEEDS[target]):
        one_input(seed)
    for seed in SEEDS[target]:
        for data in mutations(seed, 150 if target != "policy_toml" else 40):
            one_input(data)
