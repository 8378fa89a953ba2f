"""The maritime desk in a real Chromium: map and tables say the same, by mouse and by keyboard, to a release that both see."""

from datetime import datetime, timedelta

import pytest
from playwright.sync_api import FloatRect, Page, Route, expect

from browser.stage import CHROMIUM, Scene, Seat

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="the browser tests need Chromium on the PATH")
PLACE = "cordialeSea.map.map.project(cordialeSea.reel.at(cordialeSea.reel.row(1, cordialeSea.seconds)))"


def enter(seat: Seat, more: str = "") -> Page:
    seat.page.goto(f"{seat.origin}/sea{more}")
    seat.page.wait_for_selector(".sea[data-ready]")
    return seat.page


def becomes(page: Page, what: str) -> None:
    """Asked from here again and again: the page's policy lets nobody evaluate text in it."""
    for _ in range(100):
        if page.evaluate(what):
            return
        page.wait_for_timeout(100)
    raise AssertionError(what)


def test_the_map_is_drawn_under_the_strict_policy_and_asks_nobody_else(seats: Scene) -> None:
    page = enter(seats.uk)
    assert page.locator(".sea").get_attribute("data-ready") == "map"
    for layer in ("alerts", "land"):
        becomes(page, f"cordialeSea.map.map.queryRenderedFeatures({{ layers: ['{layer}'] }}).length > 0")
    becomes(page, "cordialeSea.map.fleet.drawn === 2")
    becomes(page, "document.querySelector('.maplibregl-ctrl-scale').textContent.endsWith('NM')")
    assert seats.uk.abroad == []
    assert [each for each in seats.uk.noise if "404" not in each] == []


def test_vessels_are_where_they_last_reported_and_nowhere_before(seats: Scene) -> None:
    page = enter(seats.uk)
    becomes(page, "cordialeSea.map.fleet.drawn === 2")
    becomes(page, "cordialeSea.map.map.areTilesLoaded() && cordialeSea.map.map.loaded()")
    box = page.locator("#sea-map").bounding_box()
    assert box is not None
    x, y = page.evaluate(f"(() => {{ const {{ x, y }} = {PLACE}; return [x, y]; }})()")
    around: FloatRect = {"x": box["x"] + x - 8, "y": box["y"] + y - 8, "width": 16, "height": 16}
    there = page.screenshot(clip=around)
    page.evaluate("cordialeSea.move(0)")
    becomes(page, "cordialeSea.map.fleet.drawn === 0")
    for _ in range(100):
        if page.screenshot(clip=around) != there:
            return
        page.wait_for_timeout(100)
    raise AssertionError("the sea looks the same with a vessel as without")


def test_a_vessel_chosen_on_the_map_is_chosen_in_the_table_and_back(seats: Scene) -> None:
    page = enter(seats.uk)
    becomes(page, "cordialeSea.map.fleet.drawn === 2")
    where = page.evaluate(
        f"(() => {{ const p = {PLACE}, box = cordialeSea.map.map.getCanvas().getBoundingClientRect();"
        " return [box.x + p.x, box.y + p.y]; })()"
    )
    page.mouse.click(*where)
    row = page.locator("#table-vessels tr[aria-selected=true]")
    expect(row).to_contain_text("EXERCISE HERON")
    assert "vessel=232000002" in page.url
    page.click("#tab-vessels")
    page.click("#table-vessels tbody tr:has-text('PETREL')")
    becomes(page, "cordialeSea.chosen?.mmsi[0] === 227000001")
    becomes(page, "cordialeSea.map.map.getSource('track').serialize().data.features?.length === 1")


def test_what_is_heard_meanwhile_comes_without_asking_and_the_moment_looked_at_stays(seats: Scene) -> None:
    page = seats.uk.page

    def later(route: Route) -> None:
        """As if ten minutes more had been heard."""
        ends = {
            end: (datetime.fromisoformat(told[end]) + timedelta(minutes=10)).isoformat() for end in ("begin", "end")
        }
        route.fulfill(json=told | ends)

    page.clock.install()
    enter(seats.uk)
    ends = page.locator("#sea-moment").inner_text()
    told = page.evaluate(
        "fetch('/sea/picture.json', { headers: { 'hx-request': 'true' } }).then((each) => each.json())"
    )
    page.route("**/sea/picture.json", later)
    page.clock.fast_forward(61_000)
    expect(page.locator("#sea-moment")).not_to_have_text(ends)
    page.unroute("**/sea/picture.json")
    ends = page.locator("#sea-moment").inner_text()
    page.locator("#sea-slider").fill(str(22 * 3600))
    expect(page.locator("#sea-moment")).not_to_have_text(ends)
    moment = page.locator("#sea-moment").inner_text()
    before = page.evaluate("cordialeSea.reel.begin")
    page.clock.fast_forward(61_000)
    becomes(page, f"cordialeSea.reel.begin !== {before}")
    expect(page.locator("#sea-moment")).to_have_text(moment)


def test_time_moves_the_picture_and_the_table(seats: Scene) -> None:
    page = enter(seats.uk)
    page.click("#tab-vessels")
    last = page.locator("#sea-moment").inner_text()
    page.locator("#sea-slider").fill(str(22 * 3600))
    expect(page.locator("#sea-moment")).not_to_have_text(last)
    expect(page.locator("#table-vessels tbody")).to_contain_text("02:00")
    page.click("#sea-play")
    becomes(page, "cordialeSea.seconds > 22 * 3600")
    expect(page.locator("#sea-play")).to_have_attribute("aria-pressed", "true")
    page.click("#sea-play")


def test_by_keyboard_alone_from_the_table_to_a_release_that_france_sees(seats: Scene) -> None:
    page = enter(seats.uk)
    page.focus("#tab-alerts")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.id") == "tab-vessels"
    page.keyboard.press("ArrowLeft")
    page.focus("#table-alerts tbody tr")
    page.keyboard.press("End")
    page.keyboard.press("Home")
    first = page.locator("#table-alerts tr[aria-selected=true]")
    expect(first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".evidence h3").first).to_have_text("Why this alert")
    expect(page.locator(".evidence")).to_contain_text("EXERCISE silence before")
    page.focus("text=Draft for release")
    page.keyboard.press("Enter")
    expect(page.locator("#release-check .yes").first).to_contain_text("claire@fr")
    page.focus(".release .primary")
    page.keyboard.press("Enter")
    expect(page.locator(".released")).to_contain_text("Released.")
    page.keyboard.press("Escape")
    expect(page.locator("#sea-detail")).to_be_hidden()
    expect(page.locator("#table-alerts tr[aria-selected=true]")).to_be_focused()
    expect(page.locator("#table-alerts tr[aria-selected=true]")).to_contain_text("released")
    french = enter(seats.fr)
    expect(french.locator("#tab-shared .n")).to_have_text("1")
    french.click("#tab-shared")
    expect(french.locator("#table-shared tbody")).to_contain_text("DIFFUSION RESTREINTE")
    becomes(french, "cordialeSea.map.map.queryRenderedFeatures({ layers: ['shared-points'] }).length > 0")


def test_set_aside_with_a_reason(seats: Scene) -> None:
    page = enter(seats.uk, "")
    count = int(page.locator("#tab-alerts .n").inner_text())
    page.click("#table-alerts tbody tr:has-text('Drifting')")
    page.wait_for_selector(".evidence")
    page.click("button[value=dismiss]")
    expect(page.locator("#triage-problem")).to_contain_text("dismiss needs words")
    page.fill("[name='text.dismiss']", 'EXERCISE <img src=x onerror="alert(1)">')
    page.click("button[value=dismiss]")
    expect(page.locator(".evidence .history")).to_contain_text("onerror")
    assert page.locator(".evidence img").count() == 0
    expect(page.locator("#tab-alerts .n")).to_have_text(str(count - 1))
    page.click("#detail-close")
    page.check("#with-dismissed")
    expect(page.locator("#table-alerts tbody")).to_contain_text("set aside")
    seats.uk.noise[:] = [each for each in seats.uk.noise if "400" not in each]


def test_what_was_made_of_an_alert_is_undone_from_its_notice(seats: Scene) -> None:
    page = enter(seats.fr)
    page.click("#table-alerts tbody tr:has-text('Dérive')")
    page.click(".evidence button[value=acknowledge]")
    expect(page.locator(".evidence .status").first).to_have_class("status acknowledged")
    page.click(".toast [data-undo]")
    expect(page.locator(".evidence .status").first).to_have_class("status new")
    expect(page.locator(".evidence .history")).to_contain_text("dernière étape annulée")


def test_a_filter_without_an_answer_says_so(seats: Scene) -> None:
    page = enter(seats.fr)
    page.click("#tab-vessels")
    page.fill("#filter-vessels", "heron")
    expect(page.locator("#table-vessels tbody tr")).to_have_count(1)
    page.fill("#filter-vessels", "nobody")
    expect(page.locator("#table-vessels .empty")).to_have_text("Rien ne répond à ce filtre.")


def test_without_webgl_the_tables_work_alone(seats: Scene) -> None:
    page = seats.fr.context.new_page()
    page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
    page.goto(f"{seats.fr.origin}/sea")
    page.wait_for_selector(".sea[data-ready=tables]")
    expect(page.locator("#sea-map")).to_contain_text("WebGL")
    page.click("#table-alerts tbody tr")
    expect(page.locator(".evidence h3").first).to_have_text("Pourquoi cette alerte")
    page.close()
