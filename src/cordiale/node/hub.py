"""Handshakes: the hub puts them in order, every other node follows the same order, all on the public group.

    author's agent → author's node ──(if not the hub: border log)──► hub: process on the public group, append, send to all
                                                                       │ refused: a notice back to the author
    partner's node ◄──────────────(hub's border log)───────────────────┘ process again, append to its own home log

A node never holds a secret of the group: it checks signatures, structure and policy (who may enter), not content.
"""

from cordiale.crypto.certificate import Identity
from cordiale.errors import (
    AlreadyExists,
    ClearanceTooLow,
    NotMember,
    ProtocolViolation,
    Revoked,
    StaleEpoch,
)
from cordiale.federation import handshake
from cordiale.federation.domain import chain_of
from cordiale.federation.envelope import Opened, Released
from cordiale.federation.room import RoomParameters, parse_commit, parse_parameters
from cordiale.federation.session import border_log, home_log, inbox_log
from cordiale.labels import binding as kinds
from cordiale.labels.decision import reaches
from cordiale.mls.events import CommitSeen, Member, ProposalSeen, PublicEvent
from cordiale.mls.public_group import PublicGroup
from cordiale.node import books
from cordiale.node.authority import Authority
from cordiale.node.ports import MemberRow, RoomRow, Transaction
from cordiale.vocab.identifier import RoomId
from cordiale.vocab.moment import Moment


def check_new_room(
    authority: Authority, tx: Transaction, opened: Opened | Released, body: bytes, author: Identity, now: Moment
) -> RoomRow:
    """The row of a room that its founder announces with a GroupInfo of epoch 0."""
    binding = opened.binding
    if tx.rooms.room(binding.room) is not None:
        raise AlreadyExists(binding.room[:6].hex(), what="room")
    group = PublicGroup.from_group_info(body, authenticate=authority.authenticate(now), now=now)
    parameters = handshake.parameters_of(group.extensions)
    members = group.members
    if group.group_id != binding.room or group.epoch != 0 or binding.epoch != 0:
        raise ProtocolViolation("a room starts in epoch 0 under its own id", rule="cordiale room 1")
    if len(members) != 1 or members[0].signature_key != author.public_key:
        raise ProtocolViolation("a room starts with its founder alone", rule="cordiale room 2")
    if parameters.founder != str(author.address) or parameters.hub != author.nation:
        raise ProtocolViolation("the founder's nation is the room's first hub", rule="cordiale room 3")
    if opened.header.label != parameters.ceiling:
        raise ProtocolViolation("a room is announced under its ceiling", rule="cordiale room 4")
    for nation in parameters.nations:
        authority.root_of(nation)
    _check_clearance(authority, author, parameters)
    return RoomRow(RoomId(group.group_id), parameters.encode(), group.epoch, group.encode())


def check_handshake(room: RoomRow, opened: Opened) -> None:
    """Refuse early what can't be ordered: a change of another epoch than the present one."""
    if opened.binding.epoch != room.epoch:
        raise StaleEpoch(f"made in epoch {opened.binding.epoch}, the room is in {room.epoch}")


def order(
    authority: Authority, tx: Transaction, room: RoomRow, entry: Released, body: bytes, author: Identity, now: Moment
) -> int:
    """As the hub: apply, then send to every other nation of the room. The offset in the home log."""
    offset = follow(authority, tx, room, entry, body, author, now)
    for nation in parse_parameters(room.parameters).nations:
        if nation != authority.nation:
            books.append(authority, tx.logs, border_log(authority.nation, nation), [entry.leaf])
    return offset


def follow(
    authority: Authority, tx: Transaction, room: RoomRow, entry: Released, body: bytes, author: Identity, now: Moment
) -> int:
    """Apply one ordered handshake to the public group and the home log. The offset in the home log."""
    offset = tx.logs.state(home_log(room.id)).size
    if entry.binding.kind == kinds.ROOM:
        tx.rooms.put_room(room)
        tx.rooms.put_member(MemberRow(room.id, author.public_key, author.address, offset))
        _announce(authority, tx, author, entry)
    else:
        _advance(authority, tx, room, entry, body, author, offset, now)
    return books.append(authority, tx.logs, home_log(room.id), [entry.leaf])


def judge(
    authority: Authority, tx: Transaction, room: RoomRow, kind: str, body: bytes, author: Identity, now: Moment
) -> tuple[PublicGroup, PublicEvent]:
    """What a commit or proposal would lead to, after every check that a node can make; nothing is written."""
    is_commit = kind == kinds.COMMIT
    message = parse_commit(body).commit if is_commit else body
    before = PublicGroup.decode(room.group)
    group, event = before.process(message, authenticate=authority.authenticate(now), now=now)
    if isinstance(event, CommitSeen) != is_commit:
        raise ProtocolViolation("commit and proposal are announced as what they are", rule="cordiale room 6")
    handshake.check_sender(before, event, author.public_key)
    if isinstance(event, ProposalSeen):
        handshake.check_proposal(before, event)
        return group, event
    handshake.check_commit(room.parameters, group, event)
    for member in event.added:
        _check_admission(authority, tx, member, parse_parameters(room.parameters), now)
    return group, event


def _check_admission(
    authority: Authority, tx: Transaction, member: Member, parameters: RoomParameters, now: Moment
) -> None:
    identity = authority.identify(chain_of(member.credential), now)
    if identity.nation not in parameters.nations:
        raise NotMember(f"{identity.address}: {identity.nation} is not one of the room's nations")
    if identity.nation == authority.nation and tx.registry.revoked(identity.address):
        raise Revoked(str(identity.address))
    _check_clearance(authority, identity, parameters)


def _advance(
    authority: Authority,
    tx: Transaction,
    room: RoomRow,
    entry: Released,
    body: bytes,
    author: Identity,
    offset: int,
    now: Moment,
) -> None:
    group, event = judge(authority, tx, room, entry.binding.kind, body, author, now)
    if isinstance(event, CommitSeen):
        for member in event.removed:
            _dismiss(tx, room, member, offset, group.epoch)
        for member in event.added:
            identity = authority.identify(chain_of(member.credential), now)
            tx.rooms.put_member(MemberRow(room.id, identity.public_key, identity.address, offset + 1))
            _announce(authority, tx, identity, entry)
    tx.rooms.put_room(RoomRow(room.id, room.parameters, group.epoch, group.encode()))


def _announce(authority: Authority, tx: Transaction, identity: Identity, entry: Released) -> None:
    """Put a new member's admission in their inbox, which every agent follows: from there it learns of the room's log."""
    if identity.nation == authority.nation:
        books.append(authority, tx.logs, inbox_log(identity.address), [entry.leaf])


def _dismiss(tx: Transaction, room: RoomRow, member: Member, offset: int, epoch: int) -> None:
    row = tx.rooms.member(room.id, member.signature_key)
    if row is not None:
        tx.rooms.put_member(MemberRow(room.id, row.public_key, row.address, row.since, offset, epoch))


def _check_clearance(authority: Authority, identity: Identity, parameters: RoomParameters) -> None:
    policy = authority.policy_of(identity.nation)
    decision = reaches(identity.grant.clearance, parameters.ceiling_label, policy, authority.table)
    if not decision.release:
        raise ClearanceTooLow(str(identity.address), rule=decision.rule)
