"""`python -m cordiale.console.exercise`: a console of the demonstration, with a strip of switches on every page.

A real console has no such strip and nothing that could do what it asks: that is done by the demonstration's own process, which
this one reaches through a socket whose place it was told (`cordiale.wiring.switches`).
"""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from cordiale.console.link import SocketAgent
from cordiale.console.page import Pages
from cordiale.console.serving import arguments, serve
from cordiale.errors import Unreachable, WrongUsage
from cordiale.wiring import settings
from cordiale.wiring.settings import AGENT_FILE, AgentSettings
from cordiale.wiring.switches import METHODS

LOOK: Final = "look"


class Exercise:
    """The strip and its switches; `path` is where every page gets the strip."""

    def __init__(self, switches: Path, nation: str) -> None:
        self.path: Final = "/exercise"
        self._switches, self._nation = SocketAgent(switches), nation

    def routes(self, pages: Pages) -> list[Route]:
        """Where the strip is, and its switches."""

        async def strip(request: Request) -> HTMLResponse:
            return await self._strip(pages, request, LOOK)

        async def turn(request: Request) -> HTMLResponse:
            switch = request.path_params["switch"]
            if switch not in METHODS:
                raise WrongUsage(f"there is no switch {switch[:20]!r}")
            return await self._strip(pages, request, switch)

        return [Route(self.path, strip), Route(self.path + "/{switch}", turn, methods=["POST"])]

    async def _strip(self, pages: Pages, request: Request, switch: str) -> HTMLResponse:
        state: dict[str, Any] | None = None
        with suppress(Unreachable):  # the demonstration is ending: the strip says that it is not there
            state = await self._switches.call(switch, {"nation": self._nation})
        return pages.part(request, "_exercise.html", state=state)


def main() -> None:
    """Serve until SIGTERM."""
    parser = arguments("cordiale.console.exercise")
    parser.add_argument("--switches", type=Path, required=True)
    given = parser.parse_args()
    nation = settings.read(given.agent / AGENT_FILE, AgentSettings).address.partition("@")[2]
    asyncio.run(serve(given.agent, given.port, given.language, Exercise(given.switches, nation), store=given.store))


if __name__ == "__main__":
    main()
