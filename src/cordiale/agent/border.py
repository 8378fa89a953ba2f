"""What a person may see of their nation's borders: what crossed under which rule, whether the logs still stand as they were
signed, which partners can be reached, and the words by which two people compare whom they trust.

The node hands over hashes of all entries and the entries of one's own rooms (`cordiale.node.crossings`); everything it says is
computed again here. Between two audits the agent remembers size and root of each log, so that a shorter or another past shows.
"""

import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Final

import msgspec

from cordiale.agent import content as contents
from cordiale.agent.outbox import REFUSED, STORED
from cordiale.agent.ports import MessageRow, NodeClient
from cordiale.agent.workspace import Workspace
from cordiale.errors import CordialeError, ProofInvalid, SplitView
from cordiale.federation.api import BorderPage, LinkStanding
from cordiale.federation.domain import Domain
from cordiale.federation.envelope import Released, check_release, parse_entry
from cordiale.federation.peering import roots_transcript, word_numbers
from cordiale.federation.session import border_log, origin
from cordiale.ledger import checkpoint, witness
from cordiale.ledger.checkpoint import VerifiedCheckpoint
from cordiale.ledger.merkle import Frontier, leaf_hash
from cordiale.register.act import kind_of
from cordiale.vocab.identifier import Digest
from cordiale.vocab.moment import Moment
from cordiale.vocab.party import Nation
from cordiale.wire import canonical, limits
from cordiale.wire.canonical import Record

OUT: Final = "out"
IN: Final = "in"
SCANNED_MOST: Final = 8 * limits.BORDER_PAGE
"""Entries of each log that one question looks through; the answer says where to go on."""
_PAGE: Final = 256
_LOOKED_AT: Final = 500
_AUDITED: Final = "audited/"
_COMPARED: Final = "compared/"
_DESK: Final = "begun/desk"
_SIGNED, _WHOLE, _ENTRIES, _GREW, _CONFIRMED = "signed", "whole", "entries", "grew", "confirmed"
CHECKS: Final = (_SIGNED, _ENTRIES, _WHOLE, _GREW, _CONFIRMED)
"""In the order in which they are made; each stands on those before it."""


class Crossing(msgspec.Struct, frozen=True):
    """One entry of a border log. `rule` is the author's border's for letting it go to its reader, `refused` the one by which the
    own guard did not admit it; `confirmed` says that the reader has signed that it is stored there."""

    log: str
    partner: Nation
    direction: str
    index: int
    entry: Released
    rule: str
    refused: str
    confirmed: bool


class Crossings(msgspec.Struct, frozen=True):
    """Some of what crossed, latest first; `before` says for each log where to go on, and is empty at the end."""

    found: tuple[Crossing, ...]
    before: Mapping[str, int]


class Check(msgspec.Struct, frozen=True):
    """One thing that was looked at, and what was found."""

    check: str
    ok: bool
    detail: str


class Audit(msgspec.Struct, frozen=True):
    """What verification of one log came to. `entry` is the first that is not what was signed, -1 where none was named."""

    log: str
    partner: Nation
    direction: str
    entries: int
    own: int
    root: str
    at: Moment
    checks: tuple[Check, ...]
    entry: int = -1

    @property
    def ok(self) -> bool:
        """Whether all of it held."""
        return all(check.ok for check in self.checks)


class Done(msgspec.Struct, frozen=True):
    """What of the first steps this person has really taken."""

    compared: bool
    sent: bool
    keyed: bool
    desk: bool


class _Known(Record, frozen=True):
    """A log as it was at the last audit that held."""

    size: int
    root: bytes
    at: Moment


Unit = Callable[[], AbstractContextManager[Workspace]]
Wanted = Callable[[Crossing], bool]


class Border:
    """Asks the node, and believes nothing of it."""

    def __init__(self, domain: Domain, client: NodeClient, unit: Unit) -> None:
        self._domain, self._client, self._unit = domain, client, unit

    def links(self) -> Sequence[LinkStanding]:
        """How the linked nations' nodes can be reached."""
        return self._client.links()

    def refused(self, limit: int) -> list[MessageRow]:
        """This person's own messages that a border turned down; nobody else has them."""
        with self._unit() as work:
            return work.state.in_state(REFUSED, limit)

    def done(self) -> Done:
        """Words compared with every partner; a message, and a key, that the own node has taken; the desk opened."""
        compared = [self.words(nation)[1] is not None for nation in self._domain.peers]
        with self._unit() as work:
            own = work.state.in_state(STORED, _LOOKED_AT)
            acts = [work.state.act(row.room, row.id) for row in own if row.kind == contents.ACT]
            desk = work.state.value(_DESK) is not None
        keyed = any(act is not None and kind_of(act.signed) == "key" for act in acts)
        sent = any(row.kind in (contents.TEXT, contents.FILE) for row in own)
        return Done(bool(compared) and all(compared), sent, keyed, desk)

    def opened_desk(self) -> None:
        """Note that this person has opened the maritime desk."""
        with self._unit() as work:
            if work.state.value(_DESK) is None:
                work.state.put_value(_DESK, b"1")

    # --- what crossed -----------------------------------------------------------------------------------------------

    def crossings(
        self, wanted: Wanted, before: Mapping[str, int], limit: int, *, direction: str = "", partner: str = ""
    ) -> Crossings:
        """What crossed and is `wanted`, latest first, beginning before those places of the logs."""
        chosen = [
            (log, nation, way)
            for log, nation, way in self._logs()
            if direction in ("", way) and partner in ("", nation) and (not before or before.get(log, 0) > 0)
        ]
        reached = {log: before[log] for log, _, _ in chosen if log in before}
        found: list[Crossing] = []
        streams = [self._backward(log, nation, way, reached) for log, nation, way in chosen]
        for crossing in heapq.merge(*streams, key=lambda each: -each.entry.release.released):
            reached[crossing.log] = crossing.index
            if wanted(crossing):
                found.append(crossing)
            if len(found) == limit:
                break
        return Crossings(tuple(found), {log: place for log, place in reached.items() if place > 0})

    def _logs(self) -> list[tuple[str, Nation, str]]:
        own = self._domain.nation
        return [
            each
            for nation in sorted(self._domain.peers)
            for each in ((border_log(own, nation), nation, OUT), (border_log(nation, own), nation, IN))
        ]

    def _backward(self, log: str, nation: Nation, way: str, reached: dict[str, int]) -> Iterator[Crossing]:
        """A log's entries that may be seen, from the end or from where it was left. How far it got stands in `reached`."""
        end = reached[log] if log in reached else _size(self._client.border(log, 0, 0).checkpoint)
        reached[log], last = end, max(0, end - SCANNED_MOST)
        reader = nation if way == OUT else self._domain.nation
        while end > last:
            start = max(last, end - _PAGE)
            page = self._client.border(log, start, end - start)
            confirmed = _size(page.cosigned)
            for place in reversed(range(len(page.leaves))):
                entry, at = _entry(page.leaves[place]), start + place
                if entry is not None:
                    rule = entry.release.rules.get(reader, "")
                    yield Crossing(log, nation, way, at, entry, rule, page.refused[place], at < confirmed)
            reached[log] = end = start

    # --- verification -----------------------------------------------------------------------------------------------

    def verify(self, now: Moment) -> list[Audit]:
        """Compute every border log again from its hashes; what held is remembered for the next time."""
        return [self._audit(log, nation, way, now) for log, nation, way in self._logs()]

    def _audit(self, log: str, nation: Nation, way: str, now: Moment) -> Audit:
        first = self._client.border(log, 0, limits.BORDER_PAGE)
        author = self._domain.nation if way == OUT else nation
        tale = _Tale(log, nation, way, now)
        if not first.checkpoint:
            return tale.ended()
        head = tale.attempt(_SIGNED, lambda: self._head(first.checkpoint, author, log))
        if head is None:
            return tale.ended()
        with self._unit() as work:
            kept = work.state.value(_AUDITED + log)
        known = canonical.decode(kept, _Known, limit=limits.BINDING_BYTES) if kept else None
        cosigned = tale.peek(lambda: self._cosigned(first.cosigned, author, nation, log))
        sizes = {head.size, known.size if known else 0, cosigned.size if cosigned else 0}
        roots = self._recompute(tale, first, head.size, sizes, self._domain.border_key_of(author))
        tale.compare(_WHOLE, head.size, head.root, roots)
        if known is not None:
            tale.compare(_GREW, known.size, Digest(known.root), roots, shrunk=head.size < known.size)
        if cosigned is not None:
            tale.compare(_CONFIRMED, cosigned.size, cosigned.root, roots)
        audit = tale.ended(head)
        if audit.ok:
            with self._unit() as work:
                work.state.put_value(_AUDITED + log, canonical.encode(_Known(head.size, head.root, now)))
        return audit

    def _head(self, note: bytes, author: Nation, log: str) -> VerifiedCheckpoint:
        key = self._domain.border_key_of(author)
        return checkpoint.verify(note, origin=origin(author, log), name=f"border@{author}", key=key)

    def _cosigned(self, note: bytes, author: Nation, partner: Nation, log: str) -> VerifiedCheckpoint | None:
        """The checkpoint that the reader signed, too; None before there is one."""
        if not note:
            return None
        reader = partner if author == self._domain.nation else self._domain.nation
        return witness.verify_cosigned(
            note,
            origin=origin(author, log),
            log=(f"border@{author}", self._domain.border_key_of(author)),
            witnesses={f"border@{reader}": self._domain.border_key_of(reader)},
            at_least=1,
        )

    def _recompute(self, tale: "_Tale", page: BorderPage, size: int, sizes: set[int], key: bytes) -> dict[int, Digest]:
        """The roots at these sizes, from the entries' hashes; on the way each entry that may be seen is checked."""
        roots, frontier = dict[int, Digest](), Frontier.empty()
        while frontier.size < size:
            tale.entries(page, size, key)
            for hashed in page.hashes[: size - frontier.size]:
                frontier = frontier.extend([Digest(hashed)])
                if frontier.size in sizes:
                    roots[frontier.size] = frontier.root()
            if frontier.size >= size or not page.hashes:
                break
            page = self._client.border(page.log, frontier.size, limits.BORDER_PAGE)
        tale.close_entries(frontier.size, size)
        return roots

    # --- words ------------------------------------------------------------------------------------------------------

    def words(self, nation: Nation) -> tuple[tuple[int, ...], Moment | None]:
        """Six numbers of words that stand for both nations' roots, the same at a counterpart's agent; when they were compared."""
        digest = roots_transcript(self._domain.root, self._domain.peer(nation).root)
        with self._unit() as work:
            kept = work.state.value(_COMPARED + nation)
        known = canonical.decode(kept, _Known, limit=limits.BINDING_BYTES) if kept else None
        return word_numbers(digest), known.at if known and known.root == digest else None

    def compared(self, nation: Nation, now: Moment) -> None:
        """Note that this person and a counterpart have read the same words to each other."""
        digest = roots_transcript(self._domain.root, self._domain.peer(nation).root)
        with self._unit() as work:
            work.state.put_value(_COMPARED + nation, canonical.encode(_Known(0, digest, now)))


class _Tale:
    """What an audit has found so far."""

    def __init__(self, log: str, partner: Nation, direction: str, at: Moment) -> None:
        self._log, self._partner, self._direction, self._at = log, partner, direction, at
        self._checks: list[Check] = []
        self._own, self._entry, self._fault = 0, -1, ""

    def attempt(self, check: str, make: Callable[[], VerifiedCheckpoint]) -> VerifiedCheckpoint | None:
        """Make it, and tell whether that went well."""
        try:
            made = make()
        except CordialeError as error:
            self._checks.append(Check(check, ok=False, detail=str(error)))
            return None
        self._checks.append(Check(check, ok=True, detail=str(made.size)))
        return made

    def peek(self, make: Callable[[], VerifiedCheckpoint | None]) -> VerifiedCheckpoint | None:
        """Make it; only what fails is told."""
        try:
            return make()
        except CordialeError as error:
            self._checks.append(Check(_CONFIRMED, ok=False, detail=str(error)))
            return None

    def entries(self, page: BorderPage, size: int, key: bytes) -> None:
        """Each entry that may be seen has the hash that stands in the tree, and the border's signature."""
        for place, (leaf, hashed) in enumerate(zip(page.leaves, page.hashes, strict=False)):
            index = page.start + place
            if index >= size:
                return
            self._own += bool(leaf)
            if self._entry >= 0:
                continue
            try:
                if index in page.damaged or (leaf and leaf_hash(leaf) != hashed):
                    raise ProofInvalid(f"entry {index} is not what was signed", entry=index)
                if leaf:
                    check_release(parse_entry(leaf), key)
            except CordialeError as error:
                self._entry, self._fault = index, str(error)

    def close_entries(self, have: int, size: int) -> None:
        """Every entry was looked at, or is missing."""
        if self._entry < 0 and have < size:
            self._entry, self._fault = have, f"entry {have} is missing"
        self._checks.append(Check(_ENTRIES, ok=self._entry < 0, detail=self._fault or str(self._own)))

    def compare(
        self, check: str, size: int, root: Digest, roots: Mapping[int, Digest], *, shrunk: bool = False
    ) -> None:
        """The tree over the first `size` entries has this root."""
        if shrunk:
            self._checks.append(Check(check, ok=False, detail=str(SplitView(f"it had {size} entries before"))))
        else:
            self._checks.append(Check(check, ok=size == 0 or roots.get(size) == root, detail=str(size)))

    def ended(self, head: VerifiedCheckpoint | None = None) -> Audit:
        """What it came to."""
        size, root = (head.size, head.root.hex()) if head else (0, "")
        checks = tuple(sorted(self._checks, key=lambda each: CHECKS.index(each.check)))
        return Audit(self._log, self._partner, self._direction, size, self._own, root, self._at, checks, self._entry)


def _entry(leaf: bytes) -> Released | None:
    """None for what may not be seen, and for what is no entry (an audit names it)."""
    try:
        return parse_entry(leaf) if leaf else None
    except CordialeError:
        return None


def _size(note: bytes) -> int:
    return checkpoint.parse(note).checkpoint.size if note else 0
