"""Pages over a real engine: what a person sees in both languages, and that nothing written by others becomes part of a page."""

import re
from collections.abc import Iterator
from urllib.parse import quote, unquote, urlencode

import pytest

from console.visitor import Visitor, met
from cordiale.console.message_pages import download
from cordiale.wiring import commands
from worlds.world import World

TITLE = 'EXERCISE <b onclick="x">Channel</b>'
HOSTILE = "EXERCISE <script>alert(1)</script> \u202eabc"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    found, room = met(tmp_path_factory.mktemp("world"), TITLE)
    alice = found.agents["alice@uk"].engine
    commands.call(alice, "send", {"room": room, "text": HOSTILE, "wait_seconds": 1})
    found.settle(2)
    yield found
    found.close()


def test_a_room_shows_its_marking_and_its_messages(alice: Visitor, claire: Visitor, room: str) -> None:
    english, french = alice.get(f"/rooms/{room}").text, claire.get(f"/rooms/{room}").text
    assert "OFFICIAL-SENSITIVE – RELEASABLE TO FRANCE" in english
    assert '<html lang="en">' in english
    assert "DIFFUSION RESTREINTE" in french
    assert '<html lang="fr">' in french
    assert "UK OFFICIAL-SENSITIVE" in french, "the original stands beside it"


def test_what_others_wrote_is_text(alice: Visitor, claire: Visitor, room: str) -> None:
    for visitor in (alice, claire):
        for path in (f"/rooms/{room}", "/", "/search?q=EXERCISE", f"/rooms/{room}/records"):
            page = visitor.get(path)
            assert page.status == 200
            assert "<script>alert" not in page.text
            assert "<b onclick" not in page.text
            assert "\u202e" not in page.text


def test_unread_counts_until_it_is_seen(world: World, alice: Visitor, claire: Visitor, room: str) -> None:
    claire.get(f"/rooms/{room}")
    assert "count" not in claire.get("/frame/rooms").text
    alice.post(f"/rooms/{room}/send", urlencode({"text": "EXERCISE: unread", "label": "OFFICIAL-SENSITIVE REL FRA"}))
    world.settle(2)
    assert re.search(r'class="count"[^>]*>1<', claire.get("/frame/rooms").text)
    assert "EXERCISE: unread" in claire.get(f"/rooms/{room}").text
    assert "count" not in claire.get("/frame/rooms").text


def test_before_sending_one_sees_who_will_read(alice: Visitor, room: str) -> None:
    free = alice.get(f"/rooms/{room}/check?{urlencode({'label': 'OFFICIAL REL FRA'})}")
    assert "claire@fr" in free.text
    assert "reach no" not in free.text
    held = alice.get(f"/rooms/{room}/check?{urlencode({'label': 'OFFICIAL UK EYES ONLY'})}")
    assert "reach no" in held.text
    assert "(rule uk-eyes-only" in held.text or "(rule " in held.text
    above = alice.get(f"/rooms/{room}/check?{urlencode({'label': 'SECRET REL FRA'})}")
    assert "ceiling" in above.text


def test_markings_offered_are_those_that_fit(alice: Visitor, claire: Visitor, room: str) -> None:
    offered = re.findall(r'<option value="([^"]+)">', alice.get(f"/rooms/{room}").text)
    assert offered
    assert not [each for each in offered if "SECRET" in each and "SENSITIVE" not in each]
    french = re.findall(r'<option value="([^"]+)">', claire.get(f"/rooms/{room}").text)
    assert any("DIFFUSION RESTREINTE" in each for each in french)
    assert not [each for each in french if "SECRET" in each]


def test_a_refusal_says_why_and_changes_nothing(alice: Visitor, claire: Visitor, room: str) -> None:
    form = urlencode({"text": "EXERCISE: stays", "label": "OFFICIAL UK EYES ONLY"})
    answer = alice.post(f"/rooms/{room}/send", form, hx_request="true")
    assert answer.status == 403
    assert 'role="alert"' in answer.text
    assert "EXERCISE: stays" not in alice.get(f"/rooms/{room}").text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nowhere", 404),
        ("/rooms/0000000000", 404),
        ("/search?q=", 200),
    ],
)
def test_what_is_not_there_is_said(alice: Visitor, path: str, status: int) -> None:
    assert alice.get(path).status == status


def test_numbers_that_are_none(alice: Visitor, room: str) -> None:
    for number in ("-1", "x", "9" * 40, "1.5"):
        assert alice.get(f"/rooms/{room}/messages?before={number}").status == 400


def test_a_record_is_proposed_keyed_and_binds(world: World, alice: Visitor, claire: Visitor, room: str) -> None:
    form = {
        "type": "decision",
        "label": "OFFICIAL-SENSITIVE REL FRA",
        "field.title.en": "EXERCISE Patrols",
        "field.title.fr": "EXERCICE Patrouilles",
        "field.text.en": "They alternate.",
        "field.text.fr": "Elles alternent.",
        "field.body": "EXERCISE group",
        "field.met": "2026-03-02",
    }
    made = alice.post(f"/rooms/{room}/records", urlencode(form))
    assert made.status == 303
    where = made.headers["location"]
    assert alice.post(f"{where}/act", "act=key").status == 303
    world.settle(3)
    seen = claire.get(where).text
    assert "EXERCICE Patrouilles" in seen
    assert "attend une clé" in seen
    assert claire.post(f"{where}/act", "act=key").status == 303
    world.settle(4)
    assert "binding" in alice.get(where).text
    assert alice.post(f"{where}/act", "act=reserve").status == 400
    assert "Decision" in alice.get(f"/rooms/{room}/records/new?type=decision").text


def test_the_colours_of_the_levels_can_be_read(alice: Visitor) -> None:
    sheet = alice.get("/markings.css")
    assert sheet.headers["content-type"].startswith("text/css")
    rules = re.findall(r"--marking: (#[0-9a-f]{6}); --on: (#000|#fff)", sheet.text)
    assert len(rules) >= 3
    for colour, on in rules:
        assert contrast(colour, "#000000" if on == "#000" else "#ffffff") >= 4.5


def contrast(one: str, other: str) -> float:
    """WCAG 2.2: the ratio of two relative luminances."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("back", ["//evil.example", "/\\evil.example", "https://evil.example", "", "evil"])
def test_a_form_leads_back_to_a_page_of_this_console_and_nowhere_else(alice: Visitor, back: str) -> None:
    for path, fields in (("/language", "language=fr"), ("/receipts", "wanted=on")):
        answer = alice.post(path, f"{fields}&back={quote(back)}")
        assert (answer.status, answer.headers["location"]) == (303, "/")
    assert alice.post("/language", "language=fr&back=/settings").headers["location"] == "/settings"


def test_a_file_keeps_its_name_and_the_name_stays_in_its_header() -> None:
    named = download(b"", 'Été "2".pdf\r\nx: y').headers["content-disposition"]
    assert named.startswith('attachment; filename="_t_ _2_.pdf__x_ y"; filename*=UTF-8')
    assert unquote(named.partition("''")[2]) == 'Été "2".pdf\r\nx: y'
    assert not set(named) & set("\r\n")
