"""Joining by an external commit (RFC 9420 §12.4.3.2): from a GroupInfo with an external key to a member of its group.

The joiner adds itself at the leftmost free leaf; it may take the place of its own old leaf (resync), inject
pre-shared keys, and carry out the leaving of those who proposed a SelfRemove. All others check the same as here.
"""

from collections.abc import Sequence

import msgspec

from cordiale.crypto.signature import Signer
from cordiale.errors import IllegalStep
from cordiale.mls.commit_making import CommitOptions, Joiner, MadeCommit, make_commit
from cordiale.mls.content import Sender, SenderType
from cordiale.mls.credential import Authenticate
from cordiale.mls.external_init import external_pub, send_init
from cordiale.mls.framing import PublicMessage
from cordiale.mls.group_info import GroupInfo
from cordiale.mls.leaf_node import LeafNode
from cordiale.mls.proposal import ExternalInit, PreSharedKey, Proposal, PskId, Remove, SelfRemove
from cordiale.mls.proposal_list import Proposed
from cordiale.mls.psk import PskLookup
from cordiale.mls.public_group import PublicGroup
from cordiale.mls.same_client import SameClient
from cordiale.mls.staging import apply_external
from cordiale.vocab.identifier import LeafIndex
from cordiale.vocab.moment import Moment


class JoinWish(msgspec.Struct, frozen=True):
    """What the joiner wants beside entering. `leaving` are the SelfRemoves that wait, as MLSMessages."""

    remove: LeafIndex | None = None
    psks: tuple[PskId, ...] = ()
    leaving: tuple[bytes, ...] = ()


def outside_view(
    info: GroupInfo, ratchet_tree: bytes | None, wish: JoinWish, authenticate: Authenticate, now: Moment
) -> PublicGroup:
    """The group as the joiner sees it, everything public verified, with the SelfRemoves waiting."""
    group = PublicGroup.from_verified(info, ratchet_tree, authenticate=authenticate, now=now)
    for message in wish.leaving:
        content = PublicMessage.decode(message).content
        if not isinstance(content.framed.content, SelfRemove):
            raise IllegalStep("a joiner commits no waiting proposal but a SelfRemove")
        group = group.process(message, authenticate=authenticate, now=now)[0]
    return group


def make_external_commit(
    group: PublicGroup,
    info: GroupInfo,
    leaf: LeafNode,
    signer: Signer,
    wish: JoinWish,
    *,
    authenticate: Authenticate,
    same: SameClient,
    psks: PskLookup,
    options: CommitOptions,
) -> MadeCommit:
    """The commit and the joiner's first epoch. `leaf` is unsigned, and its key is replaced by the path's."""
    kem_output, init = send_init(group.suite, external_pub(info.extensions))
    items = (*group.waiting, *_own_items(kem_output, wish))
    applied = apply_external(group.tree, group.context, leaf, items, authenticate, same)
    return make_commit(Joiner(group, applied.added[0], signer, init), items, applied, psks, options)


def _own_items(kem_output: bytes, wish: JoinWish) -> Sequence[Proposed]:
    proposals: list[Proposal] = [ExternalInit(kem_output)]
    if wish.remove is not None:
        proposals.append(Remove(wish.remove))
    proposals.extend(map(PreSharedKey, wish.psks))
    return [Proposed(Sender(SenderType.NEW_MEMBER_COMMIT), proposal) for proposal in proposals]
