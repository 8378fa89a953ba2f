"""What happens, told to every open tab: one task follows the agent, and each tab has one WebSocket.

A tab is told where something arrived, never what: it fetches that itself, through the same door as every page. A tab that was
away fetches its page again when it is back, so nothing is kept for it here. Between a page's making and the tab's coming here
something may arrive, too: a page carries up to where the agent was followed when it was made, and a tab is told first which
rooms' records changed after that.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from starlette.websockets import WebSocket, WebSocketDisconnect

from cordiale.console.link import Agent
from cordiale.errors import CordialeError

WAIT: Final = 4
"""Seconds of one question to the agent; no longer, as the process ends no sooner than that question does."""
PAUSE: Final = 1.0
LINKS_EVERY: Final = 1.5
"""Seconds between looks at how partners can be reached."""
_LIMIT: Final = 1000
TABS: Final = 64
_WAITING: Final = 64
"""Notices that wait for a slow tab; past that it is closed, and comes back."""


_Queue = asyncio.Queue[dict[str, Any] | None]


class Live:
    """The tabs that are open, and the following of the agent while any is."""

    def __init__(self, agent: Agent, looks_on: Callable[[WebSocket], bool]) -> None:
        self._agent, self._looks_on = agent, looks_on
        self._tabs: set[_Queue] = set()
        self._task: asyncio.Task[None] | None = None
        self._watch: asyncio.Task[None] | None = None
        self._after: int | None = None
        self._changed: dict[str, int] = {}

    @property
    def heard(self) -> int:
        """Up to where the agent was followed; −1 before anything was."""
        return -1 if self._after is None else self._after

    async def tab(self, socket: WebSocket) -> None:
        """One tab, until it closes."""
        if len(self._tabs) >= TABS:
            await socket.close(4429)
            return
        await socket.accept()
        queue = _Queue(_WAITING)
        self._tabs.add(queue)
        queue.put_nowait({"kind": "since", "changed": dict(self._changed)})
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._follow())
        if self._watch is None or self._watch.done():
            self._watch = asyncio.create_task(self._watch_links())
        sending = asyncio.create_task(self._send(socket, queue))
        try:
            while True:
                await socket.receive_text()  # a tab says nothing; this ends when it goes
        except (WebSocketDisconnect, RuntimeError):
            pass
        finally:
            self._tabs.discard(queue)
            sending.cancel()

    async def _follow(self) -> None:
        away = False
        while self._tabs:
            try:
                if self._after is None:
                    self._after = (await self._agent.call("follow", {"after": -1}))["after"]
                found = await self._agent.call(
                    "follow", {"after": self._after, "wait": WAIT, "limit": _LIMIT}, wait=WAIT + 5
                )
            except CordialeError:
                if not away:
                    self._tell({"kind": "away"})
                away = True
                await asyncio.sleep(PAUSE)
                continue
            if away:
                away = False
                self._tell({"kind": "back"})
            if found["messages"]:
                self._after = found["after"]
                for notice in _arrivals(found["messages"]):
                    if notice["records"]:
                        self._changed[notice["room"]] = found["after"]
                    self._tell(notice)

    async def _watch_links(self) -> None:
        """Tell when another nation can no longer be reached or can again, and when what waits for it becomes more or less."""
        known: Any = None
        while self._tabs:
            try:
                found = (await self._agent.call("border.links", {}))["links"]
            except CordialeError:
                found = None
            now = found and [(link["nation"], link["reachable"], link["waiting"]) for link in found]
            if now != known:
                known = now
                self._tell({"kind": "links"})
            await asyncio.sleep(LINKS_EVERY)

    async def _send(self, socket: WebSocket, queue: _Queue) -> None:
        """To a tab whose session was locked or has ended nothing is told, not even that something arrived."""
        with suppress(WebSocketDisconnect, RuntimeError):
            while (notice := await queue.get()) is not None:
                if not self._looks_on(socket):
                    await socket.close(4403)
                    return
                await socket.send_json(notice)
            await socket.close(4408)

    def _tell(self, notice: dict[str, Any]) -> None:
        for queue in list(self._tabs):
            try:
                queue.put_nowait(notice)
            except asyncio.QueueFull:
                self._tabs.discard(queue)
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(None)


def _arrivals(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One notice for each room: that something came, which records it was about, which messages it changed."""
    rooms: dict[str, list[dict[str, Any]]] = {}
    for message in messages:
        rooms.setdefault(message["room"], []).append(message)
    return [
        {
            "kind": "arrived",
            "room": room,
            "records": sorted({message["record"] for message in there if message["record"]}),
            "changed": sorted({message["target"] for message in there if message["target"]}),
        }
        for room, there in sorted(rooms.items())
    ]
