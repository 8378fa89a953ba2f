"""A visitor without a browser: raw ASGI requests to a console, and an agent that is a real engine called directly."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cordiale.agent.engine import Engine
from cordiale.console.app import Console
from cordiale.console.session import Sessions
from cordiale.vocab.moment import Moment
from cordiale.wiring import commands, maritime_desk
from worlds.world import World, two_nations

HOST = "uk.cordiale.localhost:5000"
ORIGIN = f"http://{HOST}"
COOKIE = "cordiale-5000"
CEILING = "OFFICIAL-SENSITIVE REL FRA"


class DirectAgent:
    """The vocabulary over an engine in this process."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def call(self, method: str, params: Mapping[str, Any], *, wait: float = 0) -> dict[str, Any]:
        return await asyncio.to_thread(commands.call, self._engine, method, params)


class DirectSea:
    """The maritime desk's vocabulary over a store in this process."""

    def __init__(self, store: Path) -> None:
        self._store = store

    async def call(self, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        return await asyncio.to_thread(maritime_desk.call, self._store, method, params)


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Visitor:
    """Someone who asks one console; `headers` go with every request."""

    app: Any
    headers: dict[str, str] = field(default_factory=dict[str, str])

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        return asyncio.run(self._ask(method, path, body, headers))

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, **headers)

    def post(self, path: str, form: str, **headers: str) -> Answer:
        sent = {"content-type": "application/x-www-form-urlencoded", "origin": ORIGIN, **headers}
        return self.ask("POST", path, form.encode(), **sent)

    async def _ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        where, _, query = path.partition("?")
        given = {"host": HOST, **self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        scope = {
            "type": "http",
            "method": method,
            "path": where,
            "raw_path": where.encode(),
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in given.items() if value],
            "scheme": "http",
            "server": ("127.0.0.1", 5000),
            "client": ("127.0.0.1", 1),
            "http_version": "1.1",
            "root_path": "",
        }
        sent: list[dict[str, Any]] = []

        asked = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def receive() -> dict[str, Any]:
            for message in asked:
                return message
            return await asyncio.Future()  # whoever listens for the visitor's leaving hears nothing

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        start = next(message for message in sent if message["type"] == "http.response.start")
        pieces = [message.get("body", b"") for message in sent if message["type"] == "http.response.body"]
        return Answer(
            start["status"], {name.decode(): value.decode() for name, value in start["headers"]}, b"".join(pieces)
        )


def console_of(engine: Engine, language: str = "en", *, store: Path | None = None) -> tuple[Console, Sessions]:
    """A console over an engine, with the desk of a store where one is given, and its sessions."""
    sea = None if store is None else DirectSea(store)
    sessions = Sessions(lambda: Moment(1))
    return Console(DirectAgent(engine), sessions, frozenset((HOST,)), COOKIE, language, sea=sea), sessions


def signed_in(console: Console, sessions: Sessions) -> Visitor:
    """A visitor who came through the launch address."""
    visitor = Visitor(console.asgi)
    answer = visitor.get(f"/launch?token={sessions.launch()}")
    visitor.headers["cookie"] = answer.headers["set-cookie"].partition(";")[0]
    return visitor


def met(directory: Path, title: str = "EXERCISE Channel") -> tuple[World, str]:
    """Two nations, and a room of this title where alice@uk and claire@fr are; the world is to be closed."""
    world = two_nations(directory)
    alice = world.agents["alice@uk"].engine
    given = {"title": title, "with": ["fr"], "ceiling": CEILING}
    room = commands.call(alice, "room.create", given)["room"]["id"]
    commands.call(alice, "room.invite", {"room": room, "people": ["claire@fr"]})
    world.settle(3)
    return world, room
