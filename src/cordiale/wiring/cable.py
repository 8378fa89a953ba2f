"""The cable between the demonstration's capitals: a forwarder of bytes on loopback that can be cut and joined again.

Each nation's partners call it through an end of the cable. Cut, every connection breaks at once and new ones end as they
begin, as if the line were dead; both nodes, and everybody's agents with their own node, stay as they are.
"""

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Final, Self, TypeVar

T = TypeVar("T")
HOST: Final = "127.0.0.1"
_CHUNK: Final = 64 * 1024
_SECONDS: Final = 10


class Cable:
    """Ends are laid one by one; all are cut and joined together. It lives in a thread of its own while the block lasts."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="cable", daemon=True)
        self._servers: list[asyncio.Server] = []
        self._open: set[asyncio.StreamWriter] = set()
        self._cut = False

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_SECONDS)
        self._loop.close()

    @property
    def is_cut(self) -> bool:
        """Whether nothing passes."""
        return self._cut

    def lay(self, port: int) -> int:
        """A new end: the port that is to be called in the place of `port`."""
        return self._run(self._lay(port))

    def cut(self) -> None:
        """Break what is open, and let nothing through."""
        self._run(self._break())

    def join(self) -> None:
        """Let through again."""
        self._cut = False

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_SECONDS)

    async def _lay(self, port: int) -> int:
        async def caught(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._carry(reader, writer, port)

        server = await asyncio.start_server(caught, HOST, 0)
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
        if self._cut:
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection(HOST, port)
        except OSError:
            writer.transport.abort()
            return
        ends = {writer, far_writer}
        self._open |= ends
        try:
            if not self._cut:
                await asyncio.gather(_pour(reader, far_writer), _pour(far_reader, writer))
        finally:
            self._open -= ends
            for end in ends:
                end.transport.abort()

    async def _break(self) -> None:
        self._cut = True
        for writer in list(self._open):
            writer.transport.abort()

    async def _close(self) -> None:
        await self._break()
        for server in self._servers:
            server.close()
        await asyncio.sleep(0)
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Until the one side ends; then the other learns that it has."""
    with suppress(ConnectionError):
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
