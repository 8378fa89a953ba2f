"""From acts to what a record is: a pure function of the set of acts about it, whatever order they came in.

    acts, by position ──> each judged in the view of its own author ──> those that hold, applied ──> RecordView

Judged in its author's view: an act holds if the table and the rules allow it in the state that its author had read (the acts
that it `saw`). Nothing that comes later, or came at the same time elsewhere, makes it wrong afterwards. From this follow:

    two edits of one field, neither of which saw the other, both stay, and show as a conflict
    keys count for the one hash that they name; an edit that was seen makes another hash, and so voids them
    a record binds once the keys that its terms ask for are turned for one hash, and stays so: an edit, objection or withdrawal
    that comes to light later, because its author had not read the last key and the last keyer had not read it, came too late

The last is the rule of acceptance: what both have signed is an agreement. It is shown with what came too late beside it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from cordiale.register import backing, workflow
from cordiale.register.act import (
    Amend,
    Attach,
    Comment,
    Delegate,
    Disclose,
    Fulfil,
    Key,
    Lapse,
    Object,
    Propose,
    Reserve,
    Supersede,
    VerifiedAct,
    Withdraw,
)
from cordiale.register.reason import Reason, because
from cordiale.register.record import Head, Opening, field_digest, record_hash
from cordiale.register.workflow import Status, Step
from cordiale.vocab.identifier import Digest
from cordiale.vocab.party import Nation
from cordiale.wire import canonical, limits


class Write(NamedTuple):
    """One value of a field and the act that wrote it."""

    digest: Digest
    by: VerifiedAct


class Refused(NamedTuple):
    """An act that doesn't hold, and why."""

    act: VerifiedAct
    why: Reason


class Bound(NamedTuple):
    """A hash that binds: the keys that made it so, and the last act."""

    hash: Digest
    keys: tuple[VerifiedAct, ...]
    last: VerifiedAct


_Fields = dict[str, tuple[Write, ...]]
_EMPTY: Final[Mapping[Any, Any]] = MappingProxyType({})
"""What most records have none of; shared, for a room may have a hundred thousand of them."""
Fault = Callable[["Fold", VerifiedAct], Reason | None]
"""Why an act doesn't hold for a reason outside its record; None where it does."""


class Fold:
    """The state of one record while acts are applied. Only `add` changes it."""

    __slots__ = (
        "_base_hash",
        "_fields",
        "_latest",
        "_openings",
        "acts",
        "attached",
        "begun",
        "bound",
        "comments",
        "delegations",
        "fulfilled",
        "head",
        "held",
        "keys",
        "objections",
        "refused",
        "reserved",
        "versions",
        "withdrawn",
    )

    def __init__(self) -> None:
        self.head: Head | None = None
        self.begun: VerifiedAct | None = None
        self.acts: list[VerifiedAct] = []
        self.held = bytearray()
        """Beside each act, whether it holds."""
        self.refused: Sequence[Refused] = ()
        self.keys: Mapping[bytes, Mapping[Nation, VerifiedAct]] = _EMPTY
        self.objections: Mapping[bytes, Sequence[VerifiedAct]] = _EMPTY
        self.versions: Mapping[bytes, _Fields] = _EMPTY
        self.bound: Mapping[bytes, Bound] = _EMPTY
        self.comments: Sequence[VerifiedAct] = ()
        self.attached: Sequence[VerifiedAct] = ()
        self.reserved: Sequence[VerifiedAct] = ()
        self.delegations: Sequence[VerifiedAct] = ()
        self.fulfilled: Sequence[VerifiedAct] = ()
        self.withdrawn: Sequence[VerifiedAct] = ()
        self._fields: _Fields = {}
        self._openings: dict[Digest, Opening] = {}
        self._latest: dict[Nation, int] = {}
        self._base_hash = Digest(b"")

    # Looking

    @property
    def hash(self) -> Digest:
        """What the record is now: the bound version where there is one, else the latest."""
        return next(iter(self.bound.values())).hash if self.bound else self._base_hash

    @property
    def fields(self) -> Mapping[str, tuple[Write, ...]]:
        """The values of `hash`; several for a field that was edited at once."""
        return self.versions[self.hash] if self.bound else self._fields

    @property
    def status(self) -> Status:
        """Where the record stands."""
        if self.bound:
            return Status.FULFILLED if self.fulfilled else Status.BINDING
        if self.withdrawn:
            return Status.WITHDRAWN
        if self.objections.get(self._base_hash):
            return Status.OBJECTED
        return Status.PART_KEYED if self.keys.get(self._base_hash) else Status.PROPOSED

    def opening(self, digest: Digest) -> Opening | None:
        """The field behind a digest, if it was shown."""
        return self._openings.get(digest)

    def shown(self) -> dict[str, Opening]:
        """The fields that were shown and are not in conflict."""
        found = {name: self._openings.get(writes[0].digest) for name, writes in self.fields.items() if len(writes) == 1}
        return {name: opening for name, opening in found.items() if opening is not None}

    def shown_digests(self) -> dict[str, Digest]:
        """What `shown` is committed to by."""
        fields, openings = self.fields, self._openings
        return {
            name: writes[0].digest
            for name, writes in fields.items()
            if len(writes) == 1 and writes[0].digest in openings
        }

    def fault_of(self, act: VerifiedAct, fault: Fault | None = None) -> Reason | None:
        """Why an act would not hold if it came next; None where it would. Changes nothing."""
        return self._judged(self.as_read_by(act), act, fault)

    def _judged(self, base: "Fold", act: VerifiedAct, fault: Fault | None) -> Reason | None:
        if len(self.acts) >= limits.ACTS_PER_RECORD:
            return because("too-many")
        return _fault(base, act) or (fault(base, act) if fault else None)

    # Growing

    def add(self, act: VerifiedAct, fault: Fault | None = None) -> None:
        """The next act by position: judged in its author's view (and by `fault`, from outside the record), then applied."""
        base = self.as_read_by(act)
        why = self._judged(base, act, fault)
        if why is not None:
            self.refused = (*self.refused, Refused(act, why))
        else:
            self._apply(act, base)
        self.acts.append(act)
        self.held.append(why is None)
        nation, sequence = act.author.nation, act.sequence
        if sequence > self._latest.get(nation, 0):
            self._latest[nation] = sequence

    def _all_seen_by(self, act: VerifiedAct) -> bool:
        if self.acts and self.acts[-1].position >= act.position:
            return False
        if all(act.had_read(nation, sequence) for nation, sequence in self._latest.items()):
            return True
        return all(act.saw(other) for other in self.acts)

    def as_read_by(self, act: VerifiedAct) -> "Fold":
        """The record as the author of an act had read it: the acts that hold among those, without judging them again."""
        if self._all_seen_by(act):
            return self
        base = Fold()
        for other, holds in zip(self.acts, self.held, strict=True):
            if act.saw(other):
                base.acts.append(other)
                if holds:
                    base._apply(other, base)
        return base

    def _apply(self, act: VerifiedAct, base: "Fold") -> None:
        match act.body:
            case Propose(head, digests, openings) | Supersede(_, head, digests, openings):
                self.head, self.begun = head, act
                self._write(head, act, digests, openings)
            case Amend(digests, openings) if self.head is not None:
                self._write(self.head, act, digests, openings)
            case Key() | Lapse():
                self._agree(act, base)
            case Object():
                against = (*self.objections.get(act.of, ()), act)
                self.objections = {**self.objections, act.of: against}
            case Withdraw():
                self.withdrawn = (*self.withdrawn, act)
            case Disclose(openings):
                self._show(openings)
            case Delegate():
                self.delegations = (*self.delegations, act)
            case Fulfil():
                self.fulfilled = (*self.fulfilled, act)
            case Comment():
                self.comments = (*self.comments, act)
            case Attach():
                self.attached = (*self.attached, act)
            case Reserve():
                self.reserved = (*self.reserved, act)
            case _:
                pass

    def _write(
        self, head: Head, act: VerifiedAct, digests: Mapping[str, Digest], openings: Mapping[str, Opening]
    ) -> None:
        fields = dict(self._fields)
        for name, digest in digests.items():
            write, beside = Write(digest, act), fields.get(name)
            kept = [one for one in beside if one.digest != digest and not act.saw(one.by)] if beside else None
            fields[name] = tuple(sorted([*kept, write], key=_by_digest)) if kept else (write,)
        self._fields = fields
        self._base_hash = record_hash(
            canonical.encode(head), {name: tuple(one.digest for one in writes) for name, writes in fields.items()}
        )
        self._show(openings)

    def _show(self, openings: Mapping[str, Opening]) -> None:
        for name, opening in openings.items():
            self._openings[field_digest(name, opening)] = opening

    def _agree(self, act: VerifiedAct, base: "Fold") -> None:
        of = act.of
        if of not in self.versions:
            self.versions = {**self.versions, of: base._fields}
        keys = self.keys.get(of, _EMPTY)
        if isinstance(act.body, Key) and act.nation not in keys:
            keys = {**keys, act.nation: act}
            self.keys = {**self.keys, of: keys}
        if self.head is None or of in self.bound:
            return
        if isinstance(act.body, Lapse) or workflow.agreed(self.head, keys):
            self.bound = {**self.bound, of: Bound(Digest(of), tuple(keys.values()), act)}


def _by_digest(write: Write) -> Digest:
    return write.digest


def fold(acts: Iterable[VerifiedAct]) -> Fold:
    """The record that a set of acts about it makes; any order, repeated acts count once."""
    state = Fold()
    for act in ordered(acts):
        state.add(act)
    return state


def ordered(acts: Iterable[VerifiedAct]) -> Sequence[VerifiedAct]:
    """By position, each once."""
    return sorted({act.digest: act for act in acts}.values(), key=lambda act: act.position)


_STEPS: Final[Mapping[type, Step]] = {
    Amend: Step.AMEND,
    Object: Step.OBJECT,
    Withdraw: Step.WITHDRAW,
    Lapse: Step.LAPSE,
    Fulfil: Step.FULFIL,
}
_OWNERS: Final = (Withdraw, Disclose, Reserve)


def _fault(base: Fold, act: VerifiedAct) -> Reason | None:
    """Why an act doesn't hold in the state that its author had read; None where it does."""
    body = act.body
    if isinstance(body, Propose | Supersede):
        return _fault_of_proposal(base, act, body.head)
    head = base.head
    if head is None:
        return because("unread")
    if act.of != base.hash:
        return because("other-version")
    if act.nation != head.owner and act.nation not in workflow.needed(head)[0]:
        return because("no-part", nation=act.nation)
    if isinstance(body, _OWNERS) and act.nation != head.owner:
        return because("owner-only")
    step = _step(base, head, act)
    if step is not None and (base.status, step) not in workflow.TABLES[head.terms.workflow]:
        return because("step", step=step.value, status=base.status.value)
    return _fault_of_body(base, head, act)


def _fault_of_proposal(base: Fold, act: VerifiedAct, head: Head) -> Reason | None:
    if base.head is not None:
        return because("proposed-before")
    if act.nation != head.owner:
        return because("own-records")
    return workflow.fault_of_terms(head)


def _step(base: Fold, head: Head, act: VerifiedAct) -> Step | None:
    body = act.body
    if isinstance(body, Key):
        keyed = {*base.keys.get(act.of, {}), act.nation}
        return Step.LAST_KEY if workflow.agreed(head, keyed) else Step.KEY
    return _STEPS.get(type(body))


def _fault_of_body(base: Fold, head: Head, act: VerifiedAct) -> Reason | None:
    match act.body:
        case Key():
            if act.nation in base.keys.get(act.of, {}):
                return because("key-turned", nation=act.nation)
            if any(len(writes) > 1 for writes in base.fields.values()):
                return because("side-by-side")
            return backing.fault(head, base.shown()) or workflow.fault_of_key(head, act, base.delegations)
        case Lapse():
            return backing.fault(head, base.shown()) or workflow.fault_of_silence(head, act, base.acts)
        case Disclose(openings):
            known = {one.digest for writes in base.fields.values() for one in writes}
            wrong = [name for name, opening in openings.items() if field_digest(name, opening) not in known]
            return because("not-committed", field=wrong[0]) if wrong else None
        case Delegate(to):
            return None if to.endswith(f"@{act.nation}") else because("own-people")
        case _:
            return None
