"""People for MLS tests: keys, key packages and groups that need no outside world."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from cordiale.crypto import signature
from cordiale.crypto.signature import Signer
from cordiale.crypto.suite import HYBRID_ID, SUITES
from cordiale.errors import BadCertificate, CordialeError
from cordiale.mls.credential import BasicCredential, Credential
from cordiale.mls.extension import Extension
from cordiale.mls.key_package import KeyPackage
from cordiale.mls.key_package_secrets import KeyPackageSecrets, generate
from cordiale.mls.member_group import MemberGroup
from cordiale.mls.public_group import PublicGroup
from cordiale.vocab.moment import Moment

NOW = Moment(1_780_000_000_000)
LIFETIME = (NOW // 1000 - 3600, NOW // 1000 + 86_400)
GROUP_ID = b"room" * 8
FAST = 1
"""The suite of tests that are not about suites."""
SUITE_IDS = (FAST, HYBRID_ID)


def anybody(credential: Credential, signature_key: bytes) -> None:
    """Accepts everyone."""


def nobody(credential: Credential, signature_key: bytes) -> None:
    """Accepts no one."""
    raise BadCertificate("refused by the test")


def anyone(known: Credential, presented: Credential) -> bool:
    """Takes any credential in another's place."""
    return True


def fresh_signer(suite_id: int = FAST) -> Signer:
    """A signing key of the suite's scheme."""
    return signature.generate(SUITES[suite_id].scheme)


@dataclass(frozen=True)
class Person:
    """Somebody with a key package to be added by."""

    signer: Signer
    package: KeyPackage
    secrets: KeyPackageSecrets


def person(name: str, suite_id: int = FAST, *, lifetime: tuple[int, int] = LIFETIME) -> Person:
    """A person with a fresh key package."""
    signer = fresh_signer(suite_id)
    package, secrets = generate(suite_id, signer, BasicCredential(name.encode()), lifetime=lifetime)
    return Person(signer, KeyPackage.decode(package.encode()), KeyPackageSecrets.decode(secrets.encode()))


def founder(suite_id: int = FAST, *, extensions: tuple[Extension, ...] = ()) -> MemberGroup:
    """A group of one."""
    return MemberGroup.create(
        suite_id, GROUP_ID, fresh_signer(suite_id), BasicCredential(b"founder"), extensions=extensions, now=NOW
    )


def join(welcome: bytes | None, who: Person) -> MemberGroup:
    """Enter by a Welcome."""
    assert welcome is not None
    group, _ = MemberGroup.join(welcome, who.package, who.secrets, who.signer, authenticate=anybody, now=NOW)
    return group


def group_of(names: Sequence[str], suite_id: int = FAST) -> list[MemberGroup]:
    """The founder and those named, all in one epoch."""
    first, people = founder(suite_id), [person(name, suite_id) for name in names]
    result = first.commit(add=[who.package for who in people], authenticate=anybody, now=NOW)
    return [result.pending, *(join(result.welcome, who) for who in people)]


def follow(groups: Sequence[MemberGroup], message: bytes) -> list[MemberGroup]:
    """All take a handshake."""
    return [group.process(message, authenticate=anybody, now=NOW)[0] for group in groups]


def agree(groups: Sequence[MemberGroup]) -> None:
    """All are in one epoch with the same secrets, and read each other."""
    assert len({group.epoch_authenticator for group in groups}) == 1
    assert len({group.export("label", b"context", 32) for group in groups}) == 1
    assert len({group.public.encode() for group in groups}) == 1
    for writer in groups:
        _, message = writer.encrypt(b"text", b"")
        for reader in groups:
            if reader is not writer:
                assert reader.decrypt(message)[1].plaintext == b"text"


def public_of(group: MemberGroup) -> PublicGroup:
    """The node's view of a member's group."""
    return PublicGroup.from_group_info(group.group_info(), authenticate=anybody, now=NOW)


def refuse(group: MemberGroup, message: bytes, error: type[CordialeError], match: str) -> None:
    """A member and the node refuse a handshake, and stay as they were."""
    before = group.encode()
    for seen in (group, group.public):
        with pytest.raises(error, match=match):
            seen.process(message, authenticate=anybody, now=NOW)
    assert group.encode() == before
