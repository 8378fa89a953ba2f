"""The agent's way to its node: implements `agent.ports.NodeClient` by signed HTTP requests.

Connections are kept; any thread may call. What was submitted twice (because an answer was lost) is taken once, so that
a request over a connection that turns out to be dead is made again without asking.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import httpx2

from cordiale.adapters.clock import system_clock
from cordiale.adapters.signed_call import LIMITS, STALE, Caller, timeout, too_long
from cordiale.crypto.digest import sha256
from cordiale.crypto.signing import SigningKey
from cordiale.errors import CordialeError, Malformed
from cordiale.federation import api
from cordiale.federation.api import BorderPage, LinkStanding, Outcome, SyncAnswer
from cordiale.vocab.identifier import Digest, RoomId
from cordiale.vocab.moment import Clock
from cordiale.vocab.party import Nation
from cordiale.wire import canonical, limits
from cordiale.wire.canonical import Record

ENROL_KEY_ID: Final = "enrol"
_FRAMING_BYTES: Final = 16


class HttpNodeClient:
    """`key` is the device's, `chain` its encoded certificate chain; `url` is the node's, without a path."""

    def __init__(self, url: str, nation: Nation, key: SigningKey, chain: bytes, *, clock: Clock = system_clock) -> None:
        self._url = httpx2.URL(url)
        what = f"the node of {nation}"
        self._device = Caller(sha256(chain).hex(), key, clock, what)
        self._newcomer = Caller(ENROL_KEY_ID, key, clock, what)
        self._http = httpx2.Client(limits=LIMITS, trust_env=False, timeout=timeout())

    def enrol(self, chain: bytes) -> None:
        """Make the device known; again is harmless."""
        self._post(api.ENROL, chain, caller=self._newcomer)

    def trust(self) -> bytes:
        """The sealed `Trust` statement of the own border."""
        return canonical.decode(self._post(api.TRUST, b""), api.Blob, limit=limits.REQUEST_BYTES).data

    def submit(self, envelopes: Sequence[bytes]) -> list[Outcome | CordialeError]:
        """What became of each. More than fits one request goes in several; if a later one fails, its error stands for
        each envelope that was not answered."""
        found: list[Outcome | CordialeError] = []
        for part in _parts(envelopes):
            try:
                found += self._submit(part)
            except CordialeError as error:
                if not found:
                    raise
                return [*found, *[error] * (len(envelopes) - len(found))]
        return found

    def sync(self, positions: dict[str, int], wait: int) -> SyncAnswer:
        """What is new; waits up to `wait` seconds until there is something."""
        body = canonical.encode(api.SyncRequest(positions, wait))
        data = self._post(api.SYNC, body, wait=wait, most=limits.REQUEST_BYTES * 2)
        return canonical.decode(data, SyncAnswer, limit=limits.REQUEST_BYTES * 2)

    def publish(self, packages: Sequence[bytes]) -> int:
        """Store key packages; how many there are now."""
        data = self._post(api.KEY_PACKAGES, canonical.encode(api.Packages(tuple(packages))))
        return canonical.decode(data, api.Count, limit=limits.BINDING_BYTES).count

    def take(self, address: str) -> Sequence[bytes]:
        """One key package of each device of a person of any linked nation."""
        data = self._post(api.TAKE, canonical.encode(api.Take(address)))
        return canonical.decode(data, api.Packages, limit=limits.REQUEST_BYTES).packages

    def prove(self, room: RoomId, envelope: Digest, partner: str = "") -> bytes:
        """The encoded proof bundle of a message."""
        return self._blob(api.PROVE, api.Prove(room, envelope, partner))

    def stored(self, envelope: Digest) -> bytes:
        """The bytes that the node has of an envelope."""
        return self._blob(api.STORED, api.Stored(envelope))

    def border(self, log: str, start: int, count: int) -> BorderPage:
        """A stretch of a border log, as far as this device may see it."""
        data = self._post(api.BORDER, canonical.encode(api.BorderRequest(log, start, count)))
        return canonical.decode(data, BorderPage, limit=limits.REQUEST_BYTES)

    def links(self) -> Sequence[LinkStanding]:
        """How the linked nations' nodes can be reached."""
        return canonical.decode(self._post(api.LINKS, b""), api.Links, limit=limits.CARD_BYTES).links

    def close(self) -> None:
        """Let go of the connections; a long poll in another thread ends with `Unreachable`."""
        self._http.close()

    def _blob(self, path: str, request: Record) -> bytes:
        data = self._post(path, canonical.encode(request), most=limits.BUNDLE_BYTES)
        return canonical.decode(data, api.Blob, limit=limits.BUNDLE_BYTES).data

    def _submit(self, envelopes: Sequence[bytes]) -> list[Outcome | CordialeError]:
        data = self._post(api.SUBMIT, canonical.encode(api.Submit(tuple(envelopes))))
        outcomes = canonical.decode(data, api.Outcomes, limit=limits.REQUEST_BYTES).outcomes
        if len(outcomes) != len(envelopes):
            raise Malformed(f"{len(outcomes)} outcomes for {len(envelopes)} envelopes", what="Outcomes")
        return [outcome if outcome.problem is None else api.error_of(outcome.problem) for outcome in outcomes]

    def _post(
        self, path: str, body: bytes, *, caller: Caller | None = None, wait: int = 0, most: int = limits.REQUEST_BYTES
    ) -> bytes:
        caller = caller or self._device
        caller.check(body)
        url = self._url.copy_with(raw_path=path.encode("ascii"))
        try:
            try:
                status, data = self._exchange(caller, url, body, wait, most)
            except STALE:
                status, data = self._exchange(caller, url, body, wait, most)
        except httpx2.TransportError as fault:
            raise caller.unreachable(fault) from None
        return caller.answer(status, data)

    def _exchange(self, caller: Caller, url: httpx2.URL, body: bytes, wait: int, most: int) -> tuple[int, bytes]:
        headers, data = caller.headers(url, body), bytearray()
        with self._http.stream("POST", url, content=body, headers=headers, timeout=timeout(wait)) as response:
            for chunk in response.iter_raw():
                data += chunk
                too_long(len(data), most)
            return response.status_code, bytes(data)


def _parts(envelopes: Sequence[bytes]) -> Iterator[list[bytes]]:
    part: list[bytes] = []
    size = 0
    for envelope in envelopes:
        if part and (len(part) == limits.BATCH_ENTRIES or size + len(envelope) > limits.BATCH_BYTES):
            yield part
            part, size = [], 0
        part.append(envelope)
        size += len(envelope) + _FRAMING_BYTES
    if part:
        yield part
