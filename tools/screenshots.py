"""Pictures of the console for the documentation: `python -m tools.screenshots` writes docs/screenshots/*.png.

They are taken of the demonstration with a day of an exercise at sea, in Debian's Chromium; everything in them is EXERCISE.
"""

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from cordiale.wiring.sea_store import SeaStores
from cordiale.wiring.showcase import SEATS, Seat, showcase
from cordiale.wiring.stage import Stage, until

FOLDER: Final = Path(__file__).resolve().parents[1] / "docs" / "screenshots"
ARGUMENTS: Final = (
    *("--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"),
    *("--disable-background-networking", "--no-first-run"),
)
SIZE: Final[ViewportSize] = {"width": 1280, "height": 760}
_SETTLE_MS: Final = 900
_DAY_SECONDS: Final = 900
"""The desk looks at the day once, and compiles its kernels for that."""


def main() -> None:
    """Take them all."""
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("Chromium is not on the PATH")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as play:
        _take_all(Path(scratch), play.chromium.launch(executable_path=chromium, args=list(ARGUMENTS)))


def _take_all(scratch: Path, browser: Browser) -> None:
    with showcase(scratch, sea=_day(scratch)) as seats:
        english, french = (_open(browser.new_context(viewport=SIZE).new_page(), seat) for seat in seats)
        _take(english, "start-en")
        _room(french, "room-fr")
        _records(english, "record-en")
        _border(french, "border-fr")
        _sea(english, "sea-en")
        browser.close()


def _day(scratch: Path) -> dict[str, Path]:
    """The exercise at sea for each seat, looked at by the desk."""
    stores = {person: scratch / f"{person}.sea" for person, _ in SEATS}
    with Stage(scratch) as stage:
        SeaStores(stage, None, list(stores.values()))
        until(lambda: all(any(store.iterdir()) for store in stores.values()), "the day at sea", _DAY_SECONDS)
    return stores


def _open(page: Page, seat: Seat) -> Page:
    page.goto(seat.url)
    page.wait_for_selector("#rooms a")
    return page


def _take(page: Page, name: str) -> None:
    page.wait_for_load_state()
    page.wait_for_timeout(_SETTLE_MS)
    page.screenshot(path=FOLDER / f"{name}.png")
    sys.stdout.write(f"{name}.png\n")


def _room(page: Page, name: str) -> None:
    page.click("#rooms a")
    page.wait_for_selector("#text")
    page.fill("#text", "EXERCICE : reçu, nous suivons les deux pétroliers.")
    _take(page, name)


def _records(page: Page, name: str) -> None:
    page.click("#rooms a")
    page.wait_for_selector("#text")
    page.click("[data-go=r]")
    page.click("text=EXERCISE Cable patrols")
    _take(page, name)


def _border(page: Page, name: str) -> None:
    page.evaluate("localStorage.setItem('cordiale.theme', 'dark')")
    page.click(".places a[href='/border']")
    page.click("#switch-alter")
    page.click("#verify-now")
    page.wait_for_selector(".audit.no")
    _take(page, name)


def _sea(page: Page, name: str) -> None:
    page.click(".places a[href='/sea']")
    page.wait_for_selector(".sea[data-ready=map]")
    page.click("#table-alerts tbody tr")
    page.wait_for_selector(".evidence")
    _take(page, name)


if __name__ == "__main__":
    main()
