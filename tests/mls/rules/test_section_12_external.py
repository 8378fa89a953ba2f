"""RFC 9420 §12.2 and §12.4.3.2, external commits: somebody enters without being asked in, and no more than that."""

from collections.abc import Callable

import pytest

from cordiale.crypto import hpke
from cordiale.crypto.suite import suite_of
from cordiale.mls.commit import Commit, UpdatePath
from cordiale.mls.credential import BasicCredential
from cordiale.mls.leaf_node import LeafNode
from cordiale.mls.member_group import JoinWish, MemberGroup
from cordiale.mls.proposal import (
    Add,
    ExternalInit,
    GroupContextExtensions,
    Proposal,
    ProposalOrRef,
    ProposalRef,
    Remove,
)
from cordiale.vocab.identifier import LeafIndex
from mls.people import FAST, NOW, Person, anybody, group_of, person
from mls.rules.forging import from_joiner, leaf_of, listed, proposed, replace, update_of
from mls.rules.refusal import refused, refuses


def with_list(change: Callable[[tuple[ProposalOrRef, ...]], tuple[ProposalOrRef, ...]]) -> Callable[[Commit], Commit]:
    """The commit with another list."""
    return lambda commit: Commit(change(commit.proposals), commit.path)


def test_the_forge_is_faithful() -> None:
    groups = group_of(["bob", "carol"])
    message = from_joiner(groups[0], person("eve"))
    for group in (*groups, groups[0].public):
        group.process(message, authenticate=anybody, now=NOW)


def test_an_external_init_of_a_members() -> None:
    first, *others = group_of(["bob", "carol"])
    refuses("12.1.6-1", others, listed(first, ExternalInit(bytes(32))))
    refuses("12.1.6-1", others, proposed(first, ExternalInit(bytes(32))))


@pytest.mark.parametrize("count", [0, 2])
def test_not_one_external_init(count: int) -> None:
    groups = group_of(["bob", "carol"])
    refuses("12.2-13", groups, from_joiner(groups[0], person("eve"), with_list(lambda items: items[:1] * count)))


def test_two_removals() -> None:
    groups = group_of(["bob", "carol"])
    both = (Remove(LeafIndex(1)), Remove(LeafIndex(2)))
    refuses("12.2-14", groups, from_joiner(groups[0], person("eve"), with_list(lambda items: (*items, *both))))


def returning(groups: list[MemberGroup], **leaf: object) -> bytes:
    """Bob joins anew in his old place, with a leaf of his choice."""
    bob = person("bob")
    back = with_list(lambda items: (*items, Remove(LeafIndex(1))))
    return from_joiner(groups[0], bob, back, **leaf)


def test_a_removal_of_somebody_else() -> None:
    groups = group_of(["bob", "carol"])
    refuses("12.2-15", groups, returning(groups, credential=BasicCredential(b"eve")))


def test_a_return_without_a_new_key() -> None:
    groups = group_of(["bob", "carol"])
    refuses("7.3-10", groups, returning(groups, encryption_key=leaf_of(groups[0], 1).encryption_key))


@pytest.mark.parametrize("kind", ["add", "update", "extensions"])
def test_other_proposals(kind: str) -> None:
    groups = group_of(["bob", "carol"])
    key = hpke.generate(suite_of(FAST)).public
    other: dict[str, Proposal] = {
        "add": Add(person("frank").package),
        "update": update_of(groups[0], key),
        "extensions": GroupContextExtensions(()),
    }
    refuses("12.2-16", groups, from_joiner(groups[0], person("eve"), with_list(lambda items: (*items, other[kind]))))


def test_a_commit_without_path() -> None:
    groups = group_of(["bob", "carol"])
    refuses("12.4.3.2-1", groups, from_joiner(groups[0], person("eve"), lambda commit: Commit(commit.proposals, None)))


def test_a_reference_to_what_waits() -> None:
    groups = group_of(["bob", "carol"])
    waits = proposed(groups[1], Remove(LeafIndex(2)))
    groups = [group.process(waits, authenticate=anybody, now=NOW)[0] for group in groups]
    reference = groups[0].public.waiting[0].reference
    assert reference is not None
    named = with_list(lambda items: (*items, ProposalRef(reference)))
    refuses("12.4.3.2-2", groups, from_joiner(groups[0], person("eve"), named))


def test_a_reference_to_what_no_joiner_commits() -> None:
    groups = group_of(["bob", "carol"])
    waits = proposed(groups[1], Add(person("frank").package))
    groups = [group.process(waits, authenticate=anybody, now=NOW)[0] for group in groups]
    reference = groups[0].public.waiting[0].reference
    assert reference is not None
    named = with_list(lambda items: (*items, ProposalRef(reference)))
    refuses("12.2-16", groups, from_joiner(groups[0], person("eve"), named))


def test_signatures() -> None:
    groups, eve = group_of(["bob", "carol"]), person("eve")
    refuses("6.1-1", groups, from_joiner(groups[0], eve, signer=groups[0].signer))
    unsigned = from_joiner(groups[0], eve, lambda commit: _with_leaf(commit, lambda leaf: replace(leaf, signature=b"")))
    refuses("7.3-2", groups, unsigned)
    mallory = person("mallory")
    of_another = from_joiner(
        groups[0],
        eve,
        lambda commit: _with_leaf(commit, lambda leaf: replace(leaf, signature_key=mallory.signer.public)),
    )
    refuses("6.1-1", groups, of_another)


def _with_leaf(commit: Commit, alter: Callable[[LeafNode], LeafNode]) -> Commit:
    assert commit.path is not None
    return Commit(commit.proposals, UpdatePath(alter(commit.path.leaf_node), commit.path.nodes))


def test_the_external_init_secret_is_used() -> None:
    groups, eve = group_of(["bob", "carol"]), person("eve")
    info = groups[0].group_info(with_external_pub=True)
    made = MemberGroup.join_external(info, eve.signer, BasicCredential(b"eve"), authenticate=anybody, now=NOW)
    for group in groups:
        after, _ = group.process(made.message, authenticate=anybody, now=NOW)
        assert after.epoch_authenticator == made.pending.epoch_authenticator
        assert after.secrets.init != group.secrets.init

    def other_init(items: tuple[ProposalOrRef, ...]) -> tuple[ProposalOrRef, ...]:
        return (ExternalInit(hpke.generate(suite_of(FAST)).public), *items[1:])

    refuses("12.4.2-5", groups, from_joiner(groups[0], eve, with_list(other_init)), blind=False)


def test_a_group_info_that_invites_nobody() -> None:
    group, eve = group_of(["bob"])[0], person("eve")
    with refused("12.4.3.2-6"):
        MemberGroup.join_external(
            group.group_info(), eve.signer, BasicCredential(b"eve"), authenticate=anybody, now=NOW, wish=JoinWish()
        )


def test_a_group_that_one_is_in() -> None:
    group, eve = group_of(["bob"])[0], person("eve")
    with refused("12.4.3-1"):
        _join_among(group, eve, [b"another", group.group_id])
    assert _join_among(group, eve, [b"another"]).epoch == group.epoch + 1
    result = group.commit(add=[eve.package], authenticate=anybody, now=NOW)
    assert result.welcome is not None
    with refused("12.4.3-1"):
        MemberGroup.join(
            result.welcome,
            eve.package,
            eve.secrets,
            eve.signer,
            authenticate=anybody,
            now=NOW,
            others=[group.group_id],
        )


def _join_among(group: MemberGroup, who: Person, others: list[bytes]) -> MemberGroup:
    info = group.group_info(with_external_pub=True)
    credential = who.package.leaf_node.credential
    return MemberGroup.join_external(info, who.signer, credential, authenticate=anybody, now=NOW, others=others).pending
