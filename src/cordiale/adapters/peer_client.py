"""This node's way to other nations' nodes: requests signed as the nation, to the URL of the peering card."""

import asyncio
from collections.abc import Callable
from typing import Final

import httpx2

from cordiale.adapters.signed_call import LIMITS, STALE, Caller, timeout, too_long
from cordiale.errors import Malformed
from cordiale.federation import api
from cordiale.federation.session import Batch, Pull, parse_batch
from cordiale.node.authority import Authority
from cordiale.vocab.moment import Clock
from cordiale.vocab.party import Address, Nation
from cordiale.wire import canonical, limits

_TAKE_BYTES: Final = 64 * limits.KEY_PACKAGE_BYTES


class PeerClients:
    """One connection pool for all linked nations, made in the event loop that first uses it."""

    def __init__(self, authority: Callable[[], Authority], clock: Clock) -> None:
        self._authority, self._clock = authority, clock
        self._http: httpx2.AsyncClient | None = None

    async def pull(self, nation: Nation, pull: Pull) -> Batch:
        """What follows in that nation's log. `Unreachable`, or the error that it answered."""
        body = canonical.encode(pull)
        data = await self._post(nation, api.PULL, body, wait=pull.wait, most=limits.REQUEST_BYTES)
        return await asyncio.to_thread(parse_batch, data) if len(data) > limits.MIB else parse_batch(data)

    async def take(self, address: Address) -> list[bytes]:
        """One key package of each device of a person of another nation."""
        body = canonical.encode(api.Take(str(address)))
        data = await self._post(address.nation, api.TAKE, body, wait=0, most=_TAKE_BYTES)
        packages = canonical.decode(data, api.Packages, limit=_TAKE_BYTES).packages
        if any(len(package) > limits.KEY_PACKAGE_BYTES for package in packages):
            raise Malformed("a key package is too long", what="Packages")
        return list(packages)

    async def close(self) -> None:
        """Let go of the connections."""
        if self._http is not None:
            await self._http.aclose()

    async def _post(self, nation: Nation, path: str, body: bytes, *, wait: int, most: int) -> bytes:
        authority = self._authority()
        caller = Caller(authority.nation, authority.key, self._clock, f"the node of {nation}")
        caller.check(body)
        url = httpx2.URL(authority.peer(nation).url).copy_with(raw_path=path.encode("ascii"))
        try:
            try:
                status, data = await self._exchange(caller, url, body, wait, most)
            except STALE:
                status, data = await self._exchange(caller, url, body, wait, most)
        except httpx2.TransportError as fault:
            raise caller.unreachable(fault) from None
        return caller.answer(status, data)

    async def _exchange(self, caller: Caller, url: httpx2.URL, body: bytes, wait: int, most: int) -> tuple[int, bytes]:
        if self._http is None:
            self._http = httpx2.AsyncClient(limits=LIMITS, trust_env=False, timeout=timeout())
        headers, data = caller.headers(url, body), bytearray()
        async with self._http.stream("POST", url, content=body, headers=headers, timeout=timeout(wait)) as response:
            async for chunk in response.aiter_raw():
                data += chunk
                too_long(len(data), most)
            return response.status_code, bytes(data)
