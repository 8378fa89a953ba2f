"""The release decision: a pure, total function of a label, a destination, a policy and the equivalence table.

    decide   outwards: the border of the originating nation, by its own policy (or by one that it shares, as NATO's)
    admit    inwards: the receiving nation's border
    reaches  a person's clearance against a label or a room's ceiling
    below    a message's label against its room's ceiling

Rules are data. The first that holds decides; refusals stand first (`soundness` S1), the default refuses. What cannot
be decided is refused by a rule of this module, whose identifier begins with `cordiale-`. Nothing here raises for any
label. Laws, by construction and tested: raising a classification, adding a restrictive value or naming fewer nations
never turns a refusal into a release.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from cordiale.labels.equivalence import EquivalenceTable
from cordiale.labels.label import Label, label_digest
from cordiale.labels.phrase import Phrase
from cordiale.labels.policy import Policy
from cordiale.labels.scheme import Rule, When
from cordiale.labels.verdict import Verdict, built_in
from cordiale.vocab.party import Nation
from cordiale.wire.canonical import Record

NO_POLICIES: Final[Mapping[str, Policy]] = MappingProxyType({})


class Decision(Record, frozen=True):
    """What was decided, by which rule and by what right. True where it releases (admits, reaches, is below)."""

    release: bool
    rule: str
    reason: Phrase
    source: str
    label_digest: bytes
    destination: str
    policy_version: str

    def __bool__(self) -> bool:
        return self.release


class _Case(msgspec.Struct, frozen=True, gc=False):
    label: Label
    destination: str
    policy: Policy
    table: EquivalenceTable
    rank: int


def decide(label: Label, destination: Nation, policy: Policy, table: EquivalenceTable) -> Decision:
    """May `label` leave for `destination`? `policy` is the releasing nation's, or the one that `governing` names."""
    return _decision(_verdict(label, destination, policy, table), label, destination, policy)


def governing(label: Label, own: Policy, policies: Mapping[str, Policy]) -> Policy:
    """The policy by which `own`'s border decides on `label`: a policy that its nation shares, else its own."""
    shared = policies.get(label.policy)
    return shared if shared is not None and own.nation in shared.members else own


def admit(
    label: Label,
    destination: Nation,
    origin: Nation,
    policy: Policy,
    table: EquivalenceTable,
    policies: Mapping[str, Policy] = NO_POLICIES,
) -> Decision:
    """May `label`, come from `origin`'s border, come in to `destination`, whose own policy is `policy`?

    It must be labelled by the origin's policy or by one that both share, have an equivalent here, and be releasable
    to `destination` by that policy. `policies` holds the partners' policies by id; a label of one that is not there
    is refused.
    """
    return _decision(_admission(label, destination, origin, policy, table, policies), label, destination, policy)


def reaches(clearance: str, label: Label, policy: Policy, table: EquivalenceTable) -> Decision:
    """Does `clearance`, a level of the person's own `policy`, reach `label`'s level? Categories are not looked at."""
    held, level = policy.rank(clearance), table.translate(label, label.policy, policy.id)
    needed = None if level is None else policy.rank(level)
    if held is None:
        verdict = built_in("clearance-unknown", clearance)
    elif needed is None:
        verdict = built_in("no-equivalent", f"{label.policy}/{label.classification}")
    else:
        verdict = built_in("clearance-reaches" if held >= needed else "clearance-too-low", f"{clearance} / {level}")
    return _decision(verdict, label, policy.nation, policy)


def below(
    label: Label,
    ceiling: Label,
    policies: Mapping[str, Policy],
    table: EquivalenceTable,
    nations: Iterable[Nation] = (),
) -> Decision:
    """Is `label` within a room's `ceiling`: not above its level, and releasable to everyone in the room?

    `nations` are the room's; where none are given, every nation of the table to which the ceiling itself is releasable.
    """
    above, own = policies.get(ceiling.policy), policies.get(label.policy)
    if above is None or own is None:
        missing = ceiling.policy if above is None else label.policy
        verdict = built_in("policy-unknown", missing)
        return Decision(False, verdict.rule, verdict.reason, verdict.source, label_digest(label), "", missing)
    readers = tuple(nations) or tuple(_admitted(ceiling, above, policies, table))
    return _decision(_within(label, own, ceiling, above, table, readers), label, "", above)


def _decision(verdict: Verdict, label: Label, destination: str, policy: Policy) -> Decision:
    return Decision(
        verdict.release,
        verdict.rule,
        verdict.reason,
        verdict.source,
        label_digest(label),
        destination,
        policy.edition,
    )


def _verdict(label: Label, destination: str, policy: Policy, table: EquivalenceTable) -> Verdict:
    if label.policy != policy.id:
        return _foreign(label, destination, policy)
    if wrong := policy.fault(label):
        return built_in("label-invalid", wrong)
    if destination == policy.nation:
        return built_in("home", destination)
    case = _Case(label, destination, policy, table, policy.classifications[label.classification].rank)
    for rule in policy.rules:
        if rule.when.label == "own" and _holds(rule.when, case):
            return _by(rule)
    return Verdict(False, policy.default.id, policy.default.text, policy.default.source)


def _foreign(label: Label, destination: str, policy: Policy) -> Verdict:
    """Originator control: another policy's label leaves only by a rule that speaks of foreign labels."""
    returning = label.originator.rpartition("@")[2] == destination
    for rule in policy.rules:
        when = rule.when
        if when.label == "own" or (when.destinations and destination not in when.destinations):
            continue
        if returning or not when.returning:
            return _by(rule)
    return built_in("foreign-label", label.policy)


def _by(rule: Rule) -> Verdict:
    return Verdict(rule.effect == "release", rule.id, rule.text, rule.source)


def _holds(when: When, case: _Case) -> bool:
    """Every predicate that is given holds. The set is closed: `scheme.When` lists it."""
    if when.tag_set and not _tag_holds(when, case):
        return False
    if when.destinations and case.destination not in when.destinations:
        return False
    if when.member and case.destination not in case.policy.members:
        return False
    if when.at_least and case.rank < case.policy.classifications[when.at_least].rank:
        return False
    if when.at_most and case.rank > case.policy.classifications[when.at_most].rank:
        return False
    if when.without and any(case.label.values(tag_set) for tag_set in when.without):
        return False
    return not when.agreement or not case.table.covers(case.policy, case.label.classification, case.destination)


def _tag_holds(when: When, case: _Case) -> bool:
    values = case.label.values(when.tag_set)
    if not values:
        return False
    if when.has:
        return any(value in when.has for value in values)
    return case.policy.names(when.tag_set, values, case.destination) == (when.audience == "includes")


def _admission(
    label: Label,
    destination: Nation,
    origin: Nation,
    policy: Policy,
    table: EquivalenceTable,
    policies: Mapping[str, Policy],
) -> Verdict:
    theirs = policy if label.policy == policy.id else policies.get(label.policy)
    if theirs is None:
        return built_in("policy-unknown", label.policy)
    shared = origin in theirs.members and destination in theirs.members
    if not shared and table.policies.get(origin) != label.policy:
        return built_in("not-the-origins-policy", label.policy)
    level = table.translate(label, label.policy, policy.id)
    if level is None or policy.rank(level) is None:
        return built_in("no-equivalent", f"{label.policy}/{label.classification}")
    verdict = _verdict(label, destination, theirs, table)
    if not verdict.release:
        return built_in("not-released-to-us", verdict.rule)
    return Verdict(True, "cordiale-admitted", verdict.reason, verdict.source)


def _within(
    label: Label,
    own: Policy,
    ceiling: Label,
    above: Policy,
    table: EquivalenceTable,
    readers: Iterable[str],
) -> Verdict:
    if wrong := above.fault(ceiling) or own.fault(label):
        return built_in("label-invalid", wrong)
    level = table.translate(label, label.policy, ceiling.policy)
    rank = None if level is None else above.rank(level)
    if rank is None:
        return built_in("no-equivalent", f"{label.policy}/{label.classification}")
    if rank > above.classifications[ceiling.classification].rank:
        return built_in("above-ceiling", f"{level} / {ceiling.classification}")
    for nation in readers:
        verdict = _verdict(label, nation, own, table)
        if not verdict.release:
            return built_in("excludes-a-member", f"{nation}: {verdict.rule}")
    return built_in("within-ceiling", f"{level} / {ceiling.classification}")


def _admitted(
    ceiling: Label,
    above: Policy,
    policies: Mapping[str, Policy],
    table: EquivalenceTable,
) -> Iterable[str]:
    """The single nations of the table to which the ceiling is releasable; an organisation is not a reader."""
    organisations = {policy.nation for policy in policies.values() if policy.members}
    known = sorted({*table.policies, above.nation} - organisations)
    return [nation for nation in known if _verdict(ceiling, nation, above, table).release]
