"""The secret tree and its ratchets (RFC 9420 §9): one key and nonce for each message of each sender.

    encryption secret ──> tree of secrets ──> per leaf: handshake ratchet, application ratchet
    ratchet secret[g] ─┬─> key[g], nonce[g]
                       └─> secret[g + 1]

Forward secrecy (§9.2): a secret is erased as soon as those below or after it are derived, a key as soon as it is used.
Trees and ratchets never change: each step gives new ones, and the caller drops the old after the message verified.
"""

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Final

import msgspec

from cordiale.crypto.suite import Suite
from cordiale.errors import CannotDecrypt, IllegalStep, LimitExceeded, Replayed
from cordiale.mls.derivation import MessageKey, derive_tree_secret, expand_with_label, ratchet_step
from cordiale.mls.shelves import Shelves, shelved
from cordiale.mls.syntax import Reader, opaque, u8, u32, vector
from cordiale.mls.tree_math import NodeIndex, direct_path, is_within, left, node_of, right, root
from cordiale.vocab.identifier import LeafIndex
from cordiale.wire import limits

_LAST_GENERATION: Final = 2**32 - 1


class RatchetKind(IntEnum):
    """Which of a sender's two ratchets."""

    HANDSHAKE = 1
    APPLICATION = 2

    __hash__ = int.__hash__  # An enumeration's own is Python code, and every message looks its ratchet up.


_RATCHET_LABELS: Final = MappingProxyType(
    {RatchetKind.HANDSHAKE: b"handshake", RatchetKind.APPLICATION: b"application"}
)


class Ratchet(msgspec.Struct, frozen=True):
    """`secret` is that of the next `generation`; `kept` are keys of earlier ones that were skipped, ascending."""

    secret: bytes
    generation: int = 0
    kept: Mapping[int, MessageKey] = MappingProxyType({})

    def __repr__(self) -> str:
        return f"Ratchet(generation={self.generation}, {len(self.kept)} kept)"

    def next(self, suite: Suite) -> tuple[MessageKey, "Ratchet"]:
        """The next generation's key."""
        if self.generation > _LAST_GENERATION:
            raise LimitExceeded("a sender has used up its generations in this epoch")
        key, secret = ratchet_step(suite, self.secret, self.generation)
        return key, Ratchet(secret, self.generation + 1, self.kept)

    def skipped_to(self, suite: Suite, generation: int) -> "Ratchet":
        """Without the keys before `generation`, which nobody will ever use; `IllegalStep` if it was used already."""
        if generation < self.generation:
            raise IllegalStep(f"generation {generation} was used already")
        ratchet = self
        while ratchet.generation < generation:
            after = derive_tree_secret(suite, ratchet.secret, b"secret", ratchet.generation, suite.hash_bytes)
            ratchet = Ratchet(after, ratchet.generation + 1, ratchet.kept)
        return ratchet

    def at(self, suite: Suite, generation: int) -> tuple[MessageKey, "Ratchet"]:
        """The key of any generation that is neither used, nor erased, nor too far ahead."""
        if generation < self.generation:
            return self._take(generation)
        if generation - self.generation > limits.MLS_FORWARD_GENERATIONS:
            ahead = generation - self.generation
            raise LimitExceeded(f"{ahead} generations ahead, {limits.MLS_FORWARD_GENERATIONS} allowed")
        if generation == self.generation:
            return self.next(suite)
        oldest = generation + 1 - limits.MLS_KEPT_GENERATIONS
        kept = {number: key for number, key in self.kept.items() if number >= oldest}
        ratchet = self
        while ratchet.generation < generation:
            key, following = ratchet.next(suite)
            if ratchet.generation >= oldest:
                kept[ratchet.generation] = key
            ratchet = following
        key, following = ratchet.next(suite)
        return key, Ratchet(following.secret, following.generation, kept)

    def _take(self, generation: int) -> tuple[MessageKey, "Ratchet"]:
        if generation in self.kept:
            kept = {number: key for number, key in self.kept.items() if number != generation}
            return self.kept[generation], Ratchet(self.secret, self.generation, kept)
        if generation < self.generation - limits.MLS_KEPT_GENERATIONS:
            raise CannotDecrypt(f"the key of generation {generation} is erased")
        raise Replayed(f"generation {generation} was read before", rule="RFC 9420 §9.1 (1)")

    def encode(self) -> bytes:
        """For an encrypted store."""
        kept = vector(u32(number) + opaque(key.key) + opaque(key.nonce) for number, key in self.kept.items())
        return opaque(self.secret) + self.generation.to_bytes(5, "big") + kept

    @classmethod
    def read(cls, reader: Reader) -> "Ratchet":
        """What `encode` wrote."""
        secret, generation = reader.opaque(), int.from_bytes(reader.take(5), "big")
        return cls(secret, generation, dict(reader.many(_read_kept)))


def _read_kept(reader: Reader) -> tuple[int, MessageKey]:
    return reader.u32(), MessageKey(reader.opaque(), reader.opaque())


Slot = tuple[LeafIndex, RatchetKind]
"""Whose ratchet, and which of the two."""


class SecretTree(msgspec.Struct, frozen=True):
    """Secrets of subtrees that nobody used yet, and ratchets of senders that were."""

    leaves: int
    nodes: Mapping[NodeIndex, bytes]
    ratchets: Shelves[Slot, Ratchet] = Shelves()

    @classmethod
    def plant(cls, leaves: int, encryption_secret: bytes) -> "SecretTree":
        """An epoch's tree."""
        return cls(leaves, {root(leaves): encryption_secret})

    def __repr__(self) -> str:
        return f"SecretTree({self.leaves} leaves)"

    def generation(self, leaf: LeafIndex, kind: RatchetKind) -> int:
        """A sender's next generation."""
        ratchet = self.ratchets.get((leaf, kind))
        return 0 if ratchet is None else ratchet.generation

    def skipped_to(self, suite: Suite, leaf: LeafIndex, kind: RatchetKind, generation: int) -> "SecretTree":
        """The tree whose sender's next generation is `generation`; `IllegalStep` if it was used already."""
        tree, ratchet = self._ratchet(suite, leaf, kind)
        return tree._with((leaf, kind), ratchet.skipped_to(suite, generation))

    def next(self, suite: Suite, leaf: LeafIndex, kind: RatchetKind) -> tuple[int, MessageKey, "SecretTree"]:
        """A sender's next generation, its key and the tree without it."""
        tree, ratchet = self._ratchet(suite, leaf, kind)
        key, following = ratchet.next(suite)
        return ratchet.generation, key, tree._with((leaf, kind), following)

    def at(self, suite: Suite, leaf: LeafIndex, kind: RatchetKind, generation: int) -> tuple[MessageKey, "SecretTree"]:
        """The key of one generation of a sender within the tree, and the tree without it."""
        tree, ratchet = self._ratchet(suite, leaf, kind)
        key, following = ratchet.at(suite, generation)
        return key, tree._with((leaf, kind), following)

    def _with(self, slot: Slot, ratchet: Ratchet) -> "SecretTree":
        return SecretTree(self.leaves, self.nodes, self.ratchets.with_one(slot, ratchet))

    def _ratchet(self, suite: Suite, leaf: LeafIndex, kind: RatchetKind) -> tuple["SecretTree", Ratchet]:
        """A sender's ratchet, and the tree that holds it."""
        try:
            return self, self.ratchets[leaf, kind]
        except KeyError:
            tree = self._with_leaf(suite, leaf)
            return tree, tree.ratchets[leaf, kind]

    def _with_leaf(self, suite: Suite, leaf: LeafIndex) -> "SecretTree":
        """The tree with a leaf's ratchets: every secret on the way down is replaced by its two children's."""
        nodes, target = dict(self.nodes), node_of(leaf)
        path = (target, *direct_path(target, self.leaves))
        node = next(above for above in path if above in nodes)
        while node != target:
            secret = nodes.pop(node)
            for child, side in ((left(node), b"left"), (right(node), b"right")):
                nodes[child] = expand_with_label(suite, secret, b"tree", side, suite.hash_bytes)
            node = left(node) if is_within(target, left(node)) else right(node)
        secret = nodes.pop(target)
        fresh = {
            (leaf, kind): Ratchet(expand_with_label(suite, secret, label, b"", suite.hash_bytes))
            for kind, label in _RATCHET_LABELS.items()
        }
        return SecretTree(self.leaves, nodes, self.ratchets.changed(fresh))

    def encode(self) -> bytes:
        """For an encrypted store; equal trees have equal bytes."""
        nodes = vector(u32(node) + opaque(secret) for node, secret in sorted(self.nodes.items()))
        ratchets = vector(
            u32(leaf) + u8(kind) + ratchet.encode() for (leaf, kind), ratchet in sorted(self.ratchets.items())
        )
        return u32(self.leaves) + nodes + ratchets

    @classmethod
    def read(cls, reader: Reader) -> "SecretTree":
        """What `encode` wrote."""
        return cls(reader.u32(), dict(reader.many(_read_node)), shelved(dict(reader.many(_read_ratchet))))


def _read_node(reader: Reader) -> tuple[NodeIndex, bytes]:
    return NodeIndex(reader.u32()), reader.opaque()


def _read_ratchet(reader: Reader) -> tuple[Slot, Ratchet]:
    leaf, kind = LeafIndex(reader.u32()), reader.u8()
    if kind not in (RatchetKind.HANDSHAKE, RatchetKind.APPLICATION):
        reader.fail(f"ratchet kind {kind}")
    return (leaf, RatchetKind(kind)), Ratchet.read(reader)
