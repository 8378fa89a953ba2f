"""The benchmark of the live watch, in small: every message is taken, and what it measures adds up."""

import pytest
from bench.maritime_live import RATE, delays, messages

from bench import maritime_live

pytestmark = pytest.mark.timeout(600)  # the first run compiles the kernels


def test_every_message_is_taken_and_waits_at_least_its_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maritime_live, "VESSELS", 1200)
    rows = messages(1)
    waits, work, counted = delays(rows)
    assert len(waits) == len(rows) - RATE // 10
    assert waits.min() >= 0.1
    assert work > 0
    assert counted["taken"] + counted["repeated"] == len(rows)
    assert counted["late"] > 0
