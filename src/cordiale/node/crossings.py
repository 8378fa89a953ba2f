"""What a nation's own member may see of its border logs, so that the border is audited by those whose words cross it.

A device gets the hash of every entry, from which it computes the signed root again; the entry itself only where the device was a
member of its room when the entry was placed there. Hashes tell nothing: each leaf holds two fresh signatures. What other rooms
sent, to whom, under which marking, stays with them.
"""

from typing import Final

from cordiale.errors import CordialeError, Malformed, Unauthorised
from cordiale.federation.api import BorderPage, BorderRequest
from cordiale.federation.envelope import Released, parse_entry
from cordiale.federation.session import border_log
from cordiale.labels import binding as kinds
from cordiale.ledger import checkpoint
from cordiale.ledger.merkle import leaf_hash
from cordiale.node import guard
from cordiale.node.authority import Authority
from cordiale.node.ports import Device, Transaction
from cordiale.vocab.identifier import Digest
from cordiale.vocab.party import Nation
from cordiale.wire import canonical, limits

WAITING_MOST: Final = 1_000
"""Past so many entries that wait, nobody counts on."""
_VERDICTS: Final = 4_096
"""How far back in the guard's log the rule of a refusal is looked for."""
_NO_RULE: Final = "not-admitted"


def page(authority: Authority, tx: Transaction, caller: Device, request: BorderRequest) -> BorderPage:
    """A stretch of one of this nation's border logs; another one is as if it were not there."""
    partner, outward = _partner(authority, request.log)
    if not (0 <= request.start <= limits.COUNT_MOST and 0 <= request.count <= limits.BORDER_PAGE):
        raise Malformed("an impossible stretch", what="BorderRequest")
    stored = tx.logs.leaves(request.log, request.start, request.count)
    hashes = tx.logs.hashes(request.log, request.start, request.count)
    pairs = list(zip(stored, hashes, strict=True))
    entries = [_visible(tx, caller, leaf) for leaf in stored]
    missing = {} if outward else _refusals(tx, partner, entries)
    return BorderPage(
        request.log,
        request.start,
        tuple(hashes),
        tuple(entry.leaf if entry else b"" for entry in entries),
        tuple(missing.get(entry.release.envelope, "") if entry else "" for entry in entries),
        tuple(request.start + place for place, (leaf, known) in enumerate(pairs) if leaf_hash(leaf) != known),
        tx.logs.checkpoint(request.log),
        tx.logs.cosigned(request.log),
    )


def waiting(authority: Authority, tx: Transaction, caller: Device, partner: Nation) -> int:
    """How many entries of the caller's rooms the partner has not confirmed, `WAITING_MOST` where there are more."""
    log = border_log(authority.nation, partner)
    note = tx.logs.cosigned(log)
    done = checkpoint.parse(note).checkpoint.size if note else 0
    return sum(_visible(tx, caller, leaf) is not None for leaf in tx.logs.leaves(log, done, WAITING_MOST))


def _partner(authority: Authority, log: str) -> tuple[Nation, bool]:
    """With whom a border log is, and whether this nation writes it."""
    for nation in authority.peers:
        if log in (border_log(authority.nation, nation), border_log(nation, authority.nation)):
            return nation, log == border_log(authority.nation, nation)
    raise Unauthorised


def _visible(tx: Transaction, caller: Device, leaf: bytes) -> Released | None:
    """The entry, if the caller was a member of its room where it stands."""
    try:
        entry = parse_entry(leaf)
    except CordialeError:
        return None
    member = tx.rooms.member(entry.binding.room, caller.public_key)
    if member is None:
        return None
    place = tx.rooms.accepted(entry.release.envelope)
    if place is None or place < 0 or entry.binding.kind == kinds.NOTICE:  # a notice stands in an inbox, not in the room
        return entry if member.until < 0 else None
    return entry if member.since <= place and (member.until < 0 or place <= member.until) else None


def _refusals(tx: Transaction, partner: Nation, entries: list[Released | None]) -> dict[Digest, str]:
    """Of what the partner released and this nation did not admit, the rule, from the guard's log."""
    missing = {
        entry.release.envelope: _NO_RULE
        for entry in entries
        if entry is not None and tx.rooms.accepted(entry.release.envelope) is None
    }
    if missing:
        size = tx.logs.state(guard.LOG).size
        for leaf in tx.logs.leaves(guard.LOG, max(0, size - _VERDICTS), _VERDICTS):
            verdict = canonical.decode(leaf, guard.Verdict, limit=limits.BINDING_BYTES)
            if verdict.partner == partner and not verdict.release and verdict.envelope in missing:
                missing[verdict.envelope] = verdict.rule
    return missing
