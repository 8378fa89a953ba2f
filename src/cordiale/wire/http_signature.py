"""Signed requests between nodes and from devices: HTTP Message Signatures (RFC 9421) in one fixed profile.

    Content-Digest: sha-256=:…:                                                              (RFC 9530)
    Signature-Input: cordiale=("@method" "@authority" "@path" "@query" "content-digest");created=1618884473;
                     nonce="…";keyid="…";alg="ed25519";tag="cordiale"                        (one line)
    Signature: cordiale=:…:

Every component is covered in this order and none can be left out, so there is nothing to negotiate and a request
cannot be replayed to another node (`@authority`), for another thing (`@path`, `@query`, digest) or later (`created`,
`nonce`). No key is touched here: signing is passed in, and the caller verifies `SignedRequest.signature` over `base`
with the key of `key_id`, then asks `NonceWindow`. What is missing or does not agree is `Unauthorised`, which tells an
unknown caller nothing; what is not of the form above is `Malformed`.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from hmac import compare_digest
from typing import Final

import msgspec

from cordiale.errors import Malformed, Replayed, TooBusy, Unauthorised
from cordiale.wire import limits

COMPONENTS: Final = ("@method", "@authority", "@path", "@query", "content-digest")
SIGNATURE_BYTES: Final = 64
TARGET_CHARACTERS: Final = 4096
NONCES: Final = 1 << 19
"""Remembered in one window, all keys together."""
NONCES_PER_KEY: Final = 1 << 17
"""One caller cannot fill the memory for all: 400 requests a second for 300 seconds fit."""

_COVERED: Final = "({})".format(" ".join(f'"{name}"' for name in COMPONENTS))
_METHOD: Final = re.compile(r"[A-Z]{1,16}")
_AUTHORITY: Final = re.compile(r"[a-z0-9._\-:\[\]]{1,255}")
_TARGET: Final = re.compile(r"(/[!-\"$->@-~]*)(\?[!-\"$-~]*)?")
_PARAMETERS: Final = re.compile(
    re.escape(_COVERED) + r";created=(0|[1-9][0-9]{0,14})"
    r';nonce="([A-Za-z0-9+/=_-]{16,64})"'
    r';keyid="([ !#-\[\]-~]{1,255})"'
    r';alg="ed25519";tag="cordiale"'
)
_SIGNATURE: Final = re.compile(r"cordiale=:([A-Za-z0-9+/]{86}==):")
_LABEL: Final = "cordiale="


class SignedRequest(msgspec.Struct, frozen=True):
    """A request's claim to come from `key_id`: to be verified over `base`, then tried against a `NonceWindow`."""

    key_id: str
    created: int
    """Seconds since 1970-01-01T00:00:00Z, by the sender's clock."""
    nonce: str
    base: bytes
    signature: bytes


def sign_request(
    method: str,
    target: str,
    body: bytes,
    *,
    authority: str,
    key_id: str,
    created: int,
    nonce: str,
    sign: Callable[[bytes], bytes],
) -> dict[str, str]:
    """The headers to add, names in lower case.

    `target` is the path with its query, byte for byte as it goes out; `authority` the receiver's host in lower case,
    with the port unless it is the scheme's own; `nonce` 16 to 64 characters of Base 64, never used before.
    """
    parameters = f'{_COVERED};created={created};nonce="{nonce}";keyid="{key_id}";alg="ed25519";tag="cordiale"'
    if not _PARAMETERS.fullmatch(parameters):
        raise Malformed("the key's name, the nonce or the time cannot be written", what="signature")
    digest = content_digest(body)
    base = signature_base(_components(method, target, authority, digest), parameters)
    signature = b64encode(sign(base)).decode()
    return {
        "content-digest": digest,
        "signature-input": _LABEL + parameters,
        "signature": f"{_LABEL}:{signature}:",
    }


def parse_request(
    method: str, target: str, body: bytes, headers: Mapping[str, str], *, authority: str | None, now: int
) -> SignedRequest:
    """Check everything about a signed request but its signature and its nonce.

    `target` is raw, as it came; `headers` has names in lower case; `now` is in seconds. `authority` is this node's
    own; with `None` the `host` header is taken, safe only where it was compared with the node's names before.
    """
    try:
        given, inputs, signature = (headers[name] for name in ("content-digest", "signature-input", "signature"))
        authority = headers["host"].lower() if authority is None else authority
    except KeyError:
        raise Unauthorised("a header is missing") from None
    parsed = _PARAMETERS.fullmatch(inputs.removeprefix(_LABEL))
    blob = _SIGNATURE.fullmatch(signature)
    if parsed is None or blob is None or not inputs.startswith(_LABEL):
        raise Malformed("not of this profile", what="signature")
    created = int(parsed[1])
    if abs(now - created) > limits.SIGNATURE_WINDOW_SECONDS:
        raise Unauthorised("signed too long ago or too far ahead")
    digest = content_digest(body)
    if not compare_digest(digest.encode(), given.encode("utf-8", "replace")):
        raise Unauthorised("the body is not the one that was signed")
    base = signature_base(_components(method, target, authority, digest), parsed[0])
    return SignedRequest(parsed[3], created, parsed[2], base, _decode_signature(blob[1]))


def signature_base(components: Iterable[tuple[str, str]], parameters: str) -> bytes:
    """RFC 9421 §2.5: one line for each covered component, then the parameters as they stand in Signature-Input.

    Values must be free of newlines; the callers' patterns see to it.
    """
    lines = [f'"{name}": {value}' for name, value in components]
    return "\n".join((*lines, f'"@signature-params": {parameters}')).encode()


def content_digest(body: bytes) -> str:
    """The Content-Digest header's value (RFC 9530 §2), SHA-256 alone."""
    return f"sha-256=:{b64encode(sha256(body).digest()).decode()}:"


def _components(method: str, target: str, authority: str, digest: str) -> Iterable[tuple[str, str]]:
    parts = _TARGET.fullmatch(target)
    if parts is None or len(target) > TARGET_CHARACTERS:
        raise Malformed("the target is not a path with an optional query", what="request")
    if not _METHOD.fullmatch(method) or not _AUTHORITY.fullmatch(authority):
        raise Malformed("the method or the authority cannot be signed", what="request")
    return zip(COMPONENTS, (method, authority, parts[1], parts[2] or "?", digest), strict=True)


def _decode_signature(text: str) -> bytes:
    raw = b64decode(text)
    if b64encode(raw).decode() != text:
        raise Malformed("Base 64 in another than its canonical form", what="signature")
    return raw


class NonceWindow:
    """Which verified requests were taken already, as long as their time would let them be taken again.

    Ask it only after the signature verified, or strangers fill it. It is bounded and fails closed: when it is full,
    `TooBusy`. It remembers by the second that the sender signed, so a clock that goes back reopens nothing; `since`
    refuses what was signed before this process began to remember.
    """

    def __init__(self, *, since: int = 0, capacity: int = NONCES, per_key: int = NONCES_PER_KEY) -> None:
        self._floor, self._capacity, self._per_key = since, capacity, per_key
        self._taken: dict[int, dict[str, set[str]]] = {}
        self._counts: dict[str, int] = {}
        self._total = 0

    def seen(self, key_id: str, nonce: str, created: int, now: int) -> None:
        """Remember a request, or raise: `Replayed`, `TooBusy`, or `Unauthorised` outside the window."""
        self._forget_before(now - limits.SIGNATURE_WINDOW_SECONDS)
        if not self._floor <= created <= now + limits.SIGNATURE_WINDOW_SECONDS:
            raise Unauthorised("signed outside the window that is remembered")
        if nonce in self._taken.get(created, {}).get(key_id, ()):
            raise Replayed(f"request {nonce} of {key_id}")
        if self._total >= self._capacity or self._counts.get(key_id, 0) >= self._per_key:
            raise TooBusy(f"more signed requests of {key_id} than can be remembered")
        self._taken.setdefault(created, {}).setdefault(key_id, set()).add(nonce)
        self._total += 1
        self._counts[key_id] = self._counts.get(key_id, 0) + 1

    def _forget_before(self, floor: int) -> None:
        if floor <= self._floor:
            return
        self._floor = floor
        for second in [second for second in self._taken if second < floor]:
            for key_id, nonces in self._taken.pop(second).items():
                self._total -= len(nonces)
                self._counts[key_id] -= len(nonces)
                if not self._counts[key_id]:
                    del self._counts[key_id]
