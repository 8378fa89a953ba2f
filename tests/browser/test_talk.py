"""What people say about messages, in a real Chromium: reply, change, react, links, files, drafts, how far a message has come."""

import re
import zlib

import pytest
from playwright.sync_api import Locator, expect

from browser.looks import broken
from browser.stage import CHROMIUM, Scene, Seat, enter
from console.test_preview import chunk, png

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="the browser tests need Chromium on the PATH")


@pytest.fixture(autouse=True)
def _in_the_room(seats: Scene) -> None:
    for seat in (seats.uk, seats.fr):
        enter(seat)


@pytest.fixture(scope="module")
def talked(seats: Scene) -> str:
    """A message that mentions, was answered, changed and agreed to; some words of it."""
    for seat in (seats.uk, seats.fr):
        enter(seat)
    return talk(seats, "tankers")


def say(seat: Seat, text: str) -> None:
    seat.page.fill("#text", text)
    seat.page.click("#send")
    expect(seat.page.locator("#text")).to_have_value("")


def saying(seat: Seat, text: str) -> Locator:
    return seat.page.locator("#messages > .message", has_text=text).first


def talk(seats: Scene, what: str) -> str:
    """A FLASH that mentions somebody is answered, changed and agreed to; what it says in the end."""
    uk, fr = seats.uk.page, seats.fr.page
    uk.fill("#topic", "Dover")
    uk.select_option("#priority", "FLASH")
    say(seats.uk, f"EXERCISE: @claire two {what}?")
    asked = saying(seats.fr, f"two {what}?")
    expect(asked).to_contain_text("FLASH")
    expect(asked).to_contain_text("@ vous mentionne")
    asked.hover()
    asked.get_by_role("button", name="Répondre").click()
    expect(fr.locator("#replying")).to_contain_text("alice@uk")
    expect(fr.locator("#topic")).to_have_value("Dover")
    say(seats.fr, f"EXERCICE : vus, {what}")
    expect(seats.uk.page.locator(".message", has_text=f"vus, {what}").last.locator(".quote")).to_contain_text(
        f"two {what}?"
    )
    asked.hover()
    asked.locator(".react summary").click()
    asked.locator(".react button").nth(1).click()
    expect(saying(seats.uk, f"two {what}?").locator(".reaction")).to_contain_text("agrees 1")
    own = saying(seats.uk, f"two {what}?")
    own.hover()
    own.get_by_role("button", name="Change").click()
    uk.fill("#detail textarea", f"EXERCISE: @claire **three** {what}")
    uk.click("#detail .edit button.primary")
    expect(uk.locator("#detail")).to_be_hidden()
    expect(saying(seats.fr, f"three {what}")).to_contain_text("modifié")
    return f"three {what}"


def test_a_flash_that_mentions_one_is_answered_changed_and_agreed_to(seats: Scene) -> None:
    talk(seats, "coasters")


def test_people_are_named_with_at_by_keyboard(seats: Scene) -> None:
    page = seats.uk.page
    people = page.locator("#mentions [role=option]")
    page.locator("#text").press_sequentially("EXERCISE: @")
    expect(people).to_have_text(["alice@uk", "bob@uk", "claire@fr", "denis@fr"])
    expect(people.first).to_have_attribute("aria-selected", "true")
    assert broken(page) == []
    page.keyboard.press("ArrowUp")
    expect(page.locator("#text")).to_have_attribute("aria-activedescendant", "mention-3")
    page.keyboard.press("Escape")
    expect(page.locator("#mentions")).to_be_hidden()
    page.keyboard.type("cl")
    expect(people).to_have_text(["claire@fr"])
    page.keyboard.press("Enter")
    expect(page.locator("#text")).to_have_value("EXERCISE: @claire ")
    page.keyboard.type("(@de")
    page.keyboard.press("Tab")
    page.keyboard.type("and a@de.example)")
    expect(page.locator("#mentions")).to_be_hidden()
    expect(page.locator("#text")).to_have_value("EXERCISE: @claire (@denis and a@de.example)")
    page.keyboard.press("Control+Enter")
    expect(saying(seats.fr, "and a@de.example")).to_contain_text("@ vous mentionne")


def test_a_message_comes_as_far_as_being_read(seats: Scene) -> None:
    say(seats.uk, "EXERCISE: how far?")
    line = saying(seats.uk, "how far?").locator(".reach-line")
    expect(line).to_contain_text(re.compile("at theirs|read"), timeout=15_000)
    expect(line).to_contain_text("claire@fr", timeout=40_000)


def test_a_file_is_dropped_sent_and_shown_because_one_asks(seats: Scene) -> None:
    uk, fr = seats.uk.page, seats.fr.page
    uk.locator(".room").evaluate(
        """room => { const data = new DataTransfer();
        data.items.add(new File(["EXERCISE a,b <script>alert(1)</script>"], "<b>track</b>.csv", { type: "text/csv" }));
        room.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true })); }"""
    )
    expect(uk.locator(".file.chosen")).to_contain_text("track")
    say(seats.uk, "EXERCISE: the track")
    shown = saying(seats.fr, "EXERCISE: the track")
    shown.get_by_role("button", name="Afficher").click()
    expect(shown.locator(".preview pre")).to_contain_text("<script>alert(1)</script>")
    assert fr.locator(".message script, .message b b").count() == 0


def test_a_picture_that_is_a_page_too_is_only_a_picture_even_by_its_address(seats: Scene) -> None:
    shown = chunk(b"IDAT", zlib.compress(b"\x00" + bytes(3))) + chunk(b"IEND")
    data = png(1, 1) + chunk(b"tEXt", b"<html><script>alert(document.domain)</script>") + shown
    page = seats.uk.page
    page.set_input_files("#file", {"name": "evil.html", "mimeType": "text/html", "buffer": data})
    say(seats.uk, "EXERCISE: a page in a picture's clothes")
    theirs = saying(seats.fr, "a page in a picture's clothes")
    theirs.get_by_role("button", name="Afficher").click()
    picture = theirs.locator(".preview img")
    expect(picture).to_have_js_property("naturalWidth", 1)
    address = f"{seats.fr.origin}{picture.get_attribute('src')}"
    other = seats.fr.context.new_page()
    said: list[str] = []
    other.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    other.goto(address)
    assert other.evaluate("document.contentType") == "image/png"
    assert other.evaluate("globalThis.origin") == "null", "a sandbox, of no origin"
    assert said == []
    other.close()


def test_what_is_too_large_is_said_before_it_is_sent(seats: Scene) -> None:
    page = seats.uk.page
    page.locator(".compose").evaluate("form => { form.dataset.most = '3'; }")
    page.set_input_files("#file", {"name": "a.txt", "mimeType": "text/plain", "buffer": b"four"})
    expect(page.locator("#send-problem")).to_contain_text("256 MiB")
    expect(page.locator("#file")).to_have_value("")
    page.reload()


def test_a_draft_is_there_in_another_tab_and_nowhere_in_the_browser(seats: Scene) -> None:
    page = seats.uk.page
    with page.expect_response(lambda answer: answer.url.endswith("/draft")):
        page.fill("#text", "EXERCISE unfinished")
    other = seats.uk.context.new_page()
    other.goto(page.url)
    expect(other.locator("#text")).to_have_value("EXERCISE unfinished")
    kept = other.evaluate("JSON.stringify([{ ...sessionStorage }, { ...localStorage }])")
    other.close()
    assert "unfinished" not in kept
    page.fill("#text", "")
    page.wait_for_timeout(900)


def test_a_link_opens_at_its_message(talked: str, seats: Scene) -> None:
    page = seats.fr.page
    link = saying(seats.fr, talked).locator("a.when").get_attribute("href")
    page.goto(f"{seats.fr.origin}{link}")
    expect(page.locator(".message.here")).to_contain_text(talked)
    expect(page.locator(".message.here")).to_be_in_viewport()


def test_nothing_went_abroad_or_wrong(seats: Scene) -> None:
    for seat in (seats.uk, seats.fr):
        assert seat.abroad == []
        assert [each for each in seat.noise if "404" not in each] == []
