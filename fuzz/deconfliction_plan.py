"""A plan's file: whatever a person gives is a plan whose cells can be found, or a `CordialeError`."""

import json
from contextlib import suppress

from cordiale.errors import CordialeError
from cordiale.register.deconfliction import plan
from cordiale.register.deconfliction.cells import cover
from cordiale.register.deconfliction.grid import Grid


def seeds() -> list[bytes]:
    """A list with an area, a table with a corridor."""
    span = ["2026-12-08T06:00:00Z", "2026-12-08T14:00:00Z"]
    area = {
        "title": "EXERCISE",
        "span": span,
        "areas": [{"ring": [[-8.2, 48.4], [-7.8, 48.4], [-8, 48.6]]}],
        "margin": 500,
    }
    corridor = {"title": {"en": "EXERCISE"}, "span": span, "corridors": [{"line": [[0, 1], [2, 3]], "half_width": 1}]}
    return [json.dumps([area]).encode(), json.dumps({"records": [corridor, area]}).encode()]


def TestOneInput(data: bytes) -> None:
    """One file."""
    with suppress(CordialeError):
        found = plan.read(data)
        assert plan.Plan.decode(found.encode()) == found
        cover([item.activity for item in found.items], Grid(2, 7), (20_000, 21_000))
