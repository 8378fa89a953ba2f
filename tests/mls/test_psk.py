"""Pre-shared keys in a conversation; their derivation is held by the published vectors."""

import pytest

from cordiale.errors import NotFound, ProtocolViolation
from cordiale.mls.member_group import MemberGroup
from cordiale.mls.proposal import ExternalPsk, PreSharedKey, PskId, ResumptionPsk, ResumptionUsage
from cordiale.vocab.identifier import Epoch
from mls.people import GROUP_ID, NOW, anybody, group_of, person

NONCE = b"n" * 32
AGREED = ExternalPsk(b"agreed", NONCE)


def known(psk: PskId) -> bytes:
    """A client that holds the key."""
    if isinstance(psk, ExternalPsk) and psk.psk_id == b"agreed":
        return b"key"
    raise NotFound("test", what="pre-shared key")


def proposing(groups: list[MemberGroup], psk: PskId) -> list[MemberGroup]:
    """A key is proposed by the first and seen by all."""
    after, message = groups[0]._propose(PreSharedKey(psk), anybody)
    return [after, *(group.process(message, authenticate=anybody, now=NOW)[0] for group in groups[1:])]


def test_an_agreed_key_enters_the_schedule_and_the_welcome() -> None:
    groups, carol = proposing(group_of(["bob"]), AGREED), person("carol")
    result = groups[0].commit(add=[carol.package], authenticate=anybody, now=NOW, psks=known)
    second, _ = groups[1].process(result.message, authenticate=anybody, now=NOW, psks=known)
    assert second.epoch_authenticator == result.pending.epoch_authenticator
    assert result.welcome is not None
    third, _ = MemberGroup.join(
        result.welcome, carol.package, carol.secrets, carol.signer, authenticate=anybody, now=NOW, psks=known
    )
    assert third.epoch_authenticator == second.epoch_authenticator
    with pytest.raises(NotFound, match="pre-shared key"):
        groups[1].process(result.message, authenticate=anybody, now=NOW)
    with pytest.raises(ProtocolViolation, match="confirmation tag"):
        groups[1].process(result.message, authenticate=anybody, now=NOW, psks=lambda psk: b"another")


def test_a_committer_without_the_key_leaves_it_out() -> None:
    groups = proposing(group_of(["bob"]), AGREED)
    result = groups[0].commit(authenticate=anybody, now=NOW)
    second, _ = groups[1].process(result.message, authenticate=anybody, now=NOW)
    assert second.epoch_authenticator == result.pending.epoch_authenticator


def test_a_resumption_key_is_every_members() -> None:
    resumption = ResumptionPsk(ResumptionUsage.APPLICATION, GROUP_ID, Epoch(1), NONCE)
    groups = group_of(["bob"])
    result = groups[0].commit(authenticate=anybody, now=NOW)
    groups = [result.pending, groups[1].process(result.message, authenticate=anybody, now=NOW)[0]]
    groups = proposing(groups, resumption)
    result = groups[0].commit(authenticate=anybody, now=NOW)
    second, _ = groups[1].process(result.message, authenticate=anybody, now=NOW)
    assert second.epoch_authenticator == result.pending.epoch_authenticator


def test_one_key_is_named_once() -> None:
    again = ExternalPsk(AGREED.psk_id, b"m" * 32)
    groups = proposing(proposing(group_of(["bob"]), AGREED), again)
    result = groups[0].commit(authenticate=anybody, now=NOW, psks=known)
    second, _ = groups[1].process(result.message, authenticate=anybody, now=NOW, psks=known)
    assert second.epoch_authenticator == result.pending.epoch_authenticator
