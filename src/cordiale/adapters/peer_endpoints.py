"""What another nation's node may ask of this one: the endpoints of `federation.api` for peers."""

from collections.abc import Mapping

from cordiale.adapters.door import Endpoint, Visit
from cordiale.adapters.journal import journal
from cordiale.adapters.node_context import NodeContext
from cordiale.errors import SplitView, Unauthorised
from cordiale.federation import api
from cordiale.federation.session import Pull, border_log, parse_pull
from cordiale.ledger import checkpoint
from cordiale.node import directory, serve
from cordiale.node.authority import Authority
from cordiale.node.ports import Transaction
from cordiale.vocab.party import Address, Nation
from cordiale.wire import canonical, limits


class PeerEndpoints:
    """Each takes the visit of a linked nation's node and gives the body of the answer."""

    def __init__(self, context: NodeContext) -> None:
        self._context = context

    def table(self) -> Mapping[str, Endpoint[Nation]]:
        """By path."""
        return {api.PULL: self.pull, api.TAKE: self.take}

    def identify(self, _path: str, key_id: str, _body: bytes) -> tuple[Nation, bytes]:
        """A linked nation, by the border key of its card."""
        peer = self._context.authority().peers.get(Nation(key_id))
        if peer is None:
            raise Unauthorised
        return peer.nation, peer.border.public_key

    async def pull(self, visit: Visit[Nation]) -> bytes:
        """What follows in the log of what was released to that nation, waiting for it if asked to."""
        pull, nation, authority = parse_pull(visit.body), visit.caller, self._context.authority()
        if pull.log != border_log(authority.nation, nation):
            raise Unauthorised
        self._context.heard(nation)
        if pull.cosigned and self._is_news(pull):
            await self._take_cosigned(authority, nation, pull)

        def look(tx: Transaction) -> tuple[bool, bytes]:
            batch = serve.border_batch(authority, tx, nation, pull)
            return bool(batch.leaves), batch.encode()

        with self._context.polls.listen(visit.name, [pull.log], pull.wait) as ear:
            found, answer = await self._context.read(look)
            while not found and await ear.heard() and not await visit.gone():
                found, answer = await self._context.read(look)
        return answer

    async def _take_cosigned(self, authority: Authority, nation: Nation, pull: Pull) -> None:
        """Keep a cosignature. One over another history is evidence, said loudly; the reader finds out from the answer."""
        try:
            await self._context.commits.submit(lambda tx: serve.take_cosigned(authority, tx, nation, pull))
        except SplitView as error:
            journal().error("cosignature refused", peer=nation, code=error.code)

    async def take(self, visit: Visit[Nation]) -> bytes:
        """Key packages of one of this nation's people."""
        address = Address.parse(canonical.decode(visit.body, api.Take, limit=limits.BINDING_BYTES).address)
        authority = self._context.authority()
        packages = await self._context.commits.submit(lambda tx: directory.take(authority, tx, address))
        return canonical.encode(api.Packages(tuple(packages)))

    def _is_news(self, pull: Pull) -> bool:
        """Whether the cosigned checkpoint is past the one that is kept; an older one never takes its place."""
        with self._context.store.read() as tx:
            kept = tx.logs.cosigned(pull.log)
        if kept == pull.cosigned:
            return False
        offered = checkpoint.parse(pull.cosigned).checkpoint.size
        return not kept or offered > checkpoint.parse(kept).checkpoint.size
