"""Two governments with real nodes, agents and consoles on loopback, and Debian's Chromium to look at them."""

import shutil
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, ViewportSize, sync_playwright

from cordiale.adapters.agent_socket import connect
from cordiale.wiring.showcase import SEATS, showcase
from desks.maritime import sea

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    *("--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]

WINDOW: ViewportSize = {"width": 1360, "height": 860}


@dataclass
class Seat:
    """One person at their console. `noise` is what the browser complained of, `abroad` where it went beside this console."""

    address: str
    page: Page
    context: BrowserContext
    origin: str
    noise: list[str]
    abroad: list[str]


@dataclass
class Scene:
    """The two seats, and the folder of the demonstration that they sit in."""

    uk: Seat
    fr: Seat
    directory: Path

    def ask(self, who: str, method: str, **params: Any) -> dict[str, Any]:
        """Ask somebody's agent (or the switches) without a browser."""
        caller = connect(self.directory / who)
        assert caller is not None
        with caller:
            return caller.call(method, params, wait=60)


def enter(seat: Seat) -> Page:
    """Open the room, at its last messages."""
    seat.page.goto(f"{seat.origin}/")
    seat.page.wait_for_load_state()
    seat.page.click("#rooms a")
    seat.page.wait_for_selector("#text")
    seat.page.wait_for_load_state()
    return seat.page


@contextmanager
def scene(directory: Path) -> Generator[Scene]:
    """What `cordiale demo --consoles` opens, with alice and claire at their consoles."""
    stores = {who: sea.store(directory / f"{who}.sea", sea.finding(), sea.finding("drift", 1)) for who, _ in SEATS}
    with showcase(directory, sea=stores) as seats, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            uk, fr = (_seat(browser.new_context(), seat.person, seat.url) for seat in seats)
            yield Scene(uk, fr, directory)
        finally:
            browser.close()


def _seat(context: BrowserContext, address: str, url: str) -> Seat:
    page = context.new_page()
    page.set_viewport_size(WINDOW)
    page.set_default_timeout(20_000)
    seat = Seat(address, page, context, url.partition("/launch")[0], [], [])
    page.on("console", lambda message: seat.noise.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: seat.noise.append(str(error)))
    page.on("dialog", lambda dialog: (seat.noise.append(f"dialog {dialog.message}"), dialog.dismiss()))

    def asked(url: str) -> None:
        if not url.startswith((seat.origin, seat.origin.replace("http", "ws", 1), "data:", "blob:")):
            seat.abroad.append(url)

    page.on("request", lambda request: asked(request.url))
    page.on("websocket", lambda socket: asked(socket.url))
    page.goto(url)
    page.wait_for_url(f"{seat.origin}/")
    return seat
