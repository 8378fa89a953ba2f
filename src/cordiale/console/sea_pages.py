"""The maritime desk: the picture, its alerts with all that speaks for them, what people make of them, and their release.

What the desk has comes from its own process (`cordiale.wiring.desk_process`), what partners share and what is released goes
through the agent. Pages carry no data of the desk: the map and the tables fetch it as JSON, under the same guard.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Protocol

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from cordiale.console.link import Document
from cordiale.console.page import Pages, text_of
from cordiale.console.sea_words import CAME, OUTCOMES, words
from cordiale.errors import CordialeError, NotFound, Unavailable, WrongUsage
from cordiale.wiring.desk import Desk
from cordiale.wiring.triage_words import STATES, STEPS

_DIGITS: Final = 10


class Sea(Protocol):
    """Whoever answers the vocabulary of `cordiale.wiring.maritime_desk`."""

    async def call(self, method: str, params: Mapping[str, Any]) -> Document:
        """The answer, or the error that the desk raised."""
        ...


class DeskLink:
    """The desk's process, asked from a thread, so that a page that waits holds up no other."""

    def __init__(self, store: Path) -> None:
        self.desk = Desk(store)

    async def call(self, method: str, params: Mapping[str, Any]) -> Document:
        """See `Sea`."""
        return await run_in_threadpool(self.desk.call, method, params)


class SeaPages:
    """Handlers; `routes` says where they are. Without a desk the page says how to open one."""

    def __init__(self, pages: Pages, sea: Sea | None) -> None:
        self._pages, self._sea = pages, sea
        self.routes = [
            Route("/sea", self.page),
            Route("/sea/picture.json", self.picture),
            Route("/sea/alerts.json", self.alerts),
            Route("/sea/shared.json", self.shared),
            Route("/sea/track/{mmsi}", self.track),
            Route("/sea/alerts/{alert}", self.alert),
            Route("/sea/alerts/{alert}/tracks.json", self.tracks),
            Route("/sea/alerts/{alert}/triage", self.triage, methods=["POST"]),
            Route("/sea/alerts/{alert}/triage/undo", self.undo, methods=["POST"]),
            Route("/sea/alerts/{alert}/release", self.draft),
            Route("/sea/alerts/{alert}/release", self.release, methods=["POST"]),
        ]

    async def page(self, request: Request) -> HTMLResponse:
        """The map, the time, the tables; they fetch what they show."""
        spoken = {name: self._pages.speech(request).say(text) for name, text in words().items()}
        if self._sea is not None:
            with suppress(Unavailable):  # without the agent the frame says so; the desk works alone
                await self._pages.ask(request, "begun.desk")
        return await self._pages.whole(request, "sea.html", there=self._sea is not None, words=spoken)

    async def picture(self, request: Request) -> Response:
        """Vessels and their reports as columns."""
        return JSONResponse(await self._ask(request, "picture"))

    async def alerts(self, request: Request) -> Response:
        """What stands found, with what people made of it."""
        return JSONResponse(await self._ask(request, "alerts"))

    async def track(self, request: Request) -> Response:
        """One vessel's reports."""
        mmsi = request.path_params["mmsi"]
        if not mmsi.isdecimal() or len(mmsi) > _DIGITS:
            raise WrongUsage(f"{mmsi[:20]!r} is no MMSI")
        return JSONResponse(await self._ask(request, "track", mmsi=int(mmsi)))

    async def shared(self, request: Request) -> Response:
        """What the members of this person's rooms have released, and not retracted, whoever they are."""
        rooms = (await self._pages.ask(request, "room.list"))["rooms"]
        found = await asyncio.gather(*(self._pages.ask(request, "maritime.shared", room=room["id"]) for room in rooms))
        language = self._pages.speech(request).language
        return JSONResponse(
            {
                "shared": [
                    _shared(room, record, language)
                    for room, answer in zip(rooms, found, strict=True)
                    for record in answer["records"]
                    if record["values"].get("state") != "retracted"
                ]
            }
        )

    async def alert(self, request: Request) -> HTMLResponse:
        """Why this alert: what was seen, against which rule, by whose word; and what one can do with it."""
        return await self._evidence(request, await self._one(request))

    async def tracks(self, request: Request) -> Response:
        """The tracks that an alert rests on."""
        return JSONResponse({"tracks": (await self._one(request))["tracks"]})

    async def triage(self, request: Request) -> HTMLResponse:
        """Acknowledge it, set it aside with a reason, assign it, take it up again, or undo what was done last."""
        form = await request.form()
        act, me = text_of(form, "act"), await self._pages.ask(request, "status")
        if act not in STEPS:
            raise WrongUsage(f"{act[:20]!r} is nothing that can be done here")
        given = {"alert": request.path_params["alert"], "act": act, "text": text_of(form, f"text.{act}")}
        await self._ask(request, "triage", by=me["address"], **given)
        answer = await self._evidence(request, await self._one(request), done="" if act == "undo" else act)
        answer.headers["hx-trigger"] = "sea-changed"
        return answer

    async def undo(self, request: Request) -> Response:
        """Take back what was done last, from the notice that told of it."""
        me = await self._pages.ask(request, "status")
        await self._ask(request, "triage", by=me["address"], alert=request.path_params["alert"], act="undo")
        return Response(status_code=204)

    async def draft(self, request: Request) -> HTMLResponse:
        """What would be released, to read before anything is."""
        rooms = [room for room in (await self._pages.ask(request, "room.list"))["rooms"] if room["member"]]
        if not rooms:
            raise NotFound("you are a member of none", what="room")
        wanted = request.query_params.get("room", "")
        room = next((room for room in rooms if room["id"] == wanted), rooms[0])
        made, stands = await self._drafted(request, room["id"])
        labels = await self._pages.ask(request, "label.choices", room=room["id"])
        context = {"alert": request.path_params["alert"], "values": made["values"], "file": made["file"]}
        return self._pages.part(request, "_release.html", context, rooms=rooms, room=room, labels=labels, stands=stands)

    async def release(self, request: Request) -> HTMLResponse:
        """Release what was read into a room, as a record of one's nation that binds by its key."""
        form = await request.form()
        room = text_of(form, "room")
        made, _ = await self._drafted(request, room)
        if text_of(form, "finding") != made["values"]["finding"] or text_of(form, "score") != made["values"]["score"]:
            raise WrongUsage("the alert has changed since you read its draft: read it again")
        given = {"room": room, "values": made["values"], "label": text_of(form, "label"), "file": made["file"]}
        done = await self._pages.ask(request, "maritime.release", given, wait=30)
        answer = self._pages.part(request, "_released.html", done, outcomes=OUTCOMES)
        answer.headers["hx-trigger"] = "sea-changed"
        return answer

    async def _drafted(self, request: Request, room: str) -> tuple[Document, Document | None]:
        """The draft as it stands now, and the record that stands for it in the room."""
        finding = (await self._one(request))["id"]
        stands = (await self._pages.ask(request, "maritime.released", room=room, finding=finding))["record"]
        return await self._ask(request, "draft", alert=finding, released=stands is not None), stands

    async def _one(self, request: Request) -> Document:
        return (await self._ask(request, "alert", alert=request.path_params["alert"]))["alert"]

    async def _evidence(self, request: Request, found: Document, *, done: str = "") -> HTMLResponse:
        try:
            people = await self._people(request)
        except CordialeError:
            people = []
        told = {"states": STATES, "steps": STEPS, "came": CAME, "done": done}
        return self._pages.part(request, "_evidence.html", told, alert=found, people=people)

    async def _people(self, request: Request) -> list[str]:
        """Members of this person's own nation in their rooms: to whom an alert may be assigned."""
        me = (await self._pages.ask(request, "status"))["address"]
        rooms = (await self._pages.ask(request, "room.list"))["rooms"]
        nation = me.partition("@")[2]
        known = {each["address"] for room in rooms for each in room["members"]} | {me}
        return sorted(address for address in known if address.endswith(f"@{nation}"))

    async def _ask(self, request: Request, method: str, **params: Any) -> Document:
        if self._sea is None:
            raise NotFound("start the console with --store", what="maritime store")
        return await self._sea.call(method, {**params, "language": self._pages.speech(request).language})


def _shared(room: Mapping[str, Any], record: Mapping[str, Any], language: str) -> Document:
    """A released record for the map and the table: whose it is and how it is marked go with it."""
    values = record["values"]
    tracks = values.get("tracks") or ()
    return {
        "id": record["id"],
        "room": room["id"],
        "in": room["title"],
        "owner": record["owner"],
        "marking": record["marking"]["text"],
        "level": record["marking"]["classification"],
        "finding": values.get("finding", ""),
        "title": values.get("title", {}).get(language, ""),
        "explanation": values.get("explanation", {}).get(language, ""),
        "vessels": list(values.get("vessels", ())),
        "begin": values.get("begin", ""),
        "score": values.get("score", ""),
        "status": values.get("state", ""),
        "at": list(values.get("position", ())),
        "lines": [track["line"] for track in tracks],
    }
