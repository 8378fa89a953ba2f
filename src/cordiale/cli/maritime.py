"""`maritime ingest|…`: the picture at sea from AIS, on this machine alone. Subcommands are imported when they are called."""

from typing import Final

from cordiale.cli.command import group
from cordiale.cli.language import mark

COMMANDS: Final[tuple[tuple[str, str, str], ...]] = (
    ("ingest", "maritime_ingest:ingest", mark("Read AIS files into a store.")),
    ("detect", "maritime_detect:detect", mark("Look for behaviours in the positions of a store.")),
    ("track", "maritime_track:track", mark("Show a vessel's track, or save it for a map.")),
    ("identity", "maritime_identity:identity", mark("What a vessel has said of itself, and since when.")),
    ("watch", "maritime_watch:watch", mark("Watch AIS as it arrives, and tell what changes.")),
    ("exercise", "maritime_exercise:generate", mark("Fill a store with made-up traffic whose truth is known.")),
    ("fetch", "maritime_fetch:fetch", mark("Bring files of public sources.")),
    ("alerts", "maritime_alerts:alerts", mark("What stands found, and why.")),
    ("triage", "maritime_triage:triage", mark("Acknowledge an alert, set it aside, assign it.")),
    ("risk", "maritime_risk:risk", mark("The vessels against lists of sanctions, with a score and its evidence.")),
    ("picture", "maritime_picture:picture", mark("Where everybody is, what was found, and what partners share.")),
    ("report", "maritime_report:report", mark("One alert on a page, with a map of its track.")),
    ("release", "maritime_release:release", mark("Release an alert into a room.")),
)
"""Name, where it is, and its summary."""

app = group("maritime")
for _place, (_name, _target, _summary) in enumerate(COMMANDS):
    app.command(f"cordiale.cli.{_target}", name=_name, help=_summary, sort_key=_place)
