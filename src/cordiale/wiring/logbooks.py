"""Reading and verifying what a node's logs hold, offline, from its database."""

from collections.abc import Iterator
from typing import Any

from cordiale.crypto import statement
from cordiale.crypto.certificate import root_key
from cordiale.errors import CordialeError, NotFound
from cordiale.federation.envelope import check_release, parse_entry
from cordiale.federation.session import BORDER, HOME, INBOX, origin
from cordiale.labels.marking import marking_for
from cordiale.ledger import checkpoint
from cordiale.ledger.log import audit
from cordiale.node import directory, guard
from cordiale.node.authority import Authority
from cordiale.node.ports import Transaction
from cordiale.vocab.moment import iso
from cordiale.vocab.party import Nation, parse_nation
from cordiale.wire import canonical, limits

PAGE = 512


def author_of(authority: Authority, log: str) -> Nation:
    """Which nation keeps a log: a border log is its author's, every other one is our own."""
    kind, _, name = log.partition("/")
    return parse_nation(name.partition("-")[0]) if kind == BORDER else authority.nation


def entries(authority: Authority, tx: Transaction, log: str, start: int, count: int) -> list[dict[str, Any]]:
    """Entries as people read them."""
    leaves = tx.logs.leaves(log, start, count)
    return [{"index": start + place, **_view(authority, log, leaf)} for place, leaf in enumerate(leaves)]


def _view(authority: Authority, log: str, leaf: bytes) -> dict[str, Any]:
    kind = log.partition("/")[0]
    if kind in (BORDER, HOME, INBOX):
        entry = parse_entry(leaf)
        shown = marking_for(entry.label, authority.policy, authority.policies, authority.table, "en")
        return {
            "kind": entry.binding.kind,
            "room": entry.binding.room.hex(),
            "message": entry.header.id.hex(),
            "border": entry.release.border,
            "sequence": entry.release.sequence,
            "marking": shown.text,
            "rules": dict(entry.release.rules),
            "envelope": entry.release.envelope.hex(),
            "released": iso(entry.release.released),
        }
    if log == guard.LOG:
        verdict = canonical.decode(leaf, guard.Verdict, limit=limits.BINDING_BYTES)
        return {
            "direction": verdict.direction,
            "partner": verdict.partner,
            "release": verdict.release,
            "rule": verdict.rule,
            "label": verdict.label.hex(),
            "envelope": verdict.envelope.hex(),
            "at": iso(verdict.at),
        }
    return {"bytes": len(leaf)}


def verify(authority: Authority, tx: Transaction, log: str) -> dict[str, Any]:
    """Recompute a whole log: every leaf, every stored hash, the signed checkpoint, every border signature.

    `ProofInvalid` (or `BadSignature`) names the first entry that is not what was signed.
    """
    size = tx.logs.state(log).size
    if not size:
        raise NotFound(log, what="log")
    nation = author_of(authority, log)
    key = authority.border_key_of(nation)
    head = checkpoint.verify(tx.logs.checkpoint(log), origin=origin(nation, log), name=f"border@{nation}", key=key)
    audit(_leaves(tx, log, size), _hashes(tx, log, size), head)
    _check_entries(authority, tx, log, size)
    return {"log": log, "entries": size, "root": head.root.hex(), "checkpoint": head.size, "ok": True}


def _leaves(tx: Transaction, log: str, size: int) -> Iterator[bytes]:
    for start in range(0, size, PAGE):
        yield from tx.logs.leaves(log, start, PAGE)


def _hashes(tx: Transaction, log: str, size: int) -> Iterator[Any]:
    for start in range(0, size, PAGE):
        yield from tx.logs.hashes(log, start, PAGE)


def _check_entries(authority: Authority, tx: Transaction, log: str, size: int) -> None:
    kind = log.partition("/")[0]
    for index, leaf in enumerate(_leaves(tx, log, size)):
        try:
            if kind in (BORDER, HOME, INBOX):
                entry = parse_entry(leaf)
                check_release(entry, authority.border_key_of(entry.release.border))
            elif log == directory.LOG:
                _check_enrolment(authority, leaf)
        except CordialeError as error:
            error.facts["detail"] = f"entry {index} of {log}: {error.detail}"
            raise


def _check_enrolment(authority: Authority, leaf: bytes) -> None:
    kind = canonical.decode(leaf, statement.Statement, limit=limits.POLICY_BYTES).kind
    key = root_key(authority.root) if kind == statement.REVOCATION else authority.border.public_key
    statement.unseal(key, kind, leaf)
