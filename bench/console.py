"""The console in a real Chromium: how soon it paints, opens a room of 100,000 messages, searches it, shows what another wrote.

    python -m bench.console [--quick]

Two governments run as in the demonstration. The large room is written into one agent's store while that agent is stopped: the
messages are EXERCISE and local to it. Wall times, on the machine as it is; the browser is a part of them.
"""

import argparse
import shutil
import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

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
from cordiale.wiring import story
from cordiale.wiring.console_process import console_process
from cordiale.wiring.settings import KEY_FILE, STORE_FILE
from cordiale.wiring.stage import ALICE, BOB, CLAIRE, DENIS, Stage
from cordiale.wiring.story import Story

MANY: Final = 100_000
TABS: Final = 12
WORDS: Final = ("coaster", "trawler", "tanker", "ferry", "cable", "buoy", "fog")
ARGUMENTS: Final = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
_PAINT: Final = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
_SEARCH: Final = """async address => { const begun = performance.now(); const answer = await fetch(address);
    await answer.text(); if (!answer.ok) throw new Error(String(answer.status)); return performance.now() - begun; }"""
_SCRIPTS: Final = (
    "() => performance.getEntriesByType('resource').filter(each => each.initiatorType === 'script' || /\\.m?js/.test(each.name))"
    ".reduce((sum, each) => sum + each.decodedBodySize, 0)"
)


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


def paints(page: Page, address: str, times: int) -> list[float]:
    """First contentful paint of a page, in ms from the navigation's start."""
    found: list[float] = []
    for _ in range(times):
        page.goto(address)
        page.wait_for_load_state()
        page.wait_for_timeout(50)
        found.append(float(page.evaluate(_PAINT)))
    return found


def scrolled(page: Page, pieces: int) -> bool:
    """Whether numbers follow each other without a gap while one scrolls up by so many pieces."""
    for _ in range(pieces):
        first = page.locator("#messages > .message").first.get_attribute("id")
        page.locator("#log").evaluate("log => { log.scrollTop = 0; }")
        page.locator(f"#{first}").wait_for(state="attached", timeout=10_000)
        page.wait_for_timeout(400)
    texts = page.locator("#messages > .message .prose").all_inner_texts()
    numbers = [int(text.split()[1].rstrip(":")) for text in texts if text.startswith("EXERCISE ")]
    return len(numbers) > 80 and numbers == list(range(numbers[0], numbers[0] + len(numbers)))


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


def measure(effort: Effort, _given: argparse.Namespace) -> Report:
    """All rows."""
    chromium = shutil.which("chromium")
    if chromium is None:
        raise NotFound("chromium", what="browser on the PATH")
    times = max(5, round(effort.seconds))
    with ExitStack() as kept:
        folder = Path(kept.enter_context(tempfile.TemporaryDirectory(prefix="cordiale-bench-")))
        stage = kept.enter_context(Stage(folder))
        play = Story(stage, None)
        story.set_up(play)
        stage.call(ALICE, "send", room=play.room, text="EXERCISE first", wait_seconds=20)
        made = stage.call(ALICE, "room.create", **{"title": "EXERCISE large", "with": [], "ceiling": "OFFICIAL"})
        large = made["room"]["id"]
        stage.call(ALICE, "send", room=large, text="EXERCISE start", wait_seconds=20)
        for idle in (BOB, DENIS):
            stage.stop(idle)
        stage.stop(ALICE)
        secret = (folder / f"{ALICE}.passphrase").read_text().strip()
        begun = time.perf_counter()
        fill(folder / ALICE, secret, RoomId(bytes.fromhex(large)), MANY)
        filled = time.perf_counter() - begun
        stage.start_agent(ALICE)
        stage.ready(ALICE)
        urls = [
            kept.enter_context(console_process(folder / who, language)).opened()["url"]
            for who, language in ((ALICE, "en"), (CLAIRE, "fr"))
        ]
        browser = kept.enter_context(sync_playwright()).chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        rows, facts = _in_browser(browser, urls, play.room, large, times)
        browser.close()
    notes = [
        f"{MANY} messages were written into the store in {filled:.1f} s. Medians of {times} loads; p95 of ten.",
        "A room's opening is the time to its first contentful paint with its last 80 messages, the browser's work included.",
        "No peer was run: Element and Zulip need servers, and nothing of theirs answers under one's own keys on loopback.",
    ]
    return Report("console", "Console in a browser", rows, facts, notes)


def _in_browser(
    browser: Browser, urls: list[str], room: str, large: str, times: int
) -> tuple[list[Row], dict[str, object]]:
    context, uk, origin = _seat(browser, urls[0])
    _, fr, abroad = _seat(browser, urls[1])
    first = paints(uk, f"{origin}/", times)
    opened = paints(uk, f"{origin}/rooms/{large}", times)
    script = int(uk.evaluate(_SCRIPTS))
    whole = scrolled(uk, 3)
    searched = [float(uk.evaluate(_SEARCH, f"/search?q=EXERCISE+{WORDS[at % len(WORDS)]}")) for at in range(times)]
    uk.goto(f"{origin}/rooms/{room}")
    fr.goto(f"{abroad}/rooms/{room}")
    for page in (uk, fr):
        page.wait_for_load_state()
    crossed = crossings(uk, fr, max(times, 10))
    tabs = [context.new_page() for _ in range(TABS)]
    for tab in tabs:
        tab.goto(f"{origin}/rooms/{room}")
        tab.wait_for_selector("#text")
    text = f"EXERCISE to all tabs {time.monotonic_ns()}"
    begun = time.perf_counter()
    fr.fill("#text", text)
    fr.keyboard.press("Control+Enter")
    for tab in tabs:
        tab.locator(".message", has_text=text).wait_for(state="attached", timeout=20_000)
    everywhere = 1000 * (time.perf_counter() - begun)
    rows = [
        Work("first useful paint, median", "ms", "less", 300).row(statistics.median(first)),
        Work("room of 100,000 messages opens, median", "ms", "less", 200).row(statistics.median(opened)),
        Work("search over 100,000, 100 results as a page, median", "ms", "less", 100).row(statistics.median(searched)),
        Work("UK keyboard to FR screen, p95", "ms", "less", 250).row(percentile(crossed, 95)),
        Work("UK keyboard to FR screen, median", "ms", "less").row(statistics.median(crossed)),
        Work("script without the map", "KB", "less", 300).row(script / 1000),
        Work("twelve tabs: all show a message from Paris", "ms", "less").row(everywhere),
        Work("scrolls without gaps (1 yes)", "", "more", 1).row(float(whole)),
    ]
    return rows, {"messages": MANY, "loads": times, "tabs": TABS}


BENCHMARK: Final = Benchmark("console", "Console in a browser", measure, quick=Effort(5, 1), full=Effort(20, 1))

if __name__ == "__main__":
    raise SystemExit(BENCHMARK.run())
