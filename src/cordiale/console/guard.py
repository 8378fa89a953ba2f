"""What stands before every page: an allow-list of host names, the same origin, a session, and headers that leave no way out.

A request is answered only if it names this console as its host (no other name that resolves to loopback will do), comes from
this console's own pages or from an address that a person typed, and carries the session's cookie. Everything that changes
something needs the Origin header. Nothing that is answered is kept by the browser but what is the same for everybody, and no
script runs but our own files.
"""

import secrets
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cordiale.console.session import Sessions
from cordiale.console.static_files import STATIC
from cordiale.wire import limits

OPEN: Final = ("/launch",)
"""Paths that need no session; static files neither."""
_THERE: Final = (200, 206)
_NEVER: Final = "no-store"
_COLOURS: Final = "/markings.css"
"""The colours of the nation's levels: public, and every page waits for them."""
SAFE: Final = frozenset(("GET", "HEAD"))
FORM_BYTES: Final = limits.FILE_BYTES + limits.MIB
_DIGITS: Final = 12
UNLOCKING: Final = ("/unlock", "/sign-out", "/language")
"""What a locked session may still ask, by POST."""
QUIET: Final = ("/lock",)
"""What is asked when nobody is there any more."""
_STATUS: Final[Mapping[str, int]] = {"host": 421, "origin": 403, "size": 413, "session": 401, "locked": 423}
_IN_PLACE: Final[Mapping[str, str]] = {"session": "/ended", "locked": "/locked"}
"""Where a page is asked for and may not be shown, the page that is shown in its place, which holds nothing of it."""
_POLICY: Final = (
    "default-src 'none'; script-src 'nonce-{nonce}' http://{host}{static}; worker-src http://{host}{static}; style-src 'self'; "
    "img-src 'self' data: blob:; font-src 'self'; connect-src 'self' ws://{host}; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_HEADERS: Final[Mapping[str, str]] = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "x-frame-options": "DENY",
}


class Guard:
    """ASGI middleware. `hosts` are the names, with port, under which this console is known."""

    def __init__(self, app: ASGIApp, sessions: Sessions, hosts: frozenset[str], cookie: str) -> None:
        self._app, self._sessions, self._hosts, self._cookie = app, sessions, hosts, cookie

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on with a nonce in the request's state."""
        if scope["type"] not in ("http", "websocket"):
            return
        headers = Headers(scope=scope)
        scope.setdefault("state", {})["nonce"] = nonce = secrets.token_urlsafe(16)
        host = headers.get("host", "")
        refused = self._refusal(scope, headers, host)
        if refused and scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 4403})
            return

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = _kept(scope["path"]) if message["status"] in _THERE else _NEVER
                _seal(MutableHeaders(scope=message), host if not refused else "", nonce, kept)
            await send(message)

        if refused in _IN_PLACE and _is_page(scope, headers):
            await self._app({**scope, "path": _IN_PLACE[refused]}, _bounded(receive), sealed)
        elif refused:
            await Response(f"{refused}\n", _STATUS[refused], media_type="text/plain")(scope, receive, sealed)
        else:
            await self._app(scope, _bounded(receive), sealed)

    def _refusal(self, scope: Scope, headers: Headers, host: str) -> str:
        """Why a request is not answered; empty where it is."""
        path, method = scope["path"], scope.get("method", "GET")
        if host not in self._hosts:
            return "host"
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        if site not in (None, "same-origin", "none") or (origin is not None and origin != f"http://{host}"):
            return "origin"
        if (method not in SAFE or scope["type"] == "websocket") and origin is None:
            return "origin"
        size = headers.get("content-length", "0")
        if not size.isdecimal() or len(size) > _DIGITS or int(size) > FORM_BYTES:
            return "size"
        if path in OPEN or path.startswith(STATIC):
            return ""
        session = cookie_of(headers, self._cookie)
        if not self._sessions.holds(session):
            return "session"
        if self._sessions.is_locked(session) and not (path in UNLOCKING and method == "POST"):
            return "locked"
        if (method == "POST" and path not in QUIET) or _is_page(scope, headers):
            self._sessions.use(session)
        return ""


def _is_page(scope: Scope, headers: Headers) -> bool:
    """Whether a person goes to a page, rather than a page asking for a part of itself."""
    return scope.get("method") == "GET" and headers.get("sec-fetch-mode", "navigate") == "navigate"


def _kept(path: str) -> str:
    """How long a browser may keep what it was sent: what holds nothing of a person, and nothing else."""
    if path.startswith(STATIC):
        return "max-age=31536000, immutable"  # its address changes with its content
    return "private, max-age=600" if path == _COLOURS else _NEVER


def _bounded(receive: Receive) -> Receive:
    """What comes without saying how much ends at the limit, as if the visitor had gone."""
    total = 0

    async def bounded() -> Message:
        nonlocal total
        message = await receive()
        total += len(message.get("body", b""))
        return message if total <= FORM_BYTES else {"type": "http.disconnect"}

    return bounded


def cookie_of(headers: Headers, name: str) -> str:
    """A cookie's value, or empty."""
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return ""
    return found.value if found else ""


def _seal(headers: MutableHeaders, host: str, nonce: str, kept: str) -> None:
    for name, value in _HEADERS.items():
        headers[name] = value
    policy = _POLICY.format(nonce=nonce, host=host or "invalid.invalid", static=STATIC)
    own = headers.get("content-security-policy")  # of an answer that may do less than pages; both hold
    headers["content-security-policy"] = f"{own}, {policy}" if own else policy
    headers["cache-control"] = kept
