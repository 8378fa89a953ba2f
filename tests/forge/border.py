"""A nation's border in hostile hands: it releases what its guard would not, and answers what it likes."""

from typing import Any

import msgspec

from cordiale.adapters.clock import system_clock
from cordiale.crypto import statement
from cordiale.crypto.certificate import Chain
from cordiale.crypto.digest import sha256
from cordiale.crypto.signing import SigningKey
from cordiale.federation.envelope import Entry, Envelope, Release, parse_entry
from cordiale.federation.session import Batch, Pull, border_log, parse_batch
from cordiale.labels.binding import APPLICATION
from cordiale.ledger import checkpoint
from cordiale.ledger.log import LogState
from cordiale.node import books, relay
from cordiale.node.ports import Transaction
from cordiale.node.relay import Refusal
from cordiale.vocab.identifier import Digest, RoomId
from cordiale.vocab.moment import Moment
from cordiale.wire import canonical
from worlds.world import NodeSim


class Border:
    """`node`'s border key, used without its guard, towards `reader`."""

    def __init__(self, node: NodeSim, reader: NodeSim) -> None:
        self.node, self.reader = node, reader
        self.log = border_log(node.nation, reader.nation)

    @property
    def key(self) -> SigningKey:
        return self.node.authority().key

    def leaf(self, data: bytes, *, key: SigningKey | None = None, **changes: Any) -> bytes:
        """An entry for an envelope, any field of it changed, signed by `key` (the border's own)."""
        envelope = canonical.decode(data, Envelope, limit=2**30)
        fields: dict[str, Any] = {
            "envelope": sha256(data),
            "binding": envelope.binding,
            "signature": envelope.signature,
            "sequence": 1,
            "rules": {self.reader.nation: "forged"},
            "released": system_clock(),
            "border": self.node.nation,
        }
        payload = canonical.encode(Release(**{**fields, **changes}))
        return Entry(payload, statement.sign(key or self.key, statement.RELEASE, payload)).encode()

    def publish(self, data: bytes, *, chain: Chain | None = None, leaf: bytes | None = None, **changes: Any) -> bytes:
        """Put an entry into the log that the reader follows, in its author's next place; the leaf."""
        with self.node.store.write() as tx:
            if leaf is None:
                leaf = self.leaf(data, **{"sequence": self._next(tx, data), **changes})
            digest = parse_entry(leaf).release.envelope
            tx.blobs.put_envelope(digest, data, RoomId(bytes(32)), system_clock())
            if chain is not None:
                tx.blobs.put_chain(sha256(chain.encode()), chain)
            books.append(self.node.authority(), tx.logs, self.log, [leaf])
        return leaf

    def _next(self, tx: Transaction, data: bytes) -> int:
        """The author's next number in the room: only messages are counted."""
        binding = canonical.decode(canonical.decode(data, Envelope, limit=2**30).binding, _Named, limit=2**20)
        room, nation = RoomId(binding.room), self.node.nation
        sequence = tx.rooms.sequence(room, nation) + (binding.kind == APPLICATION)
        if binding.kind == APPLICATION:
            tx.rooms.put_sequence(room, nation, sequence)
        return max(sequence, 1)

    def deliver(self) -> list[Refusal]:
        """Let the reader pull; what it refused of it."""
        self.reader.world.refused.clear()
        refusals = self.reader.replicate(self.node)
        assert not self.reader.world.refused, self.reader.world.refused
        return refusals

    def batch(self) -> Batch:
        """What an honest node would answer now."""
        with self.reader.store.read() as tx:
            pull = Pull(self.log, tx.logs.state(self.log).size)
        return parse_batch(self.node.answer(self.reader.nation, pull))

    def offer(self, batch: Batch, now: Moment | None = None) -> list[Refusal]:
        """Hand a batch to the reader as its puller does; raises what the reader's core raises."""
        parsed = parse_batch(batch.encode())
        with self.reader.store.write() as tx:
            return relay.take_batch(self.reader.authority(), tx, self.node.nation, parsed, now or system_clock())

    def signed(self, batch: Batch, leaves: list[bytes], *, key: SigningKey | None = None, **changes: Any) -> Batch:
        """The same batch with other leaves, under a checkpoint that the border signs over exactly them."""
        with self.reader.store.read() as tx:
            state = tx.logs.state(batch.log)
        return self.over(state, batch, leaves, key=key, **changes)

    def over(
        self, state: LogState, batch: Batch, leaves: list[bytes], *, key: SigningKey | None = None, **changes: Any
    ) -> Batch:
        """A batch that continues `state`, whichever history that is."""
        after, _ = state.append(leaves)
        name = books.checkpoint_name(self.node.nation)
        note = checkpoint.sign(after.checkpoint(), name, key or self.key)
        fields: dict[str, Any] = {"leaves": tuple(leaves), "checkpoint": note, "consistency": ()}
        return msgspec.structs.replace(batch, **{**fields, **changes})


class _Named(canonical.Record, frozen=True):
    """A binding without its ranges checked."""

    version: int
    kind: str
    room: bytes
    epoch: int
    header: bytes
    digest: Digest
    signer: Digest
