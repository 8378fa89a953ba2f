"""Two signature keys in one leaf, and rooms that demand both (`cordiale.mls.multi_credential`)."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import pytest

from cordiale.crypto import signature
from cordiale.crypto.signature import Signer
from cordiale.crypto.suite import HIGH_ID, ML_DSA_ID, Scheme, suite_of
from cordiale.errors import BadSignature, CordialeError, Malformed, ProtocolViolation
from cordiale.mls import tree_validation
from cordiale.mls.credential import (
    MULTI,
    BasicCredential,
    Credential,
    CredentialBinding,
    MultiCredential,
    X509Credential,
    read_credential,
)
from cordiale.mls.extension import EXTERNAL_SENDERS, REQUIRED_SIGNATURES, Extension
from cordiale.mls.external_sender import ExternalSender
from cordiale.mls.key_package import KeyPackage
from cordiale.mls.key_package_secrets import generate
from cordiale.mls.leaf_node import Capabilities, LeafNode, default_capabilities
from cordiale.mls.member_group import MemberGroup
from cordiale.mls.multi_credential import DEMAND_RULE, bind, demand, demanded, presented
from cordiale.mls.public_group import PublicGroup
from cordiale.mls.syntax import opaque, parse, u16, vector
from cordiale.wire import limits
from mls.people import FAST, GROUP_ID, LIFETIME, NOW, SUITE_IDS, Person, anybody, fresh_signer, group_of, join, person
from mls.test_rejections import alter_path, refuse, resigned, with_leaf

BOTH = (Scheme.ED25519, Scheme.ML_DSA_65)
DEMAND = (demand(BOTH),)
COMMIT: dict[str, Any] = {"authenticate": anybody, "now": NOW}
EVERY_SUITE = pytest.mark.parametrize("suite_id", [*SUITE_IDS, HIGH_ID], ids=lambda suite_id: suite_of(suite_id).name)


def binding(suite_id: int, name: str, signature_key: bytes, *, key: Signer | None = None) -> CredentialBinding:
    """A binding by a fresh key of the suite's scheme, or by the one given."""
    key = key or signature.generate(suite_of(suite_id).scheme)
    return bind(suite_id, key, BasicCredential(name.encode()), signature_key)


def multi(name: str, signature_key: bytes, suites: Iterable[int] = (FAST, ML_DSA_ID)) -> MultiCredential:
    """A credential with one binding for each suite."""
    return MultiCredential(tuple(binding(suite_id, name, signature_key) for suite_id in suites))


def with_credential(
    make: Callable[[Signer], Credential], suite_id: int = FAST, *, capabilities: Capabilities | None = None
) -> Person:
    """A person with the credential that `make` gives for their signing key."""
    signer = fresh_signer(suite_id)
    package, secrets = generate(suite_id, signer, make(signer), lifetime=LIFETIME, capabilities=capabilities)
    return Person(signer, KeyPackage.decode(package.encode()), secrets)


def of_two_keys(name: str, suite_id: int = FAST) -> Person:
    """A person with an Ed25519 and an ML-DSA-65 key."""
    return with_credential(lambda signer: multi(name, signer.public), suite_id)


def room(suite_id: int = FAST, extensions: tuple[Extension, ...] = DEMAND) -> MemberGroup:
    """A group of one whose founder has both keys."""
    signer = fresh_signer(suite_id)
    credential = multi("founder", signer.public)
    return MemberGroup.create(suite_id, GROUP_ID, signer, credential, extensions=extensions, now=NOW)


def seen_by_node(group: MemberGroup) -> PublicGroup:
    """The node's view, from the founder's group info."""
    return PublicGroup.from_group_info(group.group_info(), authenticate=anybody, now=NOW)


@EVERY_SUITE
def test_a_room_of_two_keys_each(suite_id: int) -> None:
    first, bob = room(suite_id), of_two_keys("bob", suite_id)
    node = seen_by_node(first)
    entered = first.commit(add=[bob.package], authenticate=anybody, now=NOW)
    node, _ = node.process(entered.message, authenticate=anybody, now=NOW)
    first, second = entered.pending, join(entered.welcome, bob)
    fresh = second.commit(authenticate=anybody, now=NOW)
    first, _ = first.process(fresh.message, authenticate=anybody, now=NOW)
    node, _ = node.process(fresh.message, authenticate=anybody, now=NOW)
    second = fresh.pending
    assert node.context == first.public.context == second.public.context
    second, message = second.encrypt(b"bonjour", b"")
    _, received = first.decrypt(message)
    assert received.sender_credential == bob.package.leaf_node.credential
    assert {key for _, key in presented(received.sender_credential, received.sender_signature_key)} == {
        each.public for each in bob.package.leaf_node.credential.bindings
    }


def test_without_a_demand_single_and_multiple_credentials_mix() -> None:
    first, bob, carol = room(extensions=()), of_two_keys("bob"), person("carol")
    entered = first.commit(add=[bob.package, carol.package], authenticate=anybody, now=NOW)
    groups = [join(entered.welcome, who) for who in (bob, carol)]
    assert {member.credential.type for member in groups[1].members} == {1, MULTI}


def test_what_is_encoded_decodes() -> None:
    key = fresh_signer()
    for single in (BasicCredential(b"bob"), X509Credential((b"leaf", b"person"))):
        credential = MultiCredential((bind(FAST, key, single, b"key"), binding(ML_DSA_ID, "bob", b"key")))
        assert parse(credential.encode(), read_credential, "credential", limit=10_000) == credential


def test_each_credential_is_presented_with_its_own_key() -> None:
    assert presented(BasicCredential(b"bob"), b"key") == ((BasicCredential(b"bob"), b"key"),)
    credential = multi("bob", b"key")
    assert presented(credential, b"key") == tuple((each.credential, each.public) for each in credential.bindings)


# Who lacks a key


def lacking() -> list[Person]:
    """People who have one of the two keys only."""
    return [
        person("plain"),
        with_credential(lambda signer: multi("classical", signer.public, [FAST])),
        with_credential(lambda signer: multi("lattice", signer.public, [ML_DSA_ID])),
    ]


@pytest.mark.parametrize("who", range(3))
def test_who_lacks_a_key_does_not_enter(who: int, monkeypatch: pytest.MonkeyPatch) -> None:
    first, bob, eve = room(), of_two_keys("bob"), lacking()[who]
    entered = first.commit(add=[bob.package], authenticate=anybody, now=NOW)
    first, second = entered.pending, join(entered.welcome, bob)
    with pytest.raises(ProtocolViolation, match=DEMAND_RULE):
        first.commit(add=[eve.package], authenticate=anybody, now=NOW)
    with monkeypatch.context() as patch:
        patch.setattr(tree_validation, "check_signatures", lambda *arguments: None)
        forged = first.commit(add=[eve.package], authenticate=anybody, now=NOW)
    refuse([second], forged.message, ProtocolViolation)
    with pytest.raises(ProtocolViolation, match=DEMAND_RULE):
        join(forged.welcome, eve)
    with pytest.raises(ProtocolViolation, match=DEMAND_RULE):
        seen_by_node(forged.pending)


def test_a_founder_must_meet_the_demand() -> None:
    with pytest.raises(ProtocolViolation, match=DEMAND_RULE):
        MemberGroup.create(FAST, GROUP_ID, fresh_signer(), BasicCredential(b"founder"), extensions=DEMAND, now=NOW)


def test_a_demand_that_the_suite_itself_meets_needs_no_bindings() -> None:
    demanding = (demand([Scheme.ED25519]),)
    group = MemberGroup.create(
        FAST, GROUP_ID, fresh_signer(), BasicCredential(b"founder"), extensions=demanding, now=NOW
    )
    entered = group.commit(add=[person("bob").package], authenticate=anybody, now=NOW)
    assert len(entered.pending.members) == 2


# Bindings that do not hold


def swapped(credential: MultiCredential) -> MultiCredential:
    """Each key under the other's signature."""
    one, two = credential.bindings
    return MultiCredential(
        (
            msgspec.structs.replace(one, signature=two.signature),
            msgspec.structs.replace(two, signature=one.signature),
        )
    )


def altered(credential: MultiCredential, index: int) -> MultiCredential:
    """One bit of one binding's signature is another."""
    bindings = list(credential.bindings)
    spoilt = bytearray(bindings[index].signature)
    spoilt[5] ^= 1
    bindings[index] = msgspec.structs.replace(bindings[index], signature=bytes(spoilt))
    return MultiCredential(tuple(bindings))


def renamed(credential: MultiCredential) -> MultiCredential:
    """Somebody else's name in a binding."""
    one, two = credential.bindings
    return MultiCredential((one, msgspec.structs.replace(two, credential=BasicCredential(b"someone else"))))


Make = Callable[[Signer], Credential]
WRONG: dict[str, tuple[Make, type[CordialeError]]] = {
    "altered Ed25519": (lambda signer: altered(multi("eve", signer.public), 0), BadSignature),
    "altered ML-DSA-65": (lambda signer: altered(multi("eve", signer.public), 1), BadSignature),
    "swapped": (lambda signer: swapped(multi("eve", signer.public)), BadSignature),
    "renamed": (lambda signer: renamed(multi("eve", signer.public)), BadSignature),
    "another leaf's": (lambda signer: multi("eve", fresh_signer().public), BadSignature),
    "one scheme twice": (lambda signer: multi("eve", signer.public, [FAST, ML_DSA_ID, ML_DSA_ID]), ProtocolViolation),
    "one scheme by two suites": (lambda signer: multi("eve", signer.public, [FAST, 3, ML_DSA_ID]), ProtocolViolation),
    "unknown suite": (
        lambda signer: MultiCredential(
            (
                *multi("eve", signer.public).bindings,
                msgspec.structs.replace(binding(3, "eve", signer.public), suite_id=0xF0FF),
            )
        ),
        ProtocolViolation,
    ),
}
every_wrong = pytest.mark.parametrize(("make", "error"), WRONG.values(), ids=WRONG)


@every_wrong
def test_a_key_package_must_hold(make: Make, error: type[CordialeError]) -> None:
    eve = with_credential(make, capabilities=default_capabilities())
    with pytest.raises(error):
        eve.package.verify(suite_of(FAST))
    with pytest.raises(error):
        room().commit(add=[eve.package], authenticate=anybody, now=NOW)


@pytest.mark.parametrize("name", sorted(set(WRONG) - {"unknown suite"}))
def test_whoever_enters_checks_everybody(name: str) -> None:
    """A founder's bindings are verified by nobody but those who come after."""
    (make, error), signer, bob = WRONG[name], fresh_signer(), of_two_keys("bob")
    group = MemberGroup.create(FAST, GROUP_ID, signer, make(signer), now=NOW)
    with pytest.raises(error):
        seen_by_node(group)
    entered = group.commit(add=[bob.package], authenticate=anybody, now=NOW)
    with pytest.raises(error):
        join(entered.welcome, bob)


def test_a_suite_that_the_founder_cannot_verify_founds_nothing() -> None:
    signer = fresh_signer()
    make, error = WRONG["unknown suite"]
    with pytest.raises(error, match="not supported by every member"):
        MemberGroup.create(FAST, GROUP_ID, signer, make(signer), now=NOW)


@every_wrong
def test_a_commit_brings_no_worse_credential(
    make: Make, error: type[CordialeError], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, bob, carol = room(), of_two_keys("bob"), of_two_keys("carol")
    entered = first.commit(add=[bob.package, carol.package], authenticate=anybody, now=NOW)
    second, third = join(entered.welcome, bob), join(entered.welcome, carol)
    with monkeypatch.context() as patch:

        def exchange(leaf: LeafNode) -> LeafNode:
            return resigned(second, msgspec.structs.replace(leaf, credential=make(second.signer)))

        alter_path(patch, lambda path: with_leaf(path, exchange(path.leaf_node)))
        forged = second.commit(authenticate=anybody, now=NOW)
    refuse([entered.pending, third], forged.message, error)


@every_wrong
def test_an_external_sender_must_hold_too(make: Make, error: type[CordialeError]) -> None:
    service, first = fresh_signer(), group_of(["bob"])[0]
    first.commit(extensions=(external(ExternalSender(service.public, multi("service", service.public))),), **COMMIT)
    wrong = (external(ExternalSender(service.public, make(service))),)
    with pytest.raises(error):
        first.commit(extensions=wrong, **COMMIT)


def external(sender: ExternalSender) -> Extension:
    """A group context extension that allows it to propose."""
    return Extension(EXTERNAL_SENDERS, vector([sender.encode()]))


def nested() -> bytes:
    """A multi-credential within a binding."""
    inner = u16(FAST) + multi("eve", b"key").encode() + opaque(b"key") + opaque(b"signature")
    return u16(MULTI) + vector([inner])


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(u16(MULTI) + vector([]), id="none"),
        pytest.param(
            u16(MULTI) + vector([binding(FAST, "eve", b"key").encode()] * (limits.MLS_BINDINGS + 1)), id="many"
        ),
        pytest.param(nested(), id="nested"),
        pytest.param(multi("eve", b"key").encode()[:-1], id="cut"),
    ],
)
def test_what_is_no_multi_credential_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        parse(data, read_credential, "credential", limit=100_000)


# Capabilities


@pytest.mark.parametrize("lost", ["credentials", "suites"])
def test_every_member_must_be_able_to_verify_every_binding(lost: str) -> None:
    able = default_capabilities()
    unable = {
        "credentials": msgspec.structs.replace(able, credentials=(1, 2)),
        "suites": msgspec.structs.replace(able, suites=(FAST,)),
    }[lost]
    old = with_credential(lambda signer: BasicCredential(b"old"), capabilities=unable)
    with pytest.raises(ProtocolViolation, match="not supported by every member"):
        room(extensions=()).commit(add=[old.package], authenticate=anybody, now=NOW)


# The demand itself


@pytest.mark.parametrize("codes", [(), (0x0905, 0x0807), (0x0807, 0x0807), (0x0807, 0x0904)])
def test_a_demand_has_one_form(codes: tuple[int, ...]) -> None:
    with pytest.raises(Malformed):
        demanded([Extension(REQUIRED_SIGNATURES, vector(map(u16, codes)))])


def test_a_demand_reads_as_it_was_made() -> None:
    assert demanded(DEMAND) == frozenset(BOTH)
    assert demanded(()) == frozenset()


def test_a_demand_is_not_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    first, bob = room(), of_two_keys("bob")
    entered = first.commit(add=[bob.package], authenticate=anybody, now=NOW)
    first, second = entered.pending, join(entered.welcome, bob)
    for less in ((), (demand([Scheme.ED25519]),)):
        with pytest.raises(ProtocolViolation, match=DEMAND_RULE):
            first.commit(extensions=less, authenticate=anybody, now=NOW)
        with monkeypatch.context() as patch:
            patch.setattr("cordiale.mls.group_extensions.check_demand", lambda *arguments: None)
            forged = first.commit(extensions=less, authenticate=anybody, now=NOW)
        refuse([second], forged.message, ProtocolViolation)


def test_a_demand_may_come_later_once_everybody_meets_it() -> None:
    first, bob = room(extensions=()), of_two_keys("bob")
    entered = first.commit(add=[bob.package], authenticate=anybody, now=NOW)
    second = join(entered.welcome, bob)
    demanding = entered.pending.commit(extensions=DEMAND, authenticate=anybody, now=NOW)
    second, _ = second.process(demanding.message, authenticate=anybody, now=NOW)
    assert demanded(second.public.extensions) == frozenset(BOTH)


def test_a_demand_that_somebody_cannot_meet_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = group_of(["bob"])
    with pytest.raises(ProtocolViolation, match=DEMAND_RULE):
        first.commit(extensions=DEMAND, authenticate=anybody, now=NOW)
    with monkeypatch.context() as patch:
        patch.setattr(tree_validation, "check_signatures", lambda *arguments: None)
        forged = first.commit(extensions=DEMAND, authenticate=anybody, now=NOW)
    refuse([second], forged.message, ProtocolViolation)
