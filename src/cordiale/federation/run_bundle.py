"""A private deconfliction opened by one side: one file from which anybody with the roots can repeat its run, offline.

    both registers' records     each a record's proof bundle: who wrote it, by which device, and that it crossed
    what was said               every signed statement of the run; the signatures are those of the devices of the records
    the opening                 one side's secret: its seed and its codes

What is verified: that side's statements follow from what it had committed to (`cordiale.register.deconfliction.audit`), the
sizes are within the cap that both agreed on, both records say what was said, and the run was within its budget, counted with
the earlier runs that are given. The file shows the whole plan of the side that opened it.

Invariant: `ProvenRun` comes only from `verify_run_bundle`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from cordiale.errors import LimitExceeded, Malformed, ProofInvalid
from cordiale.federation.record_bundle import ProvenRecord, verify_record_bundle
from cordiale.register.deconfliction import entry, message
from cordiale.register.deconfliction.audit import Audited, Opening, audit
from cordiale.register.deconfliction.log import Ended, Logged, check_budget, once
from cordiale.register.deconfliction.message import Invite
from cordiale.register.deconfliction.seat import Said
from cordiale.register.deconfliction.terms import Terms
from cordiale.register.workflow import Status
from cordiale.vocab.moment import Moment
from cordiale.vocab.party import Nation
from cordiale.wire import canonical, limits
from cordiale.wire.canonical import Record

RUN_BUNDLE_BYTES: Final = 47 * limits.MIB
"""What goes into one answer of an agent. A run of one pass at the cap has 10 MiB of statements, the largest plan 31 MiB."""
_VERSION: Final = 1
_STATEMENTS_MOST: Final = 32


class Spoken(Record, frozen=True):
    """A statement of the run, and whose it is."""

    nation: Nation
    statement: bytes


class RunBundle(Record, frozen=True):
    """`nation` is the side that opened; `statements` are in the order in which it saw them, `records` in any."""

    version: int
    nation: Nation
    statements: tuple[Spoken, ...]
    opening: bytes
    records: tuple[bytes, ...]

    def __repr__(self) -> str:
        return f"RunBundle({self.nation})"

    def encode(self) -> bytes:
        return canonical.encode(self)


class ProvenRun:
    """What a verified bundle proves; `earlier` are the runs that were counted with it."""

    __slots__ = ("audited", "earlier", "nation", "records")

    def __init__(
        self, nation: Nation, audited: Audited, records: Mapping[Nation, ProvenRecord], earlier: Sequence[Logged]
    ) -> None:
        self.nation: Final = nation
        self.audited: Final = audited
        self.records: Final = records
        self.earlier: Final = earlier


def bundle_of_run(nation: Nation, said: Sequence[Said], opening: Opening, records: Sequence[bytes]) -> bytes:
    """A bundle from what was said, the secret of `nation`, and the proof bundles of the run's records."""
    spoken = tuple(Spoken(each.nation, each.statement) for each in said)
    data = RunBundle(_VERSION, nation, spoken, opening.encode(), tuple(records)).encode()
    if len(data) > RUN_BUNDLE_BYTES:
        raise LimitExceeded(f"the opened run has {len(data)} bytes, {RUN_BUNDLE_BYTES} allowed")
    return data


def verify_run_bundle(data: bytes, earlier: Sequence[bytes], pinned: Mapping[Nation, bytes], now: Moment) -> ProvenRun:
    """Verify everything and repeat the run, which takes as long as the run took the side that is audited.

    `earlier` are proof bundles of records of earlier runs, whose budget is counted too. `ProofInvalid` says what does not hold,
    `BudgetSpent` by how much a budget was passed; `pinned` as for a message's bundle.
    """
    bundle = canonical.decode(data, RunBundle, limit=RUN_BUNDLE_BYTES)
    if bundle.version != _VERSION or not 0 < len(bundle.statements) <= _STATEMENTS_MOST or len(bundle.records) != 2:
        raise Malformed("a field is outside its range", what="RunBundle")
    terms = _terms(bundle.statements[0].statement)
    records = _records(bundle.records, pinned, now)
    if {*records} != {terms.initiator, terms.responder}:
        raise ProofInvalid("the records in the file are not one of each of the run's two nations")
    said = [Said(each.nation, each.statement) for each in bundle.statements]
    audited = audit(said, _keys(terms, records), bundle.nation, Opening.decode(bundle.opening))
    for nation, record in records.items():
        _check_record(nation, record, audited.logged, is_own=nation == bundle.nation)
    before = _earlier(earlier, terms, pinned, now)
    for nation in (terms.initiator, terms.responder):
        check_budget(terms, nation, before, terms.budget, terms.created)
    return ProvenRun(bundle.nation, audited, records, before)


def _terms(first: bytes) -> Terms:
    _, invite = message.peek(first)
    if not isinstance(invite, Invite):
        raise ProofInvalid("a run that does not begin with an invitation")
    return invite.terms


def _records(bundles: Sequence[bytes], pinned: Mapping[Nation, bytes], now: Moment) -> dict[Nation, ProvenRecord]:
    found: dict[Nation, ProvenRecord] = {}
    for data in bundles:
        proven = verify_record_bundle(data, pinned, now)
        head = proven.state.head
        if head is None or head.type != entry.TYPE or head.owner in found:
            raise ProofInvalid("a record in the file is not a run's, or one nation has two")
        found[head.owner] = proven
    return found


def _keys(terms: Terms, records: Mapping[Nation, ProvenRecord]) -> dict[Nation, bytes]:
    """The public key of each person's device: that which wrote their nation's record."""
    found: dict[Nation, bytes] = {}
    for nation, person in zip((terms.initiator, terms.responder), terms.people, strict=True):
        devices = {act.author.public_key for act in records[nation].state.acts if str(act.author.address) == person}
        if len(devices) != 1:
            raise ProofInvalid(
                f"{len(devices)} devices of {person} wrote the record of the run, where there has to be one"
            )
        found[nation] = devices.pop()
    return found


def _check_record(nation: Nation, record: ProvenRecord, logged: Logged, *, is_own: bool) -> None:
    """One's own record says all that was said; the other's does where the run came to an outcome, else what both agreed on."""
    wholly = is_own or logged.ended is Ended.DONE
    wrong = entry.differing(_values(record), logged, () if wholly else entry.AGREED)
    if wrong:
        raise ProofInvalid(f"the record of {nation} is not what was said: {', '.join(wrong)}")
    if record.state.status not in (Status.BINDING, Status.FULFILLED):
        raise ProofInvalid(f"the record of {nation} is not keyed: the run is not over, or acts were left out")


def _values(record: ProvenRecord) -> dict[str, Any]:
    return {name: opening.value for name, opening in record.state.shown().items()}


def _earlier(bundles: Sequence[bytes], terms: Terms, pinned: Mapping[Nation, bytes], now: Moment) -> list[Logged]:
    """Earlier runs, once each, whichever nation's record of it is given."""
    found: list[Logged] = []
    for data in bundles:
        proven = verify_record_bundle(data, pinned, now)
        if proven.state.head is None or proven.state.head.type != entry.TYPE:
            raise ProofInvalid("what was given as an earlier run is another record")
        logged = entry.counted(_values(proven), b"")
        if logged.terms.run != terms.run and logged.terms.created <= terms.created:
            found.append(logged)
    return once(found)
