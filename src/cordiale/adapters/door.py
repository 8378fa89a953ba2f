"""The door of a listener: who calls, may they, and how an answer looks. Nothing behind it sees an unproven caller.

    POST only ─► size ─► signature profile ─► whose key ─► signature ─► nonce │ rate ─► endpoint
    └──────── any failure: the same empty 404, as for a path that isn't ──────┘ └─ errors: a Problem with a status

An unknown key costs a verification too, so that time doesn't tell who is enrolled. Faults of this program are journalled
by their type alone and answered as `StorageFailed`: the caller keeps what it sent.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from cordiale import errors
from cordiale.adapters.journal import journal
from cordiale.adapters.node_context import NodeContext
from cordiale.adapters.rate_limit import RateLimit
from cordiale.crypto.signing import SigningKey, verify
from cordiale.errors import CordialeError, Replayed, StorageFailed, TooBusy, Unauthorised
from cordiale.federation.api import CONTENT_TYPE, problem_of
from cordiale.vocab.moment import SECOND
from cordiale.wire import canonical, limits
from cordiale.wire.http_signature import NonceWindow, SignedRequest, parse_request

C = TypeVar("C")

BODY_SECONDS: Final = 30.0
_DECOY: Final = SigningKey.generate().public
_STATUS: Final[tuple[tuple[type[CordialeError], int], ...]] = (
    (errors.LimitExceeded, 413),
    (errors.NotFound, 404),
    (errors.AlreadyExists, 409),
    (errors.IllegalStep, 409),
    (errors.Replayed, 409),
    (errors.StaleEpoch, 409),
    (errors.SplitView, 409),
    (errors.GroupForked, 409),
    (errors.TooBusy, 429),
    (errors.Unauthorised, 403),
    (errors.PolicyRefusal, 403),
    (errors.Unavailable, 503),
)
"""The first family that an error belongs to; 400 for the rest."""


@dataclass(frozen=True)
class Visit(Generic[C]):
    """One request of a proven caller."""

    caller: C
    name: str
    body: bytes
    request: Request

    async def gone(self) -> bool:
        """Whether the caller hung up."""
        return await self.request.is_disconnected()


Endpoint = Callable[[Visit[C]], Awaitable[bytes]]
Identify = Callable[[str, str, bytes], tuple[C, bytes]]
"""From path, key id and body: the caller if the signature holds under the public key, or `CordialeError`."""


def status_of(error: CordialeError) -> int:
    """The HTTP status of an error."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 400)


class Door(Generic[C]):
    """An ASGI application: proven callers, at most `rate` requests a second each, to the endpoint of the path."""

    def __init__(
        self,
        context: NodeContext,
        identify: Identify[C],
        endpoints: Mapping[str, Endpoint[C]],
        *,
        rate: int,
    ) -> None:
        self._context, self._identify, self._endpoints = context, identify, endpoints
        self._rate = RateLimit(rate)
        self._nonces = NonceWindow(since=context.clock() // SECOND)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            response = await self._respond(Request(scope, receive))
            await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        try:
            visit = await self._admit(request)
        except TooBusy as error:
            return _problem(error)
        except (CordialeError, ClientDisconnect, TimeoutError):
            return self._nothing()
        except Exception as fault:  # a mistake in this program: strangers must not learn how to make it
            journal().error("fault", fault=type(fault).__name__)
            return self._nothing()
        try:
            self._rate.check(visit.name)
            body = await self._endpoints[request.scope["path"]](visit)
        except CordialeError as error:
            if isinstance(error, TooBusy):
                self._context.metrics.limited.inc()
            return _problem(error)
        except Exception as fault:  # a mistake in this program: the caller must not see where
            journal().error("fault", fault=type(fault).__name__)
            return _problem(StorageFailed("the node made a mistake"))
        return Response(body, media_type=CONTENT_TYPE)

    def _nothing(self) -> Response:
        self._context.metrics.strangers.inc()
        return Response(status_code=404)

    async def _admit(self, request: Request) -> Visit[C]:
        path: str = request.scope["path"]
        headers = _headers(request)
        if path not in self._endpoints or request.method != "POST" or request.scope["query_string"]:
            raise Unauthorised
        if headers.get("host", "").lower() not in self._context.hosts:
            raise Unauthorised
        async with asyncio.timeout(BODY_SECONDS):
            body = await _body(request, headers)
        now = self._context.clock() // SECOND
        signed = parse_request("POST", path, body, headers, authority=None, now=now)
        caller = self._prove(path, signed, body)
        try:
            self._nonces.seen(signed.key_id, signed.nonce, signed.created, now)
        except Replayed:
            raise Unauthorised from None
        return Visit(caller, signed.key_id, body, request)

    def _prove(self, path: str, signed: SignedRequest, body: bytes) -> C:
        try:
            caller, public = self._identify(path, signed.key_id, body)
        except CordialeError:
            verify(_DECOY, signed.signature, signed.base, what="request")
            raise
        verify(public, signed.signature, signed.base, what="request")
        return caller


def _headers(request: Request) -> dict[str, str]:
    raw: list[tuple[bytes, bytes]] = request.scope["headers"]
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in raw}
    if len(headers) != len(raw):
        raise Unauthorised
    return headers


async def _body(request: Request, headers: Mapping[str, str]) -> bytes:
    declared = headers.get("content-length", "0")
    if not declared.isascii() or not declared.isdecimal() or int(declared) > limits.REQUEST_BYTES:
        raise Unauthorised
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limits.REQUEST_BYTES:
            raise Unauthorised
        chunks.append(chunk)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _problem(error: CordialeError) -> Response:
    return Response(canonical.encode(problem_of(error)), status_of(error), media_type=CONTENT_TYPE)
