"""cordiale.node.relay: what a hostile border released is refused entry by entry, and nothing behind it waits."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from cordiale.adapters.clock import system_clock
from cordiale.crypto.digest import sha256
from cordiale.crypto.signing import SigningKey
from cordiale.errors import (
    AboveCeiling,
    AlreadyExists,
    BadCertificate,
    BadSignature,
    ClearanceTooLow,
    CordialeError,
    LabelMismatch,
    NotFound,
    NotMember,
    PeerViolation,
    PolicyRefusal,
    ProtocolViolation,
    Replayed,
    Unauthorised,
)
from cordiale.federation.envelope import parse_entry
from cordiale.federation.room import CommitBody, Notice
from cordiale.labels import binding as kinds
from cordiale.labels.label import encode_label, make_label
from cordiale.mls.credential import X509Credential
from cordiale.mls.framing import PrivateMessage
from cordiale.node.relay import REVOKED
from cordiale.vocab.moment import DAY, Moment
from cordiale.vocab.party import Address
from forge import certificates, dump, handshakes
from forge.border import Border
from forge.certificates import Impostor
from forge.device import Device
from forge.scene import Scene
from forge.verdict import kind_of

Forge = Callable[[Scene, Border, Device], Any]


def _letter(**changes: Any) -> Forge:
    """An envelope with a changed binding, properly released."""
    return lambda scene, border, device: border.publish(device.letter(**changes))


def _header(**changes: Any) -> Forge:
    return lambda scene, border, device: border.publish(device.letter(header=device.header(**changes)))


def _marked(text: str) -> Forge:
    return lambda scene, border, device: border.publish(device.letter(header=device.header(device.label(text))))


def _release(**changes: Any) -> Forge:
    """A sound envelope with a changed release."""
    return lambda scene, border, device: border.publish(device.letter(), **changes)


def _by(make: Callable[[Device], Impostor]) -> Forge:
    def forge(scene: Scene, border: Border, device: Device) -> None:
        impostor = make(device)
        border.publish(impostor.letter(), chain=impostor.chain)

    return forge


def _lowered(scene: Scene, border: Border, device: Device) -> None:
    inner = device.header(device.label("SECRET REL GBR"))
    border.publish(device.letter(inner=inner, header=msgspec.structs.replace(inner, label=device.header().label)))


def _signature_altered(scene: Scene, border: Border, device: Device) -> None:
    data = device.letter()
    leaf = border.leaf(data)
    border.publish(data, leaf=leaf[:-1] + bytes([leaf[-1] ^ 1]))


def _of_a_british_author(scene: Scene, border: Border, device: Device) -> None:
    alice = Device(scene.agent("alice@uk"), scene.room)
    border.publish(alice.letter(), chain=alice.own.chain)


def _own_message_sent_back(scene: Scene, border: Border, device: Device) -> None:
    """Britain's own entry, in France's log."""
    scene.say("alice@uk", "EXERCISE echo")
    scene.settle()
    (leaf,) = scene.node("uk").leaves("border/uk-fr")[-1:]
    with scene.node("uk").store.read() as tx:
        data = tx.blobs.envelope(parse_entry(leaf).release.envelope)
    assert data is not None
    border.publish(data, leaf=leaf)


def _twice(scene: Scene, border: Border, device: Device) -> None:
    data = device.letter()
    leaf = border.publish(data)
    assert border.deliver() == []
    border.publish(data, leaf=leaf)


def _released_again(scene: Scene, border: Border, device: Device) -> None:
    data = device.letter()
    border.publish(data)
    assert border.deliver() == []
    border.publish(data)


def _out_of_turn(scene: Scene, border: Border, device: Device) -> None:
    for _ in range(2):
        border.publish(device.letter())
    assert border.deliver() == []
    border.publish(device.letter(), sequence=1)


def _of_a_far_epoch(scene: Scene, border: Border, device: Device) -> None:
    header = device.header()
    body, _ = device.seal(b"", header)
    far = msgspec.structs.replace(PrivateMessage.decode(body), epoch=10**15)
    border.publish(device.envelope(header, far.encode(), epoch=10**15))


def _british_label(scene: Scene, border: Border, device: Device) -> None:
    border.publish(device.letter(header=device.header(Device(scene.agent("alice@uk"), scene.room).label())))


def _unknown_level(scene: Scene, border: Border, device: Device) -> None:
    border.publish(
        device.letter(header=device.header(make_label("fr", "cosmic", {}, created=Moment(0), originator="fr")))
    )


def _notice(notice: Notice) -> Forge:
    def forge(scene: Scene, border: Border, device: Device) -> None:
        border.publish(device.envelope(device.header(heads={}), notice.encode(), kind=kinds.NOTICE))

    return forge


def _by_the_border(notice: Notice) -> Forge:
    def forge(scene: Scene, border: Border, device: Device) -> None:
        node = certificates.of_the_border(device)
        changes = {"signer": sha256(node.chain.encode()), "key": node.key, "kind": kinds.NOTICE}
        border.publish(device.envelope(device.header(heads={}), notice.encode(), **changes), chain=node.chain)

    return forge


def _handshake(make: Callable[[Scene, Device], bytes]) -> Forge:
    return lambda scene, border, device: border.publish(make(scene, device), sequence=1)


def _uncleared(scene: Scene) -> bytes:
    scene.world.enrol("xavier@fr", "non-protege")
    return handshakes.package(scene.agent("xavier@fr").engine.own)


def _raised(scene: Scene) -> dict[str, Any]:
    return {"ceiling": encode_label(scene.agent("alice@uk").engine.label("TOP SECRET REL FRA"))}


def _of_an_unlinked_nation(device: Device) -> bytes:
    impostor = certificates.of_an_unknown_nation(device)
    return handshakes.package_of(impostor.key, X509Credential(impostor.chain.certificates))


def _stolen(scene: Scene, device: Device) -> bytes:
    """A commit that another member made and signed, in this device's envelope."""
    claire = Device(scene.agent("claire@fr"), scene.room)
    return handshakes.envelope(device, CommitBody(handshakes.commit(claire).message).encode(), kinds.COMMIT)


FORGED: dict[str, tuple[Forge, tuple[type[CordialeError], ...]]] = {
    "label lowered outside": (_lowered, (LabelMismatch,)),
    "bound by another key": (_letter(key=SigningKey.generate()), (BadSignature,)),
    "released by another key": (_release(key=SigningKey.generate()), (BadSignature,)),
    "released in Britain's name": (_release(border="uk"), (BadSignature, ProtocolViolation)),
    "released in an unknown name": (_release(border="zz"), (NotFound, BadSignature, BadCertificate)),
    "the border's signature altered": (_signature_altered, (BadSignature,)),
    "an unlisted chain": (_letter(signer=bytes(32)), (ProtocolViolation,)),
    "a chain of another root": (_by(certificates.of_another_root), (BadCertificate,)),
    "a chain of an unknown nation": (_by(certificates.of_an_unknown_nation), (BadCertificate,)),
    "a border as a person": (_by(certificates.of_the_border), (NotMember, PeerViolation)),
    "a person without a device": (_by(certificates.of_the_person), (NotMember, BadCertificate)),
    "an expired chain": (_by(certificates.expired), (BadCertificate,)),
    "somebody outside the room": (_by(certificates.of_a_stranger), (NotMember,)),
    "a British author": (_of_a_british_author, (ProtocolViolation,)),
    "Britain's own message": (_own_message_sent_back, (Replayed, ProtocolViolation)),
    "the same entry twice": (_twice, (Replayed,)),
    "the same envelope released twice": (_released_again, (Replayed,)),
    "an older number": (_out_of_turn, (Replayed,)),
    "an unknown room": (_letter(room=bytes(32)), (NotFound,)),
    "another epoch than its body": (_letter(epoch=0), (PeerViolation,)),
    "an epoch far ahead": (_of_a_far_epoch, (PeerViolation,)),
    "more heads than messages": (_header(heads={"uk": 7}), (PeerViolation,)),
    "not for abroad": (_marked("SECRET SPÉCIAL FRANCE"), (PolicyRefusal,)),
    "released to nobody": (_marked("DIFFUSION RESTREINTE"), (PolicyRefusal,)),
    "above the ceiling": (_marked("SECRET REL GBR"), (AboveCeiling,)),
    "another nation's label": (_british_label, (PolicyRefusal,)),
    "a level that is not in the policy": (_unknown_level, (PolicyRefusal,)),
    "a notice about a Briton": (_by_the_border(Notice(REVOKED, b"", "alice@uk")), (Unauthorised,)),
    "a notice of a stranger": (_by_the_border(Notice("refused", bytes(16), "a@zz")), (Unauthorised,)),
    "a notice by a person": (_notice(Notice(REVOKED, b"", "claire@fr")), (PeerViolation,)),
    "a notice of nobody": (_notice(Notice(REVOKED, b"", "nobody")), (PeerViolation,)),
    "a commit that is none": (_letter(kind=kinds.COMMIT), (PeerViolation,)),
    "a proposal that is none": (_letter(kind=kinds.PROPOSAL), (PeerViolation,)),
    "a room that is none": (_letter(kind=kinds.ROOM, room=bytes(32)), (PeerViolation,)),
    "a room that exists": (_letter(kind=kinds.ROOM), (AlreadyExists,)),
    "a commit that adds the uncleared": (
        _handshake(lambda s, d: handshakes.committed(d, add=[_uncleared(s)])),
        (ClearanceTooLow,),
    ),
    "a commit that adds a nation outside": (
        _handshake(lambda s, d: handshakes.committed(d, add=[_of_an_unlinked_nation(d)])),
        (NotMember, BadCertificate),
    ),
    "a commit that raises the ceiling": (
        _handshake(lambda s, d: handshakes.committed(d, extensions=handshakes.other_parameters(s, **_raised(s)))),
        (PolicyRefusal, PeerViolation),
    ),
    "a commit that moves the hub": (
        _handshake(lambda s, d: handshakes.committed(d, extensions=handshakes.other_parameters(s, hub="fr"))),
        (PolicyRefusal, PeerViolation),
    ),
    "a commit without parameters": (_handshake(lambda s, d: handshakes.committed(d, extensions=())), (CordialeError,)),
    "another member's commit": (_handshake(_stolen), (PeerViolation,)),
    "a proposal that raises the ceiling": (
        _handshake(lambda s, d: handshakes.proposed_parameters(s, d, **_raised(s))),
        (PolicyRefusal, PeerViolation),
    ),
    "a proposal that adds the uncleared": (
        _handshake(lambda s, d: handshakes.proposed_add(d, _uncleared(s))),
        (PolicyRefusal, PeerViolation),
    ),
    "a proposal to become somebody else": (
        _handshake(lambda s, d: _swapped(s, d)),
        (PolicyRefusal, PeerViolation),
    ),
}
NOTICED = frozenset({"border/uk-fr", "border/fr-uk", "guard"})
"""Logs that grow when an entry is refused: the evidence, the guard's line, and the hub's word to the author."""


def _swapped(scene: Scene, device: Device) -> bytes:
    _uncleared(scene)
    return handshakes.proposed_swap(device, scene.agent("xavier@fr").engine.own)


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_entry_is_refused_alone_and_leaves_no_trace(scene: Scene, name: str) -> None:
    forge, expected = FORGED[name]
    border, device = Border(scene.node("fr"), scene.node("uk")), Device(scene.agent("denis@fr"), scene.room)
    forge(scene, border, device)
    before = _dump(scene)
    (refusal,) = border.deliver()
    assert issubclass(kind_of(refusal.code), expected), refusal
    assert _dump(scene) == before
    scene.settle()
    scene.require_alive()


def _dump(scene: Scene) -> dump.Dump:
    found = dump.of_node(scene.node("uk"), but=tuple(NOTICED))
    del found["envelope"], found["chain"]  # the hub's notice to the author has its own; entries are compared below
    found["letters"] = [(row,) for row in scene.node("uk").leaves(f"home/{scene.room.hex()}")]
    return found


def test_refused_bytes_are_not_stored(scene: Scene) -> None:
    border, device = Border(scene.node("fr"), scene.node("uk")), Device(scene.agent("denis@fr"), scene.room)
    before = dump.of_node(scene.node("uk"), but=("guard", border.log))
    border.publish(device.letter(header=device.header(device.label("SECRET SPÉCIAL FRANCE"))))
    assert len(border.deliver()) == 1
    assert dump.of_node(scene.node("uk"), but=("guard", border.log)) == before


def test_an_expired_author_is_refused_without_ending_replication(scene: Scene) -> None:
    border, device = Border(scene.node("fr"), scene.node("uk")), Device(scene.agent("denis@fr"), scene.room)
    scene.say("denis@fr", "EXERCISE while valid")
    scene.settle()
    border.publish(device.letter(kind=kinds.COMMIT), sequence=1)
    before = _dump(scene)
    (refusal,) = border.offer(border.batch(), Moment(system_clock() + 3 * 365 * DAY))
    assert kind_of(refusal.code) is BadCertificate
    assert _dump(scene) == before
    scene.require_alive()


@pytest.mark.parametrize("kind", [kinds.COMMIT, kinds.PROPOSAL, kinds.APPLICATION])
def test_a_refusal_tells_nothing_about_a_room_that_the_peer_is_not_in(scene: Scene, kind: str) -> None:
    alice = scene.agent("alice@uk").engine
    national = alice.create_room("EXERCISE national", set(), alice.label("SECRET UK EYES ONLY"))
    border, device = Border(scene.node("fr"), scene.node("uk")), Device(scene.agent("denis@fr"), scene.room)
    scene.say("denis@fr", "EXERCISE so that the author is known")
    scene.settle()
    before = scene.node("uk").leaves("border/uk-fr")
    border.publish(device.letter(kind=kind, room=national), sequence=1)
    (refusal,) = border.deliver()
    assert kind_of(refusal.code)
    assert scene.node("uk").leaves("border/uk-fr") == before
    scene.require_alive()


def test_the_author_of_a_refused_change_is_told(scene: Scene) -> None:
    """Britain revoked Eve after she was found and before the hub saw it; France could not know."""
    scene.world.enrol("eve@uk", "secret")
    denis = scene.agent("denis@fr").engine
    package = denis._client.take("eve@uk")
    scene.node("uk").home.revoke("eve@uk")
    denis._change(scene.room, package, ())
    scene.settle(3)
    (leaf,) = scene.node("uk").leaves("border/uk-fr")[-1:]
    notice = parse_entry(leaf)
    assert notice.binding.kind == kinds.NOTICE
    assert notice.header.label == handshakes.parameters(scene).ceiling
    assert dump.alarms(scene.agent("denis@fr"))
    denis.remove(scene.room, Address.parse("bob@uk"))
    scene.settle(3)
    assert len(scene.agent("alice@uk").engine.room(scene.room).members) == 3
    scene.require_alive(but=("bob@uk",))


@pytest.mark.parametrize("kind", ["leaf", "envelope", "header"])
def test_what_does_not_parse_is_refused_alone(scene: Scene, kind: str) -> None:
    """A log cannot be unwritten: were a bad entry to refuse its whole batch, nothing would ever cross again."""
    border, device = Border(scene.node("fr"), scene.node("uk")), Device(scene.agent("denis@fr"), scene.room)
    changes: dict[str, Any] = {"released": -1} if kind == "leaf" else {}
    header = device.header(heads={"uk": 2**63 - 1, "fr": 2**63 - 1} if kind == "header" else {})
    data = device.letter(header=header, **({"digest": bytes(32)} if kind == "envelope" else {}))
    batch = border.batch()
    leaf = border.leaf(data, **changes)
    chains = (device.own.chain.encode(),)
    poisoned = border.signed(batch, [leaf], envelopes=(data,), chains=chains)
    before = dump.of_node(scene.node("uk"), but=("guard", border.log))
    refusals = border.offer(poisoned)
    assert [issubclass(kind_of(refusal.code), PeerViolation) for refusal in refusals] == [True]
    assert dump.of_node(scene.node("uk"), but=("guard", border.log)) == before
