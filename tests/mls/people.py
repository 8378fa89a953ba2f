"""People for MLS tests: keys, key packages and groups that need no outside world."""

from collections.abc import Sequence
from dataclasses import dataclass

from cordiale.crypto.signature import EcdsaKey, Signer
from cordiale.crypto.signing import SigningKey
from cordiale.crypto.suite import HYBRID_ID, SUITES, Scheme
from cordiale.errors import BadCertificate
from cordiale.mls.credential import BasicCredential, Credential
from cordiale.mls.extension import Extension
from cordiale.mls.key_package import KeyPackage
from cordiale.mls.key_package_secrets import KeyPackageSecrets, generate
from cordiale.mls.member_group import MemberGroup
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


def fresh_signer(suite_id: int = FAST) -> Signer:
    """A signing key of the suite's scheme."""
    scheme = SUITES[suite_id].scheme
    return SigningKey.generate() if scheme is Scheme.ED25519 else EcdsaKey.generate(scheme)


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
