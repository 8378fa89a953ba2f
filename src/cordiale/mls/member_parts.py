"""How a member's state lies in a store: in parts, so that a message rewrites its sender's ratchet and not the room.

    group                     the public group                       a commit or a proposal changes it
    own                       private keys, epoch secrets            a commit or an update of one's own
    epoch/<n>                 a past epoch without its keys          the commit that ends epoch n
    tree/<n>                  secrets of subtrees nobody used yet    a sender's first message in epoch n
    ratchet/<n>/<leaf>/<kind> one sender's keys                      each of that sender's messages

RFC 9420 §9.2 is kept part by part: what an operation erased is in no part that `difference` leaves in place. States are
immutable, so that a part whose object is the same has the same bytes.
"""

from collections.abc import Callable, Mapping
from typing import Final, TypeVar

import msgspec

from cordiale.errors import Malformed
from cordiale.mls.epoch_keys import EpochKeys
from cordiale.mls.member_state import MemberState
from cordiale.mls.public_group import PublicGroup
from cordiale.mls.secret_tree import Ratchet, RatchetKind, SecretTree, Slot
from cordiale.mls.shelves import shelved
from cordiale.mls.syntax import Reader, parse
from cordiale.vocab.identifier import Epoch, LeafIndex
from cordiale.wire import limits

GROUP: Final = "group"
OWN: Final = "own"

S = TypeVar("S", bound=MemberState)
T = TypeVar("T")


class Difference(msgspec.Struct, frozen=True):
    """What a store has to write, and what to erase, to hold another state."""

    put: dict[str, bytes]
    drop: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Difference({len(self.put)} put, {len(self.drop)} dropped)"


def difference(before: MemberState | None, after: MemberState) -> Difference:
    """From the parts of `before` (none yet) to those of `after`."""
    put: dict[str, bytes] = {}
    if before is None or before.public is not after.public:
        put[GROUP] = after.public.encode()
    if before is None or before.own != after.own:
        put[OWN] = after.encode_own()
    drop = _past(before, after, put)
    old, new = _trees(before), _trees(after)
    for epoch in old.keys() | new.keys():
        if old.get(epoch) is not new.get(epoch):
            drop += _tree(epoch, old.get(epoch), new.get(epoch), put)
    return Difference(put, tuple(drop))


def _past(before: MemberState | None, after: MemberState, put: dict[str, bytes]) -> list[str]:
    old = {} if before is None else {keys.context.epoch: keys for keys in before.past}
    new = {keys.context.epoch: keys for keys in after.past}
    for epoch, keys in new.items():
        if epoch not in old or old[epoch].members is not keys.members:
            put[f"epoch/{epoch}"] = keys.without(_NO_TREE).encoded
    return [f"epoch/{epoch}" for epoch in old.keys() - new.keys()]


def _trees(state: MemberState | None) -> dict[Epoch, SecretTree]:
    if state is None:
        return {}
    return {state.epoch: state.secret_tree, **{keys.context.epoch: keys.secret_tree for keys in state.past}}


def _tree(epoch: Epoch, old: SecretTree | None, new: SecretTree | None, put: dict[str, bytes]) -> list[str]:
    old_tree, new_tree = old or _NO_TREE, new or _NO_TREE
    if new is not None and (old is None or old.nodes is not new.nodes):
        put[f"tree/{epoch}"] = SecretTree(new.leaves, new.nodes).encode()
    ratchets, dropped = new_tree.ratchets.since(old_tree.ratchets)
    put.update((_ratchet_name(epoch, slot), ratchet.encode()) for slot, ratchet in ratchets.items())
    gone = [_ratchet_name(epoch, slot) for slot in dropped]
    return gone if new is not None else [f"tree/{epoch}", *gone]


def _ratchet_name(epoch: Epoch, slot: Slot) -> str:
    return f"ratchet/{epoch}/{slot[0]}/{slot[1].value}"


_NO_TREE: Final = SecretTree(0, {})


def assemble(parts: Mapping[str, bytes], kind: type[S]) -> S:
    """The state whose parts these are, all of them. `Malformed` where one is missing or does not parse."""
    public = PublicGroup.decode(parts.get(GROUP, b""))
    trees = _read_trees(parts)
    epochs = [_parsed(data, EpochKeys.read) for name, data in parts.items() if name.startswith("epoch/")]
    past = sorted((keys.without(_tree_of(trees, keys.context.epoch)) for keys in epochs), key=_epoch, reverse=True)
    own = parts.get(OWN, b"")
    return _parsed(own, lambda reader: kind.read_own(reader, public, _tree_of(trees, public.epoch), tuple(past)))


def _read_trees(parts: Mapping[str, bytes]) -> dict[int, SecretTree]:
    ratchets: dict[int, dict[Slot, Ratchet]] = {}
    for name, data in parts.items():
        if name.startswith("ratchet/"):
            epoch, leaf, number = map(int, name.split("/")[1:])
            ratchets.setdefault(epoch, {})[LeafIndex(leaf), RatchetKind(number)] = _parsed(data, Ratchet.read)
    trees = {
        int(name.removeprefix("tree/")): _parsed(data, SecretTree.read)
        for name, data in parts.items()
        if name.startswith("tree/")
    }
    return {
        epoch: SecretTree(tree.leaves, tree.nodes, shelved(ratchets.get(epoch, {}))) for epoch, tree in trees.items()
    }


def _tree_of(trees: Mapping[int, SecretTree], epoch: Epoch) -> SecretTree:
    if epoch not in trees:
        raise Malformed(f"the secret tree of epoch {epoch} is missing", what="member state")
    return trees[epoch]


def _epoch(keys: EpochKeys) -> Epoch:
    return keys.context.epoch


def _parsed(data: bytes, read: Callable[[Reader], T]) -> T:
    return parse(data, read, "member state", limit=limits.MLS_STATE_BYTES)
