"""Registers: the records of a room as a table, one record with who has turned which key, and what one can do with it."""

import base64
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from cordiale.console.message_pages import download
from cordiale.console.page import Pages, text_of
from cordiale.console.record_words import HAPPENED, named
from cordiale.errors import WrongUsage
from cordiale.wiring.record_status import STATUS

ACTS: Final = ("key", "object", "withdraw", "comment", "fulfil", "lapse")
"""What a button does; the others are for the command line."""
FORMATS: Final = ("pdf", "xlsx", "csv", "json", "geojson", "ics")


class RecordPages:
    """Handlers; `routes` says where they are."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        base = "/rooms/{room}/records"
        self.routes = [
            Route(base, self.table),
            Route(base, self.propose, methods=["POST"]),
            Route(base + "/new", self.new),
            Route(base + "/export", self.export),
            Route(base + "/{record}", self.record),
            Route(base + "/{record}/act", self.act, methods=["POST"]),
            Route(base + "/{record}/bundle", self.bundle),
        ]

    async def table(self, request: Request) -> HTMLResponse:
        """Records that answer a question, as `register list` has it."""
        room, question = request.path_params["room"], request.query_params.get("q", "")
        shown = await self._pages.ask(request, "room.show", room=room)
        types = await self._types(request)
        found = await self._pages.ask(request, "register.list", room=room, query=question, limit=500)
        return await self._pages.whole(
            request,
            "records.html",
            room=shown["room"],
            records=await named(self._pages, request, room, found["records"], types),
            types=types,
            question=question,
            formats=FORMATS,
            statuses=STATUS,
        )

    async def record(self, request: Request) -> HTMLResponse:
        """One record."""
        where = request.path_params
        shown = await self._pages.ask(request, "room.show", room=where["room"])
        found = await self._pages.ask(request, "register.show", room=where["room"], record=where["record"])
        (record,) = await named(self._pages, request, where["room"], [found["record"]], await self._types(request))
        described = (await self._pages.ask(request, "register.types", type=record["type"]))["type"]
        return await self._pages.whole(
            request,
            "record.html",
            room=shown["room"],
            record=record,
            fields={field["name"]: field for field in described["fields"]},
            type=described,
            statuses=STATUS,
            acts=HAPPENED,
        )

    async def _types(self, request: Request) -> dict[str, dict[str, Any]]:
        found = await self._pages.ask(request, "register.types")
        return {each["type"]: each for each in found["types"]}

    async def new(self, request: Request) -> HTMLResponse:
        """A form made from a register's schema."""
        where, kind = request.path_params, request.query_params.get("type", "decision")
        shown = await self._pages.ask(request, "room.show", room=where["room"])
        described = (await self._pages.ask(request, "register.types", type=kind))["type"]
        labels = await self._pages.ask(request, "label.choices", room=where["room"])
        return await self._pages.whole(request, "record_new.html", room=shown["room"], type=described, labels=labels)

    async def propose(self, request: Request) -> Response:
        """Propose a record."""
        form, room = await request.form(), request.path_params["room"]
        given = {
            name.removeprefix("field."): value.strip()
            for name, value in form.items()
            if name.startswith("field.") and isinstance(value, str) and value.strip()
        }
        made = await self._pages.ask(
            request, "register.new", room=room, type=text_of(form, "type"), set=given, label=text_of(form, "label")
        )
        return RedirectResponse(f"/rooms/{room}/records/{made['record']['id']}", 303)

    async def act(self, request: Request) -> Response:
        """Turn a key, object, comment and so on."""
        form, where = await request.form(), request.path_params
        act = text_of(form, "act")
        if act not in ACTS:
            raise WrongUsage(f"{act[:20]!r} is nothing that can be done here")
        params: dict[str, Any] = {"room": where["room"], "record": where["record"], "act": act}
        await self._pages.ask(request, "register.act", text=text_of(form, "text"), **params)
        return RedirectResponse(f"/rooms/{where['room']}/records/{where['record']}", 303)

    async def bundle(self, request: Request) -> Response:
        """The proof of a record, as a file that verifies offline."""
        where = request.path_params
        found = await self._pages.ask(request, "register.bundle", room=where["room"], record=where["record"])
        return download(base64.b64decode(found["bundle"]), f"record-{found['record'][:8]}.bundle")

    async def export(self, request: Request) -> Response:
        """Records as a file, its marking on every page."""
        query, room = request.query_params, request.path_params["room"]
        form = query.get("format", "pdf")
        if form not in FORMATS:
            raise WrongUsage(f"there is no format {form[:20]!r}")
        found = await self._pages.ask(request, "register.export", room=room, query=query.get("q", ""), format=form)
        return download(base64.b64decode(found["data"]), f"records.{form}")
