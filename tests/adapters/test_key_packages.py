"""Key packages from a device to whoever invites it: published to the own node, taken from home and across the border."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.kit import DeviceKit, Home, RunningNode, found, person
from cordiale.adapters import peer_client
from cordiale.adapters.clock import system_clock
from cordiale.adapters.node_client import HttpNodeClient
from cordiale.crypto.certificate import Chain
from cordiale.errors import LimitExceeded, Malformed, NotFound, Unreachable
from cordiale.mls.credential import X509Credential
from cordiale.mls.key_package_secrets import generate
from cordiale.wire import limits

SUITE = 1


def packages(device: DeviceKit, count: int) -> list[bytes]:
    now = system_clock() // 1000
    credential = X509Credential(Chain.decode(device.chain).certificates)
    made = [generate(SUITE, device.key, credential, lifetime=(now - 60, now + 3600)) for _ in range(count)]
    return [package.encode() for package, _secrets in made]


@pytest.fixture(scope="module")
def homes() -> tuple[Home, Home]:
    return found("uk"), found("fr")


@pytest.fixture
def nodes(homes: tuple[Home, Home], tmp_path: Path) -> Iterator[tuple[RunningNode, RunningNode]]:
    uk, fr = RunningNode(homes[0], tmp_path / "uk.db"), RunningNode(homes[1], tmp_path / "fr.db")
    uk.link(fr)
    fr.link(uk)
    uk.start()
    fr.start()
    yield uk, fr
    uk.stop()
    fr.stop()


@pytest.fixture
def people(
    homes: tuple[Home, Home], nodes: tuple[RunningNode, RunningNode]
) -> Iterator[tuple[HttpNodeClient, HttpNodeClient, DeviceKit]]:
    alice, bruno = person(homes[0], "alice"), person(homes[1], "bruno")
    clients = alice.client(nodes[0].agent_url), bruno.client(nodes[1].agent_url)
    for client, device in zip(clients, (alice, bruno), strict=True):
        client.enrol(device.chain)
    yield *clients, bruno
    for client in clients:
        client.close()


def test_they_are_used_up_one_by_one_at_home_and_abroad(
    people: tuple[HttpNodeClient, HttpNodeClient, DeviceKit],
) -> None:
    alice, bruno, device = people
    first, second, third = packages(device, 3)
    assert bruno.publish([first]) == 1
    assert bruno.publish([second, third]) == 3
    assert bruno.sync({}, 0).key_packages == 3
    assert list(alice.take("bruno@fr")) == [first]
    assert list(bruno.take("bruno@fr")) == [second]
    assert bruno.sync({}, 0).key_packages == 1
    assert list(alice.take("bruno@fr")) == [third]
    assert bruno.sync({}, 0).key_packages == 0
    for nobody in ("bruno@fr", "nobody@fr"):
        with pytest.raises(NotFound):
            alice.take(nobody)


def test_another_devices_packages_are_refused_and_there_is_a_most(
    people: tuple[HttpNodeClient, HttpNodeClient, DeviceKit], homes: tuple[Home, Home]
) -> None:
    _alice, bruno, device = people
    with pytest.raises(Malformed):
        bruno.publish(packages(person(homes[1], "eve"), 1))
    with pytest.raises(LimitExceeded):
        bruno.publish([b"x"] * (limits.KEY_PACKAGES_STORED + 1))
    assert bruno.publish(packages(device, 1)) == 1


def test_a_partner_that_hands_out_too_much_or_is_away(
    people: tuple[HttpNodeClient, HttpNodeClient, DeviceKit],
    nodes: tuple[RunningNode, RunningNode],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    alice, bruno, device = people
    bruno.publish(packages(device, 2))
    monkeypatch.setattr(limits, "KEY_PACKAGE_BYTES", 100)
    with pytest.raises(Malformed):
        alice.take("bruno@fr")
    monkeypatch.setattr(peer_client, "_TAKE_BYTES", 100)
    with pytest.raises(LimitExceeded):
        alice.take("bruno@fr")
    nodes[1].stop()
    with pytest.raises(Unreachable, match="the node of fr"):
        alice.take("bruno@fr")
