"""Whether one label protects at least what another did: what replaces something may be kept closer, never opened wider."""

from cordiale.labels.decision import decide
from cordiale.labels.equivalence import EquivalenceTable
from cordiale.labels.label import Label
from cordiale.labels.policy import Policy
from cordiale.vocab.party import Nation


def protects(new: Label, old: Label, policy: Policy, table: EquivalenceTable) -> bool:
    """No lower level, no mark of handling lost, no value added where some are named already, no nation of the table that reads
    it and did not; both labels are of `policy`."""
    if policy.fault(new) or policy.fault(old):
        return False
    levels = policy.classifications
    if levels[new.classification].rank < levels[old.classification].rank:
        return False
    for name, tag_set in policy.tag_sets.items():
        before, after = set(old.values(name)), set(new.values(name))
        lost = (before and after - before) if tag_set.kind == "permissive" else before - after
        if lost:
            return False
    known = sorted({*map(Nation, table.policies), policy.nation})
    readers = [nation for nation in known if decide(new, nation, policy, table).release]
    return all(decide(old, nation, policy, table).release for nation in readers)
