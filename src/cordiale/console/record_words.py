"""Words about records: their states, what happened to them, and what each is called."""

from typing import Any, Final, cast

from starlette.requests import Request

from cordiale.console.page import Pages
from cordiale.wiring.catalogue import mark

STATUSES: Final = {
    "proposed": mark("proposed"),
    "part-keyed": mark("waits for a key"),
    "objected": mark("objected to"),
    "withdrawn": mark("withdrawn"),
    "binding": mark("binding"),
    "fulfilled": mark("fulfilled"),
}
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

Types = dict[str, dict[str, Any]]


async def types_of(pages: Pages, request: Request) -> Types:
    """The registers that there are, by type."""
    found = await pages.ask(request, "register.types")
    return {each["type"]: each for each in found["types"]}


def name_of(record: dict[str, Any], types: Types, language: str) -> str:
    """What a record is called: the field that its schema names it by, or the beginning of its id."""
    name: Any = record["values"].get(types.get(record["type"], {}).get("key", ""), "")
    if isinstance(name, dict):
        name = cast("dict[str, str]", name)[language]
    return str(name) or record["id"][:8]


def named(record: dict[str, Any], types: Types, language: str) -> dict[str, Any]:
    """A record with what it and its register are called."""
    title = types.get(record["type"], {}).get("title", record["type"])
    return {**record, "name": name_of(record, types, language), "register": title}
