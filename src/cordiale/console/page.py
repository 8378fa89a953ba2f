"""Making pages: templates that escape everything, in the reader's language, with what every page shows."""

import asyncio
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any, Final
from urllib.parse import urlsplit

from jinja2 import Environment, FunctionLoader, StrictUndefined
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

from cordiale.agent.content import PRECEDENCE
from cordiale.console.link import Agent, Document
from cordiale.console.prose import prose, shown
from cordiale.console.speech import Speech, speech
from cordiale.console.static_files import STATIC
from cordiale.errors import CordialeError, LocalMisuse, PolicyRefusal, Unavailable, WrongUsage
from cordiale.wiring.problem import tell

LANGUAGE: Final = "cordiale-language"
"""The cookie of the chosen language."""
_STATUS: Final[tuple[tuple[type[CordialeError], int], ...]] = (
    (WrongUsage, 400),
    (PolicyRefusal, 403),
    (LocalMisuse, 404),
    (Unavailable, 503),
    (CordialeError, 502),
)


class Pages:
    """Templates and the agent whose person looks at them. `aside` is the path of a part on top of every page, if there is one."""

    def __init__(self, agent: Agent, language: str, *, aside: str = "") -> None:
        self.agent, self._language, self._aside = agent, language, aside
        self.idle: Callable[[], int] = int  # minutes until the lock, which the console knows
        self.heard: Callable[[], int] = lambda: -1  # up to where the agent is followed, which the console knows
        folder = files("cordiale.console") / "templates"
        self._templates = Environment(
            loader=FunctionLoader(lambda name: (folder / name).read_text(encoding="utf-8")),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters.update(prose=prose, shown=shown)

    def speech(self, request: Request) -> Speech:
        """The reader's language: the chosen one, else the one that the console was started in."""
        return speech(request.cookies.get(LANGUAGE, self._language))

    async def ask(
        self,
        request: Request,
        method: str,
        given: Mapping[str, Any] | None = None,
        /,
        *,
        wait: float = 0,
        **params: Any,
    ) -> Document:
        """Ask the agent in the reader's language; parameters by name, or in `given`."""
        if not hasattr(request.state, "heard"):  # before the first answer, so that nothing newer counts as shown
            request.state.heard = self.heard()
        known = {**(given or {}), **params, "language": self.speech(request).language}
        return await self.agent.call(method, known, wait=wait)

    def part(
        self,
        request: Request,
        template: str,
        given: Mapping[str, Any] | None = None,
        /,
        *,
        status: int = 200,
        **context: Any,
    ) -> HTMLResponse:
        """A part of a page."""
        talk = self.speech(request)
        page = self._templates.get_template(template)
        where = urlsplit(request.headers.get("hx-current-url", "")).path or request.url.path
        common = {
            "_": talk.say,
            "talk": talk,
            "nonce": request.state.nonce,
            "static": STATIC,
            "path": where,
            "aside": self._aside,
            "idle": self.idle(),
            "heard": getattr(request.state, "heard", -1),
        }
        html = page.render({**common, **(given or {}), **context})
        return HTMLResponse(html, status)

    async def whole(self, request: Request, template: str, /, *, status: int = 200, **context: Any) -> HTMLResponse:
        """A page with its frame: who one is, the rooms, what waits."""
        return self.part(request, template, {**await self.frame(request), **context}, status=status)

    async def frame(self, request: Request) -> Mapping[str, Any]:
        """What the frame shows. Without the agent it says so, and the rest of the page explains."""
        try:
            standing, found = await asyncio.gather(self.ask(request, "status"), self.ask(request, "room.overview"))
        except Unavailable:
            return {"me": None, "rooms": []}
        rooms = sorted(found["rooms"], key=lambda room: (not room["member"], *_urgency(room), room["title"].casefold()))
        return {"me": standing, "rooms": rooms}

    async def levels(self, request: Request) -> list[Document]:
        """The levels of one's own scheme by rank; none while the agent does not answer."""
        try:
            return (await self.ask(request, "label.scheme"))["levels"]
        except Unavailable:
            return []

    async def problem(self, request: Request, error: CordialeError) -> HTMLResponse:
        """What went wrong, why, and what to do; in place where a part was asked for."""
        told = tell(error, self.speech(request).language)
        status = next(status for kind, status in _STATUS if kind in type(error).__mro__)
        if "hx-request" in request.headers:
            return self.part(request, "_problem.html", status=status, told=told)
        kind = {403: "forbidden", 503: "away"}.get(status, "wrong")
        return await self.whole(request, "problem.html", status=status, told=told, kind=kind)


def _urgency(room: Document) -> tuple[int, bool]:
    """What waits under a higher precedence comes first, then what mentions one."""
    return -PRECEDENCE.index(room["priority"]), not room["mentions"]


def way_back(form: FormData) -> RedirectResponse:
    """To the page of this console that a form came from; Start, where it names none, or one elsewhere."""
    back = text_of(form, "back")
    return RedirectResponse(back if back.startswith("/") and not back.startswith(("//", "/\\")) else "/", 303)


def text_of(form: FormData, name: str) -> str:
    """A form's text field, trimmed; empty where it is missing."""
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""
