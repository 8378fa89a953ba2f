"""The maritime desk's pages over a real engine and a real store: evidence, triage, release, and nothing of others that runs."""

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest

from console.visitor import HOST, Visitor, console_of, met, signed_in
from cordiale.console.static_files import STATIC
from cordiale.wiring.catalogue import say
from desks.maritime import sea
from desks.maritime.sea import HOSTILE, PETREL
from worlds.world import World

LABEL = "OFFICIAL-SENSITIVE REL FRA"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    found, _ = met(tmp_path_factory.mktemp("world"))
    yield found
    found.close()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sea.store(tmp_path_factory.mktemp("sea") / "sea", sea.finding(), sea.finding("drift", 1), name=HOSTILE)


@pytest.fixture
def alice(world: World, store: Path) -> Visitor:
    return signed_in(*console_of(world.agents["alice@uk"].engine, store=store))


def test_without_a_store_the_page_says_how_to_have_one(claire: Visitor) -> None:
    page = claire.get("/sea")
    assert page.status == 200
    assert "cordiale console --store" in page.text
    assert claire.get("/sea/picture.json").status == 404


def test_the_page_speaks_the_readers_language_and_holds_no_data(alice: Visitor) -> None:
    page = alice.get("/sea")
    words = json.loads(unescape(re.findall(r'data-words="([^"]+)"', page.text)[0]))
    assert words["vessel"] == "Vessel"
    french = alice.get("/sea", cookie=f"{alice.headers['cookie']}; cordiale-language=fr").text
    told = json.loads(unescape(re.findall(r'data-words="([^"]+)"', french)[0]))
    assert told["vessel"] == say("fr", "Vessel") == "Navire"
    assert "PETREL" not in page.text


def test_what_a_stranger_gets(world: World, store: Path) -> None:
    console, _ = console_of(world.agents["alice@uk"].engine, store=store)
    for path in ("/sea", "/sea/picture.json", "/sea/alerts.json", "/sea/shared.json", f"/sea/track/{PETREL}"):
        assert Visitor(console.asgi).get(path).status == 401


def test_names_are_text_wherever_they_come(alice: Visitor) -> None:
    for path in (f"/sea/alerts/{sea.finding().id}", f"/sea/alerts/{sea.finding().id}/release"):
        page = alice.get(path)
        assert page.status == 200
        assert "<b>&" not in page.text
        assert "\x1b" not in page.text
    told = alice.get("/sea/picture.json")
    assert told.headers["content-type"] == "application/json"
    assert json.loads(told.body)["vessels"][0]["name"] == HOSTILE


def test_why_this_alert(alice: Visitor) -> None:
    page = alice.get(f"/sea/alerts/{sea.finding('drift', 1).id}").text
    for expected in ("drift.duration", "EXERCISE silence before", "EXERCISE feed", "least distance"):
        assert expected in page


def test_an_alert_is_set_aside_with_a_reason_alone(alice: Visitor) -> None:
    where = f"/sea/alerts/{sea.finding('drift', 1).id}"
    assert alice.post(f"{where}/triage", "act=dismiss&text.dismiss=", hx_request="true").status == 400
    done = alice.post(f"{where}/triage", urlencode({"act": "dismiss", "text.dismiss": "EXERCISE <i>known</i>"}))
    assert done.headers["hx-trigger"] == "sea-changed"
    assert "set aside" in done.text
    assert "&lt;i&gt;known" in done.text
    assert "alice@uk" in done.text
    states = {each["id"]: each["triage"]["state"] for each in json.loads(alice.get("/sea/alerts.json").body)["alerts"]}
    assert states[sea.finding("drift", 1).id] == "dismissed"
    assert alice.post(f"{where}/triage", "act=assign&text.assign=bob%40uk").status == 200
    assert alice.post(f"{where}/triage", "act=explode").status == 400


def test_what_was_made_of_an_alert_is_taken_back_step_by_step(world: World, tmp_path: Path) -> None:
    place = sea.store(tmp_path / "sea", sea.finding())
    alice = signed_in(*console_of(world.agents["alice@uk"].engine, store=place))
    where = f"/sea/alerts/{sea.finding().id}"
    assert 'value="undo"' not in alice.get(where).text
    done = alice.post(f"{where}/triage", "act=acknowledge").text
    assert f'data-undo-post="{where}/triage/undo"' in done
    assert 'value="undo"' in done
    assert alice.post(f"{where}/triage/undo", "").status == 204
    page = alice.get(where).text
    assert 'class="status new"' in page
    assert "last step taken back" in page, "it stays to be seen"
    assert "data-undo-post" not in page
    assert alice.post(f"{where}/triage/undo", "").status == 400
    assert alice.post(f"{where}/triage", "act=undo").status == 400


def test_a_release_is_read_checked_and_seen_by_the_partner(
    world: World, room: str, alice: Visitor, claire: Visitor
) -> None:
    finding = sea.finding().id
    page = alice.get(f"/sea/alerts/{finding}/release").text
    assert f"/rooms/{room}/check" in page, "who will see it is told before"
    given = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
    refused = alice.post(
        f"/sea/alerts/{finding}/release", urlencode({**given, "room": room, "label": "OFFICIAL UK EYES ONLY"})
    )
    assert refused.status == 403
    stale = {**given, "score": "0.1", "room": room, "label": LABEL}
    assert alice.post(f"/sea/alerts/{finding}/release", urlencode(stale)).status == 400
    assert json.loads(alice.get("/sea/shared.json").body)["shared"] == []
    done = alice.post(f"/sea/alerts/{finding}/release", urlencode({**given, "room": room, "label": LABEL}))
    assert "Released." in done.text
    world.settle(4)
    (theirs,) = json.loads(claire.get("/sea/shared.json").body)["shared"]
    assert (theirs["owner"], theirs["finding"], len(theirs["lines"])) == ("uk", finding, 2)
    assert theirs["marking"].startswith("DIFFUSION RESTREINTE")
    assert theirs["title"].startswith("Rencontre en mer")
    again = alice.post(f"/sea/alerts/{finding}/release", urlencode({**given, "room": room, "label": LABEL}))
    assert "nothing was released" in again.text


@pytest.mark.parametrize(
    ("path", "status"),
    [("/sea/alerts/ffff", 404), ("/sea/alerts/x", 404), ("/sea/track/x", 400), ("/sea/track/1", 404)],
)
def test_what_is_not_there(alice: Visitor, path: str, status: int) -> None:
    assert alice.get(path).status == status


def test_the_map_is_served_in_parts(alice: Visitor) -> None:
    part = alice.get(f"{STATIC}world.pmtiles", range="bytes=0-6")
    assert (part.status, part.body) == (206, b"PMTiles")
    worker = alice.get(f"{STATIC}maplibre-gl-worker.mjs")
    assert worker.headers["content-type"].startswith("text/javascript")
    assert f"worker-src http://{HOST}{STATIC}" in worker.headers["content-security-policy"]
