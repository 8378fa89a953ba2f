"""The demonstration in a real Chromium: words compared, the line cut and joined, an entry altered and named, the lock, keys,
the palette, undo, print; in both languages. Each test puts back what it changed."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browser.looks import broken
from browser.stage import CHROMIUM, Scene, Seat, enter

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="the browser tests need Chromium on the PATH")
WORDS = "EXERCISE passphrase"


def visit(seat: Seat, path: str = "/") -> Page:
    seat.page.goto(f"{seat.origin}{path}")
    seat.page.wait_for_load_state()
    return seat.page


def say(page: Page, text: str) -> None:
    page.fill("#text", text)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".message").last).to_contain_text(text)
    expect(page.locator("#text")).to_have_value("")


def turn(page: Page, switch: str, *, on: bool) -> None:
    """Press a switch of the exercise if it does not stand so yet."""
    button = page.locator(f"#switch-{switch}")
    wanted = "true" if on else "false"
    if button.get_attribute("aria-pressed") != wanted:
        button.click()
    expect(button).to_have_attribute("aria-pressed", wanted)


def test_both_see_the_same_words_and_tick_the_step(seats: Scene) -> None:
    shown = [visit(seat).locator(".six").first.inner_text().split() for seat in (seats.uk, seats.fr)]
    assert shown[0] == shown[1]
    assert len(shown[0]) == 6
    page = seats.uk.page
    visit(seats.uk)
    if page.locator(".words button").count():
        page.click(".words button")
        page.wait_for_load_state()
    expect(page.locator(".steps li").first).to_have_class("done")


def test_the_line_is_cut_messages_wait_with_a_count_and_drain_in_order(seats: Scene) -> None:
    english, french = enter(seats.uk), enter(seats.fr)
    turn(english, "cut", on=True)
    try:
        expect(english.locator("#links")).to_contain_text("FR unreachable since", timeout=15_000)
        expect(french.locator("#links")).to_contain_text("UK injoignable depuis", timeout=15_000)
        texts = [f"EXERCISE: written while the line was cut, {number} of 3" for number in (1, 2, 3)]
        for text in texts:
            say(english, text)
        waiting = re.compile(r"\b[3-9] waiting")  # receipts wait, too
        expect(english.locator("#links")).to_contain_text(waiting, timeout=15_000)
        assert not french.locator(".message", has_text="while the line was cut").count()
        assert not broken(english), "cut"
    finally:
        turn(english, "cut", on=False)
    arrived = french.locator("#messages > .message", has_text="while the line was cut")
    expect(arrived).to_have_count(3, timeout=20_000)
    assert [re.findall(r"\d of 3", text)[0] for text in arrived.all_inner_texts()] == ["1 of 3", "2 of 3", "3 of 3"]
    expect(english.locator("#links")).not_to_contain_text("unreachable", timeout=15_000)


def test_an_altered_entry_is_named_by_verification_and_by_nothing_else(seats: Scene) -> None:
    page = visit(seats.fr, "/border")
    page.click("#verify-now")
    expect(page.locator(".verdict")).to_contain_text("Chaque registre de frontière est tel qu'il a été signé.")
    turn(page, "alter", on=True)
    try:
        page.click("#verify-now")
        expect(page.locator(".audit.no li.no")).to_contain_text("n'est pas ce qui a été signé")
        assert re.search(r"L'entrée \d+ de border/fr-uk", page.locator(".audit.no").inner_text())
        assert not broken(page), "altered"
        other = visit(seats.uk, "/border")
        other.click("#verify-now")
        expect(other.locator(".verdict.yes")).to_be_visible()
    finally:
        turn(page, "alter", on=False)
    page.click("#verify-now")
    expect(page.locator(".verdict.yes")).to_be_visible()


def test_what_crossed_is_filtered_and_paged_and_shows_no_content(seats: Scene) -> None:
    page = enter(seats.uk)
    say(page, "EXERCISE: not in the border's list")
    visit(seats.uk, "/border?direction=out&kind=message")
    rows = page.locator("table.records").first.locator("tbody tr")
    expect(rows.first).to_contain_text("to FR")
    expect(rows.first).to_contain_text("uk-releasable")
    assert "not in the border's list" not in page.locator("main").inner_text()
    assert not page.locator("table.records").first.get_by_text("from FR").count()


def test_locked_nothing_is_in_the_page_nor_in_another_tab(seats: Scene) -> None:
    page = visit(seats.uk, "/settings")
    if page.locator("[name=old]").count() == 0:
        page.fill("[name=new]", WORDS)
        page.fill("[name=again]", WORDS)
        page.fill("[name=minutes]", "0")
        page.click("form[action='/settings/lock'] button.primary")
        expect(page.locator(".verdict.yes")).to_be_visible()
    enter(seats.uk)
    where, title = page.url, page.locator("h1").inner_text()
    other = seats.uk.context.new_page()
    other.goto(where)
    other.wait_for_selector("#text")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Control+Alt+l")
    for tab in (page, other):
        tab.wait_for_selector("[name=passphrase]")
        assert title not in tab.content()
        assert tab.locator(".message, #rooms").count() == 0
        assert tab.url == where
    assert not broken(page), "locked"
    assert page.evaluate("fetch('/frame/rooms').then((answer) => answer.status)") == 423
    page.fill("[name=passphrase]", "EXERCISE wrong")
    page.keyboard.press("Enter")
    expect(page.locator("[role=alert]")).to_contain_text("not the passphrase")
    page.fill("[name=passphrase]", WORDS)
    page.keyboard.press("Enter")
    page.wait_for_selector("#text")
    assert page.url == where
    other.close()
    seats.uk.noise.clear()  # the browser notes the statuses 423


def test_the_palette_goes_to_rooms_records_and_actions_by_keyboard(seats: Scene) -> None:
    page = visit(seats.fr)
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_visible()
    page.keyboard.type("patrouilles cab")
    expect(page.locator("#palette-list [aria-selected=true]")).to_contain_text("Patrouilles câbles")
    assert not broken(page), "palette"
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/records/[0-9a-f]+$"))
    page.keyboard.press("Control+k")
    page.keyboard.type("frontiere")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{seats.fr.origin}/border")
    page.keyboard.press("Control+k")
    page.keyboard.type("zzzz")
    expect(page.locator("#palette-none")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()


def test_a_key_becomes_another_or_none_and_letters_go_off(seats: Scene) -> None:
    page = visit(seats.uk, "/settings")
    page.focus("[data-of=border]")
    page.keyboard.press("c")
    expect(page.locator("#keymap .why", has_text="Write a message")).to_be_visible()
    page.keyboard.press("x")
    expect(page.locator("[data-of=border]")).to_have_value("x")
    page.focus("[data-of=write]")
    page.keyboard.press("Delete")
    visit(seats.uk)
    page.keyboard.press("x")
    page.wait_for_url(f"{seats.uk.origin}/border")
    enter(seats.uk)
    page.keyboard.press("c")
    assert page.evaluate("document.activeElement.id") != "text"
    visit(seats.uk, "/settings")
    page.click("#keymap-reset")
    page.uncheck("#keys-setting-on")
    visit(seats.uk)
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") != "q"
    visit(seats.uk, "/settings")
    page.check("#keys-setting-on")


def test_a_message_is_taken_back_and_a_marking_put_back(seats: Scene) -> None:
    page = visit(seats.uk, "/settings")
    page.fill("#undo-seconds", "4")
    page.locator("#undo-seconds").blur()
    enter(seats.uk)
    try:
        count = page.locator("#messages > .message").count()
        page.fill("#text", "EXERCISE: taken back")
        page.keyboard.press("Control+Enter")
        expect(page.locator(".toast")).to_contain_text("Leaves in 4 s")
        page.keyboard.press("Control+z")
        expect(page.locator(".toast")).to_have_count(0)
        expect(page.locator("#text")).to_have_value("EXERCISE: taken back")
        page.wait_for_timeout(4500)
        assert page.locator("#messages > .message").count() == count
        page.keyboard.press("Control+Enter")
        page.keyboard.press("Control+Enter")
        expect(page.locator("#messages > .message").last).to_contain_text("taken back")
        was = page.input_value("#label")
        page.fill("#label", "OFFICIAL REL FRA")
        page.locator("#label").blur()
        page.locator(".toast [data-undo]").click()
        expect(page.locator("#label")).to_have_value(was)
    finally:
        page.evaluate("localStorage.removeItem('cordiale.undo')")


def test_quiet_hours_hold_back_the_count(seats: Scene) -> None:
    page = enter(seats.uk)
    visit(seats.uk)
    say(enter(seats.fr), "EXERCICE : pour le compte")
    expect(page).to_have_title(re.compile(r"^\(\d+\) "))
    expect(page.locator(".toast")).to_contain_text("New in")
    page.evaluate("localStorage.setItem('cordiale.quiet', 'on'); localStorage.setItem('cordiale.quiet.from', '00:00')")
    page.evaluate("localStorage.setItem('cordiale.quiet.until', '23:59')")
    try:
        page.reload()
        page.wait_for_load_state()
        assert not page.title().startswith("(")
    finally:
        page.evaluate("['', '.from', '.until'].forEach((part) => localStorage.removeItem(`cordiale.quiet${part}`))")


def test_a_printed_page_bears_its_marking(seats: Scene) -> None:
    page = enter(seats.fr)
    page.emulate_media(media="print")
    try:
        expect(page.locator(".banner")).to_be_visible()
        assert page.locator(".banner").evaluate("each => getComputedStyle(each).position") == "fixed"
        for hidden in (".compose", ".side", "#aside", ".top"):
            expect(page.locator(hidden)).to_be_hidden()
        visit(seats.fr, "/border")
        expect(page.locator(".print-marking")).to_contain_text("DIFFUSION RESTREINTE")
        expect(page.locator(".print-marking")).to_be_visible()
    finally:
        page.emulate_media(media="screen")


def test_a_hostile_file_name_is_only_text(seats: Scene, tmp_path: Path) -> None:
    name = "EXERCISE \u202etxt.<img src=x onerror=alert(1)>.html"  # what steers is taken out of names
    (tmp_path / name).write_text("<script>alert(1)</script>")
    page = enter(seats.uk)
    page.set_input_files("input[type=file]", tmp_path / name)
    page.fill("#text", "EXERCISE: a file with an odd name")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".message").last).to_contain_text("<img src=x onerror")
    french = enter(seats.fr)
    expect(french.locator(".message").last).to_contain_text("onerror", timeout=15_000)
    for seat in (seats.uk, seats.fr):
        assert seat.page.locator(".message img[src='x']").count() == 0
        assert not [each for each in seat.noise if "dialog" in each]
