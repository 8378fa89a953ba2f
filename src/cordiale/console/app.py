"""The console as an ASGI application: its pages behind `guard`, its static files, the launch."""

from typing import Any, Final, Protocol

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from cordiale.console.border_pages import BorderPages
from cordiale.console.guard import Guard
from cordiale.console.link import Agent
from cordiale.console.live import Live
from cordiale.console.lock_pages import LockPages
from cordiale.console.message_pages import MessagePages
from cordiale.console.message_parts import WORDS
from cordiale.console.page import LANGUAGE, Pages, text_of, way_back
from cordiale.console.palette import Palette
from cordiale.console.record_pages import RecordPages
from cordiale.console.room_pages import RoomPages
from cordiale.console.sea_pages import Sea, SeaPages
from cordiale.console.session import Sessions
from cordiale.console.static_files import STATIC, static_file
from cordiale.errors import CordialeError, NotFound
from cordiale.wiring.catalogue import LANGUAGES

_YEAR: Final = 365 * 24 * 3600


class Aside(Protocol):
    """What somebody adds to the console: a part on top of every page, and where it is served."""

    @property
    def path(self) -> str:
        """Where every page gets the part."""
        ...

    def routes(self, pages: Pages) -> list[Route]:
        """Behind the same guard as every page."""
        ...


class Console:
    """All pages of one person's console; `hosts` are its names with the port, and `cookie` the name of its session."""

    def __init__(
        self,
        agent: Agent,
        sessions: Sessions,
        hosts: frozenset[str],
        cookie: str,
        language: str,
        aside: Aside | None = None,
        sea: Sea | None = None,
    ) -> None:
        self._sessions, self._cookie = sessions, cookie
        self.pages = Pages(agent, language, aside=aside.path if aside else "")
        self.pages.idle = lambda: sessions.lock.minutes
        live = Live(agent, self._looks_on)
        self.pages.heard = lambda: live.heard
        routes = [
            Route("/launch", self._launch),
            Route(f"{STATIC}{{name:path}}", static_file),
            Route("/markings.css", self._markings),
            Route("/language", self._language, methods=["POST"]),
            Route("/sign-out", self._sign_out, methods=["POST"]),
            Route("/search", self._search),
            Route("/palette", Palette(self.pages).find),
            WebSocketRoute("/live", live.tab),
            *RoomPages(self.pages).routes,
            *MessagePages(self.pages).routes,
            *RecordPages(self.pages).routes,
            *SeaPages(self.pages, sea).routes,
            *BorderPages(self.pages).routes,
            *LockPages(self.pages, sessions, cookie).routes,
            *(aside.routes(self.pages) if aside else ()),
        ]
        app = Starlette(routes=routes, exception_handlers={CordialeError: self._problem, 404: self._nowhere})
        self.asgi = Guard(app, sessions, hosts, cookie)

    async def _launch(self, request: Request) -> Response:
        """Exchange the token for a session. The page goes on by itself, so that the cookie counts as the same site's."""
        session = self._sessions.redeem(request.query_params.get("token", ""))
        if session is None:
            return self.pages.part(request, "launch.html", status=401, launched=False)
        answer = self.pages.part(request, "launch.html", launched=True)
        answer.set_cookie(self._cookie, session, httponly=True, samesite="strict", path="/")
        return answer

    def _looks_on(self, socket: WebSocket) -> bool:
        """Whether a tab's session is still there and not locked."""
        return self._sessions.is_open(socket.cookies.get(self._cookie, ""))

    async def _markings(self, request: Request) -> Response:
        """The colours of this nation's levels; where there is no equivalent, its gravest."""
        levels = await self.pages.levels(request)
        rules = [_rule(level["id"], level["colour"]) for level in levels]
        if levels:
            rules.append(_rule("unknown", levels[-1]["colour"]))
        return Response("\n".join(rules), media_type="text/css")

    async def _language(self, request: Request) -> Response:
        form = await request.form()
        chosen, answer = text_of(form, "language"), way_back(form)
        if chosen in LANGUAGES:
            answer.set_cookie(LANGUAGE, chosen, max_age=_YEAR, httponly=True, samesite="strict", path="/")
        return answer

    async def _sign_out(self, request: Request) -> Response:
        self._sessions.end(request.cookies.get(self._cookie, ""))
        answer = self.pages.part(request, "launch.html", launched=False)
        answer.delete_cookie(self._cookie, path="/")
        return answer

    async def _search(self, request: Request) -> HTMLResponse:
        words, found = request.query_params.get("q", "").strip(), list[dict[str, Any]]()
        if words:
            found = (await self.pages.ask(request, "search", query=words[:256], limit=100))["messages"]
        return await self.pages.whole(request, "search.html", words=words, found=found, **WORDS)

    async def _problem(self, request: Request, error: Exception) -> Response:
        if not isinstance(error, CordialeError):
            raise error
        return await self.pages.problem(request, error)

    async def _nowhere(self, request: Request, _error: Exception) -> Response:
        return await self.pages.problem(request, NotFound(request.url.path[:80], what="page"))


def _rule(level: str, colour: str) -> str:
    """A level's colour, and black or white for the words on it, whichever stands out more (WCAG 2.2, contrast ratio)."""
    bright = sum(
        weight * _linear(int(colour[place : place + 2], 16) / 255)
        for place, weight in ((1, 0.2126), (3, 0.7152), (5, 0.0722))
    )
    on = "#000" if (bright + 0.05) / 0.05 > 1.05 / (bright + 0.05) else "#fff"
    return f".level-{level} {{ --marking: {colour}; --on: {on}; }}"


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
