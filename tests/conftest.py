"""What all tests share: where the real data is, and a linked world of two nations."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from worlds.world import World, two_nations

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"

settings.register_profile("cordiale", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("cordiale")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """The United Kingdom and France, linked, two people each."""
    found = two_nations(tmp_path)
    yield found
    found.close()
