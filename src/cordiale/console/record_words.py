"""Words about records: what happened to them, and what each is called."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from starlette.requests import Request

from cordiale.console.page import Pages
from cordiale.wiring.catalogue import mark

HAPPENED: Final = {
    "propose": mark("proposed"),
    "amend": mark("amended"),
    "comment": mark("commented"),
    "attach": mark("attached"),
    "key": mark("key turned"),
    "object": mark("objection"),
    "reserve": mark("reserved"),
    "withdraw": mark("withdrawn"),
    "delegate": mark("delegated"),
    "disclose": mark("disclosed"),
    "fulfil": mark("fulfilled"),
    "supersede": mark("supersedes"),
    "lapse": mark("silence lapsed"),
    "receipt": mark("received"),
}

VIEWS: Final = {"table": mark("Table"), "board": mark("Board"), "calendar": mark("Calendar"), "map": mark("Map")}


async def named(
    pages: Pages, request: Request, room: str, records: list[dict[str, Any]], types: Mapping[str, dict[str, Any]]
) -> list[dict[str, Any]]:
    """Records with what they and their registers are called."""
    names = await names_of(pages, request, room, [record["id"] for record in records])
    return [
        {
            **record,
            "name": names[record["id"]],
            "register": types.get(record["type"], {}).get("title", record["type"]),
        }
        for record in records
    ]


async def names_of(pages: Pages, request: Request, room: str, records: Iterable[str]) -> dict[str, str]:
    """What records are called, or the beginning of their ids."""
    wanted = sorted(set(records))
    if not wanted:
        return {}
    found = (await pages.ask(request, "register.names", room=room, records=wanted))["names"]
    return {record: found.get(record) or record[:8] for record in wanted}
