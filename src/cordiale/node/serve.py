"""Reading: batches of logs for partners and for this nation's agents, and proofs of single messages."""

from collections.abc import Sequence

from cordiale.crypto.digest import sha256
from cordiale.errors import Malformed, NotFound, ProofInvalid, SplitView, Unauthorised
from cordiale.federation.api import FROM_ADMISSION, SyncAnswer, SyncRequest
from cordiale.federation.bundle import Bundle
from cordiale.federation.envelope import Released, open_envelope, parse_entry
from cordiale.federation.session import HOME, INBOX, Batch, Pull, border_log, home_log, origin
from cordiale.ledger import checkpoint, witness
from cordiale.ledger.merkle import Frontier
from cordiale.ledger.proof import consistency_proof, inclusion_proof, verify_consistency
from cordiale.ledger.tile import TileStore
from cordiale.node import books
from cordiale.node.authority import Authority
from cordiale.node.ports import Device, Logs, MemberRow, Transaction
from cordiale.vocab.identifier import Digest, RoomId
from cordiale.vocab.party import Nation
from cordiale.wire import limits

_TILE = 256


class Hashes:
    """The ledger's reader port over the stored leaf hashes of one log."""

    def __init__(self, logs: Logs, log: str) -> None:
        self._logs, self._log = logs, log

    def tile(self, level: int, index: int, width: int) -> Sequence[Digest]:
        if level == 0:
            return self._logs.hashes(self._log, index * _TILE, width)
        return self._logs.subtrees(self._log, level, index * _TILE, width)


def tiles(logs: Logs, log: str) -> TileStore:
    """Read access to a log's tiles."""
    return Hashes(logs, log)


def border_batch(authority: Authority, tx: Transaction, peer: Nation, pull: Pull) -> Batch:
    """What a partner may read: the log of what was released to it, nothing else."""
    if pull.log != border_log(authority.nation, peer):
        raise Unauthorised
    return _batch(tx, pull.log, pull.size)


def take_cosigned(authority: Authority, tx: Transaction, peer: Nation, pull: Pull) -> None:
    """Keep the partner's cosignature: its proof of having stored everything up to there."""
    log, name = border_log(authority.nation, peer), books.checkpoint_name(peer)
    cosigned = witness.verify_cosigned(
        pull.cosigned,
        origin=origin(authority.nation, log),
        log=(books.checkpoint_name(authority.nation), authority.border.public_key),
        witnesses={name: authority.peer(peer).border.public_key},
        at_least=1,
    )
    state, kept = tx.logs.state(log), tx.logs.cosigned(log)
    if cosigned.size > state.size:
        raise SplitView(f"{peer} cosigned {cosigned.checkpoint}, this log has {state.size} entries")
    if kept and checkpoint.parse(kept).checkpoint.size >= cosigned.size:
        return
    if cosigned.size:
        proof = consistency_proof(tiles(tx.logs, log), cosigned.size, state.size)
        try:
            verify_consistency(cosigned.size, state.size, proof, cosigned.root, state.frontier.root())
        except ProofInvalid:
            raise SplitView(f"{peer} cosigned {cosigned.checkpoint}, which is not this log's past") from None
    tx.logs.put_cosigned(log, pull.cosigned)


def sync(tx: Transaction, caller: Device, request: SyncRequest) -> SyncAnswer:
    """What is new for one device in the logs that it names; a log that isn't its own is as if it weren't there."""
    if len(request.positions) > limits.BATCH_ENTRIES * 16:
        raise Malformed("too many logs at once", what="SyncRequest")
    batches: list[Batch] = []
    room_left = limits.BATCH_BYTES
    for log, size in request.positions.items():
        batch = _readable(tx, caller, log, size, room_left)
        if batch is not None:
            batches.append(batch)
            room_left -= sum(map(len, batch.envelopes)) + sum(map(len, batch.leaves))
        if room_left <= 0:
            break
    return SyncAnswer(tuple(batches), tx.registry.count_key_packages(caller.digest))


def _readable(tx: Transaction, caller: Device, log: str, size: int, room_left: int) -> Batch | None:
    kind, _, name = log.partition("/")
    if kind == INBOX and name == str(caller.address):
        return _batch(tx, log, max(size, 0), room_left) if tx.logs.state(log).size > max(size, 0) else None
    if kind != HOME:
        raise Unauthorised
    member = _member(tx, caller, name)
    start = member.since if size == FROM_ADMISSION else size
    end = tx.logs.state(log).size if member.until < 0 else member.until + 1
    if start < member.since or start >= end:
        return None
    return _batch(tx, log, start, room_left, end=end, with_frontier=size == FROM_ADMISSION)


def _member(tx: Transaction, caller: Device, name: str) -> MemberRow:
    try:
        room = RoomId(bytes.fromhex(name))
    except ValueError:
        raise Unauthorised from None
    member = tx.rooms.member(room, caller.public_key)
    if member is None:
        raise Unauthorised
    return member


def _batch(
    tx: Transaction,
    log: str,
    start: int,
    room_left: int = limits.BATCH_BYTES,
    *,
    end: int | None = None,
    with_frontier: bool = False,
) -> Batch:
    state = tx.logs.state(log)
    count = min((state.size if end is None else end) - start, limits.BATCH_ENTRIES)
    if count < 0:
        raise ProofInvalid(f"{log} has {state.size} entries, {start} were asked for")
    leaves, envelopes, signers = _fill(tx, tx.logs.leaves(log, start, count), room_left)
    stop = start + len(leaves)
    partial = 0 < stop < state.size
    proof = consistency_proof(tiles(tx.logs, log), stop, state.size) if partial else ()
    frontier = Frontier.empty().extend(tx.logs.hashes(log, 0, start)).encode() if with_frontier else b""
    chains = [chain.encode() for chain in (tx.blobs.chain(signer) for signer in signers) if chain is not None]
    return Batch(
        log, start, tuple(leaves), tx.logs.checkpoint(log), tuple(envelopes), tuple(chains), tuple(proof), frontier
    )


def _fill(tx: Transaction, leaves: list[bytes], room_left: int) -> tuple[list[bytes], list[bytes], list[Digest]]:
    taken: list[bytes] = []
    envelopes: list[bytes] = []
    signers: dict[Digest, None] = {}
    for leaf in leaves:
        entry = parse_entry(leaf)
        data = tx.blobs.envelope(entry.release.envelope) or b""
        room_left -= len(leaf) + len(data)
        if taken and room_left < 0:
            break
        taken.append(leaf)
        envelopes.append(data)
        signers[entry.binding.signer] = None
    return taken, envelopes, list(signers)


def prove(
    authority: Authority, tx: Transaction, caller: Device, room: RoomId, envelope: Digest, partner: str = ""
) -> Bundle:
    """Everything that proves one message's crossing offline: to `partner`, or to the first that it went to."""
    _member(tx, caller, room.hex())
    place = tx.rooms.accepted(envelope)
    leaves = [] if place is None or place < 0 else tx.logs.leaves(home_log(room), place, 1)
    entry = parse_entry(leaves[0]) if leaves else None
    if entry is None or entry.release.envelope != envelope:
        raise NotFound(envelope[:6].hex(), what="message")
    own = entry.release.border == authority.nation
    partners = sorted(entry.release.rules) if own else [entry.release.border]
    wanted = [nation for nation in partners if partner in ("", nation)]
    if not wanted:
        raise NotFound("the message has not crossed that border", what="crossing")
    return _crossing(authority, tx, entry, wanted[0], own=own)


def _crossing(authority: Authority, tx: Transaction, entry: Released, partner: Nation, *, own: bool) -> Bundle:
    log = border_log(authority.nation, partner) if own else border_log(partner, authority.nation)
    note = tx.logs.cosigned(log)
    index = tx.logs.find(log, entry.digest)
    if not note or index is None:
        raise NotFound(f"{partner} has not cosigned it yet", what="proof")
    size = checkpoint.parse(note).checkpoint.size
    if index >= size:
        raise NotFound(f"{partner} has not cosigned it yet", what="proof")
    chain, data = tx.blobs.chain(entry.binding.signer), tx.blobs.envelope(entry.release.envelope)
    if chain is None or data is None:
        raise NotFound("its bytes were deleted by retention", what="envelope")
    peer = authority.peer(partner)
    mine, theirs = (authority.root, authority.chain), (peer.root, peer.chain)
    author, witness_ = (mine, theirs) if own else (theirs, mine)
    return Bundle(
        version=1,
        log=log,
        index=index,
        leaf=entry.leaf,
        envelope=data,
        proof=tuple(inclusion_proof(tiles(tx.logs, log), index, size)),
        checkpoint=note,
        author=chain.encode(),
        border=author[1].encode(),
        witness=witness_[1].encode(),
        roots=(author[0], witness_[0]),
    )


def envelope_row(tx: Transaction, caller: Device, digest: bytes) -> bytes:
    """The stored bytes of one envelope, for a member of its room: what the node sees."""
    data = tx.blobs.envelope(Digest(digest))
    if data is None or sha256(data) != digest:
        raise NotFound(digest[:6].hex(), what="envelope")
    _member(tx, caller, open_envelope(data).binding.room.hex())
    return data
