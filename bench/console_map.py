"""The console's map with 5,000 vessels that all move: what a frame costs the page's own thread, and how long it takes to be seen.

Chromium draws with a software rasteriser here (SwiftShader), where a graphics card would be: frames are timed to say so, and
what the page itself does for each, which no card takes over, is what has a goal.
"""

from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
from playwright.sync_api import Page

from cordiale.desks.maritime.schema import DEGREE, POSITION, STATIC
from cordiale.desks.maritime.table import frame
from cordiale.vocab.moment import HOUR, SECOND, Moment

VESSELS: Final = 5_000
REPORTS: Final = 48
ARGUMENTS: Final = ("--use-angle=swiftshader", "--enable-unsafe-swiftshader")
_START: Final = Moment(1_830_211_200_000)
"""2027-12-31T00:00:00Z."""
_FRAMES: Final = """async seconds => {
    const times = [], end = performance.now() + 1000 * seconds;
    for (let now = 0; now < end;) { now = await new Promise(requestAnimationFrame); times.push(now); }
    return times.slice(1).map((time, i) => time - times[i]); }"""
_OWN: Final = """times => {
    const sea = globalThis.cordialeSea, spent = [];
    for (let i = 0; i < times; i++) {
        const begun = performance.now();
        sea.move(sea.reel.span * i / times);
        spent.push(performance.now() - begun);
    }
    return spent; }"""


def store(folder: Path) -> Path:
    """EXERCISE traffic off Brittany and Cornwall: each vessel reports every half hour of a day and moves all the while."""
    dice = np.random.default_rng(1)
    rows = np.zeros((VESSELS, REPORTS), POSITION)
    hours = np.arange(REPORTS)[None, :] / 2 + dice.uniform(0, 0.5, VESSELS)[:, None]
    course, knots = dice.uniform(0, 2 * np.pi, VESSELS)[:, None], dice.uniform(2, 12, VESSELS)[:, None]
    lon, lat = dice.uniform(-9, 0, VESSELS)[:, None], dice.uniform(47, 51, VESSELS)[:, None]
    rows["time"] = _START + (hours * HOUR).astype(np.int64)
    rows["mmsi"] = 227_000_000 + np.arange(VESSELS)[:, None]
    rows["lon"] = (lon + np.sin(course) * knots * hours / 40) * DEGREE
    rows["lat"] = (lat + np.cos(course) * knots * hours / 60) * DEGREE
    rows["sog"], rows["cog"], rows["status"] = knots * 10, np.degrees(course) * 10, 0
    rows["heading"] = np.degrees(course)
    (folder / "positions").mkdir(parents=True)
    (folder / "statics").mkdir()
    found = np.sort(rows.ravel(), order="time")
    frame(found[found["time"] < _START + 24 * HOUR]).write_parquet(folder / "positions" / "2027-12-31.parquet")
    blank = {column: "" if meaning.startswith("text") else 0 for column, meaning in STATIC.items()}
    told = [{**blank, "time": _START + SECOND, "mmsi": 227_000_000, "name": "EXERCISE FIRST", "ship_type": 70}]
    pl.DataFrame(told).write_parquet(folder / "statics" / "2027-12-31.parquet")
    return folder


def measured(page: Page, seconds: float) -> dict[str, Any]:
    """While the day plays: ms of each frame, ms of script of each; and ms of our own part of an update, apart."""
    page.wait_for_selector(".sea[data-ready=map]", timeout=60_000)
    page.wait_for_timeout(2000)
    session: Any = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    page.locator("#sea-slider").fill("0")
    page.click("#sea-play")
    page.wait_for_timeout(500)
    before = _script(session)
    frames: list[float] = page.evaluate(_FRAMES, seconds)
    after = _script(session)
    page.click("#sea-play")
    return {"frames": frames, "script": 1000 * (after - before) / len(frames), "own": page.evaluate(_OWN, 100)}


def _script(session: Any) -> float:
    """Seconds of script so far in the page's thread; workers and the rasteriser run elsewhere."""
    told: dict[str, Any] = session.send("Performance.getMetrics")
    return next(each["value"] for each in told["metrics"] if each["name"] == "ScriptDuration")
