"""cordiale.node.hub: hostile handshakes at their author's own node, and what a room survives."""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import msgspec
import pytest

from cordiale.adapters.clock import system_clock
from cordiale.crypto.suite import DEFAULT_ID
from cordiale.errors import ClearanceTooLow, CordialeError, PeerViolation, PolicyRefusal, Revoked, StaleEpoch
from cordiale.federation.room import CommitBody, room_parameters
from cordiale.labels import binding as kinds
from cordiale.labels.label import encode_label
from cordiale.mls import commit_making
from cordiale.mls.extension import ROOM_PARAMETERS, Extension
from cordiale.mls.member_group import MemberGroup
from cordiale.mls.proposal import ReInit
from cordiale.vocab.identifier import RoomId
from cordiale.vocab.party import Address, Nation
from forge import dump, handshakes
from forge.device import Device
from forge.scene import TO_FRANCE, Scene
from forge.verdict import kind_of

Forge = Callable[[Scene, Device], bytes]


def _newcomer(scene: Scene, who: str, clearance: str) -> bytes:
    scene.world.enrol(who, clearance)
    return handshakes.package(scene.agent(who).engine.own)


def _revoked(scene: Scene, device: Device) -> bytes:
    package = _newcomer(scene, "eve@uk", "top-secret")
    scene.node("uk").home.revoke("eve@uk")
    return handshakes.committed(device, add=[package])


def _swapped(scene: Scene, device: Device) -> bytes:
    scene.world.enrol("eve@uk", "official")
    return handshakes.proposed_swap(device, scene.agent("eve@uk").engine.own)


def _outside(scene: Scene, device: Device) -> bytes:
    scene.world.enrol("eve@uk", "top-secret")
    return handshakes.joined_from_outside(device, scene.agent("eve@uk").engine.own)


def _another_epoch(scene: Scene, device: Device) -> bytes:
    body = CommitBody(handshakes.commit(device).message).encode()
    return handshakes.envelope(device, body, kinds.COMMIT, epoch=0)


def _as_a_proposal(scene: Scene, device: Device) -> bytes:
    return handshakes.envelope(device, handshakes.commit(device).message, kinds.PROPOSAL)


def _raised(scene: Scene) -> dict[str, Any]:
    return {"ceiling": encode_label(scene.agent("alice@uk").engine.label("TOP SECRET REL FRA"))}


HANDSHAKES: dict[str, tuple[Forge, tuple[type[CordialeError], ...]]] = {
    "adds the uncleared": (
        lambda s, d: handshakes.committed(d, add=[_newcomer(s, "eve@uk", "official")]),
        (ClearanceTooLow,),
    ),
    "adds the revoked": (_revoked, (Revoked,)),
    "raises the ceiling": (
        lambda s, d: handshakes.committed(d, extensions=handshakes.other_parameters(s, **_raised(s))),
        (PolicyRefusal, PeerViolation),
    ),
    "adds a nation to the room": (
        lambda s, d: handshakes.committed(
            d, extensions=handshakes.other_parameters(s, nations=(Nation("de"), Nation("fr"), Nation("uk")))
        ),
        (PolicyRefusal, PeerViolation),
    ),
    "moves the hub": (
        lambda s, d: handshakes.committed(d, extensions=handshakes.other_parameters(s, hub=Nation("fr"))),
        (PolicyRefusal, PeerViolation),
    ),
    "proposes the uncleared": (
        lambda s, d: handshakes.proposed_add(d, _newcomer(s, "eve@uk", "official")),
        (PolicyRefusal, PeerViolation),
    ),
    "proposes another ceiling": (
        lambda s, d: handshakes.proposed_parameters(s, d, **_raised(s)),
        (PolicyRefusal, PeerViolation),
    ),
    "proposes to be somebody else": (_swapped, (PolicyRefusal, PeerViolation)),
    "comes from outside": (_outside, (PeerViolation,)),
    "ends the room": (
        lambda s, d: handshakes.committed(d, reinit=ReInit(b"another", DEFAULT_ID, ())),
        (PeerViolation,),
    ),
    "leaves by SelfRemove": (lambda s, d: handshakes.proposed_leaving(d), (PeerViolation,)),
    "says another epoch": (_another_epoch, (StaleEpoch, PeerViolation)),
    "says commit and is none": (lambda s, d: handshakes.envelope(d, b"junk", kinds.COMMIT), (PeerViolation,)),
    "says proposal and is a commit": (_as_a_proposal, (PeerViolation,)),
    "is another member's": (
        lambda s, d: handshakes.envelope(
            d,
            CommitBody(handshakes.commit(Device(s.agent("alice@uk"), s.room)).message).encode(),
            kinds.COMMIT,
        ),
        (PeerViolation,),
    ),
}


@pytest.mark.parametrize("name", HANDSHAKES)
def test_a_hostile_handshake_is_refused_at_home_and_the_room_goes_on(scene: Scene, name: str) -> None:
    forge, expected = HANDSHAKES[name]
    device, node = Device(scene.agent("bob@uk"), scene.room), scene.node("uk")
    data = forge(scene, device)
    before = dump.of_node(node)
    answer = node.submit(device.own.digest, data)
    assert isinstance(answer, expected), answer
    assert issubclass(kind_of(answer.code), expected)
    assert dump.of_node(node) == before
    scene.settle()
    scene.world.enrol("anne@uk", "secret")
    scene.agent("alice@uk").engine.invite(scene.room, [Address.parse("anne@uk")])
    scene.settle(3)
    assert len(scene.agent("claire@fr").engine.room(scene.room).members) == 5
    scene.require_alive()


ROOM = RoomId(b"forged room".ljust(32))


def _room(scene: Scene, device: Device, **changes: Any) -> bytes:
    """A room announced with parameters that an engine would not write."""
    honest = room_parameters(
        encode_label(device.label()), {Nation("uk"), Nation("fr")}, Nation("uk"), device.own.address
    )
    parameters = msgspec.structs.replace(honest, **{k: v for k, v in changes.items() if k in honest.__struct_fields__})
    extensions = changes.get("extensions", (Extension(ROOM_PARAMETERS, parameters.encode()),))
    own = device.own
    group = MemberGroup.create(
        DEFAULT_ID, changes.get("group", ROOM), own.key, own.credential, extensions=extensions, now=system_clock()
    )
    if changes.get("second"):
        group = group.commit(
            add=[handshakes.package(scene.agent("alice@uk").engine.own)],
            authenticate=handshakes.anybody,
            now=system_clock(),
        ).pending
    header = device.header(changes.get("label"), heads={})
    return device.envelope(header, group.group_info(), kind=kinds.ROOM, room=ROOM, epoch=changes.get("epoch", 0))


ROOMS: dict[str, dict[str, Any]] = {
    "an unlinked nation": {"nations": (Nation("de"), Nation("uk")), "hub": Nation("uk")},
    "another founder": {"founder": "alice@uk"},
    "another hub": {"hub": Nation("fr")},
    "no parameters": {"extensions": ()},
    "two sets of parameters": {"extensions": (Extension(ROOM_PARAMETERS, b"a"), Extension(ROOM_PARAMETERS, b"b"))},
    "parameters that are none": {"extensions": (Extension(ROOM_PARAMETERS, b"junk"),)},
    "another group's state": {"group": bytes(32)},
    "two members": {"second": True},
    "a later epoch": {"epoch": 3},
}


@pytest.mark.parametrize("name", ROOMS)
def test_a_hostile_room_is_not_opened(scene: Scene, name: str) -> None:
    device, node = Device(scene.agent("bob@uk"), scene.room), scene.node("uk")
    data = _room(scene, device, **ROOMS[name])
    before = dump.of_node(node)
    answer = node.submit(device.own.digest, data)
    assert isinstance(answer, PeerViolation | PolicyRefusal), answer
    assert kind_of(answer.code)
    assert dump.of_node(node) == before
    scene.require_alive()


def test_a_room_above_its_founders_clearance_is_not_opened(scene: Scene) -> None:
    device, node = Device(scene.agent("bob@uk"), scene.room), scene.node("uk")
    label = device.label("TOP SECRET REL FRA")
    data = _room(scene, device, ceiling=encode_label(label), label=label)
    before = dump.of_node(node)
    assert isinstance(node.submit(device.own.digest, data), ClearanceTooLow)
    assert dump.of_node(node) == before
    scene.require_alive()


def test_who_cannot_follow_a_hostile_commit_can_be_put_out_and_invited_again(scene: Scene) -> None:
    """The path's secrets for the British are noise: no node can see it, and they stay in the old epoch."""
    honest = commit_making.seal_path

    def noisy(*arguments: Any) -> Any:
        nodes = list(honest(*arguments))
        noise = tuple(
            msgspec.structs.replace(part, ciphertext=bytes(len(part.ciphertext))) for part in nodes[-1].secrets
        )
        return (*nodes[:-1], msgspec.structs.replace(nodes[-1], secrets=noise))

    denis, claire = scene.agent("denis@fr").engine, scene.agent("claire@fr").engine
    with patch.object(commit_making, "seal_path", noisy):
        denis._change(scene.room, (), ())
    before = dump.group(scene.agent("alice@uk"), scene.room)
    scene.settle(3)
    assert dump.group(scene.agent("alice@uk"), scene.room) == before
    assert dump.alarms(scene.agent("alice@uk"))
    for briton in ("alice@uk", "bob@uk"):
        claire.remove(scene.room, Address.parse(briton))
        scene.settle(3)
    claire.invite(scene.room, [Address.parse("alice@uk"), Address.parse("bob@uk")])
    scene.settle(3)
    scene.say("claire@fr", "EXERCICE retrouvés")
    scene.settle()
    assert scene.texts("alice@uk")[-1] == "EXERCICE retrouvés"
    scene.say("alice@uk", "EXERCISE back", TO_FRANCE)
    scene.settle()
    assert scene.texts("denis@fr")[-1] == "EXERCISE back"
