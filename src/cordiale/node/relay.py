"""Import of what a partner released: verify, keep the evidence, admit what this nation's own guard admits.

The replica of the partner's log takes every leaf, because the log is the evidence. An entry that is then refused here (by the
guard, or because it is wrong) changes nothing else, and its bytes are not stored; the guard's log says why. A batch that
doesn't continue the replica, or whose root is not the signed one, is refused whole.
"""

from collections.abc import Iterable, Mapping
from contextlib import nullcontext, suppress

from cordiale.crypto.certificate import ROLE_BORDER, Chain, Identity
from cordiale.crypto.digest import sha256
from cordiale.crypto.entropy import fresh
from cordiale.errors import (
    CordialeError,
    NotFound,
    NotMember,
    NotReleasable,
    ProtocolViolation,
    Replayed,
    Unauthorised,
    Unavailable,
)
from cordiale.federation.envelope import (
    Envelope,
    Released,
    check_author,
    check_envelope,
    check_release,
    open_envelope,
    parse_entry,
    release,
)
from cordiale.federation.room import Notice, RoomParameters, parse_notice, parse_parameters
from cordiale.federation.session import Batch, Enclosed, border_log, home_log, inbox_log, origin, take
from cordiale.labels import binding as kinds
from cordiale.labels.binding import Header, bind
from cordiale.labels.counterpart import counterpart
from cordiale.labels.label import encode_label
from cordiale.ledger import witness
from cordiale.ledger.checkpoint import VerifiedCheckpoint
from cordiale.ledger.checkpoint import verify as verify_checkpoint
from cordiale.ledger.merkle import leaf_hash
from cordiale.node import accept, books, guard, hub
from cordiale.node.authority import Authority
from cordiale.node.ports import RoomRow, Transaction
from cordiale.vocab.identifier import MESSAGE_ID_BYTES, Digest, MessageId, RoomId
from cordiale.vocab.moment import Moment
from cordiale.vocab.party import Address, Nation
from cordiale.wire import limits
from cordiale.wire.canonical import Record

REVOKED = "revoked"


class Refusal(Record, frozen=True):
    """An imported entry that was not admitted, for the operator's log."""

    offset: int
    code: str
    rule: str


def checkpoint_of(authority: Authority, peer: Nation, log: str, note: bytes) -> VerifiedCheckpoint:
    """Verify a partner's checkpoint over one of its logs."""
    key = authority.peer(peer).border.public_key
    return verify_checkpoint(note, origin=origin(peer, log), name=books.checkpoint_name(peer), key=key)


def take_batch(authority: Authority, tx: Transaction, peer: Nation, batch: Batch, now: Moment) -> list[Refusal]:
    """Import one batch of a partner's border log, exactly once, and cosign where it has led."""
    log = border_log(peer, authority.nation)
    if batch.log != log:
        raise ProtocolViolation(f"asked for {log}, got {batch.log[:80]}", rule="cordiale session 1")
    if not batch.leaves and not batch.checkpoint:
        return []
    state = take(tx.logs.state(log), batch, checkpoint_of(authority, peer, log, batch.checkpoint))
    enclosed = Enclosed(batch)
    refusals: list[Refusal] = []
    for place, leaf in enumerate(batch.leaves):
        error = _receive(authority, tx, peer, leaf, enclosed, now)
        if error is not None:
            refusals.append(Refusal(batch.start + place, error.code, error.rule))
    if batch.leaves:
        tx.logs.append(log, state, batch.leaves, [leaf_hash(leaf) for leaf in batch.leaves], batch.checkpoint)
    if batch.leaves and not batch.consistency:
        name = books.checkpoint_name(authority.nation)
        tx.logs.put_cosigned(log, witness.cosign(batch.checkpoint, name, authority.key, now))
    return refusals


def _receive(
    authority: Authority, tx: Transaction, peer: Nation, leaf: bytes, enclosed: Enclosed, now: Moment
) -> CordialeError | None:
    """One entry: admitted, or refused alone and said so in the guard's log."""
    try:
        entry = parse_entry(leaf)
    except CordialeError as error:
        _refuse(authority, tx, peer, error, sha256(leaf), sha256(leaf), now)
        return error
    data = enclosed.envelope(entry)
    try:
        # A message writes nothing before its last check, and has no need to be undone.
        with nullcontext() if entry.binding.kind == kinds.APPLICATION else tx.savepoint():
            _admit(authority, tx, peer, entry, data, enclosed.chains, now)
    except Unavailable:
        raise
    except CordialeError as error:
        _refuse(authority, tx, peer, error, sha256(entry.header.label), entry.release.envelope, now)
        _tell_author(authority, tx, peer, entry, enclosed, error, now)
        return error
    return None


def _refuse(
    authority: Authority,
    tx: Transaction,
    peer: Nation,
    error: CordialeError,
    label: Digest,
    envelope: Digest,
    now: Moment,
) -> None:
    rule, edition = error.rule or error.code, authority.policy.edition
    verdict = guard.Verdict(guard.INWARD, peer, False, rule, edition, label, envelope, now)
    guard.record(authority, tx.logs, [verdict])


def _admit(
    authority: Authority,
    tx: Transaction,
    peer: Nation,
    entry: Released,
    data: bytes,
    chains: Mapping[Digest, Chain],
    now: Moment,
) -> None:
    envelope = check_envelope(entry, data)
    check_release(entry, authority.border_key_of(entry.release.border))
    chain = _chain(tx, entry, chains)
    author = _author(authority, entry, chain, now)
    check_author(entry, author)
    placed = tx.rooms.accepted(entry.release.envelope)
    if placed is not None and placed >= 0:
        raise Replayed(entry.release.envelope[:6].hex())
    admitted: list[guard.Verdict] = []
    if entry.release.border != authority.nation:
        verdict, decision = guard.inward(authority, entry.label, entry.release.envelope, entry.release.border, now)
        if not verdict.release:
            raise NotReleasable(
                decision.reason.en,
                rule=verdict.rule,
                nation=authority.nation,
                destination=authority.nation,
                detail_fr=decision.reason.fr,
            )
        admitted.append(verdict)
    room = _room(authority, tx, peer, entry, envelope.body, author, now)
    offset = _place(authority, tx, peer, room, entry, envelope, author, now)
    guard.record(authority, tx.logs, admitted)
    tx.blobs.put_chain(entry.binding.signer, chain)
    tx.blobs.put_envelope(entry.release.envelope, data, room.id, now)
    tx.rooms.put_accepted(entry.release.envelope, offset)


def _chain(tx: Transaction, entry: Released, chains: Mapping[Digest, Chain]) -> Chain:
    digest = entry.binding.signer
    chain = chains.get(digest) or tx.blobs.chain(digest)
    if chain is None:
        raise ProtocolViolation("an entry came without its author's certificates", rule="cordiale session 2")
    return chain


def _author(authority: Authority, entry: Released, chain: Chain, now: Moment) -> Identity:
    author = authority.identify(chain, now)
    if author.nation != entry.release.border:
        raise ProtocolViolation("a border released a message of another nation's author", rule="cordiale session 3")
    if (entry.binding.kind == kinds.NOTICE) != (author.grant.role == ROLE_BORDER):
        raise ProtocolViolation("notices are a border's word, and all else is a person's", rule="cordiale session 7")
    return author


def _room(
    authority: Authority, tx: Transaction, peer: Nation, entry: Released, body: bytes, author: Identity, now: Moment
) -> RoomRow:
    if entry.binding.kind == kinds.ROOM:
        row = hub.check_new_room(authority, tx, entry, body, author, now)
    else:
        found = tx.rooms.room(entry.binding.room)
        if found is None:
            raise NotFound(entry.binding.room[:6].hex(), what="room")
        row = found
    parameters = parse_parameters(row.parameters)
    if peer not in parameters.nations or authority.nation not in parameters.nations:
        raise NotMember(f"{peer} is not one of the room's nations")
    guard.check_ceiling(authority, entry.label, parameters.ceiling_label, parameters.nations)
    return row


def _place(
    authority: Authority,
    tx: Transaction,
    peer: Nation,
    room: RoomRow,
    entry: Released,
    envelope: Envelope,
    author: Identity,
    now: Moment,
) -> int:
    parameters = parse_parameters(room.parameters)
    kind = entry.binding.kind
    if kind == kinds.NOTICE:
        return _notice(authority, tx, peer, room, parameters, entry, envelope.body)
    if kind == kinds.APPLICATION:
        return _message(authority, tx, peer, room, entry, envelope.body, author)
    if kind not in kinds.HANDSHAKES:
        raise ProtocolViolation("a claim is between a device and its own node", rule="cordiale claim 2")
    if kind != kinds.ROOM:
        _check_member(tx, room, entry, author)
    if parameters.hub == authority.nation:
        return hub.order(authority, tx, room, entry, envelope.body, author, now)
    if parameters.hub != peer:
        raise ProtocolViolation("handshakes come from the room's hub", rule="cordiale room 8")
    return hub.follow(authority, tx, room, entry, envelope.body, author, now)


def _message(
    authority: Authority, tx: Transaction, peer: Nation, room: RoomRow, entry: Released, body: bytes, author: Identity
) -> int:
    if entry.release.border != peer:
        raise ProtocolViolation("messages come from their author's own border", rule="cordiale session 4")
    accept.check_message(entry.binding, body, room)
    if entry.binding.epoch > room.epoch + limits.EPOCHS_AHEAD:
        raise ProtocolViolation(f"epoch {entry.binding.epoch}, the room is in {room.epoch}", rule="cordiale session 6")
    _check_heads(authority, tx, peer, room, entry)
    _check_member(tx, room, entry, author)
    if entry.release.sequence <= tx.rooms.sequence(room.id, peer):
        raise Replayed(f"message {entry.release.sequence} of {peer} in room {room.id[:6].hex()} is out of turn")
    tx.rooms.put_sequence(room.id, peer, entry.release.sequence)
    return books.append(authority, tx.logs, home_log(room.id), [entry.leaf])


def _check_heads(authority: Authority, tx: Transaction, peer: Nation, room: RoomRow, entry: Released) -> None:
    """What the author says to have seen must be possible; a third nation's messages may be on their way here still."""
    known = {authority.nation: tx.rooms.sequence(room.id, authority.nation), peer: entry.release.sequence - 1}
    nations = parse_parameters(room.parameters).nations
    for nation, count in entry.header.heads.items():
        if nation not in nations or count > known.get(nation, limits.COUNT_MOST):
            raise ProtocolViolation(f"it claims {count} messages of {nation}", rule="cordiale order 1")


def _check_member(tx: Transaction, room: RoomRow, entry: Released, author: Identity) -> None:
    member = tx.rooms.member(room.id, author.public_key)
    if member is None or (member.until >= 0 and entry.binding.epoch >= member.until_epoch):
        raise NotMember(str(author.address))


def _notice(
    authority: Authority,
    tx: Transaction,
    peer: Nation,
    room: RoomRow,
    parameters: RoomParameters,
    entry: Released,
    body: bytes,
) -> int:
    notice = parse_notice(body)
    address = Address.parse(notice.address)
    if notice.code == REVOKED and address.nation == peer:
        return books.append(authority, tx.logs, home_log(room.id), [entry.leaf])
    if parameters.hub != peer or address.nation != authority.nation:
        raise Unauthorised
    return books.append(authority, tx.logs, inbox_log(address), [entry.leaf])


def send_notice(
    authority: Authority, tx: Transaction, room: RoomRow, notice: Notice, towards: Iterable[Nation], now: Moment
) -> Released:
    """A node's own word: signed by the border, under the room's ceiling in its own scheme, and past the guard like all else."""
    body, parameters = notice.encode(), parse_parameters(room.parameters)
    label = counterpart(
        parameters.ceiling_label,
        authority.policy,
        authority.table,
        parameters.nations,
        created=now,
        originator=authority.nation,
    )
    header = Header(MessageId(fresh(MESSAGE_ID_BYTES)), encode_label(label), {}, now)
    signer = sha256(authority.chain.encode())
    binding, signature = bind(
        authority.key, signer, header, body, kind=kinds.NOTICE, room=RoomId(room.id), epoch=room.epoch
    )
    data = Envelope(binding, signature, body).encode()
    opened = open_envelope(data)
    decided = guard.outward(authority, opened.label, opened.digest, towards, now)
    refusal = guard.refusal(authority, decided)
    if refusal is not None:
        raise refusal
    guard.record(authority, tx.logs, (verdict for verdict, _ in decided))
    tx.blobs.put_chain(signer, authority.chain)
    tx.blobs.put_envelope(opened.digest, data, room.id, now)
    rules = {verdict.partner: verdict.rule for verdict, _ in decided}
    entry = release(authority.key, authority.nation, opened, sequence=1, rules=rules, now=now)
    for nation in rules:
        books.append(authority, tx.logs, border_log(authority.nation, nation), [entry.leaf])
    return entry


def _tell_author(
    authority: Authority,
    tx: Transaction,
    peer: Nation,
    entry: Released,
    enclosed: Enclosed,
    error: CordialeError,
    now: Moment,
) -> None:
    """A handshake that this hub refused is told to its author; messages were refused by a guard, which logs only."""
    room = tx.rooms.room(entry.binding.room)
    chain = enclosed.chains.get(entry.binding.signer) or tx.blobs.chain(entry.binding.signer)
    if room is None or chain is None or entry.binding.kind not in (kinds.COMMIT, kinds.PROPOSAL):
        return
    parameters = parse_parameters(room.parameters)
    if parameters.hub != authority.nation or peer not in parameters.nations or isinstance(error, Replayed):
        return
    with suppress(CordialeError), tx.savepoint():  # telling is best effort: an author who can't be named isn't told
        address = str(authority.identify(chain, now).address)
        send_notice(authority, tx, room, Notice(error.code, entry.header.id, address, str(error)), [peer], now)
