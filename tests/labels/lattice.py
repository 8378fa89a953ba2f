"""What the label tests share: the shipped policies and table, the lattice of their labels, and arbitrary sound ones."""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, combinations, product

from hypothesis import strategies as st

from cordiale.labels.equivalence import EquivalenceTable, parse_table
from cordiale.labels.label import Label, make_label
from cordiale.labels.policy import Policy, parse_policy
from cordiale.labels.shipped import shipped
from cordiale.vocab.moment import LATEST, Moment

UK, FR, NATO = (parse_policy(shipped(name)) for name in ("uk", "fr", "nato"))
POLICIES: Mapping[str, Policy] = {"uk": UK, "fr": FR, "nato": NATO}
TABLE: EquivalenceTable = parse_table(shipped("table"))
DESTINATIONS = ("uk", "fr", "nato", "de", "us", "ch", "xx")

_IDS = st.sampled_from(["official", "secret", "special-france", "releasable-to", "fra", "gbr", "a", "a-1", "zz-top"])


def label(policy: Policy, text: str, *, originator: str = "") -> Label:
    """A label as a person would type it."""
    return policy.parse_marking(text, created=Moment(0), originator=originator or policy.nation)


def subsets(values: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """Every subset, the empty one too."""
    every = tuple(values)
    return chain.from_iterable(combinations(every, size) for size in range(len(every) + 1))


def lattice(policy: Policy, keep: frozenset[str]) -> Iterator[Label]:
    """Every valid label of a policy over the values in `keep`."""
    chosen = {name: [v.id for v in each.value if v.id in keep] for name, each in policy.tag_sets.items()}
    for classification in policy.classifications:
        for values in product(*(subsets(found) for found in chosen.values())):
            found = make_label(
                policy.id,
                classification,
                dict(zip(chosen, values, strict=True)),
                created=Moment(0),
                originator=policy.nation,
            )
            if not policy.fault(found):
                yield found


def repaired(found: Label, policy: Policy) -> Label:
    """The label without the values that do not fit beside the others."""
    values = {category.tag_set: set(category.values) for category in found.categories}
    while wrong := policy.fault(found):
        tag_set, _, value = wrong.partition("/")
        values[tag_set].discard(value)
        found = make_label(
            policy.id, found.classification, values, created=Moment(found.created), originator=found.originator
        )
    return found


@st.composite
def valid_labels(draw: st.DrawFn, policy: Policy) -> Label:
    """Any valid label of a policy."""
    values = {
        name: draw(st.sets(st.sampled_from([value.id for value in tag_set.value]), max_size=3))
        for name, tag_set in policy.tag_sets.items()
    }
    found = make_label(
        policy.id,
        draw(st.sampled_from(list(policy.classifications))),
        values,
        created=Moment(draw(st.integers(0, LATEST))),
        originator=draw(st.sampled_from([policy.nation, f"anne@{policy.nation}", f"desk.maritime@{policy.nation}"])),
    )
    return repaired(found, policy)


shipped_labels = st.sampled_from(list(POLICIES.values())).flatmap(
    lambda policy: valid_labels(policy).map(lambda found: (found, policy))
)

any_labels = st.builds(
    lambda policy, classification, values, created, originator: make_label(
        policy, classification, values, created=created, originator=originator
    ),
    st.sampled_from(["uk", "fr", "nato", "de"]),
    _IDS,
    st.dictionaries(_IDS, st.sets(_IDS, max_size=3), max_size=4),
    st.integers(0, LATEST),
    st.sampled_from(["uk", "fr", "anne@fr", "desk.maritime@uk"]),
)
"""Any canonical label, of a known policy or not, fitting it or not."""


def toml(value: object) -> str:
    """A value as TOML, tables inline."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{json.dumps(key)} = {toml(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(toml(each) for each in value) + "]"
    if isinstance(value, str | int):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def toml_file(fields: Mapping[str, object]) -> bytes:
    """A TOML document of these top-level fields."""
    return "\n".join(f"{key} = {toml(value)}" for key, value in fields.items()).encode()


def phrase(text: str) -> dict[str, str]:
    return {"en": text, "fr": text}


def policy_fields(rules: list[dict[str, object]]) -> dict[str, object]:
    """A small policy: three levels, one tag set of each kind, and `rules`."""
    levels = [
        {"id": name, "rank": rank, "phrase": phrase(name), "colour": "#000000", "source": "test", "xml": name}
        for rank, name in enumerate(("low", "middle", "high"))
    ]
    tag_sets = [
        _tag_set("mark", "restrictive", {"red": [], "blue": []}),
        _tag_set("reader", "permissive", {"bb": ["bb"], "cc": ["cc"], "both": ["bb", "cc"]}, "REL {values}"),
        _tag_set("note", "informative", {"staff": []}),
    ]
    return {
        "format": 1,
        "status": "test",
        "id": "aa",
        "nation": "aa",
        "version": "1",
        "name": phrase("test"),
        "source": "test",
        "valid_from": _Date("2026-01-01"),
        "valid_until": _Date("2026-12-31"),
        "xml": {"name": "AA"},
        "members": ["cc"],
        "classification": levels,
        "tag_set": tag_sets,
        "rule": [{"id": f"r{at}", "text": phrase("test"), "source": "test"} | rule for at, rule in enumerate(rules)],
        "default": {"id": "no", "text": phrase("no"), "source": "test"},
    }


class _Date:
    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text


def _tag_set(name: str, kind: str, values: dict[str, list[str]], template: str = "{values}") -> dict[str, object]:
    return {
        "id": name,
        "kind": kind,
        "marking": phrase(template),
        "source": "test",
        "xml": name,
        "value": [
            {"id": value, "phrase": phrase(value), "xml": value, "nations": nations}
            for value, nations in values.items()
        ],
    }


def _when(**predicates: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    return st.fixed_dictionaries({}, optional=predicates).filter(bool)


_NATIONS = st.lists(st.sampled_from(["bb", "cc", "dd"]), min_size=1, max_size=2, unique=True)
_LEVELS = st.sampled_from(["low", "middle", "high"])
_REFUSALS = st.one_of(
    _when(at_least=_LEVELS, destinations=_NATIONS, agreement=st.just("missing")),
    _when(at_least=_LEVELS, destinations=_NATIONS).map(lambda w: w | {"tag_set": "reader", "audience": "excludes"}),
    st.lists(st.sampled_from(["red", "blue"]), min_size=1, unique=True).map(lambda v: {"tag_set": "mark", "has": v}),
)
_RELEASES = st.one_of(
    _when(
        at_most=_LEVELS,
        destinations=_NATIONS,
        member=st.just(True),
        without=st.lists(st.sampled_from(["mark"]), min_size=1),
    ),
    _when(at_most=_LEVELS, without=st.just(["mark"])).map(lambda w: w | {"tag_set": "reader", "audience": "includes"}),
)
sound_policies = st.builds(
    lambda refusals, releases: parse_policy(
        toml_file(
            policy_fields(
                [
                    *({"effect": "refuse", "when": when} for when in refusals),
                    *({"effect": "release", "when": when} for when in releases),
                ]
            )
        )
    ),
    st.lists(_REFUSALS, max_size=3),
    st.lists(_RELEASES, max_size=4),
)
"""Any policy of this shape that the soundness rules let in."""


def table_fields(rows: list[dict[str, object]], policies: Iterable[str]) -> dict[str, object]:
    return {
        "format": 1,
        "status": "test",
        "id": "t",
        "version": "1",
        "source": "test",
        "valid_from": _Date("2026-01-01"),
        "valid_until": _Date("2026-12-31"),
        "party": [{"nation": policy, "policy": policy} for policy in policies],
        "row": [{"id": f"row-{at}", "source": "test"} | row for at, row in enumerate(rows)],
    }


@st.composite
def tables(draw: st.DrawFn, policies: Mapping[str, list[str]]) -> EquivalenceTable:
    """Any table between these policies: each level has at most one equivalent, in no order at all, with holes."""
    rows: list[dict[str, object]] = []
    for left, right in combinations(policies, 2):
        targets = draw(st.permutations(policies[right]))
        for source, target in zip(policies[left], targets, strict=False):
            one_way = draw(st.sampled_from(["", "", left, right, "none"]))
            if one_way != "none":
                rows.append({"classifications": {left: source, right: target}, "only_from": one_way})
    return parse_table(toml_file(table_fields(rows, policies)))


SMALL = {"aa": ["low", "middle", "high"], "bb": ["b1", "b2", "b3"], "cc": ["c1", "c2"]}
SHIPPED_LEVELS = {name: list(policy.classifications) for name, policy in POLICIES.items()}
