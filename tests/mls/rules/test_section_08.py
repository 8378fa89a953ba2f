"""RFC 9420 §8 and §9, key schedule and secret tree: one key for one use."""

import hashlib
import hmac

from cordiale.mls.member_group import MemberGroup
from cordiale.mls.proposal import ExternalPsk, PreSharedKey, PskId, ResumptionUsage
from cordiale.mls.psk import external_psk, resumption_psk
from cordiale.mls.secret_tree import RatchetKind
from cordiale.mls.syntax import opaque, u16
from cordiale.vocab.identifier import Epoch
from mls.people import GROUP_ID, NOW, anybody, group_of, person
from mls.rules.forging import proposed
from mls.rules.refusal import refused


def by_name(psk: PskId) -> bytes:
    """Everybody has every key that is agreed elsewhere."""
    assert isinstance(psk, ExternalPsk)
    return psk.psk_id * 2


def test_members_and_newcomers_take_the_same_keys_in_the_same_order() -> None:
    groups, eve = group_of(["bob", "carol"]), person("eve")
    for name in (b"second", b"first"):
        message = proposed(groups[0], PreSharedKey(ExternalPsk(name, bytes(32))))
        groups = [group.process(message, authenticate=anybody, now=NOW)[0] for group in groups]
    result = groups[0].commit(add=[eve.package], authenticate=anybody, now=NOW, psks=by_name)
    after, _ = groups[1].process(result.message, authenticate=anybody, now=NOW, psks=by_name)
    assert result.welcome is not None
    asked: list[PskId] = []

    def in_order(psk: PskId) -> bytes:
        asked.append(psk)
        return by_name(psk)

    entered, _ = MemberGroup.join(
        result.welcome, eve.package, eve.secrets, eve.signer, authenticate=anybody, now=NOW, psks=in_order
    )
    assert [psk.psk_id for psk in asked if isinstance(psk, ExternalPsk)] == [b"second", b"first"]
    assert entered.epoch_authenticator == after.epoch_authenticator == result.pending.epoch_authenticator


def test_an_exported_secret_is_of_the_hashed_context() -> None:
    """MLS-Exporter, computed with nothing but HMAC: `expand` of one block, as RFC 5869 §2.3 has it."""

    def expand_with_label(secret: bytes, label: bytes, context: bytes) -> bytes:
        info = u16(32) + opaque(b"MLS 1.0 " + label) + opaque(context)
        return hmac.digest(secret, info + b"\x01", "sha256")

    first, second = group_of(["bob"])
    for context in (b"", b"a", bytes(500)):
        derived = expand_with_label(first.secrets.exporter, b"purpose", b"")
        expected = expand_with_label(derived, b"exported", hashlib.sha256(context).digest())
        assert first.export("purpose", context, 32) == second.export("purpose", context, 32) == expected


def test_a_key_opens_one_message() -> None:
    first, second = group_of(["bob"])
    _, message = first.encrypt(b"hello", b"")
    after, _ = second.decrypt(message)
    with refused("9.1-1"):
        after.decrypt(message)


def test_a_key_that_was_kept_for_a_late_message_opens_one() -> None:
    first, second = group_of(["bob"])
    first, early = first.encrypt(b"early", b"")
    _, late = first.encrypt(b"late", b"")
    for message in (late, early):
        second, _ = second.decrypt(message)
    for message in (early, late):
        with refused("9.1-1"):
            second.decrypt(message)


def test_a_used_key_is_erased() -> None:
    first, second = group_of(["bob"])
    _, key, _ = second.secret_tree.next(second.suite, first.own_leaf, RatchetKind.APPLICATION)
    root_secret = next(iter(second.secret_tree.nodes.values()))
    _, message = first.encrypt(b"hello", b"")
    after, _ = second.decrypt(message)
    kept = after.encode()
    assert second.decrypt(message)[1].generation == 0
    assert key.key not in kept and root_secret not in kept


def test_nonces_are_fresh() -> None:
    suite = group_of(["bob"])[0].suite
    makers = (
        lambda: external_psk(suite, b"agreed"),
        lambda: resumption_psk(suite, ResumptionUsage.BRANCH, GROUP_ID, Epoch(1)),
    )
    for make in makers:
        nonces = {make().nonce for _ in range(8)}
        assert len(nonces) == 8 and {len(nonce) for nonce in nonces} == {suite.hash_bytes}
