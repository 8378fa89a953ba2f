"""The border: what crossed under which rule, whether the logs stand as they were signed, who can be reached, people and devices,
the words by which two people compare whom they trust. Labels and rules; never what anybody wrote."""

import json
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from cordiale.console.page import Pages, text_of
from cordiale.errors import Unavailable, WrongUsage
from cordiale.wiring.border_words import BROKE, HELD, KINDS, STEPS

_FILTERS: Final = ("direction", "nation", "room", "kind", "rule")


class BorderPages:
    """Handlers; `routes` says where they are."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self.routes = [
            Route("/border", self.border),
            Route("/border/crossings", self.crossings),
            Route("/border/verify", self.verify, methods=["POST"]),
            Route("/border/compared", self.compared, methods=["POST"]),
            Route("/border/partners", self.partners),
            Route("/frame/links", self.links),
        ]

    async def border(self, request: Request) -> HTMLResponse:
        """All of it, with the latest crossings."""
        context: dict[str, Any] = {
            "crossings": [],
            "before": {},
            "filters": "",
            "refused": [],
            "words": [],
            "peopled": [],
            "requests": [],
            "away": False,
        }
        try:
            context |= await self._found(request)
            context["refused"] = (await self._pages.ask(request, "border.refused"))["refused"]
            context["peopled"] = (await self._pages.ask(request, "room.list"))["rooms"]
            context["requests"] = (await self._pages.ask(request, "border.requests"))["requests"]
            context["words"] = (await self._pages.ask(request, "border.words"))["links"]
        except Unavailable:
            context["away"] = True
        links, levels = await self._links(request), await self._pages.levels(request)
        return await self._pages.whole(
            request,
            "border.html",
            links=links,
            levels=levels,
            kinds=KINDS,
            waits=STEPS,
            asked={name: request.query_params.get(name, "") for name in (*_FILTERS, "refused")},
            **context,
        )

    async def crossings(self, request: Request) -> HTMLResponse:
        """Further ones."""
        found = await self._found(request)
        return self._pages.part(request, "_crossings.html", found, kinds=KINDS)

    async def verify(self, request: Request) -> HTMLResponse:
        """Verify every log now."""
        found = await self._pages.ask(request, "border.verify", wait=300)
        return self._pages.part(request, "_audit.html", found, held=HELD, broke=BROKE)

    async def compared(self, request: Request) -> Response:
        """Note that the words are the same."""
        form = await request.form()
        await self._pages.ask(request, "border.compared", nation=text_of(form, "nation"))
        back = text_of(form, "back")
        return RedirectResponse(back if back in ("/", "/border") else "/border", 303)

    async def links(self, request: Request) -> HTMLResponse:
        """The chips of partners that cannot be reached, as things stand."""
        return self._pages.part(request, "_links.html", links=await self._links(request))

    async def partners(self, request: Request) -> HTMLResponse:
        """The cards of partners and of one's own side, as things stand."""
        found = {**await self._pages.frame(request), "links": await self._links(request)}
        return self._pages.part(request, "_partners.html", found)

    async def _links(self, request: Request) -> list[dict[str, Any]] | None:
        """How partners can be reached; None while one's own node does not say."""
        try:
            return (await self._pages.ask(request, "border.links"))["links"]
        except Unavailable:
            return None

    async def _found(self, request: Request) -> dict[str, Any]:
        query = request.query_params
        asked: dict[str, Any] = {name: query[name] for name in _FILTERS if query.get(name)}
        try:
            before = json.loads(query.get("before", "{}"))
        except ValueError:
            raise WrongUsage("the page to go on with is not understood") from None
        refused = query.get("refused") == "yes"
        found = await self._pages.ask(request, "border.crossings", {**asked, "refused": refused, "before": before})
        return {**found, "filters": urlencode({**asked, **({"refused": "yes"} if refused else {})})}
