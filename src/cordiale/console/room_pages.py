"""Rooms: the list, one room with its messages, writing into it, and what a node sees of a message."""

import asyncio
import base64
import shutil
import tempfile
from pathlib import Path
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from cordiale.console.page import Pages, text_of
from cordiale.console.record_words import HAPPENED, names_of
from cordiale.errors import Unavailable, WrongUsage

FIRST: Final = 80
"""Messages that a room opens with; older ones are fetched as a reader scrolls up."""
_SENT_WITHIN: Final = 2.0


class RoomPages:
    """Handlers; `routes` says where they are."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self.routes = [
            Route("/", self.home),
            Route("/rooms", self.create, methods=["POST"]),
            Route("/rooms/{room}", self.room),
            Route("/rooms/{room}/messages", self.messages),
            Route("/rooms/{room}/send", self.send, methods=["POST"]),
            Route("/rooms/{room}/invite", self.invite, methods=["POST"]),
            Route("/rooms/{room}/check", self.check),
            Route("/rooms/{room}/messages/{message}", self.message),
            Route("/rooms/{room}/messages/{message}/node", self.node),
            Route("/rooms/{room}/messages/{message}/bundle", self.bundle),
            Route("/rooms/{room}/messages/{message}/file", self.file),
            Route("/frame/rooms", self.listed),
        ]

    async def home(self, request: Request) -> HTMLResponse:
        """Where one begins: what to do first, ticked by what this person really did."""
        try:
            begun, words = await asyncio.gather(
                self._pages.ask(request, "begun"), self._pages.ask(request, "border.words")
            )
        except Unavailable:
            begun, words = dict[str, Any](), {"links": list[Any]()}
        levels = await self._pages.levels(request)
        return await self._pages.whole(request, "home.html", levels=levels, begun=begun, words=words["links"])

    async def listed(self, request: Request) -> HTMLResponse:
        """The list of rooms alone, as it is now."""
        return self._pages.part(request, "_rooms.html", await self._pages.frame(request))

    async def create(self, request: Request) -> Response:
        """Found a room."""
        form = await request.form()
        nations = [nation for nation in text_of(form, "with").replace(",", " ").split() if nation]
        given = {"title": text_of(form, "title"), "ceiling": text_of(form, "ceiling"), "with": nations}
        made = await self._pages.ask(request, "room.create", given)
        return RedirectResponse(f"/rooms/{made['room']['id']}", 303)

    async def invite(self, request: Request) -> Response:
        """Take people in."""
        people = text_of(await request.form(), "people").replace(",", " ").split()
        room = request.path_params["room"]
        await self._pages.ask(request, "room.invite", room=room, people=people)
        return RedirectResponse(f"/rooms/{room}", 303)

    async def room(self, request: Request) -> HTMLResponse:
        """A room, at its latest messages."""
        room = request.path_params["room"]
        shown = await self._pages.ask(request, "room.show", room=room)
        read = await self._pages.ask(request, "read", room=room, limit=FIRST)
        labels = await self._pages.ask(request, "label.choices", room=room)
        await self._saw(request, room, read["messages"])
        names = await self._names(request, room, read)
        return await self._pages.whole(
            request,
            "room.html",
            room=shown["room"],
            messages=read["messages"],
            labels=labels,
            more=_more(read),
            names=names,
            happened=HAPPENED,
        )

    async def messages(self, request: Request) -> HTMLResponse:
        """Messages that arrived after one, or those before one."""
        room, query = request.path_params["room"], request.query_params
        after, before = _number(query.get("after", "0")), _number(query.get("before", "0"))
        read = await self._pages.ask(request, "read", room=room, limit=FIRST, after=after, before=before)
        await self._saw(request, room, read["messages"])
        more = not after and _more(read)
        names = await self._names(request, room, read)
        context = {"messages": read["messages"], "more": more, "names": names, "happened": HAPPENED}
        return self._pages.part(request, "_messages.html", context, room={"id": room})

    async def message(self, request: Request) -> HTMLResponse:
        """One message, as it stands now."""
        found = await self._one(request)
        names = await self._names(request, found["room"], {"messages": [found]})
        context = {"message": found, "names": names, "happened": HAPPENED}
        return self._pages.part(request, "_message.html", context, room={"id": found["room"]})

    async def send(self, request: Request) -> Response:
        """Send a text or a file; what was sent comes back as its own part of the page."""
        form = await request.form(max_files=1)
        room, upload = request.path_params["room"], form.get("file")
        params: dict[str, Any] = {"text": text_of(form, "text"), "label": text_of(form, "label")}
        with tempfile.TemporaryDirectory(prefix="cordiale-") as folder:
            if isinstance(upload, UploadFile) and upload.filename:
                path = Path(folder) / "upload"
                await run_in_threadpool(_keep, upload, path)
                params["file"] = {"name": upload.filename, "path": str(path)}
            sent = await self._pages.ask(
                request, "send", {**params, "room": room, "wait_seconds": _SENT_WITHIN}, wait=30
            )
        if "hx-request" not in request.headers:
            return RedirectResponse(f"/rooms/{room}", 303)
        context = {"message": sent["message"], "names": {}, "happened": HAPPENED}
        return self._pages.part(request, "_message.html", context, room={"id": room})

    async def check(self, request: Request) -> HTMLResponse:
        """Who would read it, and what the border says, while the marking is chosen."""
        label = request.query_params.get("label", "").strip()
        if not label:
            raise WrongUsage("no marking is given")
        found = await self._pages.ask(request, "label.check", room=request.path_params["room"], label=label)
        return self._pages.part(request, "_check.html", check=found)

    async def node(self, request: Request) -> HTMLResponse:
        """What the node sees of a message beside what only this agent has."""
        where = request.path_params
        found = await self._pages.ask(request, "stored", room=where["room"], message=where["message"])
        return self._pages.part(request, "_node.html", found)

    async def bundle(self, request: Request) -> Response:
        """The proof of a message's crossing, as a file."""
        where = request.path_params
        found = await self._pages.ask(request, "bundle", room=where["room"], message=where["message"])
        return download(base64.b64decode(found["bundle"]), f"message-{found['message'][:8]}.bundle")

    async def file(self, request: Request) -> Response:
        """A received file, always as a download and never as something to show."""
        where = request.path_params
        with tempfile.TemporaryDirectory(prefix="cordiale-") as folder:
            place = {"room": where["room"], "message": where["message"], "directory": folder}
            found = await self._pages.ask(request, "save", place)
            data = await run_in_threadpool(Path(found["path"]).read_bytes)
        return download(data, found["name"])

    async def _one(self, request: Request) -> dict[str, Any]:
        where = request.path_params
        return (await self._pages.ask(request, "message", room=where["room"], message=where["message"]))["message"]

    async def _names(self, request: Request, room: str, read: dict[str, Any]) -> dict[str, str]:
        """What the records are called about which there are acts among these messages."""
        acted = [message["record"] for message in read["messages"] if message["record"]]
        return await names_of(self._pages, request, room, acted)

    async def _saw(self, request: Request, room: str, messages: list[dict[str, Any]]) -> None:
        if messages:
            last = max(message["number"] for message in messages)
            await self._pages.ask(request, "room.seen", room=room, number=last)


def _keep(upload: UploadFile, path: Path) -> None:
    """Where the agent reads it, for as long as the request lasts; only this user can."""
    with path.open("xb") as file:
        shutil.copyfileobj(upload.file, file)


def download(data: bytes, name: str) -> Response:
    """A file to save, under a name that cannot leave its header."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._- ") else "_" for c in name) or "file"
    headers = {"content-disposition": f'attachment; filename="{plain}"'}
    return Response(data, media_type="application/octet-stream", headers=headers)


def _more(read: dict[str, Any]) -> bool:
    return len(read["messages"]) == FIRST


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 18:
        raise WrongUsage(f"{text[:20]!r} is no number of a message")
    return int(text)
