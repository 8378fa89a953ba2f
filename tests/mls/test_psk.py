"""Pre-shared keys in a conversation; their derivation is held by the published vectors."""

import pytest

from cordiale.errors import NotFound, ProtocolViolation
from cordiale.mls.events import CommitSeen
from cordiale.mls.extension import ROOM_PARAMETERS, Extension
from cordiale.mls.member_group import MemberGroup
from cordiale.mls.proposal import ExternalPsk, PskId, ResumptionPsk, ResumptionUsage
from cordiale.mls.psk import external_psk
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
    after, message = groups[0].propose_psk(psk)
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


def test_a_key_is_injected_by_the_committer() -> None:
    groups = group_of(["bob"])
    psk = external_psk(groups[0].suite, b"agreed")
    assert len(psk.nonce) == groups[0].suite.hash_bytes
    assert psk != external_psk(groups[0].suite, b"agreed")
    result = groups[0].commit(inject=[psk], authenticate=anybody, now=NOW, psks=known)
    second, _ = groups[1].process(result.message, authenticate=anybody, now=NOW, psks=known)
    assert second.epoch_authenticator == result.pending.epoch_authenticator
    before = groups[1].encode()
    with pytest.raises(NotFound, match="pre-shared key"):
        groups[1].process(result.message, authenticate=anybody, now=NOW)
    assert groups[1].encode() == before
    with pytest.raises(NotFound, match="pre-shared key"):
        groups[0].commit(inject=[psk], authenticate=anybody, now=NOW)


def test_a_committer_names_a_key_once() -> None:
    groups = group_of(["bob"])
    psks = [external_psk(groups[0].suite, b"agreed") for _ in range(2)]
    with pytest.raises(ProtocolViolation, match="used twice"):
        groups[0].commit(inject=psks, authenticate=anybody, now=NOW, psks=known)
    with pytest.raises(ProtocolViolation, match="wrong length"):
        groups[0].propose_psk(ExternalPsk(b"agreed", b"short"))


def test_extensions_are_proposed_and_committed_by_another() -> None:
    groups = group_of(["bob"])
    wanted = (Extension(ROOM_PARAMETERS, b"new"),)
    groups[1], message = groups[1].propose_group_context_extensions(wanted, authenticate=anybody)
    groups[0], _ = groups[0].process(message, authenticate=anybody, now=NOW)
    result = groups[0].commit(authenticate=anybody, now=NOW)
    second, event = groups[1].process(result.message, authenticate=anybody, now=NOW)
    assert isinstance(event, CommitSeen)
    assert event.group_context_changed
    assert second.public.extensions == result.pending.public.extensions == wanted
