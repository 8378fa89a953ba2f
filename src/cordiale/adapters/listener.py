"""A listening socket that serves an ASGI application with uvicorn (uvloop and httptools where they are).

The socket is bound when the listener is made, so that port 0 is known before anything is told about it. Several listeners
run in one event loop; signals are wiring's.
"""

import socket
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final

import uvicorn

from cordiale.errors import StorageFailed

_BACKLOG: Final = 512
_KEEP_ALIVE_SECONDS: Final = 75
_GRACE_SECONDS: Final = 2
_AT_ONCE: Final = 2_048
_SAID_BYTES: Final = 4_096
"""What a page may say over a WebSocket at once."""


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


class Listener:
    """Bound to `host` and `port` (0 is any free one); TLS where certificate and key files are given."""

    def __init__(
        self,
        app: Any,
        host: str,
        port: int,
        *,
        certificate: str | None = None,
        key: str | None = None,
        websockets: bool = False,
    ) -> None:
        self.host: Final = host
        self._socket = _bind(host, port)
        self.port: Final[int] = self._socket.getsockname()[1]
        self._server = _Server(
            uvicorn.Config(
                app,
                interface="asgi3",
                ssl_certfile=certificate,
                ssl_keyfile=key,
                lifespan="off",
                ws="websockets-sansio" if websockets else "none",
                ws_max_size=_SAID_BYTES,
                log_config=None,
                log_level="critical",
                access_log=False,
                proxy_headers=False,
                limit_concurrency=_AT_ONCE,
                server_header=False,
                date_header=False,
                timeout_keep_alive=_KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=_GRACE_SECONDS,
            )
        )

    @property
    def ready(self) -> bool:
        """Whether requests are being answered."""
        return self._server.started

    async def serve(self) -> None:
        """Answer requests until `stop`."""
        await self._server.serve(sockets=[self._socket])

    def stop(self) -> None:
        """Finish what is being answered, at most two seconds of it, and end."""
        self._server.should_exit = True


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        bound = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as fault:
        raise StorageFailed(f"cannot listen on {host}:{port}: {fault.strerror}") from None
    bound.setblocking(False)
    return bound
