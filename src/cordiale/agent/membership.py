"""Who is in a room: founding, inviting, removing, leaving, and doing what others asked for.

A change is an MLS commit. It becomes real when the room's hub has put it in order, so the agent keeps the state that it would
lead to (`Pending`) until the commit comes back in the home log; if another commit came first, it is made again from there.
"""

import secrets
from collections.abc import Sequence

from cordiale.agent.ports import NodeClient
from cordiale.agent.workspace import DUTY, Pending, RoomInfo, Workspace
from cordiale.crypto.digest import sha256
from cordiale.errors import IllegalStep, NotFound
from cordiale.federation.domain import chain_of
from cordiale.federation.envelope import Envelope
from cordiale.federation.room import CommitBody, parse_parameters, room_parameters
from cordiale.labels import binding as kinds
from cordiale.labels.binding import Header, bind
from cordiale.labels.counterpart import counterpart
from cordiale.labels.label import Label, encode_label
from cordiale.mls.extension import ROOM_PARAMETERS, ROOM_TITLE, Extension
from cordiale.mls.key_package import KeyPackage
from cordiale.mls.member_group import MemberGroup
from cordiale.mls.public_group import Member
from cordiale.vocab.identifier import MESSAGE_ID_BYTES, ROOM_ID_BYTES, Epoch, LeafIndex, MessageId, RoomId
from cordiale.vocab.moment import MINUTE, SECOND, Moment
from cordiale.vocab.party import Address, Nation
from cordiale.wire import canonical, limits
from cordiale.wire.canonical import Record

DUTY_SECONDS = 3
"""A member of rank r waits r times this long before doing what nobody did yet."""


class Duty(Record, frozen=True):
    """Something that some member has to commit: a proposal that waits, or the removal of someone who was revoked."""

    due: Moment
    remove: str = ""


def found(work: Workspace, suite: int, title: str, nations: set[Nation], ceiling: Label) -> tuple[RoomId, bytes]:
    """A new room with its founder alone, and the envelope that announces it to the nodes."""
    room = RoomId(secrets.token_bytes(ROOM_ID_BYTES))
    parameters = room_parameters(encode_label(ceiling), nations | {work.own.nation}, work.own.nation, work.own.address)
    for nation in nations:
        work.domain.root_of(nation)
    extension = Extension(ROOM_PARAMETERS, parameters.encode())
    group = MemberGroup.create(suite, room, work.own.key, work.own.credential, extensions=(extension,), now=work.now)
    work.put_group(room, group)
    work.put_info(room, RoomInfo(title, parameters.encode(), work.now))
    return room, envelope(
        work, room, kinds.ROOM, group.epoch, group.group_info(), secrets.token_bytes(MESSAGE_ID_BYTES)
    )


def envelope(work: Workspace, room: RoomId, kind: str, epoch: Epoch, body: bytes, message: bytes) -> bytes:
    """A handshake's envelope, under the room's ceiling in the sender's own scheme."""
    parameters = parse_parameters(work.info(room).parameters)
    label = counterpart(
        parameters.ceiling_label,
        work.domain.policy,
        work.domain.table,
        parameters.nations,
        created=work.now,
        originator=str(work.own.address),
    )
    header = Header(MessageId(message), encode_label(label), {}, work.now)
    binding, signature = bind(work.own.key, work.own.digest, header, body, kind=kind, room=room, epoch=epoch)
    return Envelope(binding, signature, body).encode()


def change(work: Workspace, room: RoomId, add: Sequence[bytes], remove: Sequence[str]) -> bytes:
    """Make a commit that adds these key packages and removes these people, and keep what it leads to."""
    group = work.group(room)
    info = work.info(room)
    leaves = [leaf for address in remove for leaf in leaves_of(work, group, address)]
    title = Extension(ROOM_TITLE, info.title.encode())
    result = group.commit(
        add=add,
        remove=[leaf for leaf in leaves if leaf != group.own_leaf],
        group_info_extensions=(title,),
        authenticate=work.domain.authenticate(work.now),
        now=work.now,
    )
    body = CommitBody(result.message, result.welcome or b"").encode()
    message = secrets.token_bytes(MESSAGE_ID_BYTES)
    data = envelope(work, room, kinds.COMMIT, group.epoch, body, message)
    pending = Pending(sha256(data), data, result.pending.without_past().encode(), tuple(add), tuple(remove), message)
    work.put_pending(room, pending)
    return data


def propose_leaving(work: Workspace, room: RoomId) -> bytes:
    """Ask the others to remove this device; they do so without being told to."""
    group = work.group(room)
    _, message = group.propose_remove(group.own_leaf)
    return envelope(work, room, kinds.PROPOSAL, group.epoch, message, secrets.token_bytes(MESSAGE_ID_BYTES))


def take_packages(client: NodeClient, addresses: Sequence[Address]) -> list[bytes]:
    """Key packages of every device of these people."""
    return [package for address in addresses for package in client.take(str(address))]


def leaves_of(work: Workspace, group: MemberGroup, address: str) -> list[LeafIndex]:
    """The leaves of a person's devices."""
    return [member.leaf_index for member in group.members if address_of(work, member) == address]


def address_of(work: Workspace, member: Member) -> str:
    """Whose leaf this is."""
    return str(work.domain.identify(chain_of(member.credential), work.now).address)


def invited(work: Workspace, room: RoomId) -> list[str]:
    """Whose devices this device's own change, which waits for the hub, would add."""
    pending = work.pending(room)
    leaves = [KeyPackage.decode(package).leaf_node for package in pending.add] if pending else []
    return sorted({str(work.domain.identify(chain_of(leaf.credential), work.now).address) for leaf in leaves})


def check_member(work: Workspace, group: MemberGroup, address: str) -> None:
    """Raise `NotFound` unless the person is in the room."""
    if not leaves_of(work, group, address):
        raise NotFound(address, what="member")


def check_free(work: Workspace, room: RoomId) -> None:
    """One change at a time."""
    if work.info(room).left:
        raise IllegalStep("this device is no longer a member of the room")
    if work.pending(room) is not None:
        raise IllegalStep("a change of the room's members is on its way to the hub")


def note_duty(work: Workspace, room: RoomId, remove: str = "") -> None:
    """Remember that someone must commit; how soon it is this device's turn depends on its place in the tree."""
    group = work.group(room)
    rank = sum(1 for member in group.members if member.leaf_index < group.own_leaf)
    due = Moment(work.now + rank * DUTY_SECONDS * SECOND)
    work.state.put_value(DUTY + room.hex() + "/" + remove, canonical.encode(Duty(due, remove)))


def forget_duties(work: Workspace, room: RoomId) -> None:
    """After a commit: what was asked for is done, except removals whose person is still there."""
    group = work.group(room)
    for key, value in work.state.values(DUTY + room.hex()).items():
        duty = canonical.decode(value, Duty, limit=limits.BINDING_BYTES)
        if not duty.remove or not leaves_of(work, group, duty.remove):
            work.state.drop_value(key)


def postpone_duties(work: Workspace, room: RoomId) -> None:
    """Try again later what was refused now."""
    for key, value in work.state.values(DUTY + room.hex()).items():
        duty = canonical.decode(value, Duty, limit=limits.BINDING_BYTES)
        work.state.put_value(key, canonical.encode(Duty(Moment(work.now + MINUTE), duty.remove)))


def due_changes(work: Workspace) -> list[tuple[RoomId, bytes]]:
    """Commits whose time has come, made and ready to submit."""
    made: list[tuple[RoomId, bytes]] = []
    for key, value in work.state.values(DUTY).items():
        duty = canonical.decode(value, Duty, limit=limits.BINDING_BYTES)
        room = RoomId(bytes.fromhex(key.removeprefix(DUTY).partition("/")[0]))
        ready = duty.due <= work.now and work.pending(room) is None and not work.info(room).left
        if ready and duty.remove != str(work.own.address):
            made.append((room, change(work, room, (), [duty.remove] if duty.remove else [])))
    return made
