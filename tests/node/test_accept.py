"""cordiale.node.accept: what a hostile device hands to its own node is refused whole, and leaves no trace."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from cordiale.crypto.signing import SigningKey
from cordiale.errors import (
    AboveCeiling,
    AlreadyExists,
    BadSignature,
    CordialeError,
    LabelMismatch,
    LimitExceeded,
    Malformed,
    NotFound,
    NotMember,
    NotReleasable,
    PeerViolation,
    Revoked,
    StaleEpoch,
    Unauthorised,
)
from cordiale.federation.api import Outcome
from cordiale.federation.envelope import authenticated_data
from cordiale.labels import binding as kinds
from cordiale.labels.label import make_label
from cordiale.mls.framing import PrivateMessage, PublicMessage
from cordiale.mls.wire_format import WireFormat
from cordiale.vocab.moment import LATEST, Moment
from cordiale.vocab.party import Nation
from cordiale.wire import limits
from forge import dump
from forge.device import Device, fresh_id
from forge.scene import Scene
from forge.verdict import kind_of

Forge = Callable[[Scene, Device], bytes]


def _lowered(scene: Scene, device: Device) -> bytes:
    """MLS authenticates one label, the binding shows a lower one."""
    inner = device.header(device.label("SECRET REL GBR"))
    return device.letter(inner=inner, header=msgspec.structs.replace(inner, label=device.header().label))


def _of_another_device(scene: Scene, device: Device) -> bytes:
    return device.letter(signer=scene.agent("claire@fr").engine.own.digest)


def _in_another_room(scene: Scene, device: Device) -> bytes:
    """A body of the joint room, bound to a room in which the device is as well."""
    engine = device.agent.engine
    other = engine.create_room("EXERCISE other", {Nation("uk")}, device.label())
    return device.letter(room=other)


def _of_a_coming_epoch(scene: Scene, device: Device) -> bytes:
    header = device.header()
    body, epoch = device.seal(b"", header)
    later = msgspec.structs.replace(PrivateMessage.decode(body), epoch=epoch + 1)
    return device.envelope(header, later.encode(), epoch=epoch + 1)


def _in_the_clear(scene: Scene, device: Device) -> bytes:
    """Plaintext in the frame that is meant for handshakes."""
    header, group = device.header(), device.group
    content = group.signed(WireFormat.PUBLIC_MESSAGE, b"EXERCISE plaintext", authenticated_data(header))
    return device.envelope(header, PublicMessage(content, bytes(48)).encode())


def _of_impossible_label(scene: Scene, device: Device) -> bytes:
    label = make_label("fr", "cosmic", {}, created=Moment(0), originator="fr")
    return device.letter(header=device.header(label))


def _too_long(scene: Scene, device: Device) -> bytes:
    header = device.header()
    body, _ = device.seal(b"", header)
    long = msgspec.structs.replace(PrivateMessage.decode(body), ciphertext=bytes(limits.MESSAGE_BYTES))
    return device.envelope(header, long.encode())


def _header(**changes: Any) -> Forge:
    return lambda scene, device: device.letter(header=device.header(**changes))


def _binding(**changes: Any) -> Forge:
    return lambda scene, device: device.letter(**changes)


def _marked(text: str) -> Forge:
    return lambda scene, device: device.letter(header=device.header(device.label(text)))


def _foreign(scene: Scene, device: Device) -> bytes:
    return device.letter(header=device.header(Device(scene.agent("alice@uk"), scene.room).label()))


def _altered(change: Callable[[bytes], bytes]) -> Forge:
    return lambda scene, device: change(device.letter())


FORGED: dict[str, tuple[Forge, type[CordialeError]]] = {
    "label lowered outside": (_lowered, LabelMismatch),
    "heads differ outside": (
        lambda s, d: d.letter(inner=(h := d.header()), header=msgspec.structs.replace(h, id=fresh_id())),
        LabelMismatch,
    ),
    "signed by another key": (_binding(key=SigningKey.generate()), BadSignature),
    "in another device's name": (_of_another_device, Unauthorised),
    "another digest": (_binding(digest=bytes(32)), BadSignature),
    "a digest of one byte": (_binding(digest=b"1"), Malformed),
    "a room that is not there": (_binding(room=bytes(32)), NotFound),
    "a room id of one byte": (_binding(room=b"1"), Malformed),
    "another room": (_in_another_room, PeerViolation),
    "another epoch than its body": (_binding(epoch=0), PeerViolation),
    "an epoch to come": (_of_a_coming_epoch, StaleEpoch),
    "a negative epoch": (_binding(epoch=-1), Malformed),
    "an epoch past 63 bits": (_binding(epoch=2**63), Malformed),
    "version 2": (_binding(version=2), Malformed),
    "an unknown kind": (_binding(kind="order"), Malformed),
    "a node's kind": (_binding(kind=kinds.NOTICE), NotMember),
    "a commit that is none": (_binding(kind=kinds.COMMIT), PeerViolation),
    "a proposal that is none": (_binding(kind=kinds.PROPOSAL), PeerViolation),
    "a room that is none": (_binding(kind=kinds.ROOM, room=bytes(32)), PeerViolation),
    "a room that exists": (_binding(kind=kinds.ROOM), AlreadyExists),
    "plaintext in a handshake's frame": (_in_the_clear, PeerViolation),
    "not for abroad": (_marked("SECRET SPÉCIAL FRANCE"), NotReleasable),
    "released to nobody": (_marked("SECRET"), NotReleasable),
    "above the ceiling": (_marked("SECRET REL GBR"), AboveCeiling),
    "another nation's label": (_foreign, NotReleasable),
    "a level that is not in the policy": (_of_impossible_label, NotReleasable),
    "no label": (_header(label=b""), Malformed),
    "a label that is none": (_header(label=b"\x00"), Malformed),
    "a label of 5000 bytes": (_header(label=bytes(5000)), PeerViolation),
    "a binding of 9000 bytes": (_header(label=bytes(9000)), LimitExceeded),
    "an id of 15 bytes": (_header(id=bytes(15)), Malformed),
    "sent before 1970": (_header(sent=-1), Malformed),
    "sent after 9999": (_header(sent=LATEST + 1), Malformed),
    "heads of no nation": (_header(heads={"United Kingdom": 1}), Malformed),
    "negative heads": (_header(heads={"uk": -1}), Malformed),
    "heads past 63 bits": (_header(heads={"uk": 2**63}), Malformed),
    "heads that overflow when added": (_header(heads={"uk": 2**63 - 1, "fr": 2**63 - 1}), PeerViolation),
    "more heads than messages": (_header(heads={"uk": 7}), PeerViolation),
    "heads of a nation outside": (_header(heads={"de": 1}), PeerViolation),
    "thirty-one heads": (_header(heads={"a" + chr(97 + n // 26) + chr(97 + n % 26): 1 for n in range(31)}), Malformed),
    "a body of 512 KiB and more": (_too_long, LimitExceeded),
    "nothing": (lambda s, d: b"", Malformed),
    "its first half": (_altered(lambda data: data[: len(data) // 2]), Malformed),
    "a byte more": (_altered(lambda data: data + b"\x00"), Malformed),
    "a byte less": (_altered(lambda data: data[:-1]), Malformed),
    "a byte of the body altered": (_altered(lambda data: data.replace(data[200:201], b"\xff", 1)), PeerViolation),
    "CBOR of depth 100": (lambda s, d: b"\x81" * 100 + b"\x00", Malformed),
    "9 MiB": (lambda s, d: bytes(9 * limits.MIB), LimitExceeded),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_envelope_is_refused_and_leaves_no_trace(scene: Scene, name: str) -> None:
    forge, kind = FORGED[name]
    device, node = Device(scene.agent("denis@fr"), scene.room), scene.node("fr")
    data = forge(scene, device)
    before = dump.of_node(node)
    answer = node.submit(device.own.digest, data)
    assert isinstance(answer, kind), answer
    assert kind_of(answer.code)
    assert dump.of_node(node) == before
    scene.require_alive()


def test_the_same_bytes_again_give_the_same_answer_and_write_nothing(scene: Scene) -> None:
    device, node = Device(scene.agent("denis@fr"), scene.room), scene.node("fr")
    data = device.letter()
    first = node.submit(device.own.digest, data)
    assert isinstance(first, Outcome)
    before = dump.of_node(node, but=())
    again = node.submit(device.own.digest, data)
    assert isinstance(again, Outcome)
    assert again.offset == first.offset
    assert dump.of_node(node, but=()) == before
    scene.settle()
    assert scene.texts("alice@uk") == ["EXERCISE forged"]


def test_a_stranger_cannot_hand_over_a_members_envelope(scene: Scene) -> None:
    device, node = Device(scene.agent("denis@fr"), scene.room), scene.node("fr")
    data, before = device.letter(), dump.of_node(node, but=())
    assert isinstance(node.submit(scene.agent("claire@fr").engine.own.digest, data), Unauthorised)
    assert dump.of_node(node, but=()) == before
    scene.require_alive()


def test_who_is_not_in_the_room_says_nothing_in_it(scene: Scene) -> None:
    scene.world.enrol("elise@fr", "secret")
    member, node = Device(scene.agent("denis@fr"), scene.room), scene.node("fr")
    elise = scene.agent("elise@fr").engine.own
    data = member.letter(signer=elise.digest, key=elise.key)
    before = dump.of_node(node)
    assert isinstance(node.submit(elise.digest, data), NotMember)
    assert dump.of_node(node) == before
    scene.require_alive()


def test_a_revoked_device_says_nothing_more(scene: Scene) -> None:
    device, node = Device(scene.agent("denis@fr"), scene.room), scene.node("fr")
    data = device.letter()
    node.home.revoke("denis@fr")
    before = dump.of_node(node)
    assert isinstance(node.submit(device.own.digest, data), Revoked)
    assert dump.of_node(node) == before
    scene.settle(3)
    scene.require_alive(but=("denis@fr",))
