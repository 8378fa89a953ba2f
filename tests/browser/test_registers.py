"""Registers in a real Chromium: board, calendar, map; what two wrote at once; what they can read; files and proofs."""

import re
import time
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Error, Page, expect

from browser.filled import ACROSS, EVIL, FIRING, Filled, at_once, fill, until
from browser.stage import CHROMIUM, Scene, Seat
from cordiale.adapters.clock import system_clock
from cordiale.errors import CordialeError
from cordiale.federation.record_bundle import verify_record_bundle
from cordiale.vocab.party import Nation
from cordiale.wiring.stage import ALICE, CLAIRE

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="the browser tests need Chromium on the PATH")


@pytest.fixture(scope="module")
def filled(seats: Scene) -> Filled:
    return fill(seats)


@pytest.fixture(autouse=True)
def _patient() -> None:
    expect.set_options(timeout=40_000)


def look(seat: Seat, filled: Filled, rest: str) -> Page:
    """Go there; the page that is left may be renewing itself just then, for what was done before."""
    for last in (*(False for _ in range(20)), True):
        try:
            seat.page.goto(f"{seat.origin}{filled.base}/records{rest}")
            break
        except Error as fault:
            if last or "interrupted" not in str(fault):
                raise
            time.sleep(0.5)
    seat.page.wait_for_load_state()
    return seat.page


def proposed(seats: Scene, filled: Filled, title: str, *, tier: int = 3) -> str:
    """A request for access of a test's own; its id, once both have it."""
    values = {**ACROSS, "title": {"en": title, "fr": title}, "craft": [f"EXERCISE craft {EVIL}"]}
    made = seats.ask(ALICE, "register.new", room=filled.room, type="access-request", values=values, tier=tier)[
        "record"
    ]["id"]
    asked = {"room": filled.room, "records": [made]}
    until(lambda: made in seats.ask(CLAIRE, "register.names", **asked)["names"])
    return made


def test_a_record_moves_on_the_board_as_keys_are_turned(seats: Scene, filled: Filled) -> None:
    made = proposed(seats, filled, "EXERCISE on the board")
    page, card = look(seats.uk, filled, "?view=board"), f".card a[href$='{made}']"
    expect(page.locator("section[aria-labelledby=column-proposed]").locator(card)).to_be_visible()
    for who, status in ((ALICE, "part-keyed"), (CLAIRE, "binding")):
        seats.ask(who, "register.act", room=filled.room, record=made, act="key")
        expect(page.locator(f"section[aria-labelledby=column-{status}]").locator(card)).to_be_visible()
    page.click(card)
    expect(page.locator("h1")).to_contain_text("EXERCISE on the board")
    expect(page.locator(".one.turned")).to_have_count(2)


def test_the_calendar_has_a_record_on_each_of_its_days(seats: Scene, filled: Filled) -> None:
    page = look(seats.fr, filled, "?view=calendar&month=2027-06&q=type%3Dactivity")
    expect(page.locator(".month-bar h2")).to_have_text("juin 2027")
    days = page.locator(f".month td:has(.stay[href$='{filled.activity}'][title='Du, au']) time")
    expect(days).to_have_text(["8", "9", "10"])
    page.click(".month-bar [rel=next]")
    expect(page.locator(".month-bar h2")).to_have_text("juillet 2027")
    expect(page.locator(".month .stay")).to_have_count(0)
    row = page.locator("table.records tbody tr", has_text="Du, au")
    row.locator("td a").click()
    expect(page.locator(".month-bar h2")).to_have_text("juin 2027")
    page.locator(".stay[title='Du, au']").first.click()
    expect(page.locator("h1")).to_contain_text("EXERCICE Tir")


def test_what_is_chosen_on_the_map_is_chosen_in_the_table(seats: Scene, filled: Filled) -> None:
    page = look(seats.uk, filled, "?view=map&q=type%3Dactivity")
    page.wait_for_selector("#record-map[data-ready=map]")
    page.wait_for_timeout(500)
    page.locator("#record-map canvas").click()  # the area is alone, so the map is centred on it
    expect(page.locator(f"tr[data-id='{filled.activity}']")).to_have_attribute("data-chosen", "")
    expect(page.locator(f"tr[data-id='{filled.activity}'] a")).to_be_focused()
    assert (
        page.evaluate("fetch(document.querySelector('#record-map').dataset.shapes).then(told => told.json())")[
            "features"
        ][0]["geometry"]["coordinates"][0][0]
        == FIRING["areas"][0]["ring"][0]
    )


def test_what_crosses_the_antimeridian_is_drawn(seats: Scene, filled: Filled) -> None:
    page = look(seats.fr, filled, "?view=map&q=type%3Daccess-request")
    page.wait_for_selector("#record-map[data-ready=map]")
    assert not [each for each in seats.fr.noise if "404" not in each]


def test_what_two_wrote_at_once_stands_side_by_side_until_it_is_settled(seats: Scene, filled: Filled) -> None:
    at_once(seats, filled, "body", f"EXERCISE port {EVIL}", f"EXERCICE tribord {EVIL}")
    page = look(seats.uk, filled, f"/{filled.decision}")
    cards = page.locator(".conflict .card")
    expect(cards).to_have_count(2)
    boxes = [each.bounding_box() for each in cards.all()]
    assert all(boxes)
    left, right = ((box["x"], box["y"]) for box in boxes if box)
    assert left[0] < right[0]
    assert abs(left[1] - right[1]) < 2, "side by side"
    expect(page.locator(".conflict")).to_contain_text("nothing was overwritten")
    keep = cards.filter(has_text="tribord").get_by_role("button", name="Keep this one")
    while page.locator(".conflict").count():  # news of what was written at once may renew the page in that very moment
        keep.click()
        with suppress(AssertionError):
            expect(page.locator(".conflict")).to_have_count(0, timeout=10_000)
    french = look(seats.fr, filled, f"/{filled.decision}")
    expect(french.locator(".fields")).to_contain_text("tribord")
    expect(french.locator(".conflict")).to_have_count(0)


def test_what_they_can_read_is_what_they_read(seats: Scene, filled: Filled) -> None:
    made = proposed(seats, filled, "EXERCISE shown in part", tier=2)
    own, theirs = look(seats.uk, filled, f"/{made}"), look(seats.fr, filled, f"/{made}")
    kept = own.locator(".reads tr.kept")
    expect(kept).to_contain_text("EXERCISE craft")
    expect(kept).to_contain_text("kept back")
    expect(theirs.locator(".withheld")).to_contain_text("▒▒▒")
    assert "EXERCISE craft" not in theirs.content()
    shown = own.locator(".reads tbody tr:not(.kept) th").count()
    read = theirs.locator(".reads tbody tr:not(.kept) th").count()
    assert shown == read, "everything that is said to be readable is read there, and nothing else"
    kept.get_by_role("button", name="Show it to them").click()
    expect(own.locator(".reads tr.kept")).to_have_count(0)
    expect(theirs.locator(".fields")).to_contain_text("EXERCISE craft")
    assert theirs.locator("main img").count() == 0


def test_records_and_proofs_are_saved(seats: Scene, filled: Filled) -> None:
    page = look(seats.uk, filled, "?q=type%3Daccess-request")
    page.locator(".bar .menu").last.locator("summary").click()
    for form, begins in (("PDF", b"%PDF"), ("CSV", b""), ("GEOJSON", b"{")):
        with page.expect_download() as saving:
            page.get_by_role("link", name=form, exact=True).click()
        path = Path(saving.value.path())
        assert saving.value.suggested_filename == f"records.{form.lower()}"
        assert path.read_bytes().startswith(begins)
        assert path.stat().st_size > 0
    made = proposed(seats, filled, "EXERCISE to be proven")
    for who in (ALICE, CLAIRE):
        seats.ask(who, "register.act", room=filled.room, record=made, act="key")
        until(lambda each=who: any(key["person"] == each for key in keys(seats, filled, made)))
    until(lambda: proof(seats, filled, made))
    look(seats.uk, filled, f"/{made}")
    with page.expect_download(timeout=60_000) as saving:
        page.click("a[href$='/bundle']")
    assert re.fullmatch(r"record-[0-9a-f]{8}\.bundle", saving.value.suggested_filename)
    pinned = {Nation(code): (seats.directory / code / "root.der").read_bytes() for code in ("uk", "fr")}
    proven = verify_record_bundle(Path(saving.value.path()).read_bytes(), pinned, system_clock())
    assert proven.record.hex() == made


def proof(seats: Scene, filled: Filled, record: str) -> bool:
    """Whether both borders have cosigned everything about it."""
    try:
        return bool(seats.ask(ALICE, "register.bundle", room=filled.room, record=record))
    except CordialeError:
        return False


def keys(seats: Scene, filled: Filled, record: str) -> list[dict[str, str]]:
    """Whose keys are turned, as Alice's agent has it."""
    return seats.ask(ALICE, "register.show", room=filled.room, record=record)["record"]["keys"]
