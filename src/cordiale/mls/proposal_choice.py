"""Which waiting proposals a committer takes (RFC 9420 §12.2): all that can stand together, removals first.

A proposal that cannot stand is left out rather than refused, so that no member can keep the others from committing.
A waiting ReInit is taken when nothing else is; the committer's own leaves out all that waits.
"""

from collections.abc import Sequence

from cordiale.errors import CordialeError
from cordiale.mls.group_context import GroupContext
from cordiale.mls.proposal import (
    Add,
    GroupContextExtensions,
    PreSharedKey,
    Proposal,
    ReInit,
    Remove,
    SelfRemove,
    Update,
)
from cordiale.mls.proposal_list import Proposed, apply, check_list
from cordiale.mls.psk import PskLookup
from cordiale.mls.tree import RatchetTree
from cordiale.vocab.identifier import LeafIndex


def choose(
    tree: RatchetTree,
    context: GroupContext,
    committer: LeafIndex,
    waiting: Sequence[Proposed],
    own: Sequence[Proposed],
    psks: PskLookup,
) -> tuple[Proposed, ...]:
    """The committer's own proposals and those of the waiting ones that go with them."""
    if any(isinstance(item.proposal, ReInit) for item in own):
        return tuple(own)
    candidates = sorted((item for item in waiting if _is_usable(item, committer, psks)), key=_rank)
    everything = (*candidates, *own)
    # Whether the committer's own stand, is for whoever applies them to find out.
    if not candidates or _stands(tree, context, committer, everything):
        return everything
    chosen: tuple[Proposed, ...] = tuple(own)
    for item in candidates:
        if _stands(tree, context, committer, (item, *chosen)):
            chosen = (item, *chosen)
    return chosen


def _stands(tree: RatchetTree, context: GroupContext, committer: LeafIndex, items: Sequence[Proposed]) -> bool:
    try:
        check_list(tree, committer, items)
        apply(tree, context, items)
    except CordialeError:
        return False
    return True


def _is_usable(item: Proposed, committer: LeafIndex, psks: PskLookup) -> bool:
    match item.proposal:
        case Update() | SelfRemove():
            return item.sender.leaf != committer
        case Remove(removed):
            return removed != committer
        case PreSharedKey(psk):
            try:
                psks(psk)
            except CordialeError:
                return False
            return True
        case _:
            return True


def _rank(item: Proposed) -> int:
    return _ORDER.index(type(item.proposal))


_ORDER: tuple[type[Proposal], ...] = (SelfRemove, Remove, GroupContextExtensions, Update, Add, PreSharedKey, ReInit)
