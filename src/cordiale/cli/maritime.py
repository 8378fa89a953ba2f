"""`maritime ingest|…`: the picture at sea from AIS, on this machine alone. Subcommands are imported when they are called."""

from typing import Final

from cordiale.cli.command import group
from cordiale.cli.language import mark

COMMANDS: Final[tuple[tuple[str, str, str], ...]] = (
    ("ingest", "maritime_ingest:ingest", mark("Read AIS files into a store.")),
    ("detect", "maritime_detect:detect", mark("Look for behaviours in the positions of a store.")),
    ("exercise", "maritime_exercise:generate", mark("Fill a store with made-up traffic whose truth is known.")),
    ("fetch", "maritime_fetch:fetch", mark("Bring files of public sources.")),
)
"""Name, where it is, and its summary."""

app = group("maritime")
for _place, (_name, _target, _summary) in enumerate(COMMANDS):
    app.command(f"cordiale.cli.{_target}", name=_name, help=_summary, sort_key=_place)
