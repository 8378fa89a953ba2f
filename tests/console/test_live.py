"""A tab's WebSocket: told that something came while its session is open, and nothing once it is locked or has ended."""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from console.visitor import COOKIE, HOST, ORIGIN, DirectAgent, met
from cordiale.agent.engine import Engine
from cordiale.console.app import Console
from cordiale.console.lock import Lock
from cordiale.console.session import Sessions
from cordiale.vocab.moment import Moment
from forge.scene import CHEAP
from worlds.world import World, two_nations

CEILING = "OFFICIAL-SENSITIVE REL FRA"
SOON = 30.0


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    found = two_nations(tmp_path_factory.mktemp("world"))
    yield found
    found.close()


class OneAtATime(DirectAgent):
    """As a running agent does, which answers one question after the other and waits for news where it is asked to."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._turn = asyncio.Lock()

    async def call(self, method: str, params: Mapping[str, Any], *, wait: float = 0) -> dict[str, Any]:
        async with self._turn:
            found = await super().call(method, params)
        if method == "follow" and not found["messages"]:
            await asyncio.sleep(0.05)
        return found


class Tab:
    """One open WebSocket of a console."""

    def __init__(self, app: Any, session: str) -> None:
        self._app, self._session = app, session
        self._in, self._out = asyncio.Queue[dict[str, Any]](), asyncio.Queue[dict[str, Any]]()

    async def __aenter__(self) -> "Tab":
        headers = {"host": HOST, "origin": ORIGIN, "cookie": f"{COOKIE}={self._session}"}
        scope = {
            "type": "websocket",
            "path": "/live",
            "raw_path": b"/live",
            "query_string": b"",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "scheme": "ws",
            "root_path": "",
            "subprotocols": [],
        }
        self._in.put_nowait({"type": "websocket.connect"})
        self._task = asyncio.create_task(self._app(scope, self._in.get, self._out.put))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._in.put_nowait({"type": "websocket.disconnect", "code": 1001})
        await asyncio.wait_for(self._task, SOON)

    async def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first event that is wanted; what comes before is passed over."""
        while not wanted(found := await asyncio.wait_for(self._out.get(), SOON)):
            pass
        return found


def _ended(sessions: Sessions, session: str) -> None:
    sessions.end(session)


def _locked(sessions: Sessions, session: str) -> None:
    sessions.lock.set("EXERCISE passphrase", 10)
    sessions.close(session)


@pytest.mark.parametrize("leave", [_ended, _locked])
def test_a_tab_is_told_that_something_came_until_its_session_is_locked_or_ends(
    world: World, tmp_path: Path, leave: Callable[[Sessions, str], None]
) -> None:
    alice = world.agents["alice@uk"].engine
    label = alice.label(CEILING)
    room = alice.create_room("EXERCISE tabs", set(), label).hex()
    sessions = Sessions(lambda: Moment(1), Lock(lambda: Moment(1), tmp_path / "lock.json", cost=CHEAP))
    console = Console(OneAtATime(alice), sessions, frozenset((HOST,)), COOKIE, "en")
    session = sessions.redeem(sessions.launch())
    assert session is not None

    async def look() -> int:
        async with Tab(console.asgi, session) as tab:
            await tab.until(lambda event: event["type"] == "websocket.accept")
            await tab.until(lambda event: "links" in event.get("text", ""))  # the following has begun
            await console.pages.agent.call("send", {"room": room, "text": "EXERCISE: one", "label": CEILING})
            told = await tab.until(lambda event: "arrived" in event.get("text", ""))
            assert "one" not in told["text"]
            leave(sessions, session)
            await console.pages.agent.call("send", {"room": room, "text": "EXERCISE: two", "label": CEILING})
            return (await tab.until(lambda event: event["type"] != "websocket.send" or "arrived" in event["text"]))[
                "code"
            ]

    assert asyncio.run(look()) == 4403


def test_what_came_between_a_page_and_its_tab_is_told_first(tmp_path: Path) -> None:
    world, room = met(tmp_path / "world")
    alice = world.agents["alice@uk"].engine
    sessions = Sessions(lambda: Moment(1), Lock(lambda: Moment(1), tmp_path / "lock.json", cost=CHEAP))
    console = Console(OneAtATime(alice), sessions, frozenset((HOST,)), COOKIE, "en")
    session = sessions.redeem(sessions.launch())
    assert session is not None
    values = {
        "title": {"en": "EXERCISE", "fr": "EXERCICE"},
        "text": {"en": "A", "fr": "A"},
        "body": "EXERCISE",
        "met": "2027-06-09",
    }
    record = {"room": room, "type": "decision", "values": values, "label": CEILING}

    async def look() -> None:
        async with Tab(console.asgi, session) as other:
            await other.until(lambda event: "links" in event.get("text", ""))  # the following has begun
            while console.pages.heard() < 0:
                await asyncio.sleep(0.01)
            made = console.pages.heard()  # a page was made now
            await console.pages.agent.call("register.new", record)
            await other.until(lambda event: "arrived" in event.get("text", ""))
            async with Tab(console.asgi, session) as tab:
                first = json.loads((await tab.until(lambda event: event["type"] == "websocket.send"))["text"])
            assert first["kind"] == "since"
            assert first["changed"][room] > made
            assert first["changed"][room] <= console.pages.heard()

    asyncio.run(look())
    world.close()
