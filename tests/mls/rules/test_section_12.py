"""RFC 9420 §12.1 to §12.4.2, proposals and commits: what may change, together with what, and how."""

from typing import Any

import pytest

from cordiale.errors import IllegalStep, NotFound
from cordiale.mls import commit_making
from cordiale.mls.content import Sender, SenderType
from cordiale.mls.credential import BasicCredential
from cordiale.mls.events import Evicted
from cordiale.mls.extension import ROOM_TITLE, Extension
from cordiale.mls.external_sender import ExternalSender, external_senders_extension
from cordiale.mls.member_group import MemberGroup
from cordiale.mls.proposal import (
    Add,
    ExternalInit,
    ExternalPsk,
    GroupContextExtensions,
    PreSharedKey,
    Proposal,
    ProposalRef,
    PskId,
    Remove,
    ResumptionPsk,
    ResumptionUsage,
    SelfRemove,
)
from cordiale.mls.syntax import opaque, u16, vector
from cordiale.mls.tree import ParentNode
from cordiale.mls.tree_math import NodeIndex, direct_path, node_of, root
from cordiale.mls.welcome import Welcome
from cordiale.vocab.identifier import Epoch, LeafIndex
from mls.people import FAST, GROUP_ID, NOW, Person, anybody, founder, fresh_signer, group_of, join, person
from mls.rules.forging import (
    Raw,
    able,
    from_outside,
    leaf_of,
    listed,
    package_of,
    proposed,
    update_of,
    with_path_keys,
)
from mls.rules.refusal import refused, refuses

NONCE = bytes(32)
GREASE = 0x0A0A


def new_key(name: str = "key") -> bytes:
    """A public key that nobody has."""
    return person(name).package.init_key


# §12.1, each by itself


@pytest.mark.parametrize("kind", [0, 99, GREASE, 0xFFFF])
def test_kinds_that_nobody_knows(kind: int) -> None:
    first, *others = group_of(["bob", "carol"])
    refuses("12.1-1", others, proposed(first, Raw(u16(kind))))
    refuses("12.1-1", others, listed(first, Raw(u16(kind))))


@pytest.mark.parametrize("leaf", [3, 9, 2**32 - 1])
def test_a_removal_of_nobody(leaf: int) -> None:
    first, *others = group_of(["bob", "carol"])
    refuses("12.1.3-1", others, proposed(first, Remove(LeafIndex(leaf))))
    refuses("12.1.3-1", others, listed(first, Remove(LeafIndex(leaf))))


def resumption(usage: ResumptionUsage) -> PreSharedKey:
    """The key of an epoch of this group."""
    return PreSharedKey(ResumptionPsk(usage, GROUP_ID, Epoch(1), NONCE))


def test_resumption_keys_of_another_use() -> None:
    first, *others = group_of(["bob", "carol"])
    refuses("12.1.4-1", others, proposed(first, resumption(ResumptionUsage.REINIT)))
    refuses("12.1.4-1", others, listed(first, resumption(ResumptionUsage.REINIT)))
    refuses("12.1.4-2", others, proposed(first, resumption(ResumptionUsage.BRANCH)))
    refuses("12.1.4-2", others, listed(first, resumption(ResumptionUsage.BRANCH)))


@pytest.mark.parametrize("length", [0, 31, 33])
def test_nonces(length: int) -> None:
    first, *others = group_of(["bob", "carol"])
    refuses("12.1.4-3", others, proposed(first, PreSharedKey(ExternalPsk(b"agreed", bytes(length)))))
    resumed = ResumptionPsk(ResumptionUsage.APPLICATION, GROUP_ID, Epoch(1), bytes(length))
    refuses("12.1.4-3", others, proposed(first, PreSharedKey(resumed)))


@pytest.mark.parametrize("version", [0, 2])
def test_versions_of_a_reinitialised_group(version: int) -> None:
    first, *others = group_of(["bob", "carol"])
    reinit = u16(5) + opaque(b"new") + u16(version) + u16(FAST) + vector([])
    refuses("12.1.5-1", others, proposed(first, Raw(reinit)))


def with_outsider(*names: str) -> tuple[MemberGroup, list[MemberGroup], Any]:
    """A group that lets one outsider propose, and the outsider's key."""
    outside, people = fresh_signer(), [person(name) for name in names]
    senders = external_senders_extension([ExternalSender(outside.public, BasicCredential(b"service"))])
    result = founder(extensions=(senders,)).commit(add=[who.package for who in people], authenticate=anybody, now=NOW)
    return result.pending, [join(result.welcome, who) for who in people], outside


def test_what_an_external_sender_may_not_propose() -> None:
    first, others, outside = with_outsider("bob")
    for proposal in (update_of(first, new_key()), ExternalInit(b"output")):
        message = from_outside(first, Sender(SenderType.EXTERNAL, 0), proposal, outside)
        refuses("12.1.8-1", [first, *others], message)


def test_what_an_external_sender_may_propose() -> None:
    first, others, outside = with_outsider("bob")
    allowed: list[Proposal] = [
        Add(person("eve").package),
        Remove(LeafIndex(1)),
        PreSharedKey(ExternalPsk(b"agreed", NONCE)),
        GroupContextExtensions(first.public.extensions),
    ]
    for proposal in allowed:
        message = from_outside(first, Sender(SenderType.EXTERNAL, 0), proposal, outside)
        for group in (first, *others, first.public):
            group.process(message, authenticate=anybody, now=NOW)


def test_sender_data_names_members_only() -> None:
    """SenderData has a leaf index and nothing else: an external sender cannot even be named in a PrivateMessage."""
    first, second = group_of(["bob"])
    _, received = second.decrypt(first.encrypt(b"hello", b"")[1])
    assert received.sender == first.own_leaf


def test_external_senders_that_are_not_listed() -> None:
    first, others, outside = with_outsider("bob")
    for index in (1, 2**32 - 1):
        message = from_outside(first, Sender(SenderType.EXTERNAL, index), Remove(LeafIndex(1)), outside)
        refuses("12.1.8.1-1", [first, *others], message)
    without, *_ = group_of(["bob"])
    refuses(
        "12.1.8.1-1", [without], from_outside(without, Sender(SenderType.EXTERNAL, 0), Remove(LeafIndex(1)), outside)
    )


# §12.2, together


def test_an_update_of_the_committers_own() -> None:
    first, *others = group_of(["bob", "carol"])
    refuses("12.2-2", others, listed(first, update_of(first, new_key())))


def test_a_removal_of_the_committer() -> None:
    first, *others = group_of(["bob", "carol"])
    refuses("12.2-3", others, listed(first, Remove(first.own_leaf)))
    with refused("12.2-3"):
        first.commit(remove=[first.own_leaf], authenticate=anybody, now=NOW)


def seen(groups: list[MemberGroup], message: bytes) -> tuple[list[MemberGroup], ProposalRef]:
    """All members after a proposal, and its reference."""
    after = [group.process(message, authenticate=anybody, now=NOW)[0] for group in groups]
    reference = after[0].public.waiting[-1].reference
    assert reference is not None
    return after, ProposalRef(reference)


def test_two_changes_of_one_leaf() -> None:
    groups = group_of(["bob", "carol"])
    refuses("12.2-4", groups[1:], listed(groups[0], Remove(LeafIndex(1)), Remove(LeafIndex(1))))
    groups, first_update = seen(groups, proposed(groups[1], update_of(groups[1], new_key())))
    refuses("12.2-4", groups[1:], listed(groups[0], first_update, Remove(LeafIndex(1))))
    groups, other_update = seen(groups, proposed(groups[1], update_of(groups[1], new_key())))
    refuses("12.2-4", groups[1:], listed(groups[0], first_update, other_update))


def test_one_key_twice() -> None:
    first, *others = group_of(["bob", "carol"])
    agreed = [PreSharedKey(ExternalPsk(b"agreed", nonce)) for nonce in (NONCE, b"n" * 32)]
    refuses("12.2-7", others, listed(first, *agreed))
    refuses("12.2-7", others, listed(first, agreed[0], agreed[0]))
    epoch = [
        PreSharedKey(ResumptionPsk(ResumptionUsage.APPLICATION, GROUP_ID, Epoch(1), nonce))
        for nonce in (NONCE, b"n" * 32)
    ]
    refuses("12.2-7", others, listed(first, *epoch))


def test_extensions_twice() -> None:
    first, *others = group_of(["bob", "carol"])
    once = GroupContextExtensions(())
    refuses("12.2-8", others, listed(first, once, once))


# §12.3, in order


def test_new_extensions_hold_for_the_whole_list() -> None:
    """Somebody enters who supports the old extensions, but not those that the same commit sets."""
    first, *others = group_of(["bob", "carol"])
    title = GroupContextExtensions((Extension(ROOM_TITLE, b"new"),))
    eve = person("eve")
    lacking = package_of(eve, leaf={"capabilities": able(eve, extensions=())})
    refuses("13.4-2", others, listed(first, Add(lacking), title))
    others[0].process(proposed(first, Add(lacking)), authenticate=anybody, now=NOW)


def test_removals_come_before_additions() -> None:
    groups, eve, frank = group_of(["bob", "carol", "dave", "grace"]), person("eve"), person("frank")
    groups, add = seen(groups, proposed(groups[1], Add(eve.package)))
    result = groups[0].commit(add=[frank.package], remove=[LeafIndex(2)], authenticate=anybody, now=NOW)
    assert add.reference
    taken = {member.credential: member.leaf_index for member in result.added}
    assert sorted(taken.values()) == [2, 5]
    entered = join(result.welcome, frank)
    assert entered.own_leaf == taken[BasicCredential(b"frank")]
    for leaf in taken.values():
        for node in direct_path(node_of(leaf), entered.public.tree.leaves):
            parent = entered.public.tree.nodes[node]
            committers = node in direct_path(node_of(LeafIndex(0)), entered.public.tree.leaves)
            assert committers or not isinstance(parent, ParentNode) or leaf in parent.unmerged


# §12.4, as a commit


def test_a_list_that_asks_for_a_path() -> None:
    first, *others = group_of(["bob", "carol"])
    refuses("12.4-2", others, listed(first))
    refuses("12.4-2", others, listed(first, Remove(LeafIndex(1))))
    refuses("12.4-2", others, listed(first, GroupContextExtensions(())))
    refuses("12.4-2", others, listed(first, Add(person("eve").package), Remove(LeafIndex(1))))
    groups, update = seen([first, *others], proposed(others[0], update_of(others[0], new_key())))
    refuses("12.4-2", groups[1:], listed(groups[0], update))


def test_references() -> None:
    groups = group_of(["bob", "carol"])
    refuses("12.4-3", groups[1:], listed(groups[0], ProposalRef(bytes(32))))
    groups, add = seen(groups, proposed(groups[1], Add(person("eve").package)))
    refuses("12.4-3", groups[1:], listed(groups[0], add, add))
    result = groups[0].commit(authenticate=anybody, now=NOW)
    after = [group.process(result.message, authenticate=anybody, now=NOW)[0] for group in groups[1:]]
    refuses("12.4-3", after, listed(result.pending, add))


def test_a_welcome_covers_every_newcomer() -> None:
    first, people = group_of(["bob"])[0], [person(name) for name in ("eve", "frank", "grace")]
    result = first.commit(add=[who.package for who in people], authenticate=anybody, now=NOW)
    assert result.welcome is not None
    entries = [entry.new_member for entry in Welcome.decode(result.welcome).secrets]
    assert entries == [who.package.reference() for who in people]
    authenticators = {join(result.welcome, who).epoch_authenticator for who in people}
    assert authenticators == {result.pending.epoch_authenticator}


@pytest.mark.parametrize("epoch", [0, 2, 2**64 - 1])
def test_another_epoch(epoch: int) -> None:
    first, *others = group_of(["bob", "carol"])
    assert first.epoch == 1
    refuses("12.4.2-1", others, proposed(first, Remove(LeafIndex(1)), epoch=Epoch(epoch)))


def test_a_commit_that_came_before() -> None:
    first, second, third = group_of(["bob", "carol"])
    result = first.commit(authenticate=anybody, now=NOW)
    second, _ = second.process(result.message, authenticate=anybody, now=NOW)
    refuses("12.4.2-1", [second], result.message)
    refuses("12.4.2-1", [second], third.commit(authenticate=anybody, now=NOW).message)


def agreed(psk: PskId) -> bytes:
    """Somebody who has the key."""
    return b"key"


def lacking(psk: PskId) -> bytes:
    """Somebody who has not."""
    raise NotFound("agreed", what="pre-shared key")


def test_a_pre_shared_key_that_is_not_at_hand() -> None:
    groups = group_of(["bob", "carol"])
    groups, _ = seen(groups, proposed(groups[1], PreSharedKey(ExternalPsk(b"agreed", NONCE))))
    result = groups[0].commit(authenticate=anybody, now=NOW, psks=agreed)
    refuses("12.4.2-2", groups[1:], result.message, blind=False)
    refuses("12.4.2-2", groups[1:], result.message, blind=False, psks=lacking)
    groups[1].process(result.message, authenticate=anybody, now=NOW, psks=agreed)


@pytest.mark.parametrize("reused", ["own parent", "own leaf", "another leaf", "another parent", "the same twice"])
def test_a_path_of_keys_that_are_there(reused: str) -> None:
    groups = group_of(["bob", "carol", "dave", "eve"])
    result = groups[2].commit(authenticate=anybody, now=NOW)
    groups = [
        result.pending if index == 2 else group.process(result.message, authenticate=anybody, now=NOW)[0]
        for index, group in enumerate(groups)
    ]
    first, tree = groups[0], groups[0].public.tree
    top, beside = tree.parent(root(tree.leaves)), tree.parent(NodeIndex(5))
    assert top is not None and beside is not None
    keys = {
        "own parent": top.encryption_key,
        "own leaf": leaf_of(first).encryption_key,
        "another leaf": leaf_of(first, 3).encryption_key,
        "another parent": beside.encryption_key,
    }

    def alter(path: list[bytes]) -> list[bytes]:
        return [path[1], *path[1:]] if reused == "the same twice" else [*path[:-1], keys[reused]]

    refuses("12.4.2-4", groups[1:], with_path_keys(first, alter))


@pytest.mark.parametrize("change", ["zeros", "short", "long", "empty"])
def test_a_wrong_confirmation_tag(monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    first, *others = group_of(["bob", "carol"])
    honest = commit_making.confirmation_tag

    def forged(*given: Any) -> bytes:
        tag = honest(*given)
        return {"zeros": bytes(32), "short": tag[:-1], "long": tag + b"\x00", "empty": b""}[change]

    monkeypatch.setattr(commit_making, "confirmation_tag", forged)
    message = first.commit(authenticate=anybody, now=NOW).message
    refuses("12.4.2-5", others, message, blind=False)


def test_who_was_removed_sends_nothing_more() -> None:
    first, second = group_of(["bob"])
    result = first.commit(remove=[LeafIndex(1)], authenticate=anybody, now=NOW)
    out, event = second.process(result.message, authenticate=anybody, now=NOW)
    assert isinstance(event, Evicted)
    for step in (
        lambda: out.encrypt(b"hello", b""),
        lambda: out.propose_update(),
        lambda: out.commit(authenticate=anybody, now=NOW),
        lambda: out.group_info(),
    ):
        with pytest.raises(IllegalStep, match="removed"):
            step()


def test_a_proposal_that_somebody_does_not_know() -> None:
    """SelfRemove is no default type; bob, who stays, does not list it. Who goes need not know it."""
    bob, carol = person("bob"), person("carol")
    simple = package_of(bob, leaf={"capabilities": able(bob, proposals=())})
    result = founder().commit(add=[simple, carol.package], authenticate=anybody, now=NOW)
    groups = [
        result.pending,
        join(result.welcome, Person(bob.signer, simple, bob.secrets)),
        join(result.welcome, carol),
    ]
    groups, leaving = seen(groups, proposed(groups[2], SelfRemove()))
    refuses("12.2-11", groups[1:], listed(groups[0], leaving))
    refuses("12.4-2", groups[1:], listed(groups[0], leaving, Remove(LeafIndex(1))))
