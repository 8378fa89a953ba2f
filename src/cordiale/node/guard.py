"""The guard: decides on the label alone, by the nation's own signed policy, fails closed, and logs each decision.

Outward every other nation of the room must be allowed, or nobody gets it (refusal is whole). Inward the label must be one
that its author's nation may give and that this nation's table can read. The log holds the rule, the label's hash and the
direction, never the label.
"""

from collections.abc import Iterable
from typing import Final

from cordiale.errors import AboveCeiling, CordialeError, NotReleasable, PolicyInvalid, PolicyRefusal
from cordiale.labels.decision import Decision, admit, below, decide, governing
from cordiale.labels.label import Label
from cordiale.labels.policy import Policy
from cordiale.node import books
from cordiale.node.authority import Authority
from cordiale.node.ports import Logs
from cordiale.vocab.identifier import Digest
from cordiale.vocab.moment import Moment, iso
from cordiale.vocab.party import Nation
from cordiale.wire import canonical
from cordiale.wire.canonical import Record

LOG: Final = "guard"
OUTWARD: Final = "out"
INWARD: Final = "in"


class Verdict(Record, frozen=True):
    """One line of the guard's log."""

    direction: str
    partner: Nation
    release: bool
    rule: str
    policy_version: str
    label: Digest
    envelope: Digest
    at: Moment


def outward(
    authority: Authority, label: Label, envelope: Digest, destinations: Iterable[Nation], now: Moment
) -> list[tuple[Verdict, Decision]]:
    """A verdict for each destination; nothing is written."""
    policy = governing(label, authority.policy, authority.policies)
    check_validity(authority, policy, now)
    decided = [(nation, decide(label, nation, policy, authority.table)) for nation in destinations]
    return [(_verdict(OUTWARD, nation, decision, envelope, now), decision) for nation, decision in decided]


def inward(
    authority: Authority, label: Label, envelope: Digest, author: Nation, now: Moment
) -> tuple[Verdict, Decision]:
    """The verdict on something that a partner released to this nation."""
    check_validity(authority, authority.policy, now)
    decision = admit(label, authority.nation, author, authority.policy, authority.table, authority.policies)
    return _verdict(INWARD, author, decision, envelope, now), decision


def check_validity(authority: Authority, policy: Policy, now: Moment) -> None:
    """Raise `PolicyInvalid` outside the time for which policy and table were signed: then nothing is released."""
    if not policy.valid_at(now):
        raise PolicyInvalid(f"{policy.edition} does not apply at {iso(now)}")
    if not authority.table.valid_at(now):
        raise PolicyInvalid(f"the table {authority.table.edition} does not apply at {iso(now)}")


def check_ceiling(authority: Authority, label: Label, ceiling: Label, nations: Iterable[Nation]) -> None:
    """Raise `AboveCeiling` if a message's label is above its room's."""
    decision = below(label, ceiling, authority.policies, authority.table, tuple(nations))
    if not decision.release:
        raise AboveCeiling(decision.reason.en, rule=decision.rule, detail_fr=decision.reason.fr)


def record(authority: Authority, logs: Logs, verdicts: Iterable[Verdict]) -> None:
    """Write verdicts to the guard's log."""
    leaves = [canonical.encode(verdict) for verdict in verdicts]
    if leaves:
        books.append(authority, logs, LOG, leaves)


def refusal(authority: Authority, decided: Iterable[tuple[Verdict, Decision]]) -> CordialeError | None:
    """The error to give back if any destination was refused."""
    for verdict, decision in decided:
        if not decision.release:
            nation, destination = authority.nation, verdict.partner
            reason = decision.reason
            return NotReleasable(
                reason.en, rule=decision.rule, nation=nation, destination=destination, detail_fr=reason.fr
            )
    return None


def refused(authority: Authority, refusal_: PolicyRefusal, envelope: Digest, label: Digest, now: Moment) -> Verdict:
    """The verdict to log for a refusal that was decided before any destination was looked at."""
    rule = refusal_.rule or refusal_.code
    return Verdict(OUTWARD, authority.nation, False, rule, authority.policy.edition, label, envelope, now)


def _verdict(direction: str, partner: Nation, decision: Decision, envelope: Digest, now: Moment) -> Verdict:
    label, edition = Digest(decision.label_digest), decision.policy_version
    return Verdict(direction, partner, decision.release, decision.rule, edition, label, envelope, now)
