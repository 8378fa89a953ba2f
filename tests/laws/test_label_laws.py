"""Laws of the release decision, for every label of every shipped policy and for arbitrary sound policies and tables."""

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cordiale.labels.decision import Decision, admit, below, decide, governing, reaches
from cordiale.labels.equivalence import EquivalenceTable
from cordiale.labels.label import Label, decode_label, encode_label, make_label
from cordiale.labels.marking import marking, marking_for
from cordiale.labels.policy import Policy
from cordiale.labels.reading import TEXT_CHARACTERS
from cordiale.labels.stanag4774 import from_xml, to_xml
from cordiale.vocab.moment import Moment
from cordiale.vocab.party import Nation
from labels.lattice import (
    DESTINATIONS,
    FR,
    NATO,
    POLICIES,
    SHIPPED_LEVELS,
    SMALL,
    TABLE,
    UK,
    any_labels,
    lattice,
    repaired,
    shipped_labels,
    sound_policies,
    tables,
    valid_labels,
)

destinations = st.sampled_from([Nation(code) for code in DESTINATIONS])
policies = st.sampled_from(list(POLICIES.values()))
shipped_tables = tables(SHIPPED_LEVELS)

_KEEP = frozenset(("gbr", "fra", "usa", "nato", "hmg-use-only", "special-france", "classification-speciale", "atomal"))
LATTICE = [(found, policy) for policy in POLICIES.values() for found in lattice(policy, _KEEP)]


def same(found: Label, classification: str = "", **values: set[str]) -> Label:
    """`found` with another classification or other values in some tag sets."""
    kept = {category.tag_set: set(category.values) for category in found.categories}
    return make_label(
        found.policy,
        classification or found.classification,
        kept | {name.replace("_", "-"): chosen for name, chosen in values.items()},
        created=Moment(found.created),
        originator=found.originator,
    )


def releases(found: Label, destination: str, policy: Policy, table: EquivalenceTable) -> bool:
    decision = decide(found, Nation(destination), policy, table)
    assert isinstance(decision, Decision)
    assert decision.rule and decision.reason.en and decision.reason.fr and decision.source
    return decision.release


def stricter(found: Label, policy: Policy) -> list[Label]:
    """Every label one step stricter: a level up, a restrictive value more, one named reader less."""
    levels = list(policy.classifications)
    at = levels.index(found.classification)
    steps = [same(found, levels[at + 1])] if at + 1 < len(levels) else []
    for name, tag_set in policy.tag_sets.items():
        values = set(found.values(name))
        if tag_set.kind == "restrictive":
            steps += [same(found, **{name: values | {value.id}}) for value in tag_set.value if value.id not in values]
        elif tag_set.kind == "permissive" and len(values) > 1:
            steps += [same(found, **{name: values - {value}}) for value in values]
    return [step for step in steps if not policy.fault(step)]


def test_the_lattice_is_not_trivial() -> None:
    assert len(LATTICE) > 500
    assert {policy.id for _, policy in LATTICE} == set(POLICIES)


def test_every_label_and_destination_has_a_decision_and_no_stricter_label_is_released_where_it_is_not() -> None:
    places = ("uk", "fr", "nato", "de", "xx")
    known = {found: {place for place in places if releases(found, place, policy, TABLE)} for found, policy in LATTICE}
    for found, policy in LATTICE:
        for step in stricter(found, policy):
            assert known.get(step, set()) <= known[found]
    assert 0 < sum(map(len, known.values())) < len(LATTICE) * 3


@given(any_labels, any_labels, destinations, destinations, policies, shipped_tables)
def test_no_decision_ever_raises(
    found: Label, ceiling: Label, destination: Nation, origin: Nation, policy: Policy, table: EquivalenceTable
) -> None:
    for decision in (
        decide(found, destination, policy, table),
        decide(found, destination, governing(found, policy, POLICIES), table),
        admit(found, destination, origin, policy, table),
        admit(found, destination, origin, policy, table, POLICIES),
        reaches("secret", found, policy, table),
        reaches(found.classification, ceiling, policy, table),
        below(found, ceiling, POLICIES, table),
    ):
        assert bool(decision) == decision.release
        assert decision.rule and decision.reason.en and decision.reason.fr and decision.source


@given(shipped_labels, destinations, shipped_tables)
def test_stricter_is_never_freer_under_any_table(
    pair: tuple[Label, Policy], destination: Nation, table: EquivalenceTable
) -> None:
    found, policy = pair
    assume(not releases(found, destination, policy, table))
    assert not any(releases(step, destination, policy, table) for step in stricter(found, policy))


@given(st.data(), sound_policies, tables(SMALL))
@settings(max_examples=100)
def test_stricter_is_never_freer_under_any_sound_policy(
    data: st.DataObject, policy: Policy, table: EquivalenceTable
) -> None:
    found = data.draw(valid_labels(policy))
    for destination in ("aa", "bb", "cc", "dd"):
        if not releases(found, destination, policy, table):
            assert not any(releases(step, destination, policy, table) for step in stricter(found, policy))


@given(valid_labels(UK), st.sets(st.sampled_from(["usa", "deu", "fra"])), destinations, shipped_tables)
def test_eyes_only_is_never_releasable_to_others(
    found: Label, named: set[str], destination: Nation, table: EquivalenceTable
) -> None:
    only = repaired(same(found, eyes_only={"gbr", *named}), UK)
    assume(only.values("eyes-only"))
    readers = {nation for value in only.values("eyes-only") for nation in UK.values["eyes-only", value].nations}
    if destination not in readers:
        assert not releases(only, destination, UK, table)
        assert not admit(only, destination, Nation("uk"), POLICIES.get(destination, FR), table, POLICIES)


@given(valid_labels(FR), destinations, policies, shipped_tables, shipped_labels)
def test_special_france_never_leaves_france(
    found: Label, destination: Nation, policy: Policy, table: EquivalenceTable, other: tuple[Label, Policy]
) -> None:
    special = repaired(same(found, special_france={"special-france"}, communicable_a=set()), FR)
    assert special.values("special-france")
    if destination != "fr":
        assert not releases(special, destination, FR, table)
        assert not releases(special, destination, policy, table)
        assert not admit(special, destination, Nation("fr"), POLICIES.get(destination, UK), table, POLICIES)
        assert not below(special, other[0], POLICIES, table, (Nation("fr"), destination))


@given(shipped_labels, destinations)
def test_what_no_marking_opens_stays(pair: tuple[Label, Policy], destination: Nation) -> None:
    found, policy = pair
    assume(destination != policy.nation and destination not in policy.members)
    closed = same(found, **{name: set() for name, each in policy.tag_sets.items() if each.kind == "permissive"})
    assert not releases(closed, destination, policy, TABLE)


@given(st.one_of(valid_labels(UK), valid_labels(FR), valid_labels(NATO)), st.booleans(), st.booleans())
def test_what_one_border_releases_the_other_admits(found: Label, named: bool, outwards: bool) -> None:
    origin, destination = (Nation("uk"), Nation("fr")) if outwards else (Nation("fr"), Nation("uk"))
    own = governing(found, POLICIES[origin], POLICIES)
    if named and own is UK:
        found = same(found, handling=set(), releasable_to={"fra"}, eyes_only=set())
    if named and own is FR:
        found = same(found, special_france=set(), classification_speciale=set(), communicable_a={"gbr"})
    released = releases(found, destination, own, TABLE)
    assert released or not (named and found.policy == origin)
    assert released == admit(found, destination, origin, POLICIES[destination], TABLE, POLICIES).release


@given(shipped_labels)
def test_a_label_is_within_itself_and_a_level_reaches_itself(pair: tuple[Label, Policy]) -> None:
    found, policy = pair
    assert below(found, found, POLICIES, TABLE)
    assert reaches(found.classification, found, policy, TABLE)


@given(valid_labels(UK), valid_labels(FR))
def test_within_a_ceiling_means_readable_by_all_whom_it_admits(found: Label, ceiling: Label) -> None:
    if below(found, ceiling, POLICIES, TABLE):
        assert releases(found, "fr", UK, TABLE)
        assert reaches(ceiling.classification, found, FR, TABLE)


@given(shipped_labels)
def test_bytes_and_xml_give_the_label_back(pair: tuple[Label, Policy]) -> None:
    found, policy = pair
    assert decode_label(encode_label(found)) == found
    assert from_xml(to_xml(found, policy), POLICIES) == found


@given(shipped_labels, st.sampled_from(["en", "fr"]))
def test_a_marking_reads_back_as_its_label(pair: tuple[Label, Policy], language: str) -> None:
    found, policy = pair
    if policy is NATO:  # the NATO context is written nowhere: the policy assumes it
        found = same(found, context={"nato"})
    text = marking(found, policy, language)
    assert len(text) <= TEXT_CHARACTERS
    again = policy.parse_marking(text, created=Moment(found.created), originator=found.originator)
    assert again == found


@given(any_labels, policies, st.sampled_from(["en", "fr", "de"]), shipped_tables)
def test_every_label_can_be_shown(found: Label, own: Policy, language: str, table: EquivalenceTable) -> None:
    shown = marking_for(found, own, POLICIES, table, language)
    assert shown.text and shown.original and shown.colour.startswith("#")
    assert marking_for(found, own, {}, table, language).text
