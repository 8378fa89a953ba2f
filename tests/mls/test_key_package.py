"""Key packages: those of last resort are marked as such and usable in more than one group; each is verified once."""

from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from cordiale.crypto.suite import HYBRID_ID, SUITES, suite_of
from cordiale.errors import BadSignature, ProtocolViolation
from cordiale.mls import key_package
from cordiale.mls.credential import BasicCredential
from cordiale.mls.extension import LAST_RESORT, Extension
from cordiale.mls.key_package import KeyPackage
from cordiale.mls.key_package_secrets import generate
from mls.people import FAST, LIFETIME, NOW, Person, anybody, founder, fresh_signer, join, person

SUITE = suite_of(FAST)


def of_last_resort() -> Person:
    """Somebody whose key package is one."""
    signer = fresh_signer()
    package, secrets = generate(FAST, signer, BasicCredential(b"bob"), lifetime=LIFETIME, last_resort=True)
    return Person(signer, KeyPackage.decode(package.encode()), secrets)


def test_it_is_marked_and_others_are_not() -> None:
    assert of_last_resort().package.is_last_resort
    assert not person("bob").package.is_last_resort


def test_the_marker_is_empty() -> None:
    """draft-ietf-mls-extensions: the extension carries no data; with some it marks nothing."""
    package = msgspec.structs.replace(person("bob").package, extensions=(Extension(LAST_RESORT, b"x"),))
    assert not package.is_last_resort


def test_the_mark_is_signed_and_supported_by_its_leaf() -> None:
    package = of_last_resort().package
    package.verify(suite_of(FAST))
    assert package.leaf_node.capabilities.knows_extension(LAST_RESORT)


def test_it_opens_more_than_one_door() -> None:
    bob = of_last_resort()
    for _ in range(2):
        entered = founder().commit(add=[bob.package], authenticate=anybody, now=NOW)
        second = join(entered.welcome, bob)
        assert second.epoch_authenticator == entered.pending.epoch_authenticator


# A key package is checked once


def test_what_was_verified_is_not_verified_again(monkeypatch: pytest.MonkeyPatch) -> None:
    package, asked = person("bob").package, list[str]()
    honest = key_package.verify_with_label
    monkeypatch.setattr(
        key_package, "verify_with_label", lambda *given, **more: (asked.append(given[2]), honest(*given, **more))
    )
    package.verify(SUITE)
    package.verify(SUITE)
    assert asked == ["KeyPackageTBS"]
    replaced = msgspec.structs.replace(package, signature=b"another")
    for _ in range(2):  # another key package, and a refusal is no verification
        with pytest.raises(BadSignature):
            replaced.verify(SUITE)
    with pytest.raises(ProtocolViolation, match="in a group of another"):
        package.verify(SUITES[3])
    assert KeyPackage.decode(package.encode()) == package
    KeyPackage.decode(package.encode()).verify(SUITE)
    assert len(asked) == 4


def test_many_are_verified_together() -> None:
    packages = [person(f"member {number}").package for number in range(5)]
    bad = [msgspec.structs.replace(package, signature=bytes(64)) for package in packages[:2]]
    other = person("other", HYBRID_ID).package
    with ThreadPoolExecutor(1) as pool:
        KeyPackage.verify_each(packages, SUITE, pool)
        with pytest.raises(BadSignature):
            KeyPackage.verify_each([*packages[:3], bad[0], other], SUITE, pool)
        with pytest.raises(ProtocolViolation, match="in a group of another"):
            KeyPackage.verify_each([packages[0], other, *bad], SUITE, pool)
