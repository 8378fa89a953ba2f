"""A label of one's own scheme that protects like another nation's and reaches the same nations.

A room's ceiling is a label of its founder's scheme. What a member of another nation sends about the room itself (a change of
members, say) is that nation's information and needs that nation's label; this finds it from the policy's data alone.
"""

from collections.abc import Iterable, Iterator

from cordiale.errors import PolicyInvalid
from cordiale.labels.decision import decide
from cordiale.labels.equivalence import EquivalenceTable
from cordiale.labels.label import Label, make_label
from cordiale.labels.policy import Policy
from cordiale.vocab.moment import Moment
from cordiale.vocab.party import Nation


def counterpart(
    label: Label,
    policy: Policy,
    table: EquivalenceTable,
    readers: Iterable[Nation],
    *,
    created: Moment,
    originator: str,
) -> Label:
    """`label` itself if it is of `policy`, else its equivalent in `policy`, releasable to `readers`.

    `PolicyInvalid` where the table or the policy has none.
    """
    if label.policy == policy.id:
        return label
    level = table.translate(label, label.policy, policy.id)
    if level is None:
        raise PolicyInvalid(f"{policy.edition} has no equivalent for {label.policy}/{label.classification}")
    others = [nation for nation in readers if nation != policy.nation]
    for categories in _candidates(policy, others):
        found = make_label(policy.id, level, categories, created=created, originator=originator)
        if all(decide(found, nation, policy, table).release for nation in others):
            return found
    raise PolicyInvalid(f"{policy.edition} cannot release {level} to {', '.join(others)}")


def _candidates(policy: Policy, readers: list[Nation]) -> Iterator[dict[str, list[str]]]:
    """No category; then each permissive tag set with the values that name exactly the readers."""
    yield {}
    for tag_set in policy.tag_sets.values():
        if tag_set.kind == "permissive":
            named = [value.id for nation in readers for value in tag_set.value if value.nations == (nation,)]
            if len(named) == len(readers):
                yield {tag_set.id: named}
