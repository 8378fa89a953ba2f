"""The floor to compare with: a bare store-and-forward relay, two processes, without encryption, labels, signatures or logs.

The same web server (Starlette on uvicorn, uvloop, httptools) and the same durability (SQLite, write-ahead log, synchronous
FULL, nothing acknowledged before its commit, the far side pulls by long poll), so that what Cordiale costs above it is what
its security costs. `group` is how many messages may share a commit: 1 is the ordinary way, 128 what Cordiale does.

    POST /put    body = one message         ─► 200 once durable
    POST /from   body = offset, as digits   ─► messages from there, each behind its length; waits for the first
"""

import argparse
import asyncio
import hashlib
import sqlite3
import struct
from collections import deque
from pathlib import Path
from typing import Any, Final

import httpx2
import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

LENGTH: Final = struct.Struct(">I")
PAGE: Final = 256
WAIT_SECONDS: Final = 20.0


class Relay:
    """One side: a table of messages, one writer, readers that wait."""

    def __init__(self, path: Path, group: int) -> None:
        self._database, self._reader = _opened(path), _opened(path)
        self._database.execute("CREATE TABLE message (place INTEGER PRIMARY KEY, digest BLOB UNIQUE, data BLOB)")
        self._group, self._queue = group, deque[tuple[bytes, asyncio.Future[None]]]()
        self._queued, self._grown = asyncio.Event(), asyncio.Event()

    async def put(self, request: Request) -> Response:
        """Answer once the message is durable."""
        await self.store(await request.body())
        return Response()

    async def read(self, request: Request) -> Response:
        """Messages from an offset on, waiting for the first."""
        start = int(await request.body())
        while not (rows := self._rows(start)):
            self._grown.clear()
            try:
                await asyncio.wait_for(self._grown.wait(), WAIT_SECONDS)
            except TimeoutError:
                break
        return Response(b"".join(LENGTH.pack(len(row)) + row for row in rows))

    def _rows(self, start: int) -> list[bytes]:
        found = self._reader.execute(
            "SELECT data FROM message WHERE place > ? ORDER BY place LIMIT ?", (start, PAGE)
        ).fetchall()
        return [row[0] for row in found]

    async def store(self, data: bytes) -> None:
        """Queue for the writer and wait for its commit."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append((data, done))
        self._queued.set()
        await done

    async def write(self) -> None:
        """The writer: up to `group` messages in one transaction, off the event loop."""
        while True:
            await self._queued.wait()
            jobs = [self._queue.popleft() for _ in range(min(self._group, len(self._queue)))]
            if not self._queue:
                self._queued.clear()
            await asyncio.to_thread(self.commit, [data for data, _ in jobs])
            for _, done in jobs:
                done.set_result(None)
            self._grown.set()

    def commit(self, messages: list[bytes]) -> None:
        """One durable transaction."""
        self._database.execute("BEGIN IMMEDIATE")
        self._database.executemany(
            "INSERT OR IGNORE INTO message (digest, data) VALUES (?, ?)",
            [(hashlib.sha256(data).digest(), data) for data in messages],
        )
        self._database.execute("COMMIT")

    async def follow(self, url: str) -> None:
        """Pull from the other side for ever; each page is one transaction, or each message where `group` is 1."""
        size = 0
        async with httpx2.AsyncClient(trust_env=False, timeout=WAIT_SECONDS * 2) as client:
            while True:
                page = await client.post(f"{url}/from", content=str(size).encode())
                messages = unpacked(page.content)
                for at in range(0, len(messages), self._group):
                    await asyncio.to_thread(self.commit, messages[at : at + self._group])
                size += len(messages)
                if messages:
                    self._grown.set()


def _opened(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    database.execute("PRAGMA journal_mode = wal")
    database.execute("PRAGMA synchronous = full")
    return database


def unpacked(data: bytes) -> list[bytes]:
    """The messages of a page."""
    found: list[bytes] = []
    at = 0
    while at < len(data):
        (length,) = LENGTH.unpack_from(data, at)
        found.append(data[at + LENGTH.size : at + LENGTH.size + length])
        at += LENGTH.size + length
    return found


async def serve(relay: Relay, port: int, follows: str) -> None:
    """Listen, write, and follow the other side if there is one."""
    app: Any = Starlette(
        routes=[Route("/put", relay.put, methods=["POST"]), Route("/from", relay.read, methods=["POST"])]
    )
    config = uvicorn.Config(
        app, host="127.0.0.1", port=port, log_level="critical", access_log=False, lifespan="off", timeout_keep_alive=75
    )
    tasks = [asyncio.create_task(relay.write())]
    if follows:
        tasks.append(asyncio.create_task(relay.follow(follows)))
    await uvicorn.Server(config).serve()
    for task in tasks:
        task.cancel()


def main() -> None:
    """`python -m bench.relay --database PATH --port N [--group N] [--follows URL]`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--group", type=int, default=1)
    parser.add_argument("--follows", default="")
    given = parser.parse_args()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(Relay(given.database, given.group), given.port, given.follows))


if __name__ == "__main__":
    main()
