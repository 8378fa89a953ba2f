"""Every page and view of the console, in both languages: axe in both themes, 320 pixels, large text, rest, forced colours.

What stands in the pages is hostile and long wherever others can choose it.
"""

import re
from collections.abc import Callable, Iterator
from importlib.resources import files
from typing import Final, NamedTuple

import pytest
from playwright.sync_api import Page

from browser.filled import Filled, fill
from browser.looks import COLOURS, RULES, broken, focused, themed, unfit
from browser.stage import CHROMIUM, WINDOW, Scene, Seat

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="the browser tests need Chromium on the PATH")
SIDES: Final = ("uk", "fr")
WORDS: Final = "EXERCISE passphrase"
THEMES: Final = {"light": RULES, "dark": COLOURS}


class View(NamedTuple):
    """A template, where it is shown (`{base}` is the room, `{activity}` and so on a record), and what is done there first."""

    template: str
    path: str
    then: Callable[[Page], object] = bool


def opened(selector: str, sign: str = "") -> Callable[[Page], object]:
    """Something is opened by a click, and then a sign of it is there."""

    def act(page: Page) -> None:
        page.locator(selector).first.click()
        page.wait_for_selector(sign or selector)

    return act


def tool(selector: str, sign: str) -> Callable[[Page], object]:
    """The last message that has this tool is used."""

    def act(page: Page) -> None:
        message = page.locator("#messages > .message", has=page.locator(selector)).last
        message.hover()
        message.locator(selector).first.click()
        page.wait_for_selector(sign)

    return act


def key(pressed: str, sign: str) -> Callable[[Page], object]:
    """A key is pressed, where nothing is typed."""

    def act(page: Page) -> None:
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press(pressed)
        page.wait_for_selector(sign)

    return act


def desk(tab: str, *, evidence: bool = False) -> Callable[[Page], object]:
    """The maritime desk with one of its tables, or with what is behind an alert and its draft."""

    def act(page: Page) -> None:
        page.wait_for_selector(".sea[data-ready]")
        page.click(f"#tab-{tab}")
        if evidence:
            page.click("#table-alerts tbody tr")
            page.locator(".evidence .primary").first.click()
            page.wait_for_selector("#release-check .marking")

    return act


def mapped(page: Page) -> None:
    page.wait_for_selector("#record-map[data-ready]")


VIEWS: Final = {
    "start": [
        View("home.html", "/"),
        View("home.html", "/", opened(".pad details.card > summary", ".pad details[open]")),
        View("home.html", "/", key("?", "#keys[open]")),
        View("home.html", "/", key("Control+k", "#palette[open] [aria-selected]")),
        View("settings.html", "/settings"),
        View("problem.html", "/nowhere"),
        View("search.html", "/search?q=EXERCISE"),
        View("search.html", "/search?q=zzzz"),
        View("search.html", "/search"),
    ],
    "room": [
        View("room.html", "{base}"),
        View("room.html", "{base}?topic=nothing"),
        View("room.html", "{base}", opened(".tabs .menu >> nth=0 >> summary", ".tabs .menu[open]")),
        View("room.html", "{base}", opened(".tabs .menu >> nth=1 >> summary", ".tabs .menu[open]")),
        View("room.html", "{base}", tool(".react summary", ".react[open]")),
        View("room.html", "{base}", tool("[hx-get$='/node']", "#detail[open] .two")),
        View("room.html", "{base}", tool("[hx-get$='/preview']", ".preview pre")),
        View("room.html", "{base}", tool("[hx-get$='/edit']", "#detail[open] .edit")),
        View("room.html", "{base}", tool(".history summary", ".history[open]")),
        View("room.html", "{base}", tool("[data-reply]", "#replying:not([hidden])")),
    ],
    "registers": [
        View("records.html", "{base}/records"),
        View("records.html", "{base}/records?view=board"),
        View("records.html", "{base}/records?view=calendar&month=2027-06"),
        View("records.html", "{base}/records?view=map", mapped),
        View("records.html", "{base}/records?q=type%3Dpost"),
        View("records.html", "{base}/records", opened(".bar .menu >> nth=0 >> summary", ".bar .menu[open]")),
        View("records.html", "{base}/records", opened(".bar .menu >> nth=1 >> summary", ".bar .menu[open]")),
    ],
    "records": [
        View("record.html", "{base}/records/{activity}"),
        View("record.html", "{base}/records/{access}"),
        View("record.html", "{base}/records/{decision}", opened(".conflict summary", ".conflict [open]")),
        View("record_new.html", "{base}/records/new?type=activity"),
        View("record_new.html", "{base}/records/new?type=decision"),
    ],
    "border": [
        View("border.html", "/border"),
        View("border.html", "/border", opened("#verify-now", "#audit .verdict")),
        View("border.html", "/border?rule=nothing-like-it"),
    ],
    "sea": [
        View("sea.html", "/sea", desk("alerts")),
        View("sea.html", "/sea", desk("vessels")),
        View("sea.html", "/sea", desk("shared")),
        View("sea.html", "/sea", desk("alerts", evidence=True)),
    ],
}
"""Every page that has the frame; the others stand outside and are looked at by themselves."""
OUTSIDE: Final = {"launch.html", "ended.html", "locked.html"}


@pytest.fixture(scope="module")
def filled(seats: Scene) -> Filled:
    return fill(seats)


@pytest.fixture(autouse=True)
def _as_at_first(seats: Scene) -> Iterator[None]:
    yield
    for seat in (seats.uk, seats.fr):
        seat.page.set_viewport_size(WINDOW)
        seat.page.emulate_media(reduced_motion="null", forced_colors="null")


def go(seat: Seat, filled: Filled, view: View) -> Page:
    where = view.path.format(
        base=filled.base, **{name: getattr(filled, name) for name in ("activity", "access", "decision")}
    )
    seat.page.goto(f"{seat.origin}{where}")
    seat.page.wait_for_load_state()
    view.then(seat.page)
    return seat.page


def test_every_page_is_among_them() -> None:
    whole = {
        file.name
        for file in (files("cordiale.console") / "templates").iterdir()
        if re.search(r"<html|extends", file.read_text())
    }
    assert {view.template for views in VIEWS.values() for view in views} | OUTSIDE | {"base.html"} == whole


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("group", VIEWS)
def test_axe_finds_nothing_and_everything_fits(seats: Scene, filled: Filled, group: str, side: str) -> None:
    """axe in both themes, in the dark one for the rules that hang on colours; then 320 pixels, what a window of 1280 has left
    at 400 % (WCAG 2.2, 1.4.10); then text twice as large, as a person may choose it in the browser (1.4.4)."""
    seat = getattr(seats, side)
    browser = seat.context.new_cdp_session(seat.page)
    wrong: list[str] = []
    for view in VIEWS[group]:
        page = go(seat, filled, view)
        others = page.locator("img[src='x'], script:not([src])")
        assert not others.count(), f"{view.path}: what others wrote became part of it"
        for theme, rules in THEMES.items():
            themed(page, theme)
            wrong += [f"{view.path}, {theme}: {each}" for each in broken(page, rules=rules)]
        page.set_viewport_size({"width": 320, "height": 640})
        wrong += [f"{view.path}, 320 pixels: {each}" for each in unfit(page)]
        page.set_viewport_size(WINDOW)
        browser.send("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})
        assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "30px"
        wrong += [f"{view.path}, large text: {each}" for each in unfit(page)]
        browser.send("Page.setFontSizes", {"fontSizes": {"standard": 16, "fixed": 13}})
    assert not wrong, "\n".join(wrong)
    assert not [each for each in seat.noise if "dialog" in each], "what others wrote ran"
    assert seat.abroad == []


@pytest.mark.parametrize("side", SIDES)
def test_pages_that_stand_outside_are_looked_at_too(seats: Scene, side: str) -> None:
    """Where there is no session, where an address was used, and the lock."""
    seat = getattr(seats, side)
    browser = seat.context.browser
    assert browser is not None
    stranger = browser.new_context(locale="en" if side == "uk" else "fr")
    pages = {"/": stranger.new_page(), "/launch?token=used": stranger.new_page(), "/settings": seat.page}
    try:
        for path, page in pages.items():
            page.goto(f"{seat.origin}{path}")
            if path == "/settings":
                locked(page)
            wrong: list[str] = []
            for theme, rules in THEMES.items():
                themed(page, theme)
                wrong += [f"{path}, {theme}: {each}" for each in broken(page, rules=rules)]
            page.set_viewport_size({"width": 320, "height": 640})
            wrong += [f"{path}, 320 pixels: {each}" for each in unfit(page)]
            assert not wrong, "\n".join(wrong)
    finally:
        stranger.close()
    seat.page.set_viewport_size(WINDOW)
    seat.page.fill("[name=passphrase]", WORDS)
    seat.page.keyboard.press("Enter")
    seat.page.wait_for_selector("#rooms a")


def locked(page: Page) -> None:
    """Lock the console, whose passphrase is set first if it is not yet."""
    if not page.locator("[name=old]").count():
        for name, words in (("new", WORDS), ("again", WORDS), ("minutes", "0")):
            page.fill(f"[name={name}]", words)
        page.click("form[action='/settings/lock'] button.primary")
        page.wait_for_selector(".verdict.yes")
    page.wait_for_load_state()
    page.click("#lock-now")
    page.wait_for_selector("[name=passphrase]")


def test_nothing_moves_for_those_who_want_rest(seats: Scene, filled: Filled) -> None:
    """2.3.3: no transition and no animation anywhere, the map included, which jumps to what is chosen."""
    page = seats.uk.page
    page.emulate_media(reduced_motion="reduce")
    moving = """[...document.querySelectorAll("*")].map((each) => getComputedStyle(each)).filter((style) =>
      style.animationName !== "none" || style.transitionDuration.split(", ").some((time) => parseFloat(time))).length"""
    for view in (views[0] for views in VIEWS.values()):
        go(seats.uk, filled, view)
        assert page.evaluate(moving) == 0, view.path
        assert page.evaluate("document.getAnimations().length") == 0, view.path
    page.emulate_media(reduced_motion="no-preference")
    go(seats.uk, filled, VIEWS["room"][0])
    assert page.evaluate(moving) > 0, (
        "where rest is not wanted, something may move: the question is one that can be answered"
    )


def test_in_forced_colours_nothing_hangs_on_a_colour_that_is_gone(seats: Scene, filled: Filled) -> None:
    """What is chosen, where one is and what is marked still differ from their neighbours, and the focus has its ring."""
    page = seats.uk.page
    page.emulate_media(forced_colors="active")
    look = """(each) => { const style = getComputedStyle(each), first = getComputedStyle(each.querySelector("th, span") ?? each);
      return [style.backgroundColor, style.outlineStyle, style.borderTopStyle, first.color].join(); }"""

    def differ(one: str, other: str) -> None:
        assert page.locator(one).first.evaluate(look) != page.locator(other).first.evaluate(look), (
            f"{one} looks as {other}"
        )

    go(seats.uk, filled, VIEWS["room"][0])
    differ("#rooms a[aria-current]", "#rooms a:not([aria-current])")
    differ(".tabs > a[aria-current]", ".tabs > a:not([aria-current])")
    for marked in (".banner", ".message .marking"):
        assert page.locator(marked).first.evaluate("each => getComputedStyle(each).borderTopStyle") == "solid"
    page.keyboard.press("Tab")
    assert focused(page)
    page.keyboard.press("Control+k")
    page.wait_for_selector("#palette-list [aria-selected=true]")
    differ("#palette-list [aria-selected=true]", "#palette-list [aria-selected=false]")
    go(seats.uk, filled, VIEWS["sea"][0])
    differ("[role=tab][aria-selected=true]", "[role=tab][aria-selected=false]")
    page.click("#tab-vessels")
    page.click("#table-vessels tbody tr >> nth=0")
    differ("#table-vessels tr[aria-selected=true]", "#table-vessels tr[aria-selected=false]")
