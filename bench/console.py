"""The console in a real Chromium: how soon it is there, paints, opens a room of 100,000 messages, searches it, shows what another
wrote, moves 5,000 vessels.

    python -m bench.console [--quick]

Two governments run as in the demonstration. The large room is written into one agent's store before that agent is started for
its console: the messages are EXERCISE and local to it. Wall times, on the machine as it is; the browser is a part of them.
"""

import argparse
import shutil
import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, BrowserContext, Page, StorageState, sync_playwright

from bench import console_map
from bench.table import Benchmark, Effort, Report, Row, Work, percentile
from cordiale.adapters import keystore
from cordiale.adapters.agent_store import EncryptedAgentStore
from cordiale.agent.content import TEXT
from cordiale.agent.outbox import RECEIVED
from cordiale.agent.ports import MessageRow
from cordiale.errors import NotFound
from cordiale.vocab.identifier import RoomId
from cordiale.vocab.moment import SECOND, Moment
from cordiale.vocab.party import Nation
from cordiale.wiring.console_process import console_process
from cordiale.wiring.settings import KEY_FILE, STORE_FILE
from cordiale.wiring.showcase import SEATS, showcase
from cordiale.wiring.stage import BOB, ELISE, Stage

MANY: Final = 100_000
TABS: Final = 12
CROSSINGS: Final = 20
STEPS: Final = 40
"""Turns of the wheel in scrolling up, 500 pixels each, twenty a second."""
WORDS: Final = ("coaster", "trawler", "tanker", "ferry", "cable", "buoy", "fog")
ARGUMENTS: Final = ("--no-sandbox", "--disable-background-networking", "--no-first-run")
_REST: Final = 200
_PAINT: Final = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
_SEARCH: Final = """async address => { const begun = performance.now(); const answer = await fetch(address);
    await answer.text(); if (!answer.ok) throw new Error(String(answer.status)); return performance.now() - begun; }"""
_SCRIPTS: Final = (
    "() => performance.getEntriesByType('resource').filter(each => each.initiatorType === 'script' || /\\.m?js/.test(each.name))"
    ".reduce((sum, each) => sum + each.decodedBodySize, 0)"
)
_WATCH: Final = """() => {
    const log = document.querySelector("#log"), seen = new Set(), told = { frames: 0, bare: 0, seen };
    const look = () => {
        const top = log.getBoundingClientRect().top, first = document.querySelector(".more.earlier");
        told.frames += 1;
        if (first && first.getBoundingClientRect().bottom > top) told.bare += 1;
        for (const each of document.querySelectorAll("#messages > .message")) seen.add(Number(each.dataset.number));
        requestAnimationFrame(look);
    };
    globalThis.scrolling = told; look(); }"""
_SEEN: Final = """() => { const { frames, bare, seen } = globalThis.scrolling, numbers = [...seen];
    const missing = Math.max(...numbers) - Math.min(...numbers) + 1 - numbers.length;
    return { frames, bare, passed: numbers.length, missing }; }"""


def fill(folder: Path, passphrase: str, room: RoomId, count: int) -> None:
    """Write so many messages of a colleague into an agent's store, as if they had been received."""
    store = EncryptedAgentStore.open(folder / STORE_FILE, keystore.unlock(folder / KEY_FILE, passphrase))
    try:
        with store.write() as state:
            ((_, sample), *_) = state.messages(room, limit=1)
            for number in range(count):
                state.put_message(_message(room, sample.label, number))
    finally:
        store.close()


def _message(room: RoomId, label: bytes, number: int) -> MessageRow:
    words = WORDS[number % len(WORDS)]
    return MessageRow(
        room=room,
        id=b"bench" + number.to_bytes(11),
        author=BOB,
        label=label,
        kind=TEXT,
        text=f"EXERCISE {number}: a {words} off Dover, heading {number % 360}",
        file=b"",
        sent=Moment(1_790_000_000_000 + number * SECOND),
        lamport=number + 10,
        nation=Nation("uk"),
        sequence=number + 10,
        state=RECEIVED,
    )


def _seat(browser: Browser, url: str) -> tuple[BrowserContext, Page, str]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(url)
    origin = url.partition("/launch")[0]
    page.wait_for_url(f"{origin}/")
    page.wait_for_load_state()
    return context, page, origin


def paints(page: Page, address: str, times: int, *, forget: bool = False) -> list[float]:
    """First contentful paint of a page, in ms from the navigation's start; `forget` empties what the browser kept before each."""
    session: Any = page.context.new_cdp_session(page)
    found: list[float] = []
    for _ in range(times):
        if forget:
            session.send("Network.clearBrowserCache")
        page.goto(address)
        page.wait_for_load_state()
        page.wait_for_timeout(_REST)  # what a page does after it is seen is not counted against the next
        found.append(float(page.evaluate(_PAINT)))
    return found


def scrolled(page: Page, steps: int) -> dict[str, Any]:
    """Up by the wheel: messages passed and missing among them, frames and how many of them showed a place not filled yet."""
    page.wait_for_timeout(500)
    page.evaluate(_WATCH)
    page.hover("#log")
    for _ in range(steps):
        page.mouse.wheel(0, -500)
        page.wait_for_timeout(50)
    page.wait_for_timeout(500)
    found: dict[str, Any] = page.evaluate(_SEEN)
    return found


def crossings(writer: Page, reader: Page, times: int) -> list[float]:
    """From Ctrl+Enter on one screen to the text on the other's, in ms."""
    found: list[float] = []
    for number in range(times):
        text = f"EXERCISE crossing {number} {time.monotonic_ns()}"
        writer.fill("#text", text)
        begun = time.perf_counter()
        writer.keyboard.press("Control+Enter")
        reader.locator(".message", has_text=text).wait_for(state="attached", timeout=20_000)
        found.append(1000 * (time.perf_counter() - begun))
        writer.locator(".message", has_text=text).wait_for(state="attached", timeout=20_000)
    return found


def shown_everywhere(context: BrowserContext, address: str, writer: Page) -> tuple[int, float]:
    """How many of twelve tabs show what another wrote, and after how many ms the last of them does."""
    tabs = [context.new_page() for _ in range(TABS)]
    for tab in tabs:
        tab.goto(address)
        tab.wait_for_selector("#text")
    text = f"EXERCISE to all tabs {time.monotonic_ns()}"
    begun = time.perf_counter()
    writer.fill("#text", text)
    writer.keyboard.press("Control+Enter")
    for tab in tabs:
        tab.locator(".message", has_text=text).wait_for(state="attached", timeout=20_000)
    return sum(tab.locator(".message", has_text=text).count() for tab in tabs), 1000 * (time.perf_counter() - begun)


def _large_room(stage: Stage) -> str:
    """A room of elise's with `MANY` messages, and her agent running."""
    stage.start_agent(ELISE)
    stage.ready(ELISE)
    made = stage.call(
        ELISE, "room.create", **{"title": "EXERCISE large", "with": [], "ceiling": "DIFFUSION RESTREINTE"}
    )
    room: str = made["room"]["id"]
    stage.call(ELISE, "send", room=room, text="EXERCISE start", wait_seconds=20)
    stage.stop(ELISE)
    secret = (stage.directory / f"{ELISE}.passphrase").read_text().strip()
    fill(stage.directory / ELISE, secret, RoomId(bytes.fromhex(room)), MANY)
    stage.start_agent(ELISE)
    stage.ready(ELISE)
    return room


def measure(effort: Effort, _given: argparse.Namespace) -> Report:
    """All rows."""
    chromium = shutil.which("chromium")
    if chromium is None:
        raise NotFound("chromium", what="browser on the PATH")
    with ExitStack() as kept:
        folder = Path(kept.enter_context(tempfile.TemporaryDirectory(prefix="cordiale-bench-")))
        sea = console_map.store(folder / "sea")
        begun = time.perf_counter()
        seats = kept.enter_context(showcase(folder, sea={person: sea for person, _ in SEATS}))
        ready = time.perf_counter() - begun
        stage = kept.enter_context(Stage(folder))
        large = _large_room(stage)
        alone = kept.enter_context(console_process(folder / ELISE, "fr")).opened()["url"]
        play = kept.enter_context(sync_playwright())
        browser = play.chromium.launch(executable_path=chromium, args=[*ARGUMENTS, "--disable-gpu"])
        rows, facts = _in_the_large_room(browser, alone, large, max(5, round(effort.seconds)))
        context, uk, origin = _seat(browser, seats[0].url)
        rows += _between_two(context, uk, _seat(browser, seats[1].url)[1], max(CROSSINGS, round(effort.seconds)))
        known = context.storage_state()
        browser.close()
        drawing = play.chromium.launch(executable_path=chromium, args=[*ARGUMENTS, *console_map.ARGUMENTS])
        rows += _map(drawing, known, f"{origin}/sea", seconds=min(8, effort.seconds))
        drawing.close()
    row = Work("both consoles of the demonstration are ready", "s", "less", 10).row(ready)
    return Report("console", "Console in a browser", [row, *rows], facts, _NOTES)


def _in_the_large_room(browser: Browser, url: str, room: str, times: int) -> tuple[list[Row], dict[str, Any]]:
    _, page, origin = _seat(browser, url)
    first = paints(page, f"{origin}/", times, forget=True)
    again = paints(page, f"{origin}/", times)
    opened = paints(page, f"{origin}/rooms/{room}", times)
    script = int(page.evaluate(_SCRIPTS))
    moved = scrolled(page, STEPS)
    searched = [float(page.evaluate(_SEARCH, f"/search?q=EXERCISE+{WORDS[at % len(WORDS)]}")) for at in range(times)]
    rows = [
        Work("first useful paint, nothing kept by the browser", "ms", "less", 300).row(statistics.median(first)),
        Work("first useful paint, next time", "ms", "less", 300).row(statistics.median(again)),
        Work("room of 100,000 messages opens", "ms", "less", 200).row(statistics.median(opened)),
        Work("scrolling up in it: messages left out", "messages", "less", 0).row(moved["missing"]),
        Work("scrolling up in it: frames with a place not filled yet", "%", "less", 0).row(
            100 * moved["bare"] / moved["frames"]
        ),
        Work("search over 100,000, 100 results as a page", "ms", "less", 100).row(statistics.median(searched)),
        Work("script without the map", "KB", "less", 300).row(script / 1000),
    ]
    facts = {"messages": MANY, "loads": times, "scrolled past": moved["passed"], "frames": moved["frames"]}
    return rows, facts


def _between_two(context: BrowserContext, uk: Page, fr: Page, times: int) -> list[Row]:
    for page in (uk, fr):
        page.locator("#rooms a").first.click()
        page.wait_for_selector("#text")
        page.wait_for_load_state()
    crossed = crossings(uk, fr, times)
    tabs, everywhere = shown_everywhere(context, uk.url, fr)
    return [
        Work("UK keyboard to FR screen, p95", "ms", "less", 250).row(percentile(crossed, 95)),
        Work("UK keyboard to FR screen, median", "ms", "less").row(statistics.median(crossed)),
        Work("twelve tabs at once: show a message from Paris", "tabs", "more", TABS).row(tabs),
        Work("twelve tabs at once: the last of them shows it", "ms", "less").row(everywhere),
    ]


def _map(browser: Browser, known: StorageState, address: str, seconds: float) -> list[Row]:
    page = browser.new_context(viewport={"width": 1440, "height": 900}, storage_state=known).new_page()
    page.goto(address)
    found = console_map.measured(page, seconds)
    return [
        Work("5,000 vessels moving: the page's script for a frame", "ms", "less", 16.7).row(found["script"]),
        Work("5,000 vessels moving: our own part of it", "ms", "less").row(statistics.median(found["own"])),
        Work("5,000 vessels moving: a frame by the software rasteriser", "ms", "less").row(
            statistics.median(found["frames"])
        ),
    ]


_NOTES: Final = [
    "Medians where nothing else is said. “Ready” is from the beginning to both addresses, without the command's own start.",
    "A room's opening is the time to its first contentful paint with its last 40 messages, the browser's work included.",
    f"Scrolling: {STEPS} turns of the wheel, 500 pixels each, twenty a second; every message that was in the page is counted.",
    "5,000 vessels play a day at 600 times its pace, each frame moves all. Script is what the page's own thread runs, the map's"
    " library and the tables beside the map included; frames are drawn by a software rasteriser (SwiftShader) on the same"
    " processors, where a graphics card would be, so they have no goal.",
    "No peer was run: Element and Zulip need servers, and nothing of theirs answers under one's own keys on loopback.",
]
BENCHMARK: Final = Benchmark("console", "Console in a browser", measure, quick=Effort(5, 1), full=Effort(20, 1))

if __name__ == "__main__":
    raise SystemExit(BENCHMARK.run())
