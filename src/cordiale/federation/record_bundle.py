"""The proof of a record: one file that shows to anyone who holds the roots what was agreed, by whom, when, without any server.

    each act            signed by its author's device, about the hash that it names
    each act's message  crossed the border: a proof bundle of its own, which gives it its sequence and time
    all acts together   folded here, by the same function as everywhere, to the state that is claimed

The acts are plaintext, so the file is as sensitive as the record. Leaving acts out is possible and shows: a key names the hash
that it was turned for, and what binds on some acts of a record binds on all of them (`cordiale.register.fold`).

Invariant: `ProvenRecord` comes only from `verify_record_bundle`.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from cordiale.errors import CordialeError, LimitExceeded, Malformed, ProofInvalid
from cordiale.federation.bundle import Bundle, Proven, parse_bundle, verify_crossing
from cordiale.register import act as acts
from cordiale.register.act import Crossing, VerifiedAct
from cordiale.register.fold import Fold, fold
from cordiale.register.record import RecordId
from cordiale.vocab.identifier import Digest
from cordiale.vocab.moment import Moment
from cordiale.vocab.party import Nation
from cordiale.wire import canonical, limits
from cordiale.wire.canonical import Record

_VERSION: Final = 1


class Step(Record, frozen=True):
    """One act, as it was signed, and the proof bundle of the message that carried it."""

    act: bytes
    crossing: bytes


class RecordBundle(Record, frozen=True):
    """All that proves one record, in any order."""

    version: int
    steps: tuple[Step, ...]

    def encode(self) -> bytes:
        return canonical.encode(self)


class ProvenRecord:
    """What a verified bundle proves: the record's state, and the crossing of each act that made it."""

    __slots__ = ("crossings", "record", "state")

    def __init__(self, record: RecordId, state: Fold, crossings: Mapping[Digest, Proven]) -> None:
        self.record: Final = record
        self.state: Final = state
        self.crossings: Final = crossings


def bundle_of(steps: Sequence[tuple[bytes, bytes]]) -> bytes:
    """A bundle from signed acts and the bundles of their messages."""
    return RecordBundle(_VERSION, tuple(Step(act, crossing) for act, crossing in steps)).encode()


def is_record_bundle(data: bytes) -> bool:
    """Whether a file has the form of a record's bundle, not a message's; nothing is verified."""
    try:
        canonical.decode(data, RecordBundle, limit=limits.BUNDLE_BYTES)
    except CordialeError:
        return False
    return True


def verify_record_bundle(data: bytes, pinned: Mapping[Nation, bytes], now: Moment) -> ProvenRecord:
    """Verify every act and crossing, then fold them. `pinned` as for a message's bundle."""
    bundle = canonical.decode(data, RecordBundle, limit=limits.BUNDLE_BYTES)
    if bundle.version != _VERSION or not bundle.steps:
        raise Malformed("a field is outside its range", what="RecordBundle")
    if len(bundle.steps) > limits.ACTS_PER_RECORD:
        raise LimitExceeded(f"{len(bundle.steps)} acts, {limits.ACTS_PER_RECORD} allowed")
    proven = [_verify(step, pinned, now) for step in bundle.steps]
    records = {act.record for act, _ in proven}
    rooms = {act.room for act, _ in proven}
    roots: dict[Nation, Digest] = {}
    for _, crossing in proven:
        if any(roots.setdefault(nation, root) != root for nation, root in crossing.roots.items()):
            raise ProofInvalid("the acts were proven under different roots of one nation")
    if len(records) != 1 or len(rooms) != 1:
        raise ProofInvalid("the acts are about different records or from different rooms")
    state = fold(act for act, _ in proven)
    if state.head is None:
        raise ProofInvalid("the proposal is missing, so nothing says what the record is")
    return ProvenRecord(records.pop(), state, {act.digest: crossing for act, crossing in proven})


def _verify(step: Step, pinned: Mapping[Nation, bytes], now: Moment) -> tuple[VerifiedAct, Proven]:
    crossing: Bundle = parse_bundle(step.crossing)
    proven, author = verify_crossing(crossing, pinned, now)
    carried = Crossing(proven.room, proven.message, author.digest, author.nation, proven.sequence, proven.released)
    return acts.verify(acts.decode(step.act), author, carried), proven
