"""What templates need to show messages: names of records, words for acts and reactions, how far one's own have come."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request

from cordiale.console.page import Pages
from cordiale.console.record_words import HAPPENED, names_of
from cordiale.wiring.catalogue import mark

REACTIONS: Final = {
    "seen": ("◉", mark("seen")),
    "agree": ("+", mark("agrees")),
    "disagree": ("−", mark("disagrees")),
    "question": ("?", mark("asks")),
    "thanks": ("♥", mark("thanks")),
    "done": ("✓", mark("done")),
}
"""Sign and word of each."""
STEPS: Final = (
    mark("sent"),
    mark("at our node"),
    mark("crossed the border"),
    mark("at theirs"),
    mark("read"),
)
REFUSED_EDITS: Final = {
    "not-the-author": mark("refused: not by the message's author"),
    "marking-lower": mark("refused: its marking protects less"),
    "no-text": mark("refused: there is no text to change"),
}


class MessageParts:
    """The context of message templates."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    async def context(self, request: Request, room: str, messages: list[dict[str, Any]]) -> Mapping[str, Any]:
        """For these messages of a room."""
        acted = [message["record"] for message in messages if message["record"]]
        names, reach = await asyncio.gather(
            names_of(self._pages, request, room, acted), self._pages.ask(request, "delivery", room=room)
        )
        return {**WORDS, "messages": messages, "room": {"id": room}, "names": names, "reach": reach}


def _step_of(message: Mapping[str, Any], reach: Mapping[str, Any]) -> int:
    """How many of `STEPS` one's own message has made. What is in one's nation's log has passed its border in the same act."""
    if message["state"] != "stored" or message["sequence"] is None:
        return {"sent": 1}.get(message["state"], 0)
    if message["sequence"] <= max(reach["read"].values(), default=0):
        return 5
    theirs = reach["theirs"].values()
    return 4 if theirs and message["sequence"] <= min(theirs) else 3


WORDS: Final[Mapping[str, Any]] = {
    "names": {},
    "reach": None,
    "happened": HAPPENED,
    "reactions": REACTIONS,
    "steps": STEPS,
    "refused_edits": REFUSED_EDITS,
    "step_of": _step_of,
}
"""What templates need of messages anywhere; without `reach` nothing is shown of how far they have come."""
