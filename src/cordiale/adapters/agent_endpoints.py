"""What a nation's own devices may ask of their node: the endpoints of `federation.api` for agents."""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Final

from cordiale.adapters.door import Endpoint, Visit
from cordiale.adapters.journal import journal
from cordiale.adapters.node_context import NodeContext
from cordiale.crypto.certificate import Chain
from cordiale.crypto.digest import sha256
from cordiale.errors import CordialeError, LimitExceeded, Malformed, PolicyRefusal, Revoked, StorageFailed, Unauthorised
from cordiale.federation import api
from cordiale.federation.envelope import open_envelope
from cordiale.node import accept, crossings, directory, guard, serve
from cordiale.node.accept import Accepted
from cordiale.node.authority import Authority
from cordiale.node.ports import Device, Transaction
from cordiale.vocab.identifier import DIGEST_BYTES, Digest
from cordiale.vocab.moment import Clock
from cordiale.vocab.party import Address
from cordiale.wire import canonical, limits

ENROL_KEY_ID: Final = "enrol"
_KNOWN: Final = 65_536
"""Devices remembered. A digest names one key for ever; whether the device still stands is asked in each transaction."""


class AgentEndpoints:
    """Each takes the visit of an enrolled device and gives the body of the answer."""

    def __init__(self, context: NodeContext) -> None:
        self._context = context
        self._known: dict[str, Device] = {}

    def table(self) -> Mapping[str, Endpoint[Device]]:
        """By path."""
        return {
            api.ENROL: self.enrol,
            api.TRUST: self.trust,
            api.SUBMIT: self.submit,
            api.SYNC: self.sync,
            api.KEY_PACKAGES: self.publish,
            api.TAKE: self.take,
            api.PROVE: self.prove,
            api.STORED: self.stored,
            api.BORDER: self.border,
            api.LINKS: self.links,
        }

    def identify(self, path: str, key_id: str, body: bytes) -> tuple[Device, bytes]:
        """An enrolled device by the digest of its chain; to enrol, the device of the chain that is handed in."""
        if (path == api.ENROL) != (key_id == ENROL_KEY_ID):
            raise Unauthorised
        device = self._newcomer(Chain.decode(body)) if path == api.ENROL else self._enrolled(key_id)
        return device, device.public_key

    async def enrol(self, visit: Visit[Device]) -> bytes:
        """The device's chain becomes known; answers how many key packages it has here."""
        authority, now, chain = self._context.authority(), self._context.clock(), Chain.decode(visit.body)

        def job(tx: Transaction) -> int:
            return tx.registry.count_key_packages(directory.enrol(authority, tx, chain, now).digest)

        return canonical.encode(api.Count(await self._context.commits.submit(job)))

    async def trust(self, visit: Visit[Device]) -> bytes:
        """The sealed trust statement."""
        await self._context.read(lambda tx: _standing(tx, visit.caller.digest))
        return canonical.encode(api.Blob(self._context.trust()))

    async def submit(self, visit: Visit[Device]) -> bytes:
        """Each envelope stands for itself; they are taken in the order given."""
        envelopes = canonical.decode(visit.body, api.Submit, limit=limits.REQUEST_BYTES).envelopes
        if len(envelopes) > limits.BATCH_ENTRIES:
            raise LimitExceeded(f"{len(envelopes)} envelopes in a request")
        device = visit.caller.digest
        if len(envelopes) == 1:
            outcomes = [await self._submit(device, envelopes[0])]
        else:
            outcomes = await asyncio.gather(*(self._submit(device, envelope) for envelope in envelopes))
        return canonical.encode(api.Outcomes(tuple(outcomes)))

    async def sync(self, visit: Visit[Device]) -> bytes:
        """What is new in the device's logs, waiting for it if asked to."""
        request = canonical.decode(visit.body, api.SyncRequest, limit=limits.MIB)
        if not 0 <= request.wait <= limits.LONG_POLL_SECONDS:
            raise Malformed("an impossible time to wait", what="SyncRequest")
        digest = visit.caller.digest

        def look(tx: Transaction) -> tuple[bool, bytes]:
            answer = serve.sync(tx, _standing(tx, digest), request)
            return bool(answer.batches), canonical.encode(answer)

        with self._context.polls.listen(visit.name, request.positions, request.wait) as ear:
            found, answer = await self._context.read(look)
            while not found and await ear.heard() and not await visit.gone():
                found, answer = await self._context.read(look)
        return answer

    async def publish(self, visit: Visit[Device]) -> bytes:
        """Store key packages."""
        packages = canonical.decode(visit.body, api.Packages, limit=limits.REQUEST_BYTES).packages
        authority, digest = self._context.authority(), visit.caller.digest

        def job(tx: Transaction) -> int:
            return directory.publish(authority, tx, _standing(tx, digest), packages)

        return canonical.encode(api.Count(await self._context.commits.submit(job)))

    async def take(self, visit: Visit[Device]) -> bytes:
        """Key packages of a person, from this node or from the person's."""
        address = Address.parse(canonical.decode(visit.body, api.Take, limit=limits.BINDING_BYTES).address)
        authority = self._context.authority()
        digest = visit.caller.digest

        def job(tx: Transaction) -> list[bytes]:
            _standing(tx, digest)
            return directory.take(authority, tx, address)

        if address.nation == authority.nation:
            packages = await self._context.commits.submit(job)
        else:
            await self._context.read(lambda tx: _standing(tx, digest))
            packages = await self._context.peers.take(address)
        return canonical.encode(api.Packages(tuple(packages)))

    async def prove(self, visit: Visit[Device]) -> bytes:
        """The proof bundle of a message."""
        request = canonical.decode(visit.body, api.Prove, limit=limits.BINDING_BYTES)
        authority, digest = self._context.authority(), visit.caller.digest

        def look(tx: Transaction) -> bytes:
            device = _standing(tx, digest)
            return serve.prove(authority, tx, device, request.room, request.envelope, request.partner).encode()

        return canonical.encode(api.Blob(await self._context.read(look)))

    async def stored(self, visit: Visit[Device]) -> bytes:
        """What the node sees of an envelope."""
        request = canonical.decode(visit.body, api.Stored, limit=limits.BINDING_BYTES)
        digest = visit.caller.digest

        def look(tx: Transaction) -> bytes:
            return serve.envelope_row(tx, _standing(tx, digest), request.envelope)

        return canonical.encode(api.Blob(await self._context.read(look)))

    async def border(self, visit: Visit[Device]) -> bytes:
        """A stretch of a border log, as far as this device may see it."""
        request = canonical.decode(visit.body, api.BorderRequest, limit=limits.BINDING_BYTES)
        authority, digest = self._context.authority(), visit.caller.digest

        def look(tx: Transaction) -> bytes:
            return canonical.encode(crossings.page(authority, tx, _standing(tx, digest), request))

        return await self._context.read(look)

    async def links(self, visit: Visit[Device]) -> bytes:
        """How the linked nations can be reached, and what waits for them."""
        authority, digest, links = self._context.authority(), visit.caller.digest, self._context.links()

        def look(tx: Transaction) -> bytes:
            caller = _standing(tx, digest)
            known = tuple(
                api.LinkStanding(
                    link.nation,
                    link.state,
                    link.since,
                    link.last_contact,
                    crossings.waiting(authority, tx, caller, link.nation),
                )
                for link in links
            )
            return canonical.encode(api.Links(known))

        return await self._context.read(look)

    async def _submit(self, device: Digest, envelope: bytes) -> api.Outcome:
        context = self._context
        try:
            result = await self._accept(device, envelope)
        except CordialeError as error:
            result = error
        except Exception as fault:  # a mistake in this program: it costs this envelope's answer, not the others'
            journal().error("fault", fault=type(fault).__name__)
            result = StorageFailed("the node made a mistake")
        if isinstance(result, Accepted):
            context.metrics.accepted.inc()
            return api.Outcome(result.offset, result.sequence)
        context.metrics.refused.labels(result.rule or result.code).inc()
        return api.Outcome(-1, 0, api.problem_of(result))

    async def _accept(self, device: Digest, envelope: bytes) -> Accepted | CordialeError:
        """A refusal by rule has undone its job, so its line in the guard's log is a job of its own, durable before it is told."""
        authority, clock, commits = self._context.authority(), self._context.clock, self._context.commits
        try:
            return await commits.submit(partial(accept_one, authority, clock, device, envelope))
        except PolicyRefusal as refusal:
            await commits.submit(partial(note_refusal, authority, clock, envelope, refusal))
            return refusal

    def _enrolled(self, key_id: str) -> Device:
        known = self._known.get(key_id)
        if known is None:
            with self._context.store.read() as tx:
                known = tx.registry.device(_digest(key_id))
            if known is None:
                raise Unauthorised
            if len(self._known) >= _KNOWN:
                self._known.clear()
            self._known[key_id] = known
        return known

    def _newcomer(self, chain: Chain) -> Device:
        authority = self._context.authority()
        identity = authority.identify(chain, self._context.clock())
        if identity.nation != authority.nation or not identity.device:
            raise Unauthorised
        return Device(identity.digest, identity.address, identity.device, identity.public_key)


def accept_one(
    authority: Authority, clock: Clock, digest: Digest, envelope: bytes, tx: Transaction
) -> Accepted | CordialeError:
    """Take one envelope; what raises is undone by whoever runs the job."""
    return accept.submit(authority, tx, _device(tx, digest), envelope, clock())


def note_refusal(authority: Authority, clock: Clock, envelope: bytes, refusal: PolicyRefusal, tx: Transaction) -> None:
    """A refusal's line in the guard's log."""
    opened, now = open_envelope(envelope), clock()
    verdict = guard.refused(authority, refusal, opened.digest, sha256(opened.header.label), now)
    guard.record(authority, tx.logs, [verdict])


def _device(tx: Transaction, digest: Digest) -> Device:
    """The device as it is now: it may have been revoked since the request came in."""
    device = tx.registry.device(digest)
    if device is None:
        raise Unauthorised
    return device


def _standing(tx: Transaction, digest: Digest) -> Device:
    """The same, or `Revoked`."""
    device = _device(tx, digest)
    if device.revoked:
        raise Revoked(str(device.address))
    return device


def _digest(key_id: str) -> Digest:
    try:
        digest = bytes.fromhex(key_id)
    except ValueError:
        raise Unauthorised from None
    if len(digest) != DIGEST_BYTES or digest.hex() != key_id:
        raise Unauthorised
    return Digest(digest)
