"""One signed request and the meaning of its answer, shared by the agent's client and the peers'.

An answer of 200 is its body; an empty 404 is `Unauthorised`, all that a stranger hears; anything else is a `Problem`,
raised again as the error that it stands for. What is no answer of a node (a proxy's page) is `Unreachable`.
"""

from base64 import b64encode
from typing import Final

import httpx2
import msgspec

from cordiale.crypto.entropy import fresh
from cordiale.crypto.signing import SigningKey
from cordiale.errors import CordialeError, LimitExceeded, Unauthorised, Unreachable
from cordiale.federation.api import CONTENT_TYPE, error_of, parse_problem
from cordiale.vocab.moment import SECOND, Clock
from cordiale.wire import limits
from cordiale.wire.http_signature import sign_request

CONNECT_SECONDS: Final = 3.0
ANSWER_SECONDS: Final = 20.0
_OK: Final = 200
_NOT_FOUND: Final = 404
_NONCE_BYTES: Final = 18
_KEPT_SECONDS: Final = 60.0
LIMITS: Final = httpx2.Limits(max_connections=16, max_keepalive_connections=16, keepalive_expiry=_KEPT_SECONDS)
STALE: Final = (httpx2.RemoteProtocolError, httpx2.ReadError, httpx2.WriteError)
"""What a connection that was kept too long says when it is used: the request is made once more, signed anew."""


class Caller(msgspec.Struct, frozen=True):
    """Who calls, by what name, whom: `what` names the other side in errors."""

    key_id: str
    key: SigningKey
    clock: Clock
    what: str

    def headers(self, url: httpx2.URL, body: bytes) -> dict[str, str]:
        """The headers of a signed POST."""
        signed = sign_request(
            "POST",
            url.raw_path.decode("ascii"),
            body,
            authority=url.netloc.decode("ascii").lower(),
            key_id=self.key_id,
            created=self.clock() // SECOND,
            nonce=b64encode(fresh(_NONCE_BYTES)).decode(),
            sign=self.key.sign,
        )
        return {"content-type": CONTENT_TYPE, "accept-encoding": "identity", **signed}

    def check(self, body: bytes) -> None:
        """Refuse here what the other side would not read."""
        if len(body) > limits.REQUEST_BYTES:
            raise LimitExceeded(f"a request of {len(body)} bytes")

    def answer(self, status: int, body: bytes) -> bytes:
        """The body of a good answer, or the error that it carries."""
        if status == _OK:
            return body
        if status == _NOT_FOUND and not body:
            raise Unauthorised
        try:
            problem = parse_problem(body)
        except CordialeError:
            raise Unreachable(f"it answered with status {status}", what=self.what) from None
        raise error_of(problem)

    def unreachable(self, fault: httpx2.TransportError) -> Unreachable:
        """Why there was no answer, without addresses or content."""
        return Unreachable(type(fault).__name__, what=self.what)


def timeout(wait: float = 0.0) -> httpx2.Timeout:
    """For an answer that may take `wait` seconds by intention."""
    return httpx2.Timeout(ANSWER_SECONDS + wait, connect=CONNECT_SECONDS)


def too_long(got: int, most: int) -> None:
    """Raise `LimitExceeded` once an answer is longer than it may be."""
    if got > most:
        raise LimitExceeded(f"an answer of more than {most} bytes")
