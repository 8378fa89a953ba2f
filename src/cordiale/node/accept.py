"""What an agent submits: checked, decided by the guard, entered in the logs, or refused whole.

A refusal leaves nothing behind but the guard's line: what raises is rolled back to the caller's savepoint. Submitting the
same bytes again gives the same answer and writes nothing.
"""

from cordiale.crypto.certificate import Identity
from cordiale.errors import (
    CordialeError,
    LimitExceeded,
    NotFound,
    NotMember,
    ProtocolViolation,
    Revoked,
    StaleEpoch,
    Unauthorised,
)
from cordiale.federation import claim
from cordiale.federation.envelope import Opened, Released, check_author, check_inner, open_envelope, release
from cordiale.federation.room import parse_parameters
from cordiale.federation.session import border_log, home_log
from cordiale.labels import binding as kinds
from cordiale.mls.content import ContentType
from cordiale.mls.framing import peek
from cordiale.mls.wire_format import WireFormat
from cordiale.node import books, guard, hub
from cordiale.node.authority import Authority
from cordiale.node.ports import Device, RoomRow, Transaction
from cordiale.vocab.moment import Moment
from cordiale.vocab.party import Nation
from cordiale.wire import limits
from cordiale.wire.canonical import Record


class Accepted(Record, frozen=True):
    """Durably stored. `offset` is its place in the home log, or -1 for a handshake that went to another nation's hub; for a
    claim it is the first number granted."""

    offset: int
    sequence: int


def submit(authority: Authority, tx: Transaction, caller: Device, data: bytes, now: Moment) -> Accepted | CordialeError:
    """Take one envelope from an enrolled device. Returns a refusal as a value, because its guard line must stay."""
    opened = open_envelope(data)
    if opened.binding.signer != caller.digest:
        raise Unauthorised
    if caller.revoked:
        raise Revoked(str(caller.address))
    author = _author(authority, tx, caller, now)
    check_author(opened, author)
    offset = tx.rooms.accepted(opened.digest)
    if offset is not None:
        return Accepted(offset, 0)
    if opened.binding.kind == kinds.ROOM:
        room = hub.check_new_room(authority, tx, opened, opened.envelope.body, author, now)
        return _handshake(authority, tx, opened, data, author, now, room)
    room = _room(tx, opened)
    _check_member(tx, opened, author)
    if opened.binding.kind == kinds.APPLICATION:
        return _message(authority, tx, opened, data, room, now)
    if opened.binding.kind == kinds.NOTICE:
        raise NotMember("this kind of message is made by nodes only")
    if opened.binding.kind == kinds.CLAIM:
        return _claim(tx, opened)
    hub.check_handshake(room, opened)
    return _handshake(authority, tx, opened, data, author, now, room)


def _claim(tx: Transaction, opened: Opened) -> Accepted:
    """Grant a device numbers of messages that no copy of it was granted before."""
    binding = opened.binding
    key = claim.ledger_key(binding.signer, binding.room, binding.epoch)
    wish = claim.parse_claim(opened.envelope.body)
    start = max(tx.rooms.accepted(key) or 0, wish.first)
    tx.rooms.put_accepted(key, start + wish.count)
    tx.rooms.put_accepted(opened.digest, start)
    return Accepted(start, 0)


def _author(authority: Authority, tx: Transaction, caller: Device, now: Moment) -> Identity:
    chain = tx.blobs.chain(caller.digest)
    if chain is None:
        raise Unauthorised
    return authority.identify(chain, now)


def _room(tx: Transaction, opened: Opened) -> RoomRow:
    row = tx.rooms.room(opened.binding.room)
    if row is None:
        raise NotFound(opened.binding.room[:6].hex(), what="room")
    return row


def _check_member(tx: Transaction, opened: Opened, author: Identity) -> None:
    member = tx.rooms.member(opened.binding.room, author.public_key)
    if member is None or member.until >= 0:
        raise NotMember(str(author.address))


def _message(
    authority: Authority,
    tx: Transaction,
    opened: Opened,
    data: bytes,
    room: RoomRow,
    now: Moment,
) -> Accepted | CordialeError:
    check_message(opened.binding, opened.envelope.body, room)
    check_heads(tx, room, opened.header)
    if not room.epoch - limits.PAST_EPOCHS <= opened.binding.epoch <= room.epoch:
        raise StaleEpoch(f"written in epoch {opened.binding.epoch}, the room is in {room.epoch}")
    parameters = parse_parameters(room.parameters)
    others = [nation for nation in parameters.nations if nation != authority.nation]
    decided = guard.outward(authority, opened.label, opened.digest, others, now)
    guard.record(authority, tx.logs, (verdict for verdict, _ in decided))
    refusal = guard.refusal(authority, decided)
    if refusal is not None:
        return refusal
    guard.check_ceiling(authority, opened.label, parameters.ceiling_label, parameters.nations)
    rules = {verdict.partner: verdict.rule for verdict, _ in decided}
    entry = enter(authority, tx, opened, data, rules, now)
    offset = books.append(authority, tx.logs, home_log(room.id), [entry.leaf])
    for nation in others:
        books.append(authority, tx.logs, border_log(authority.nation, nation), [entry.leaf])
    tx.rooms.put_accepted(opened.digest, offset)
    return Accepted(offset, entry.release.sequence)


def check_heads(tx: Transaction, room: RoomRow, header: kinds.Header) -> None:
    """Refuse a message that says it has seen more of this nation's messages than there are."""
    nations = parse_parameters(room.parameters).nations
    for nation, count in header.heads.items():
        if nation not in nations or count > tx.rooms.sequence(room.id, nation):
            raise ProtocolViolation(f"it claims {count} messages of {nation}", rule="cordiale order 1")


def check_message(binding: kinds.Binding, body: bytes, room: RoomRow) -> None:
    """What a node can check of an application message without any key."""
    if len(body) > limits.MESSAGE_BYTES:
        raise LimitExceeded(f"message of {len(body)} bytes")
    header = peek(body)
    if header.wire_format is not WireFormat.PRIVATE_MESSAGE or header.content_type is not ContentType.APPLICATION:
        raise ProtocolViolation("an application message is a PrivateMessage", rule="RFC 9420 §6.3")
    if header.group_id != room.id or header.epoch != binding.epoch:
        raise ProtocolViolation("of another room or epoch than its binding says", rule="cordiale binding 1")
    check_inner(binding, header.authenticated_data)


def enter(
    authority: Authority, tx: Transaction, opened: Opened, data: bytes, rules: dict[Nation, str], now: Moment
) -> Released:
    """Give the envelope its entry and store its bytes."""
    sequence = tx.rooms.sequence(opened.binding.room, authority.nation) + (opened.binding.kind == kinds.APPLICATION)
    entry = release(authority.key, authority.nation, opened, sequence=max(sequence, 1), rules=rules, now=now)
    tx.blobs.put_envelope(opened.digest, data, opened.binding.room, now)
    if opened.binding.kind == kinds.APPLICATION:
        tx.rooms.put_sequence(opened.binding.room, authority.nation, sequence)
    return entry


def _handshake(
    authority: Authority,
    tx: Transaction,
    opened: Opened,
    data: bytes,
    author: Identity,
    now: Moment,
    room: RoomRow,
) -> Accepted | CordialeError:
    parameters = parse_parameters(room.parameters)
    others = [nation for nation in parameters.nations if nation != authority.nation]
    towards = others if parameters.hub == authority.nation else [parameters.hub]
    decided = guard.outward(authority, opened.label, opened.digest, towards, now)
    guard.record(authority, tx.logs, (verdict for verdict, _ in decided))
    refusal = guard.refusal(authority, decided)
    if refusal is not None:
        return refusal
    guard.check_ceiling(authority, opened.label, parameters.ceiling_label, parameters.nations)
    rules = {verdict.partner: verdict.rule for verdict, _ in decided}
    entry = enter(authority, tx, opened, data, rules, now)
    offset = -1
    if parameters.hub == authority.nation:
        offset = hub.order(authority, tx, room, entry, opened.envelope.body, author, now)
    else:
        hub.judge(authority, tx, room, opened.binding.kind, opened.envelope.body, author, now)
        books.append(authority, tx.logs, border_log(authority.nation, parameters.hub), [entry.leaf])
    tx.rooms.put_accepted(opened.digest, offset)
    return Accepted(offset, entry.release.sequence)
