"""Key packages of last resort (`cordiale.mls.key_package`): marked as such, and usable in more than one group."""

import msgspec

from cordiale.crypto.suite import suite_of
from cordiale.mls.credential import BasicCredential
from cordiale.mls.extension import LAST_RESORT, Extension
from cordiale.mls.key_package import KeyPackage
from cordiale.mls.key_package_secrets import generate
from mls.people import FAST, LIFETIME, NOW, Person, anybody, founder, fresh_signer, join, person


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
