"""RFC 9420 §6, framing: who says it, to whom, and how."""

import pytest

from cordiale.crypto.signature import Signer
from cordiale.crypto.suite import Suite
from cordiale.mls import private_message
from cordiale.mls.commit import Commit
from cordiale.mls.content import Sender, SenderType, member, sign
from cordiale.mls.credential import BasicCredential
from cordiale.mls.external_sender import ExternalSender, external_senders_extension
from cordiale.mls.fork import check_same_history, mark_of
from cordiale.mls.framing import PrivateMessage, PublicMessage
from cordiale.mls.member_group import MemberGroup
from cordiale.mls.private_message import seal_message
from cordiale.mls.proposal import Add, Proposal, Remove
from cordiale.mls.public_group import PublicGroup
from cordiale.mls.wire_format import WireFormat
from cordiale.vocab.identifier import Epoch, LeafIndex
from mls.people import GROUP_ID, NOW, anybody, founder, fresh_signer, group_of, person
from mls.rules.forging import framed, from_outside, proposed, replace, said
from mls.rules.refusal import refused, refuses


def sealed(group: MemberGroup, *, signer: MemberGroup | None = None, leaf: int | None = None) -> bytes:
    """An application message under the epoch's keys, signed by anyone, from any leaf."""
    content = framed(group, b"hello", sender=member(LeafIndex(group.own_leaf if leaf is None else leaf)))
    signed = sign((signer or group).signer, WireFormat.PRIVATE_MESSAGE, content, group.public.context.encoded)
    return seal_message(signed, group.secrets.sender_data, group.secret_tree, group.suite)[0]


def refuses_to_read(group: MemberGroup, message: bytes) -> None:
    """Within `refused`: an application message that is not read."""
    before = group.encode()
    try:
        group.decrypt(message)
    finally:
        assert group.encode() == before


def test_the_forge_is_faithful() -> None:
    first, second, _ = group_of(["bob", "carol"])
    second.process(proposed(first, Remove(LeafIndex(2))), authenticate=anybody, now=NOW)
    assert second.decrypt(sealed(first))[1].plaintext == b"hello"


def test_the_protocol_version() -> None:
    first, *others = group_of(["bob", "carol"])
    message = proposed(first, Remove(LeafIndex(1)))
    refuses("6-1", others, b"\x00\x02" + message[2:])
    info = first.group_info()
    with refused("6-1"):
        PublicGroup.from_group_info(info[:4] + b"\x00\x02" + info[6:], authenticate=anybody, now=NOW)


def test_another_group() -> None:
    first, *others = group_of(["bob", "carol"])
    refuses("6-2", others, proposed(first, Remove(LeafIndex(1)), group_id=b"another"))
    message = PrivateMessage.decode(first.encrypt(b"hello", b"")[1])
    with refused("6-2"):
        refuses_to_read(others[0], replace(message, group_id=b"another").encode())


def test_application_data_in_the_clear() -> None:
    first, *others = group_of(["bob", "carol"])
    refuses("6-3", others, said(first, framed(first, b"hello")))


def test_signatures_of_handshakes() -> None:
    first, second, third = group_of(["bob", "carol"])
    content = framed(first, Remove(LeafIndex(1)))
    refuses("6.1-1", [second, third], said(first, content, signer=second.signer))
    honest = PublicMessage.decode(said(first, content))
    other_context = sign(first.signer, WireFormat.PUBLIC_MESSAGE, content, b"another context")
    other_format = sign(first.signer, WireFormat.PRIVATE_MESSAGE, content, first.public.context.encoded)
    for wrong in (other_context, other_format):
        message = PublicMessage(replace(honest.content, signature=wrong.signature), honest.membership_tag)
        with refused("6.1-1"):
            third.public.process(message.encode(), authenticate=anybody, now=NOW)


def test_signatures_of_application_messages() -> None:
    first, second, third = group_of(["bob", "carol"])
    for message in (sealed(first, signer=second), sealed(first, leaf=1)):
        with refused("6.1-1"):
            refuses_to_read(third, message)


def test_signatures_from_outside() -> None:
    group, outside = with_outsider()
    message = from_outside(group, Sender(SenderType.EXTERNAL, 0), Remove(LeafIndex(0)), fresh_signer())
    with refused("6.1-1"):
        group.public.process(message, authenticate=anybody, now=NOW)
    honest = from_outside(group, Sender(SenderType.EXTERNAL, 0), Remove(LeafIndex(0)), outside)
    group.public.process(honest, authenticate=anybody, now=NOW)


def with_outsider() -> tuple[MemberGroup, Signer]:
    """A group that lets one outsider propose, and the outsider's key."""
    outside = fresh_signer()
    senders = external_senders_extension([ExternalSender(outside.public, BasicCredential(b"service"))])
    return founder(extensions=(senders,)), outside


@pytest.mark.parametrize("leaf", [3, 9])
def test_a_member_that_is_none(leaf: int) -> None:
    first, *others = group_of(["bob", "carol"])
    refuses("6.1-2", others, proposed(first, Remove(LeafIndex(1)), sender=member(LeafIndex(leaf))))


def test_an_external_sender_only_proposes() -> None:
    group, outside = with_outsider()
    message = from_outside(group, Sender(SenderType.EXTERNAL, 0), Commit((), None), outside)
    refuses("6.1-3", [group], message)


def test_who_joins_by_a_commit_does_not_propose() -> None:
    first, *others = group_of(["bob", "carol"])
    eve = person("eve")
    message = from_outside(first, Sender(SenderType.NEW_MEMBER_COMMIT), Add(eve.package), eve.signer)
    refuses("6.1-4", others, message)


@pytest.mark.parametrize("content", [Remove(LeafIndex(1)), Commit((), None)])
def test_who_asks_to_enter_asks_for_nothing_else(content: Proposal | Commit) -> None:
    first, *others = group_of(["bob", "carol"])
    message = from_outside(first, Sender(SenderType.NEW_MEMBER_PROPOSAL), content, person("eve").signer)
    refuses("6.1-5", others, message)


def test_who_asks_to_enter_signs_with_its_own_key() -> None:
    first, *others = group_of(["bob", "carol"])
    eve = person("eve")
    sender = Sender(SenderType.NEW_MEMBER_PROPOSAL)
    refuses("6.1-1", others, from_outside(first, sender, Add(eve.package), person("mallory").signer))
    others[0].process(from_outside(first, sender, Add(eve.package), eve.signer), authenticate=anybody, now=NOW)


def test_the_membership_tag() -> None:
    first, *others = group_of(["bob", "carol"])
    honest = PublicMessage.decode(proposed(first, Remove(LeafIndex(1))))
    tag = honest.membership_tag
    for wrong in (bytes(32), b"", tag[:-1], tag + b"\x00", tag[:16]):
        refuses("6.2-1", others, PublicMessage(honest.content, wrong).encode(), blind=False)


def test_padding(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = group_of(["bob"])
    honest = private_message.seal

    def dirty(suite: Suite, key: bytes, nonce: bytes, associated: bytes, plaintext: bytes) -> bytes:
        padded = plaintext[:-1] + b"\x01" if len(plaintext) > 100 else plaintext
        return honest(suite, key, nonce, associated, padded)

    monkeypatch.setattr(private_message, "seal", dirty)
    _, message = first.encrypt(b"hello", b"")
    with refused("6.3.1-1"):
        refuses_to_read(second, message)


def test_a_nonce_is_guarded_afresh() -> None:
    """One state used twice gives one key and nonce, and still two ciphertexts that nobody can compare."""
    first, second = group_of(["bob"])
    one, other = (PrivateMessage.decode(first.encrypt(b"hello", b"")[1]) for _ in range(2))
    assert one.ciphertext[:64] != other.ciphertext[:64]
    for message in (one, other):
        assert second.decrypt(message.encode())[1].generation == 0


def test_the_sender_of_an_application_message() -> None:
    first, second, *_ = group_of(["bob", "carol", "dave"])
    result = first.commit(remove=[LeafIndex(2)], authenticate=anybody, now=NOW)
    second, _ = second.process(result.message, authenticate=anybody, now=NOW)
    with refused("6.3.2-1"):
        refuses_to_read(second, sealed(result.pending, leaf=2))


def test_an_epoch_that_is_yet_to_come() -> None:
    first, second = group_of(["bob"])
    message = PrivateMessage.decode(first.encrypt(b"hello", b"")[1])
    with refused("15-1"):
        refuses_to_read(second, replace(message, epoch=Epoch(message.epoch + 1)).encode())
    assert message.group_id == GROUP_ID


def test_a_handshake_is_no_application_message() -> None:
    first, second, _ = group_of(["bob", "carol"])
    content = framed(first, Remove(LeafIndex(1)))
    signed = sign(first.signer, WireFormat.PRIVATE_MESSAGE, content, first.public.context.encoded)
    message, _ = seal_message(signed, first.secrets.sender_data, first.secret_tree, first.suite)
    with refused("6-4"):
        refuses_to_read(second, message)


def test_an_application_message_is_no_handshake() -> None:
    first, *others = group_of(["bob", "carol"])
    refuses("6-5", others, first.encrypt(b"hello", b"")[1], blind=False)


def test_the_mark_of_another_group() -> None:
    ours = mark_of(founder().public)
    with refused("6-2"):
        check_same_history(ours, replace(ours, group_id=b"another"))
