"""The console in a real Chromium, two governments at once: they write, see, refuse, decide, by mouse and by keyboard alone."""

import pytest
from playwright.sync_api import expect

from browser.stage import CHROMIUM, Scene, Seat, enter

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="the browser tests need Chromium on the PATH")
HOSTILE = 'EXERCISE <img src=x onerror="alert(1)"> <script>alert(2)</script> [x](javascript:alert(3))'


def say(seat: Seat, text: str) -> None:
    seat.page.fill("#text", text)
    seat.page.keyboard.press("Control+Enter")
    expect(seat.page.locator(".message").last).to_contain_text(text.split("<")[0])
    expect(seat.page.locator("#text")).to_have_value("")


def test_what_london_writes_paris_reads_without_asking(seats: Scene) -> None:
    enter(seats.uk)
    enter(seats.fr)
    say(seats.uk, "EXERCISE: two coasters off Varne")
    expect(seats.fr.page.locator(".message").last).to_contain_text("two coasters off Varne")
    expect(seats.fr.page.locator(".message .marking").last).to_contain_text("DIFFUSION RESTREINTE")
    say(seats.fr, "EXERCICE : vus")
    expect(seats.uk.page.locator(".message").last).to_contain_text("vus")
    expect(seats.uk.page.locator(".message .original").last).to_contain_text("FR DIFFUSION RESTREINTE")


def test_hostile_text_neither_runs_nor_loads(seats: Scene) -> None:
    enter(seats.uk)
    enter(seats.fr)
    say(seats.uk, HOSTILE)
    expect(seats.fr.page.locator(".message").last).to_contain_text("alert(2)")
    for seat in (seats.uk, seats.fr):
        assert seat.page.locator(".message img, .message script").count() == 0
        assert not [each for each in seat.noise if "dialog" in each]


def test_a_marking_that_cannot_leave_is_refused_with_its_rule(seats: Scene) -> None:
    page = seats.uk.page
    enter(seats.uk)
    count = page.locator(".message").count()
    page.fill("#label", "OFFICIAL UK EYES ONLY")
    expect(page.locator("#check .no").last).to_contain_text("FR")
    page.fill("#text", "EXERCISE: stays at home")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#send-problem")).to_contain_text("eyes")
    assert page.locator(".message").count() == count
    expect(page.locator("#text")).to_have_value("EXERCISE: stays at home")
    page.fill("#text", "")
    seats.uk.noise.clear()  # the browser notes the refusal's status as an error


def test_what_the_node_sees_is_not_the_text(seats: Scene) -> None:
    enter(seats.uk)
    page = seats.uk.page
    say(seats.uk, "EXERCISE: seen by the agent alone")
    last = page.locator("#messages > .message").last
    last.hover()
    last.get_by_role("button", name="What the node sees").click()
    node = page.locator("#detail section").first
    expect(node).to_contain_text("OFFICIAL-SENSITIVE")
    assert "seen by the agent alone" not in node.inner_text()
    expect(page.locator("#detail section").last).to_contain_text("seen by the agent alone")
    page.keyboard.press("Escape")


def test_a_decision_binds_with_both_keys(seats: Scene) -> None:
    page = seats.uk.page
    enter(seats.uk)
    page.click("[data-go=r]")
    page.locator(".bar details").first.locator("summary").click()
    page.click("a[href$='type=decision']")
    for name, text in (
        ("title.en", "EXERCISE Patrols alternate"),
        ("title.fr", "EXERCICE Patrouilles alternées"),
        ("text.en", "They alternate."),
        ("text.fr", "Elles alternent."),
        ("body", "EXERCISE steering group"),
        ("met", "2026-03-02"),
    ):
        page.fill(f"[name='field.{name}']", text)
    page.click("form.fields-form button.primary")
    expect(page.locator("h1")).to_contain_text("EXERCISE Patrols alternate")
    page.click("button[value=key]")
    expect(page.locator(".one.turned")).to_have_count(1)
    french = seats.fr.page
    enter(seats.fr)
    french.click("[data-go=r]")
    french.click("text=EXERCICE Patrouilles alternées")
    french.click("button[value=key]")
    expect(french.locator(".one.turned")).to_have_count(2)
    expect(french.locator(".lock .status")).to_contain_text("en vigueur")
    expect(page.locator(".lock .status")).to_contain_text("binding")


def test_by_keyboard_alone(seats: Scene) -> None:
    page = seats.fr.page
    page.goto(f"{seats.fr.origin}/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("j")
    page.wait_for_selector("#text")
    page.wait_for_load_state()
    page.keyboard.press("c")
    assert page.evaluate("document.activeElement.id") == "text"
    page.keyboard.type("EXERCICE : au clavier")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".message").last).to_contain_text("au clavier")
    expect(page.locator("#text")).to_have_value("")
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    page.keyboard.press("g")
    page.keyboard.press("r")
    page.wait_for_selector(".bar")
    page.wait_for_load_state()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("clavier")
    page.keyboard.press("Enter")
    expect(page.locator(".message").first).to_contain_text("au clavier")


def test_the_browser_went_nowhere_else_and_had_nothing_to_complain_of(seats: Scene) -> None:
    for seat in (seats.uk, seats.fr):
        enter(seat)
        seat.page.wait_for_timeout(500)
        assert seat.abroad == []
        assert [each for each in seat.noise if "404" not in each and "403" not in each] == []
