"""What the palette finds beside what the page itself knows: registers and records, by words of their names."""

import asyncio
import unicodedata
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse

from cordiale.console.page import Pages
from cordiale.console.prose import shown
from cordiale.console.record_words import names_of

MOST: Final = 20
_RECORDS: Final = 500
"""Of each room; who has more asks in its registers."""
_WORDS: Final = 8


class Palette:
    """Rooms, places and actions stand in the page already."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    async def find(self, request: Request) -> JSONResponse:
        """`{found: [{kind, title, href}]}`."""
        wanted = _plain(request.query_params.get("q", "")[:256]).split()[:_WORDS]
        if not wanted:
            return JSONResponse({"found": []})
        rooms = (await self._pages.ask(request, "room.list"))["rooms"]
        types = (await self._pages.ask(request, "register.types"))["types"]
        found = [
            {"kind": "register", "title": f"{each['title']} – {shown(room['title'])}", "href": _register(room, each)}
            for room in rooms
            for each in types
        ]
        for records in await asyncio.gather(*(self._records(request, room) for room in rooms)):
            found += records
        fitting = [each for each in found if all(word in _plain(each["title"]) for word in wanted)]
        return JSONResponse({"found": sorted(fitting, key=lambda each: each["kind"] != "record")[:MOST]})

    async def _records(self, request: Request, room: dict[str, Any]) -> list[dict[str, str]]:
        where = room["id"]
        listed = await self._pages.ask(request, "register.list", room=where, query="", limit=_RECORDS)
        names = await names_of(self._pages, request, where, [record["id"] for record in listed["records"]])
        return [
            {"kind": "record", "title": shown(name), "href": f"/rooms/{where}/records/{record}"}
            for record, name in names.items()
        ]


def _register(room: dict[str, Any], kind: dict[str, Any]) -> str:
    return f"/rooms/{room['id']}/records?q=type%3D{kind['type']}"


def _plain(text: str) -> str:
    """Without accents and case."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).lower()
