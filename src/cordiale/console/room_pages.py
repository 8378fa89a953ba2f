"""Rooms: the list, founding, one room with a window of its messages, how far one's own have come, and what is being written."""

import asyncio
from typing import Any, Final

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from cordiale.agent.content import PRECEDENCE
from cordiale.console.message_parts import MessageParts
from cordiale.console.page import Pages, text_of, way_back
from cordiale.errors import Unavailable, WrongUsage

FIRST: Final = 40
"""Messages that a room opens with: more than a screen shows, and no more, as each has to be drawn before any is seen."""
PIECE: Final = 80
"""Messages that are fetched at once as a reader scrolls on."""


class RoomPages:
    """Handlers; `routes` says where they are."""

    def __init__(self, pages: Pages) -> None:
        self._pages, self._parts = pages, MessageParts(pages)
        self.routes = [
            Route("/", self.home),
            Route("/rooms", self.create, methods=["POST"]),
            Route("/rooms/{room}", self.room),
            Route("/rooms/{room}/m/{message}", self.room),
            Route("/rooms/{room}/messages", self.messages),
            Route("/rooms/{room}/seen", self.seen, methods=["POST"]),
            Route("/rooms/{room}/delivery", self.delivery),
            Route("/rooms/{room}/draft", self.draft, methods=["POST"]),
            Route("/rooms/{room}/invite", self.invite, methods=["POST"]),
            Route("/receipts", self.receipts, methods=["POST"]),
            Route("/frame/rooms", self.listed),
        ]

    async def home(self, request: Request) -> HTMLResponse:
        """Where one begins: what to do first, ticked by what this person really did."""
        try:
            begun, words, levels, frame = await asyncio.gather(
                self._pages.ask(request, "begun"),
                self._pages.ask(request, "border.words"),
                self._pages.levels(request),
                self._pages.frame(request),
            )
        except Unavailable:
            return await self._pages.whole(request, "home.html", levels=(), begun={}, words=())
        return self._pages.part(request, "home.html", frame, levels=levels, begun=begun, words=words["links"])

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
        """A room: at its latest messages, or around one of them."""
        where, topic = request.path_params, request.query_params.get("topic", "")[:200]
        room, focus = where["room"], where.get("message", "")
        ask = self._pages.ask
        place = {"around": focus} if focus else {"topic": topic}
        shown, read, labels, draft, topics, receipts, frame = await asyncio.gather(
            ask(request, "room.show", room=room),
            ask(request, "read", {**place, "room": room, "limit": FIRST}),
            ask(request, "label.choices", room=room),
            ask(request, "draft.show", room=room),
            ask(request, "room.topics", room=room),
            ask(request, "receipts"),
            self._pages.frame(request),
        )
        found = read["messages"]
        parts = await self._parts.context(request, shown["room"]["id"], found)
        answer = self._pages.part(
            request,
            "room.html",
            frame,
            labels=labels,
            draft=draft["draft"],
            topics=topics["topics"],
            topic=topic,
            focus=_focus(found, focus),
            earlier=_full(found, before=focus),
            later=bool(focus) and _full(found, behind=focus),
            precedence=PRECEDENCE,
            receipts=receipts["receipts"],
            **{**parts, "room": shown["room"]},
        )
        answer.background = self._seeing(request, room, found)
        return answer

    async def messages(self, request: Request) -> HTMLResponse:
        """A further piece of a room: what arrived after a message, what stands before one or behind one, or the latest."""
        room, query = request.path_params["room"], request.query_params
        place = {name: _number(query.get(name, "0")) for name in ("after", "before", "since")}
        topic = query.get("topic", "")[:200]
        read = await self._pages.ask(request, "read", {**place, "topic": topic, "room": room, "limit": PIECE})
        found = read["messages"]
        full = len(found) == PIECE
        context = await self._parts.context(request, room, found)
        earlier, later = full and not (place["after"] or place["since"]), full and bool(place["since"])
        answer = self._pages.part(request, "_messages.html", context, earlier=earlier, later=later, topic=topic)
        if "unseen" not in query:
            answer.background = self._seeing(request, room, found)
        return answer

    async def seen(self, request: Request) -> Response:
        """The person has looked at the page again."""
        number = _number(text_of(await request.form(), "number"))
        await self._pages.ask(request, "room.seen", room=request.path_params["room"], number=number)
        return Response(status_code=204)

    async def delivery(self, request: Request) -> JSONResponse:
        """How far one's nation's messages have come, partners' signatures included."""
        room = request.path_params["room"]
        return JSONResponse(await self._pages.ask(request, "delivery", room=room, prove=True, wait=10))

    async def draft(self, request: Request) -> Response:
        """Keep what is being written, at the agent, encrypted."""
        form = await request.form()
        draft = {name: text_of(form, name) for name in ("label", "topic", "reply", "priority")}
        kept = {"text": str(form.get("text", "")), **draft} if text_of(form, "text") or draft["reply"] else {}
        await self._pages.ask(request, "draft.keep", room=request.path_params["room"], draft=kept)
        return Response(status_code=204)

    async def receipts(self, request: Request) -> Response:
        """Let others see what one has read, or not."""
        form = await request.form()
        await self._pages.ask(request, "receipts", wanted=text_of(form, "wanted") == "on")
        return way_back(form)

    def _seeing(self, request: Request, room: str, messages: list[dict[str, Any]]) -> BackgroundTask | None:
        """Note what was seen once the page is on its way."""
        if not messages:
            return None
        last = max(message["number"] for message in messages)
        return BackgroundTask(self._pages.ask, request, "room.seen", room=room, number=last)


def _focus(messages: list[dict[str, Any]], reference: str) -> str:
    return next((each["id"] for each in messages if reference and each["id"].startswith(reference.lower())), "")


def _full(messages: list[dict[str, Any]], *, before: str = "", behind: str = "") -> bool:
    """Whether there may be more in a direction: without a place, before the first; else on one side of that message."""
    place = before or behind
    if not place:
        return len(messages) == FIRST
    middle = next((at for at, each in enumerate(messages) if each["id"].startswith(place.lower())), 0)
    return (middle if before else len(messages) - 1 - middle) == FIRST // 2


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 18:
        raise WrongUsage(f"{text[:20]!r} is no number of a message")
    return int(text)
