"""cordiale.node.directory: who is of this nation; forged chains, other people's key packages, unsigned revocations."""

from collections.abc import Callable

import pytest

from cordiale.adapters.clock import system_clock
from cordiale.crypto import statement
from cordiale.crypto.certificate import Chain
from cordiale.crypto.signing import SigningKey
from cordiale.crypto.suite import DEFAULT_ID
from cordiale.errors import (
    BadCertificate,
    BadSignature,
    CordialeError,
    LimitExceeded,
    Malformed,
    NotFound,
    PeerViolation,
    Revoked,
)
from cordiale.mls.credential import BasicCredential
from cordiale.mls.key_package import KeyPackage
from cordiale.mls.key_package_secrets import generate
from cordiale.node import directory
from cordiale.node.directory import Revocation
from cordiale.vocab.party import Address
from cordiale.wire import canonical, limits
from forge import certificates, dump, handshakes
from forge.device import Device
from forge.scene import Scene
from forge.verdict import refused

CHAINS: dict[str, Callable[[Scene, Device], Chain]] = {
    "of another root": lambda s, d: certificates.of_another_root(d).chain,
    "of an unknown nation": lambda s, d: certificates.of_an_unknown_nation(d).chain,
    "of the border": lambda s, d: certificates.of_the_border(d).chain,
    "of a person without a device": lambda s, d: certificates.of_the_person(d).chain,
    "of somebody else's device": lambda s, d: (
        certificates.of_somebody_elses_device(d, Device(s.agent("claire@fr"), s.room)).chain
    ),
    "expired": lambda s, d: certificates.expired(d).chain,
    "of a partner": lambda s, d: s.agent("alice@uk").engine.own.chain,
    "of nothing": lambda s, d: Chain(()),
    "of junk": lambda s, d: Chain((b"junk",)),
}


@pytest.mark.parametrize("name", CHAINS)
def test_a_forged_chain_enrols_nobody(scene: Scene, name: str) -> None:
    node, device = scene.node("fr"), Device(scene.agent("denis@fr"), scene.room)
    chain = CHAINS[name](scene, device)
    before = dump.of_node(node, but=())
    with refused(PeerViolation), node.store.write() as tx:
        directory.enrol(node.authority(), tx, chain, system_clock())
    assert dump.of_node(node, but=()) == before
    scene.require_alive()


def test_enrolling_again_changes_nothing(scene: Scene) -> None:
    node, own = scene.node("fr"), scene.agent("denis@fr").engine.own
    before = dump.of_node(node, but=())
    with node.store.write() as tx:
        assert directory.enrol(node.authority(), tx, own.chain, system_clock()).digest == own.digest
    assert dump.of_node(node, but=()) == before


def _of_a_basic_credential(scene: Scene, device: Device) -> bytes:
    return generate(DEFAULT_ID, device.own.key, BasicCredential(b"denis@fr"), lifetime=(0, 2**40))[0].encode()


PACKAGES: dict[str, tuple[Callable[[Scene, Device], bytes], type[CordialeError]]] = {
    "of another device": (lambda s, d: handshakes.package(s.agent("claire@fr").engine.own), Malformed),
    "with another key": (lambda s, d: handshakes.package_of(SigningKey.generate(), d.own.credential), Malformed),
    "without a certificate": (_of_a_basic_credential, BadCertificate),
    "that is none": (lambda s, d: b"junk", PeerViolation),
    "that is empty": (lambda s, d: b"", PeerViolation),
    "that is cut": (lambda s, d: handshakes.package(d.own)[:-1], PeerViolation),
    "that is too long": (lambda s, d: bytes(limits.KEY_PACKAGE_BYTES + 1), LimitExceeded),
}


@pytest.mark.parametrize("name", PACKAGES)
def test_a_forged_key_package_is_not_kept(scene: Scene, name: str) -> None:
    make, kind = PACKAGES[name]
    node, device = scene.node("fr"), Device(scene.agent("denis@fr"), scene.room)
    package, honest = make(scene, device), handshakes.package(device.own)
    before = dump.of_node(node, but=())
    with refused(kind), node.store.write() as tx:
        directory.publish(node.authority(), tx, node.device(device.own.digest), (honest, package))
    assert dump.of_node(node, but=()) == before
    with node.store.write() as tx:
        assert directory.publish(node.authority(), tx, node.device(device.own.digest), (honest,)) > 1


def test_key_packages_are_counted(scene: Scene) -> None:
    node, device = scene.node("fr"), Device(scene.agent("denis@fr"), scene.room)
    before = dump.of_node(node, but=())
    with refused(LimitExceeded), node.store.write() as tx:
        many = (handshakes.package(device.own),) * limits.KEY_PACKAGES_STORED
        directory.publish(node.authority(), tx, node.device(device.own.digest), many)
    assert dump.of_node(node, but=()) == before


def test_the_last_resort_is_handed_out_when_nothing_else_is_left(scene: Scene) -> None:
    node, own = scene.node("fr"), scene.agent("denis@fr").engine.own
    first, second = (handshakes.package(own, last_resort=True) for _ in range(2))
    with node.store.write() as tx:
        count = directory.publish(node.authority(), tx, node.device(own.digest), (first,))
        ordinary = [directory.take(node.authority(), tx, own.address)[0] for _ in range(count)]
        assert not any(KeyPackage.decode(package).is_last_resort for package in ordinary)
        assert len(set(ordinary)) == count
        assert directory.take(node.authority(), tx, own.address) == [first]
        assert directory.take(node.authority(), tx, own.address) == [first]
        assert directory.publish(node.authority(), tx, node.device(own.digest), (second,)) == 0
        assert directory.take(node.authority(), tx, own.address) == [second]
        new = handshakes.package(own)
        assert directory.publish(node.authority(), tx, node.device(own.digest), (new,)) == 1
        assert directory.take(node.authority(), tx, own.address) == [new]
        assert directory.take(node.authority(), tx, own.address) == [second]


def test_a_last_resort_is_of_the_device_itself(scene: Scene) -> None:
    node, device = scene.node("fr"), Device(scene.agent("denis@fr"), scene.room)
    before = dump.of_node(node, but=())
    package = handshakes.package(scene.agent("claire@fr").engine.own, last_resort=True)
    with refused(Malformed), node.store.write() as tx:
        directory.publish(node.authority(), tx, node.device(device.own.digest), (package,))
    assert dump.of_node(node, but=()) == before


@pytest.mark.parametrize("who", ["alice@uk", "nobody@fr"])
def test_nothing_is_handed_out_for_others(scene: Scene, who: str) -> None:
    node = scene.node("fr")
    with refused(NotFound), node.store.write() as tx:
        directory.take(node.authority(), tx, Address.parse(who))


def _revocation(scene: Scene, key: SigningKey, address: str = "denis@fr", kind: str = statement.REVOCATION) -> bytes:
    return statement.seal(key, kind, canonical.encode(Revocation(address, system_clock())))


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda s: _revocation(s, SigningKey.generate()), BadSignature),
        (lambda s: _revocation(s, s.node("fr").home.border_signer()), BadSignature),
        (lambda s: _revocation(s, s.node("uk").home.root_signer()), BadSignature),
        (lambda s: _revocation(s, s.node("fr").home.root_signer(), kind=statement.ENROLMENT), Malformed),
        (lambda s: _revocation(s, s.node("fr").home.root_signer(), "nobody"), Malformed),
        (lambda s: b"junk", Malformed),
    ],
    ids=["a stranger", "the border", "a partner's root", "another kind", "nobody", "junk"],
)
def test_only_the_root_revokes(scene: Scene, make: Callable[[Scene], bytes], kind: type[CordialeError]) -> None:
    node, sealed = scene.node("fr"), make(scene)
    before = dump.of_node(node, but=())
    with refused(kind), node.store.write() as tx:
        directory.revoke(node.authority(), tx, sealed, system_clock())
    assert dump.of_node(node, but=()) == before
    scene.require_alive()


def test_the_revoked_do_not_come_back(scene: Scene) -> None:
    node, own = scene.node("fr"), scene.agent("denis@fr").engine.own
    node.home.revoke("denis@fr")
    before = dump.of_node(node, but=())
    for step in (
        lambda tx: directory.enrol(node.authority(), tx, own.chain, system_clock()),
        lambda tx: directory.take(node.authority(), tx, own.address),
    ):
        with refused(Revoked), node.store.write() as tx:
            step(tx)
    assert dump.of_node(node, but=()) == before
