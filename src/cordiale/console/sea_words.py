"""Words of the maritime desk: those that its scripts say, and what became of an alert."""

from collections.abc import Mapping
from functools import cache
from typing import Final

from cordiale.wiring.catalogue import mark

CAME: Final[Mapping[str, str]] = {
    "raise": mark("raised by the desk"),
    "revise": mark("revised by the desk"),
    "retract": mark("taken back by the desk"),
}
OUTCOMES: Final[Mapping[str, str]] = {
    "none": mark("It stands already as it is: nothing was released."),
    "raise": mark("Released."),
    "raised": mark("Released again, in the place of what stood."),
    "revised": mark("Released as a revision, in the place of what stood."),
    "retracted": mark("Released as a retraction, in the place of what stood."),
}


@cache
def words() -> dict[str, str]:
    """What scripts say, by the name under which they know it."""
    return {
        "vessel": mark("Vessel"),
        "knots": mark("Knots"),
        "heard": mark("Heard (UTC)"),
        "lists": mark("Lists"),
        "alerts": mark("Alerts"),
        "begin": mark("Begin (UTC)"),
        "what": mark("What"),
        "score": mark("Score"),
        "state": mark("State"),
        "whose": mark("Whose"),
        "marking": mark("Marking"),
        "rows": mark("{first}–{last} of {count}"),
        "none": mark("Nothing answers this filter."),
        "empty": mark("There is nothing yet."),
        "sanctioned": mark("sanctioned"),
        "possible": mark("possible"),
        "ambiguous": mark("ambiguous"),
        "new": mark("new"),
        "acknowledged": mark("acknowledged"),
        "dismissed": mark("set aside"),
        "changed": mark("changed since"),
        "released": mark("released"),
        "play": mark("Play"),
        "pause": mark("Pause"),
        "all": mark("every report"),
        "apart": mark("one report in {minutes} min of each vessel"),
        "vessels_count": mark("{count} vessels"),
        "no_webgl": mark(
            "This browser draws no map (WebGL is missing): the tables show everything that the map would."
        ),
        "no_map": mark("The map could not be drawn; the tables show everything that the map would."),
        "no_reports": mark("The store has no positions yet. Read some: cordiale maritime ingest FILE --store …"),
        "not_looked": mark("Nobody has looked for behaviours in this store yet: cordiale maritime detect --store …"),
        "away": mark("The desk does not answer; trying again."),
        "open": mark("Open the record"),
    }
