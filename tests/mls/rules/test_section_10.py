"""RFC 9420 §10, key packages: what somebody offers who may be added."""

import pytest

from cordiale.crypto import hpke
from cordiale.crypto.suite import suite_of
from cordiale.mls.extension import Extension
from cordiale.mls.proposal import Add
from mls.people import FAST, NOW, anybody, group_of, join, person
from mls.rules.forging import (
    UNKNOWN,
    of_tree,
    package_of,
    proposed,
    put_leaf,
    replace,
    rewelcomed,
    update_of,
    with_path_leaf,
)
from mls.rules.refusal import refused, refuses

NO_KEYS = [b"", b"short", bytes(33)]


@pytest.mark.parametrize("key", NO_KEYS)
def test_keys_that_nobody_can_encrypt_to(key: bytes) -> None:
    first, *others = group_of(["bob", "carol"])
    eve = person("eve")
    refuses("10-1", others, proposed(first, Add(package_of(eve, init_key=key))))
    refuses("10-1", others, proposed(first, Add(package_of(eve, leaf={"encryption_key": key}))))
    refuses("10-1", others, proposed(first, update_of(first, key)))
    refuses("10-1", others, with_path_leaf(first, encryption_key=key))
    result = first.commit(add=[eve.package], authenticate=anybody, now=NOW)
    forged = put_leaf(result.pending, 0, first.signer, encryption_key=key)
    with refused("10-1"):
        join(rewelcomed(result.pending, result.welcome, eve, info=of_tree(forged)), eve)


def test_points_that_are_not_on_the_curve() -> None:
    """Suite 2: the right length and form, but no point of P-256."""
    first, *others = group_of(["bob"], 2)
    eve = person("eve", 2)
    off_curve = b"\x04" + bytes(63) + b"\x01"
    compressed = bytes([2 + (eve.package.init_key[-1] & 1)]) + eve.package.init_key[1:33]
    for key in (off_curve, compressed):
        refuses("10-1", others, proposed(first, Add(package_of(eve, init_key=key))))


def test_versions() -> None:
    group, eve = group_of(["bob"])[0], person("eve")
    message = eve.package.encode()
    with refused("10-2"):
        group.propose_add(message[:4] + b"\x00\x02" + message[6:], authenticate=anybody, now=NOW)


def test_extensions() -> None:
    first, *others = group_of(["bob", "carol"])
    unlisted = package_of(person("eve"), extensions=(Extension(UNKNOWN, b""),))
    refuses("10-3", others, proposed(first, Add(unlisted)))


def test_suites() -> None:
    first, *others = group_of(["bob", "carol"])
    assert suite_of(FAST).kem is suite_of(3).kem
    refuses("10.1-1", others, proposed(first, Add(person("eve", 3).package)))


def test_signatures() -> None:
    first, *others = group_of(["bob", "carol"])
    eve, mallory = person("eve"), person("mallory")
    for forged in (
        replace(eve.package, signature=bytes(64)),
        replace(eve.package, init_key=mallory.package.init_key),
        replace(eve.package, init_key=mallory.package.init_key).signed(mallory.signer),
    ):
        refuses("10.1-3", others, proposed(first, Add(forged)))


def test_one_key_for_two_purposes() -> None:
    first, *others = group_of(["bob", "carol"])
    key = hpke.generate(suite_of(FAST)).public
    refuses(
        "10.1-4", others, proposed(first, Add(package_of(person("eve"), init_key=key, leaf={"encryption_key": key})))
    )


def test_init_keys_are_fresh() -> None:
    packages = [person("eve").package for _ in range(4)]
    keys = {key for package in packages for key in (package.init_key, package.leaf_node.encryption_key)}
    assert len(keys) == 8
