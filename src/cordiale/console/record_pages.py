"""Registers: the records of a room as a table, one record with who has turned which key, and what one can do with it."""

import asyncio
import base64
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, cast

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from cordiale.console import record_views as views
from cordiale.console.message_pages import download
from cordiale.console.page import Pages, text_of
from cordiale.console.record_values import worded
from cordiale.console.record_words import HAPPENED, VIEWS, named
from cordiale.errors import WrongUsage
from cordiale.register.schema import shipped
from cordiale.wiring.record_status import STATUS

ACTS: Final = ("key", "object", "withdraw", "comment", "fulfil", "lapse")
"""What a button does; the others are for the command line."""
FORMATS: Final = ("pdf", "xlsx", "csv", "json", "geojson", "ics")
_PLACES: Final = 3


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
            Route(base + "/shapes.json", self.shapes),
            Route(base + "/{record}", self.record),
            Route(base + "/{record}/act", self.act, methods=["POST"]),
            Route(base + "/{record}/settle", self.settle, methods=["POST"]),
            Route(base + "/{record}/disclose", self.disclose, methods=["POST"]),
            Route(base + "/{record}/bundle", self.bundle),
        ]

    async def table(self, request: Request) -> HTMLResponse:
        """Records that answer a question, as `register list` has it, in one of the forms that their schemas allow."""
        room, query = request.path_params["room"], request.query_params
        shown = await self._pages.ask(request, "room.show", room=room)
        types, records = await self._found(request)
        fields = await self._fields(request, records)
        forms = views.forms_of(fields)
        form = query.get("view", "table")
        context: dict[str, Any] = {"columns": (), "weeks": (), "stays": ()}
        if form == "board":
            context["columns"] = views.board(records)
        elif form == "calendar":
            stays = views.stays(records, fields)
            month = views.month_of(query.get("month", ""), stays, datetime.now(UTC).date())
            context |= {"stays": stays, "weeks": views.weeks(month, stays), "month": month}
            context |= {"before": views.next_month(month, -1), "after": views.next_month(month, 1)}
        return await self._pages.whole(
            request,
            "records.html",
            room=shown["room"],
            records=records,
            types=types,
            question=query.get("q", ""),
            formats=FORMATS,
            statuses=STATUS,
            forms=forms,
            form=form if form in forms else "table",
            titles=VIEWS,
            **context,
        )

    async def shapes(self, request: Request) -> Response:
        """The geometries of the records that answer a question."""
        _, records = await self._found(request)
        found = views.features(records, await self._fields(request, records))
        return JSONResponse({"type": "FeatureCollection", "features": found})

    async def _found(self, request: Request) -> tuple[dict[str, dict[str, Any]], list[dict[str, Any]]]:
        """The registers, and the records that answer the question."""
        room, question = request.path_params["room"], request.query_params.get("q", "")
        types = await self._types(request)
        found = await self._pages.ask(request, "register.list", room=room, query=question, limit=500)
        return types, await named(self._pages, request, room, found["records"], types)

    async def _fields(self, request: Request, records: list[dict[str, Any]]) -> dict[str, dict[str, dict[str, Any]]]:
        """The fields of the types that are among the records."""
        kinds = sorted({record["type"] for record in records} & shipped().keys())
        told = await asyncio.gather(*(self._pages.ask(request, "register.types", type=kind) for kind in kinds))
        return {
            kind: {field["name"]: field for field in each["type"]["fields"]}
            for kind, each in zip(kinds, told, strict=True)
        }

    async def record(self, request: Request) -> HTMLResponse:
        """One record."""
        where = request.path_params
        shown = await self._pages.ask(request, "room.show", room=where["room"])
        found = await self._pages.ask(request, "register.show", room=where["room"], record=where["record"])
        (record,) = await named(self._pages, request, where["room"], [found["record"]], await self._types(request))
        described = (await self._pages.ask(request, "register.types", type=record["type"]))["type"]
        kept = await self._pages.ask(request, "register.kept", room=where["room"], record=where["record"])
        return await self._pages.whole(
            request,
            "record.html",
            kept=kept["kept"],
            room=shown["room"],
            record=record,
            fields={field["name"]: field for field in described["fields"]},
            type=described,
            statuses=STATUS,
            acts=HAPPENED,
            worded=partial(worded, self._pages.speech(request)),
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

    async def settle(self, request: Request) -> Response:
        """Settle a field that two wrote at the same time: one of the values that stand, or new words made of both."""
        form, where = await request.form(), request.path_params
        name, chosen = text_of(form, "field"), text_of(form, "keep")
        record = (await self._pages.ask(request, "register.show", room=where["room"], record=where["record"]))["record"]
        both = record["conflicts"].get(name)
        if both is None or record["hash"] != text_of(form, "hash"):
            raise WrongUsage("the record has changed since you looked at it: look at it again")
        given: dict[str, Any] = {"room": where["room"], "record": where["record"]}
        if chosen:
            if not chosen.isdecimal() or len(chosen) > _PLACES or int(chosen) >= len(both):
                raise WrongUsage(f"{chosen[:20]!r} is none of the values")
            given["values"] = {name: both[int(chosen)]}
        else:
            words = {key: text_of(form, f"set{key.removeprefix(name)}") for key in _parts(name, both)}
            given["set"] = {key: text for key, text in words.items() if text}
        await self._pages.ask(request, "register.set", given)
        return RedirectResponse(f"/rooms/{where['room']}/records/{where['record']}", 303)

    async def disclose(self, request: Request) -> Response:
        """Show the partners one field that was kept back."""
        form, where = await request.form(), request.path_params
        params = {"room": where["room"], "record": where["record"], "fields": [text_of(form, "field")]}
        await self._pages.ask(request, "register.disclose", params)
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


def _parts(name: str, values: list[Any]) -> list[str]:
    """What is typed for a field: a text in each language, or one line."""
    bilingual = any(isinstance(value, dict) and {"en", "fr"} <= set(cast("dict[str, Any]", value)) for value in values)
    return [f"{name}.en", f"{name}.fr"] if bilingual else [name]
