"""Nobody gets past the guard without the host, the origin and the session; what is answered leaves no way out."""

import re
from collections.abc import Iterator

import pytest

from console.visitor import COOKIE, HOST, ORIGIN, Visitor, console_of, signed_in
from cordiale.console.guard import FORM_BYTES
from cordiale.console.static_files import ASSETS, STATIC
from worlds.world import World, two_nations


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    found = two_nations(tmp_path_factory.mktemp("world"))
    yield found
    found.close()


@pytest.fixture
def visitor(world: World) -> Visitor:
    return signed_in(*console_of(world.agents["alice@uk"].engine))


def test_a_session_is_needed_for_everything_but_the_launch(world: World) -> None:
    console, _ = console_of(world.agents["alice@uk"].engine)
    stranger = Visitor(console.asgi)
    for path in ("/", "/border", "/search?q=x", "/markings.css", "/rooms/abcd", "/frame/rooms"):
        assert stranger.get(path).status == 401
    assert stranger.get(f"{STATIC}console.css").status == 200
    assert stranger.get("/launch?token=guess").status == 401
    assert stranger.get("/", cookie=f"{COOKIE}=guess").status == 401


def test_the_launch_sets_a_cookie_that_scripts_and_other_sites_do_not_get(world: World) -> None:
    console, sessions = console_of(world.agents["alice@uk"].engine)
    token = sessions.launch()
    answer = Visitor(console.asgi).get(f"/launch?token={token}")
    assert answer.status == 200
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert token not in answer.text
    assert Visitor(console.asgi).get(f"/launch?token={token}").status == 401


@pytest.mark.parametrize("host", ["127.0.0.1:5000", "localhost:5000", "evil.example:5000", "uk.cordiale.localhost", ""])
def test_another_host_is_turned_away(visitor: Visitor, host: str) -> None:
    assert visitor.get("/", host=host).status == 421


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": f"https://{HOST}"},
    ],
)
def test_another_origin_is_turned_away(visitor: Visitor, headers: dict[str, str]) -> None:
    assert visitor.get("/", **headers).status == 403


def test_what_changes_something_needs_an_origin(visitor: Visitor) -> None:
    assert visitor.post("/language", "language=fr&back=/", origin="").status == 403
    assert visitor.post("/language", "language=fr&back=/").status == 303
    assert visitor.ask("PUT", "/language", origin=ORIGIN).status == 405


def test_a_form_has_a_limit(visitor: Visitor) -> None:
    assert visitor.post("/language", "", content_length=str(FORM_BYTES + 1)).status == 413
    assert visitor.post("/language", "", content_length="many").status == 413


def test_headers_leave_no_way_out(visitor: Visitor) -> None:
    answer = visitor.get("/")
    policy = answer.headers["content-security-policy"]
    assert answer.status == 200
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "same-origin"
    nonces = {visitor.get("/").headers["content-security-policy"] for _ in range(3)}
    assert len(nonces) == 3, "every answer has a nonce of its own"
    assert "<script>" not in answer.text
    assert "onclick" not in answer.text
    assert "style=" not in answer.text


def test_refusals_are_sealed_too(world: World) -> None:
    console, _ = console_of(world.agents["alice@uk"].engine)
    answer = Visitor(console.asgi).get("/")
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_the_way_back_stays_here(visitor: Visitor) -> None:
    for back in ("https://evil.example/", "//evil.example/", "evil"):
        assert visitor.post("/language", f"language=fr&back={back}").headers["location"] == "/"


def test_static_files_are_these_alone_and_are_kept_where_nothing_else_is(visitor: Visitor, world: World) -> None:
    console, _ = console_of(world.agents["alice@uk"].engine)
    for name in ("..%2fapp.py", "../app.py", ".gitignore", "none.css", "land-10m.json", "a/b", ""):
        answer = Visitor(console.asgi).get(f"{STATIC}{name}")
        assert (answer.status, answer.body, answer.headers["cache-control"]) == (404, b"", "no-store")
    assert "immutable" in visitor.get(f"{STATIC}console.mjs").headers["cache-control"]
    assert visitor.get("/").headers["cache-control"] == "no-store"
    assert visitor.get("/static/older/console.mjs").status == 404
    assert Visitor(console.asgi).get("/static/older/console.mjs").status == 401


def test_modules_name_each_other_relatively(visitor: Visitor) -> None:
    """So that an address that changes with the content reaches all of them."""
    named = {"console.mjs"}
    for _ in range(4):
        texts = [visitor.get(f"{STATIC}{name}").text for name in named if name not in ASSETS]
        named |= {found for text in texts for found in re.findall(r"""(?:from |import[ (])"\./([\w.-]+)\"""", text)}
    assert {"kept.mjs", "htmx.mjs", "messages.mjs"} <= named
    assert all(visitor.get(f"{STATIC}{name}").status == 200 for name in named)
