"""Handshakes that an engine would not make: who enters, what the room is, whose credential stands where."""

import msgspec

from cordiale.adapters.clock import system_clock
from cordiale.agent import membership
from cordiale.agent.identity import OwnIdentity
from cordiale.crypto import hpke
from cordiale.crypto.signing import SigningKey
from cordiale.crypto.suite import DEFAULT_ID
from cordiale.federation.envelope import open_envelope
from cordiale.federation.room import CommitBody, RoomParameters, parse_parameters
from cordiale.labels import binding as kinds
from cordiale.mls.credential import Credential, X509Credential
from cordiale.mls.extension import ROOM_PARAMETERS, ROOM_TITLE, Extension
from cordiale.mls.key_package_secrets import generate
from cordiale.mls.leaf_node import Source
from cordiale.mls.member_group import CommitResult, MemberGroup
from cordiale.mls.proposal import GroupContextExtensions, Update
from cordiale.vocab.moment import DAY, SECOND
from forge.device import Device
from forge.scene import Scene


def anybody(credential: Credential, signature_key: bytes) -> None:
    """Accepts everyone."""


def package(own: OwnIdentity, *, last_resort: bool = False) -> bytes:
    """A key package of somebody who never published one."""
    return package_of(own.key, own.credential, last_resort=last_resort)


def package_of(key: SigningKey, credential: X509Credential, *, last_resort: bool = False) -> bytes:
    now = system_clock()
    lifetime = ((now - DAY) // SECOND, (now + 90 * DAY) // SECOND)
    return generate(DEFAULT_ID, key, credential, lifetime=lifetime, last_resort=last_resort)[0].encode()


def parameters(scene: Scene) -> RoomParameters:
    """The joint room's, as everyone agreed."""
    with scene.agent("alice@uk").engine._unit() as work:
        return parse_parameters(work.info(scene.room).parameters)


def other_parameters(scene: Scene, **changes: object) -> tuple[Extension, ...]:
    """A GroupContext that names other ones."""
    return (Extension(ROOM_PARAMETERS, msgspec.structs.replace(parameters(scene), **changes).encode()),)


def commit(device: Device, **wanted: object) -> CommitResult:
    """A commit by the device's own group, judged by nobody."""
    title = Extension(ROOM_TITLE, b"EXERCISE")
    return device.group.commit(
        **wanted,
        group_info_extensions=(title,),
        authenticate=anybody,
        now=system_clock(),  # type: ignore[arg-type]
    )


def committed(device: Device, **wanted: object) -> bytes:
    """The envelope of such a commit."""
    made = commit(device, **wanted)
    return envelope(device, CommitBody(made.message, made.welcome or b"").encode(), kinds.COMMIT)


def envelope(device: Device, body: bytes, kind: str, **changes: object) -> bytes:
    """Any handshake body under the room's ceiling in the device's own scheme."""
    epoch = device.group.epoch
    with device.agent.engine._unit() as work:
        honest = membership.envelope(work, device.room, kind, epoch, body, bytes(16))
    header = msgspec.structs.replace(open_envelope(honest).header, id=device.header().id)
    return device.envelope(header, body, kind=kind, **changes)  # type: ignore[arg-type]


def proposed_parameters(scene: Scene, device: Device, **changes: object) -> bytes:
    """A proposal to make another room of this one."""
    _, message = device.group.propose(GroupContextExtensions(other_parameters(scene, **changes)), authenticate=anybody)
    return envelope(device, message, kinds.PROPOSAL)


def proposed_add(device: Device, newcomer: bytes) -> bytes:
    """A proposal that somebody enters."""
    _, message = device.group.propose_add(newcomer, authenticate=anybody, now=system_clock())
    return envelope(device, message, kinds.PROPOSAL)


def joined_from_outside(device: Device, own: OwnIdentity) -> bytes:
    """An external commit by somebody who got hold of a GroupInfo."""
    info = device.group.group_info(with_external_pub=True)
    made = MemberGroup.join_external(info, own.key, own.credential, authenticate=anybody, now=system_clock())
    return envelope(device, CommitBody(made.message).encode(), kinds.COMMIT)


def proposed_leaving(device: Device) -> bytes:
    """A SelfRemove, which rooms do not use."""
    return envelope(device, device.group.propose_self_remove()[1], kinds.PROPOSAL)


def proposed_swap(device: Device, other: OwnIdentity) -> bytes:
    """A proposal that the device's leaf becomes somebody else's."""
    group = device.group
    leaf = msgspec.structs.replace(
        group.public.tree.member(group.own_leaf, rule=""),
        encryption_key=hpke.generate(group.suite).public,
        source=Source.UPDATE,
        lifetime=None,
        parent_hash=b"",
        credential=other.credential,
        signature_key=other.key.public,
    ).signed(other.key, group.group_id, group.own_leaf)
    _, message = group.propose(Update(leaf), authenticate=anybody, same=lambda *credentials: True)
    return envelope(device, message, kinds.PROPOSAL)
