"""What comes from the node: verified, decrypted, stored, in the log's order, once.

A batch is taken whole: its leaves must continue what this agent has and lead to the border's signed checkpoint. An entry in it
that turns out wrong (a forged binding, two labels that differ, a ciphertext that doesn't open) is kept apart with the reason
and never stops what follows.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from cordiale.agent import content as contents
from cordiale.agent import membership, outbox, packages, records, refusal, runs, talk
from cordiale.agent.content import Content
from cordiale.agent.outbox import RECEIVED, STORED, WITHHELD
from cordiale.agent.ports import FileRow, MessageRow
from cordiale.agent.workspace import DUTY, HELD, LOG, ROOM, Heads, RoomInfo, Workspace
from cordiale.crypto.certificate import ROLE_BORDER, Chain, Identity
from cordiale.crypto.digest import equal, sha256
from cordiale.errors import (
    BadCertificate,
    BadSignature,
    CordialeError,
    IllegalStep,
    NotFound,
    ProtocolViolation,
    Replayed,
)
from cordiale.federation import handshake
from cordiale.federation.envelope import Released, check_author, check_envelope, check_inner, check_release, parse_entry
from cordiale.federation.room import parse_commit, parse_notice
from cordiale.federation.session import HOME, INBOX, Batch, Enclosed, home_log, origin, take
from cordiale.labels import binding as kinds
from cordiale.ledger import checkpoint
from cordiale.ledger.log import LogState
from cordiale.ledger.merkle import Frontier
from cordiale.mls.events import CommitSeen, Evicted, ProposalSeen
from cordiale.mls.extension import ROOM_TITLE, Extension, find
from cordiale.mls.member_group import MemberGroup
from cordiale.register import causality
from cordiale.vocab.identifier import MESSAGE_ID_BYTES, Digest, RoomId
from cordiale.vocab.moment import Moment
from cordiale.wire import canonical, limits
from cordiale.wire.canonical import Record

HUB_REVOKED: Final = "revoked"


class Held(Record, frozen=True):
    """A message of an epoch that hasn't begun here yet: its leaf, envelope and author's chain."""

    leaf: bytes
    envelope: bytes
    chain: bytes


def apply(work: Workspace, batch: Batch) -> int:
    """Take one batch; how many entries. Raises, and changes nothing, if the batch as a whole is wrong.

    A batch from before what is known was fetched twice, by two threads at once: nothing is left to take.
    """
    log, nation = batch.log, work.own.nation
    known = work.log(log, origin(nation, log))
    if known is None:
        known = LogState(origin(nation, log), Frontier.decode(batch.frontier) if batch.frontier else Frontier.empty())
    if batch.start < known.size:
        return 0
    head = checkpoint.verify(
        batch.checkpoint, origin=origin(nation, log), name=f"border@{nation}", key=work.domain.border.public_key
    )
    following, enclosed = take(known, batch, head), Enclosed(batch)
    for leaf in batch.leaves:
        _leaf(work, log, leaf, enclosed)
    work.put_log(log, following)
    return len(batch.leaves)


def _leaf(work: Workspace, log: str, leaf: bytes, enclosed: Enclosed) -> None:
    try:
        entry = parse_entry(leaf)
    except CordialeError as error:
        _alarm(work, sha256(leaf), error)
        return
    _entry(work, log, entry, enclosed.envelope(entry), enclosed.chains)


def _alarm(work: Workspace, about: bytes, error: CordialeError) -> None:
    work.state.put_value(f"alarm/{about.hex()}", f"{error.code}: {error}".encode()[:500])


def _entry(work: Workspace, log: str, entry: Released, envelope: bytes, chains: Mapping[Digest, Chain]) -> None:
    try:
        author = _author(work, entry, chains)
        body = check_envelope(entry, envelope).body
        if log.startswith(INBOX):
            _addressed(work, entry, body)
        elif log != home_log(entry.binding.room):
            raise BadSignature("an entry of another room")
        elif entry.binding.kind == kinds.APPLICATION:
            _message(work, entry, envelope, body, author, chains)
        elif entry.binding.kind == kinds.NOTICE:
            _notice(work, entry, body)
        elif entry.binding.kind in (kinds.COMMIT, kinds.PROPOSAL):
            _handshake(work, entry, body, author)
        elif entry.binding.kind != kinds.ROOM:
            raise ProtocolViolation("a claim stands in no log", rule="cordiale claim 2")
    except Replayed:
        return
    except CordialeError as error:
        if log.startswith(HOME) and entry.binding.kind == kinds.APPLICATION:
            _withhold(work, entry, error)
        else:
            _alarm(work, entry.digest, error)


def _author(work: Workspace, entry: Released, chains: Mapping[Digest, Chain]) -> Identity:
    check_release(entry, work.domain.border_key_of(entry.release.border))
    chain = chains.get(entry.binding.signer)
    if chain is None:
        raise BadCertificate("an entry came without its author's certificates")
    author = work.domain.identify(chain, work.now)
    if author.nation != entry.release.border:
        raise BadCertificate("a border released a message of another nation's author")
    if (entry.binding.kind == kinds.NOTICE) != (author.grant.role == ROLE_BORDER):
        raise BadCertificate("notices are a border's word, and all else is a person's")
    check_author(entry, author)
    return author


def _message(
    work: Workspace, entry: Released, envelope: bytes, body: bytes, author: Identity, chains: Mapping[Digest, Chain]
) -> None:
    room = entry.binding.room
    if author.digest == work.own.digest:
        records.crossed(work, entry, author)
        _own(work, entry)
        return
    group = work.group(room)
    if entry.binding.epoch > group.epoch + limits.EPOCHS_AHEAD:
        raise ProtocolViolation(f"epoch {entry.binding.epoch}, the room is in {group.epoch}", rule="cordiale session 6")
    if entry.binding.epoch > group.epoch:
        held = Held(entry.leaf, envelope, chains[entry.binding.signer].encode())
        key = f"{HELD}{room.hex()}/{entry.binding.epoch:012d}/{entry.release.sequence:012d}/{entry.digest.hex()}"
        work.state.put_value(key, canonical.encode(held))
        return
    if _known(work, entry, str(author.address)):
        raise Replayed(entry.header.id[:6].hex())
    group, received = group.decrypt(body)
    check_inner(entry.binding, received.authenticated_data)
    if not equal(received.sender_signature_key, author.public_key):
        raise BadSignature("the ciphertext and its label were signed by different devices")
    work.put_group(room, group)
    content = contents.parse(received.plaintext)
    if content.kind == contents.PART:
        _part(work, str(author.address), content)
    elif content.kind == contents.RUN:
        runs.take(work, room, author, content)
    elif content.kind == contents.READ:
        talk.take_read(work, room, author, content)
    else:
        if content.kind == contents.ACT:
            records.take(work, entry, author, content.data)
        _store(work, entry, author, content)
    _advance(work, entry)


def _known(work: Workspace, entry: Released, author: str) -> bool:
    row = work.state.message(entry.binding.room, _row_id(work, entry, author))
    return row is not None


def _row_id(work: Workspace, entry: Released, author: str) -> bytes:
    """The message's id; where somebody else's message has taken it, one of its own, so that neither hides the other."""
    row = work.state.message(entry.binding.room, entry.header.id)
    if row is None or row.author == author:
        return entry.header.id
    return sha256(author.encode() + b"\x00" + entry.header.id)[:MESSAGE_ID_BYTES]


def _own(work: Workspace, entry: Released) -> None:
    room = entry.binding.room
    row = work.state.message(room, entry.header.id)
    if row is not None:
        lamport, nation, sequence = causality.position(entry.header.heads, entry.release.border, entry.release.sequence)
        work.state.put_message(
            msgspec.structs.replace(
                row,
                state=STORED,
                lamport=lamport,
                nation=nation,
                sequence=sequence,
                envelope=entry.release.envelope,
                detail="",
                rule="",
            )
        )
    _advance(work, entry)


def _advance(work: Workspace, entry: Released) -> None:
    """What is known to be there, and of this nation's own what its author, at theirs, has seen."""
    room, release, known = entry.binding.room, entry.release, work.both_heads(entry.binding.room)
    own, theirs = work.own.nation, known.theirs
    heads = causality.advance(known.seen, entry.header.heads, release.border, release.sequence)
    shown = entry.header.heads.get(own, 0)
    if release.border != own and shown > theirs.get(release.border, 0):
        theirs = {**theirs, release.border: shown}
    work.put_heads(room, Heads(heads, theirs))


def _store(work: Workspace, entry: Released, author: Identity, content: Content) -> None:
    row = _row(work, entry, content, str(author.address), RECEIVED)
    work.state.put_message(row)
    file = row.file
    if content.kind == contents.FILE and work.state.file(file) is None:
        have, digest = len(work.state.parts(file)), Digest(content.digest)
        work.state.put_file(FileRow(file, content.name, content.size, digest, content.parts, have))


def _part(work: Workspace, author: str, content: Content) -> None:
    file = contents.file_key(author, content.file)
    if not work.state.put_part(file, content.index, content.data):
        return
    row = work.state.file(file)
    if row is not None:
        work.state.put_file(msgspec.structs.replace(row, have=row.have + 1))


def _withhold(work: Workspace, entry: Released, error: CordialeError) -> None:
    who = f"?@{entry.release.border}"
    if not _known(work, entry, who):
        row = _row(work, entry, Content(WITHHELD), who, WITHHELD)
        work.state.put_message(msgspec.structs.replace(row, detail=refusal.kept(error), rule=error.rule or error.code))


def _row(work: Workspace, entry: Released, content: Content, author: str, state: str) -> MessageRow:
    lamport, nation, sequence = causality.position(entry.header.heads, entry.release.border, entry.release.sequence)
    return outbox.row_of(
        content,
        room=entry.binding.room,
        id=_row_id(work, entry, author),
        author=author,
        label=entry.header.label,
        sent=entry.header.sent,
        lamport=lamport,
        nation=nation,
        sequence=sequence,
        state=state,
        envelope=entry.release.envelope,
    )


def _handshake(work: Workspace, entry: Released, body: bytes, author: Identity) -> None:
    room = entry.binding.room
    pending = work.pending(room)
    if pending is not None and equal(pending.envelope, entry.release.envelope):
        work.put_group(room, work.group(room).succeeded_by(MemberGroup.decode(pending.group)))
        work.put_pending(room, None)
        membership.forget_duties(work, room)
        release_held(work, room)
        return
    is_commit, before = entry.binding.kind == kinds.COMMIT, work.group(room)
    if is_commit and author.digest == work.own.digest and entry.binding.epoch == before.epoch:
        _lose(work, entry)
        return
    message = parse_commit(body).commit if is_commit else body
    group, event = before.process(message, authenticate=work.domain.authenticate(work.now), now=work.now)
    if isinstance(event, ProposalSeen):
        handshake.check_sender(before.public, event, author.public_key)
        handshake.check_proposal(before.public, event)
    elif isinstance(event, CommitSeen):
        handshake.check_sender(before.public, event, author.public_key)
        handshake.check_commit(work.info(room).parameters, group.public, event)
    work.put_group(room, group)
    if isinstance(event, ProposalSeen):
        if author.digest != work.own.digest:
            membership.note_duty(work, room)
    elif isinstance(event, Evicted):
        work.put_group(room, group.forgotten())
        work.put_info(room, msgspec.structs.replace(work.info(room), left=work.now))
        work.put_pending(room, None)
    else:
        _moved_on(work, room)


def _lose(work: Workspace, entry: Released) -> None:
    """A commit of ours that this store has no state for: it was made after the copy that this store was put back to."""
    room = entry.binding.room
    work.put_group(room, work.group(room).forgotten())
    work.put_info(room, msgspec.structs.replace(work.info(room), left=work.now))
    work.put_pending(room, None)
    _alarm(
        work, entry.digest, IllegalStep("this store is older than the room: have this device removed and invited again")
    )


def _moved_on(work: Workspace, room: RoomId) -> None:
    """Another's commit came first: ours, if any, is made again by the engine from the new epoch."""
    membership.forget_duties(work, room)
    pending = work.pending(room)
    if pending is not None:
        work.put_pending(room, msgspec.structs.replace(pending, envelope=b"", data=b"", group=b"", answered=False))
    release_held(work, room)


def release_held(work: Workspace, room: RoomId) -> None:
    """Read what waited for an epoch that has begun."""
    for key, value in sorted(work.state.values(f"{HELD}{room.hex()}/").items()):
        if int(key.split("/")[2]) <= work.group(room).epoch:
            held = canonical.decode(value, Held, limit=limits.ENVELOPE_BYTES * 2)
            work.state.drop_value(key)
            entry = parse_entry(held.leaf)
            _entry(work, home_log(room), entry, held.envelope, {entry.binding.signer: Chain.decode(held.chain)})


def _notice(work: Workspace, entry: Released, body: bytes) -> None:
    notice = parse_notice(body)
    nation = notice.address.rpartition("@")[2]
    if notice.code == HUB_REVOKED and nation == entry.release.border and notice.address != str(work.own.address):
        membership.note_duty(work, entry.binding.room, notice.address)


def _addressed(work: Workspace, entry: Released, body: bytes) -> None:
    if entry.binding.kind == kinds.NOTICE:
        _refused(work, entry, body)
    elif entry.binding.kind == kinds.COMMIT:
        _join(work, entry, parse_commit(body).welcome)


def _refused(work: Workspace, entry: Released, body: bytes) -> None:
    notice, room = parse_notice(body), entry.binding.room
    pending = work.pending(room)
    if pending is None or not equal(pending.message, notice.message):
        return
    if notice.code == "stale-epoch":
        work.put_pending(room, msgspec.structs.replace(pending, envelope=b"", data=b"", group=b"", answered=False))
    else:
        work.put_pending(room, None)
        work.state.put_value(f"alarm/{entry.digest.hex()}", f"{notice.code}: {notice.detail}".encode()[:500])


def _join(work: Workspace, entry: Released, welcome: bytes) -> None:
    """Enter a room, or enter it again: after having been put out, or when this device could not follow and was added anew."""
    room = entry.binding.room
    group, seen, used = _open_welcome(work, welcome)
    if group.group_id != room:
        raise BadSignature("the Welcome is for another room than its label binding says")
    if work.state.value(ROOM + room.hex()) is not None:
        if group.epoch <= work.group(room).epoch:
            raise Replayed(room[:6].hex())
        _forget(work, room)
    parameters = handshake.parameters_of(group.public.extensions)
    title = (find(seen, ROOM_TITLE) or b"").decode(errors="replace")[:200]
    work.put_group(room, group)
    work.put_info(room, RoomInfo(title, parameters.encode(), work.now, Moment(0)))
    if used:
        packages.spend(work.state, used)


def _forget(work: Workspace, room: RoomId) -> None:
    """What belonged to the earlier membership: the log is read on from the new admission."""
    work.put_pending(room, None)
    work.state.drop_value(LOG + home_log(room))
    for prefix in (HELD, DUTY):
        for key in work.state.values(prefix + room.hex() + "/"):
            work.state.drop_value(key)


def _open_welcome(work: Workspace, welcome: bytes) -> tuple[MemberGroup, tuple[Extension, ...], str]:
    failure: CordialeError = NotFound("none of this device's key packages was used", what="key package")
    for key, package, secrets in packages.kept(work.state):
        try:
            group, seen = MemberGroup.join(
                welcome,
                package,
                secrets,
                work.own.key,
                authenticate=work.domain.authenticate(work.now),
                now=work.now,
            )
        except CordialeError as error:
            if not isinstance(error, NotFound | IllegalStep):
                failure = error
            continue
        return group, seen.extensions, key
    raise failure
