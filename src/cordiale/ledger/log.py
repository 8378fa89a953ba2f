"""One log, seen by its author, by a replica and by an auditor.

    author    append(entries)                        → checkpoint() → sign
    replica   advance(state, entries, checkpoint)    the same structure, grown only as far as a signed root confirms
    auditor   audit(entries, stored hashes, checkpoint)    names the first entry that is not what was signed

A page that ends before the checkpoint is confirmed by a consistency proof from the page's end to the checkpoint, so a
long outage is caught up in pages against one signature.
"""

from collections.abc import Iterable, Sequence
from itertools import islice, zip_longest
from typing import Final, Self

from cordiale.errors import IllegalStep, ProofInvalid, SplitView
from cordiale.ledger import note as notes
from cordiale.ledger.checkpoint import Checkpoint, VerifiedCheckpoint
from cordiale.ledger.merkle import Frontier, leaf_hash
from cordiale.ledger.proof import verify_consistency
from cordiale.vocab.identifier import Digest
from cordiale.wire import canonical

AUDIT_BATCH: Final = 1024
"""Entries held in memory at a time."""


class LogState(canonical.Record, frozen=True):
    """A log's origin and compact range. Growing makes a new one."""

    origin: str
    frontier: Frontier

    def __post_init__(self) -> None:
        notes.check_name(self.origin)

    @classmethod
    def empty(cls, origin: str) -> Self:
        """Of a new log."""
        return cls(origin, Frontier.empty())

    @property
    def size(self) -> int:
        """How many entries."""
        return self.frontier.size

    def append(self, leaves: Sequence[bytes]) -> tuple["LogState", tuple[Digest, ...]]:
        """The author's step: the grown log and the new entries' leaf hashes."""
        hashes = tuple(map(leaf_hash, leaves))
        return LogState(self.origin, self.frontier.extend(hashes)), hashes

    def checkpoint(self) -> Checkpoint:
        """What the author signs."""
        return Checkpoint(self.origin, self.size, self.frontier.root())


def advance(
    state: LogState, leaves: Sequence[bytes], checkpoint: VerifiedCheckpoint, proof: Sequence[Digest] = ()
) -> LogState:
    """The replica's step: grow by `leaves` if the signed checkpoint confirms them.

    `proof` is the consistency proof from the end of `leaves` to the checkpoint, empty where they end together.
    `ProofInvalid`: the entries are not those that were signed. `SplitView`: the checkpoint contradicts what this
    replica has already confirmed.
    """
    if checkpoint.origin != state.origin:
        raise IllegalStep(f"{checkpoint.checkpoint} was given to a replica of {state.origin}")
    if checkpoint.size < state.size:
        raise SplitView(f"{checkpoint.checkpoint}, but {state.size} entries were confirmed before")
    if checkpoint.size == state.size and checkpoint.root != state.frontier.root():
        raise SplitView(f"{checkpoint.checkpoint} has another root than was confirmed before")
    grown, _hashes = state.append(leaves)
    _confirm(grown, checkpoint, proof, since=state.size)
    return grown


def _confirm(grown: LogState, checkpoint: VerifiedCheckpoint, proof: Sequence[Digest], *, since: int) -> None:
    if grown.size > checkpoint.size:
        raise ProofInvalid(f"entry {checkpoint.size} is beyond {checkpoint.checkpoint}", entry=checkpoint.size)
    if grown.size == 0:
        return
    try:
        verify_consistency(grown.size, checkpoint.size, proof, grown.frontier.root(), checkpoint.root)
    except ProofInvalid:
        raise ProofInvalid(
            f"entries {since} to {grown.size - 1} are not shown to be those of {checkpoint.checkpoint}", entry=since
        ) from None


def audit(
    leaves: Iterable[bytes],
    hashes: Iterable[Digest],
    checkpoint: VerifiedCheckpoint,
    *,
    earlier: Iterable[VerifiedCheckpoint] = (),
) -> None:
    """Verify a stored log from its first entry; `ProofInvalid` names the first entry that was altered.

    `leaves` and `hashes` are read once, in step. An entry that no longer has its stored hash is named exactly. Where
    an entry and its stored hash were altered together, only a root can tell: `earlier` checkpoints of the log narrow
    it down to those entries that the first contradicted one added.
    """
    stored = zip_longest(leaves, hashes)
    frontier = Frontier.empty()
    for until in sorted((*earlier, checkpoint), key=lambda known: known.size):
        since = frontier.size
        while frontier.size < until.size:
            page = list(islice(stored, min(AUDIT_BATCH, until.size - frontier.size)))
            if not page:
                raise _altered(frontier.size, f"it is missing, though {until.checkpoint} is signed")
            frontier = frontier.extend([_checked(frontier.size + at, *pair) for at, pair in enumerate(page)])
        if frontier.root() != until.root:
            raise ProofInvalid(
                f"entries {since} to {until.size - 1} agree with their stored hashes and not with the signed "
                f"{until.checkpoint}: an entry and its hash were altered together",
                entry=since,
                last=until.size - 1,
            )
    if next(stored, None) is not None:
        raise _altered(frontier.size, "no signed checkpoint covers it")


def _checked(index: int, leaf: bytes | None, stored: Digest | None) -> Digest:
    if leaf is None or stored is None:
        raise _altered(index, "it is missing" if leaf is None else "its stored hash is missing")
    if leaf_hash(leaf) != stored:
        raise _altered(index, "it does not have its stored hash")
    return stored


def _altered(index: int, why: str) -> ProofInvalid:
    return ProofInvalid(f"entry {index}: {why}", entry=index)
