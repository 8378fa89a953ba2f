"""The scene that these tests play on."""

from forge.fixture import scene

__all__ = ["scene"]
