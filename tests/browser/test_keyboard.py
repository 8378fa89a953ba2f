"""The demonstration's whole story by keyboard alone, in both languages; the focus is visible wherever it comes.

Nothing is clicked, filled or focused by a script here: only keys are pressed, as a person would who has no mouse.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from browser.looks import focused, tab_to
from browser.stage import CHROMIUM, Scene, Seat

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="the browser tests need Chromium on the PATH")


@dataclass(frozen=True)
class Said:
    """What one side types and reads."""

    label: str
    marking: str
    reader: str
    decision: str
    binding: str
    unreachable: str
    record: str
    nation: str
    released: str
    altered: str
    sound: str


SAID = {
    "uk": Said(
        label="OFFICIAL REL FRA",
        marking="NON PROTÉGÉ",
        reader="claire@fr",
        decision="night pat",
        binding="binding",
        unreachable="FR unreachable since",
        record="Record",
        nation="UK",
        released="Released.",
        altered="is not what was signed",
        sound="Every border log stands as it was signed.",
    ),
    "fr": Said(
        label="DIFFUSION RESTREINTE REL GBR",
        marking="OFFICIAL-SENSITIVE",
        reader="alice@uk",
        decision="patrouilles cab",
        binding="en vigueur",
        unreachable="UK injoignable depuis",
        record="Fiche",
        nation="FR",
        released="Diffusé.",
        altered="n'est pas ce qui a été signé",
        sound="Chaque registre de frontière est tel qu'il a été signé.",
    ),
}


@pytest.fixture(autouse=True)
def _patient(seats: Scene) -> Iterator[None]:
    """Each step waits for what it wants to see, as long as it takes."""
    expect.set_options(timeout=40_000)
    yield
    expect.set_options(timeout=5_000)
    for switch, nation in (("join", "uk"), ("restore", "uk"), ("restore", "fr")):
        seats.ask("switches", switch, nation=nation)


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def opened(page: Page, sign: str) -> None:
    """A page is there, with its scripts."""
    page.wait_for_selector(sign)
    page.wait_for_load_state()


def read(seat: Seat) -> Page:
    """The other side looks at the room; how they came there is not this story."""
    seat.page.goto(f"{seat.origin}/")
    seat.page.goto(f"{seat.origin}{seat.page.locator('#rooms a').get_attribute('href')}")
    opened(seat.page, "#text")
    return seat.page


def write(page: Page, *texts: str) -> None:
    """From anywhere in a room."""
    press(page, "c")
    for text in texts:
        page.keyboard.type(text)
        press(page, "Control+Enter")
        expect(page.locator(".message").last).to_contain_text(text)
        assert focused(page, "#text"), "one goes on writing"


@pytest.mark.parametrize("side", ["uk", "fr"])
def test_the_whole_story(seats: Scene, side: str) -> None:
    own: Seat = getattr(seats, side)
    other, said, page = seats.fr if side == "uk" else seats.uk, SAID[side], own.page
    page.goto(f"{own.origin}/")
    opened(page, ".words button")
    words_are_compared(page)
    a_marked_message_is_sent(page, other, said)
    a_decision_is_keyed(page, said)
    an_alert_is_released(page, other, said)
    the_line_is_cut_and_joined(page, other, said)
    an_altered_entry_is_named(page, said)


def words_are_compared(page: Page) -> None:
    tab_to(page, ".words button")
    press(page, "Enter")
    expect(page.locator(".steps li").first).to_have_class("done")
    opened(page, "#rooms a")


def a_marked_message_is_sent(page: Page, other: Seat, said: Said) -> None:
    press(page, "j")
    opened(page, "#text")
    press(page, "c")
    tab_to(page, "#label", key="Shift+Tab")
    press(page, "Control+a")
    page.keyboard.type(said.label)
    expect(page.locator("#check")).to_contain_text(said.reader)
    tab_to(page, "#text")
    text = f"EXERCISE: by keyboard, {said.label}"
    write(page, text)
    expect(read(other).locator(".message", has_text=text).locator(".marking").first).to_contain_text(said.marking)


def a_decision_is_keyed(page: Page, said: Said) -> None:
    press(page, "Control+k")
    page.wait_for_selector("#palette[open]")
    page.keyboard.type(said.decision)
    expect(page.locator("#palette-list [aria-selected=true] small")).to_have_text(said.record)
    press(page, "Enter")
    opened(page, "button[value=key]")
    tab_to(page, "button[value=key]")
    press(page, "Enter")
    expect(page.locator(".one.turned")).to_have_count(2)
    expect(page.locator(".lock .status")).to_contain_text(said.binding)
    page.wait_for_load_state()


def an_alert_is_released(page: Page, other: Seat, said: Said) -> None:
    press(page, "g", "s")
    opened(page, ".sea[data-ready]")
    tab_to(page, "#table-alerts tbody tr")
    press(page, "ArrowDown", "ArrowUp", "Enter")
    page.wait_for_selector(".evidence")
    tab_to(page, ".evidence [hx-get$='/release']")
    press(page, "Enter")
    page.wait_for_selector("#release-check .marking")
    tab_to(page, ".release .primary")
    press(page, "Enter")
    expect(page.locator(".released")).to_contain_text(said.released)
    press(page, "Escape")
    assert focused(page, "#table-alerts tr[aria-selected=true]")
    other.page.goto(f"{other.origin}/sea")
    other.page.click("#tab-shared")
    expect(other.page.locator("#table-shared tbody .nation", has_text=said.nation)).to_be_visible()


def the_line_is_cut_and_joined(page: Page, other: Seat, said: Said) -> None:
    press(page, "j")
    opened(page, "#text")
    tab_to(page, "#switch-cut")
    press(page, "Enter")
    expect(page.locator("#switch-cut")).to_have_attribute("aria-pressed", "true")
    try:
        assert focused(page, "#switch-cut"), "the focus stays where one was"
        expect(page.locator("#links")).to_contain_text(said.unreachable)
        texts = [f"EXERCISE: while the line was cut, {said.nation} {number} of 3" for number in (1, 2, 3)]
        write(page, *texts)
        tab_to(page, "#switch-cut")
    finally:
        press(page, "Enter")
    expect(page.locator("#switch-cut")).to_have_attribute("aria-pressed", "false")
    arrived = read(other).locator("#messages > .message", has_text=f"was cut, {said.nation}")
    expect(arrived).to_have_count(3)
    assert [re.findall(r"\d of 3", text)[0] for text in arrived.all_inner_texts()] == ["1 of 3", "2 of 3", "3 of 3"]
    expect(page.locator("#links")).not_to_contain_text(said.unreachable)


def an_altered_entry_is_named(page: Page, said: Said) -> None:
    tab_to(page, "#switch-alter")
    press(page, "Enter")
    expect(page.locator("#switch-alter")).to_have_attribute("aria-pressed", "true")
    press(page, "g", "b")
    opened(page, "#switch-alter[aria-pressed=true]")
    tab_to(page, "#verify-now")
    press(page, "Enter")
    expect(page.locator(".audit.no li.no")).to_contain_text(said.altered)
    tab_to(page, "#switch-alter", key="Shift+Tab")
    press(page, "Enter")
    expect(page.locator("#switch-alter")).to_have_attribute("aria-pressed", "false")
    tab_to(page, "#verify-now")
    press(page, "Enter")
    expect(page.locator(".verdict.yes")).to_contain_text(said.sound)
