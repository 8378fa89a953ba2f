"""desks.planning: matchings are legal and as good as every way tried says; what is missing has its reason."""

from random import Random

import pytest
from bench.forces import drawn
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from cordiale.desks.planning.demand import Matching, Offer, Requirement, Stage, Substitute
from cordiale.desks.planning.explanation import describe, explain
from cordiale.desks.planning.fit import Tables
from cordiale.desks.planning.matching import match
from cordiale.errors import AlreadyExists, Malformed, WrongUsage
from cordiale.vocab.party import Nation
from desks.planning.samples import best, counted, legal, offer, plans, requirement, values, weeks

Plan = tuple[list[Requirement], list[Offer]]


def used_of(tables: Tables, found: Matching) -> dict[tuple[int, int], int]:
    rows = {each.id: n for n, each in enumerate(tables.requirements)}
    columns = {each.id: n for n, each in enumerate(tables.offers)}
    return {(rows[each.requirement], columns[each.offer]): each.quantity for each in found.allocations}


def keys_of(found: Matching) -> dict[str, int]:
    return {each.nation: each.key for each in found.burdens}


def check(plan: Plan, found: Matching) -> dict[tuple[int, int], int]:
    """It is legal, and its stages and gaps say what the allocations come to."""
    tables = Tables(*plan)
    used = used_of(tables, found)
    assert legal(tables, used)
    assert [stage.value for stage in found.stages] == pytest.approx(values(tables, used, keys_of(found)))
    missing = {each.requirement: each.missing for each in found.gaps}
    for n, each in enumerate(tables.requirements):
        assert missing.get(each.id, 0) == max(0, 1000 * each.quantity - counted(tables, used, n))
    return used


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(plans(), st.booleans())
def test_every_stage_is_the_best_of_all_ways(plan: Plan, even: bool) -> None:
    size = 1
    for each in plan[1]:
        size *= (each.quantity + 1) ** len(plan[0])
    assume(size <= 4096)
    keys = {each.nation: 1 for each in plan[1]} if even else None
    found = match(*plan, keys=keys, gap=0.0)
    check(plan, found)
    assert [stage.value for stage in found.stages] == pytest.approx(best(*plan, keys_of(found)))
    assert [stage.bound for stage in found.stages] == pytest.approx([stage.value for stage in found.stages])
    assert all(stage.proof != "none" for stage in found.stages)


def test_order_of_arrival_does_not_matter() -> None:
    requirements, offers = drawn(25, 60)
    random = Random(5)
    first = match(requirements, offers)
    again = match(random.sample(requirements, 25), random.sample(offers, 60))
    assert first == again
    check((requirements, offers), first)


def flow(capacity: dict[tuple[str, str], int], source: str, sink: str) -> int:
    """The greatest flow, by augmenting along shortest paths (Edmonds & Karp 1972)."""
    left: dict[str, dict[str, int]] = {}
    for (one, other), most in capacity.items():
        left.setdefault(one, {})[other] = most
        left.setdefault(other, {}).setdefault(one, 0)
    total = 0
    while True:
        came, queue = {source: source}, [source]
        for node in queue:
            for other, most in left.get(node, {}).items():
                if most and other not in came:
                    came[other] = node
                    queue.append(other)
        if sink not in came:
            return total
        path = [sink]
        while path[-1] != source:
            path.append(came[path[-1]])
        steps = list(zip(path[1:], path, strict=False))
        amount = min(left[one][other] for one, other in steps)
        for one, other in steps:
            left[one][other] -= amount
            left[other][one] += amount
        total += amount


def plain(requirements: list[Requirement], offers: list[Offer]) -> Plan:
    return (
        [replace(each, minimum=0, substitutes=(), weight=1) for each in requirements],
        [replace(each, exclusive=False, reusable=False) for each in offers],
    )


def test_shortfalls_of_a_transport_problem_are_those_of_the_greatest_flow() -> None:
    """What the priorities down to p can get together is a greatest flow, and greed by priority reaches it (a gammoid)."""
    plan = plain(*drawn(60, 60, seed=4))
    found, tables = match(*plan), Tables(*plan)
    pairs, reached = tables.pairs(), 0
    for priority in (1, 2, 3):
        wanted = {n: each for n, each in enumerate(tables.requirements) if each.priority <= priority}
        edges = {("s", f"r{n}"): each.quantity for n, each in wanted.items()}
        edges |= {(f"r{each.requirement}", f"o{each.offer}"): each.most for each in pairs if each.requirement in wanted}
        edges |= {(f"o{n}", "t"): each.quantity for n, each in enumerate(tables.offers)}
        reached += sum(each.quantity for each in wanted.values() if each.priority == priority)
        short = sum(stage.value for stage in found.stages[:priority])
        assert short == 1000 * (reached - flow(edges, "s", "t"))
    assert found.stages[2].value > 0
    assert found.gap == 0.0
    check(plan, found)


def test_time_that_is_over_is_told() -> None:
    plan = drawn(40, 80)
    found = match(*plan, seconds=1e-6)
    check(plan, found)
    assert found.gap > 0.5
    assert "none" in {stage.proof for stage in found.stages}


def test_a_lesser_priority_gives_way_entirely() -> None:
    plan = [requirement("R1", 1), requirement("R2", 9, priority=2, weight=1000)], [offer("O1", "uk", 1)]
    assert [each.requirement for each in match(*plan).allocations] == ["R1"]


def test_caveats_before_fairness() -> None:
    plan = (
        [requirement("R1", 4, unwelcome=frozenset({"no-night"}))],
        [offer("O1", "uk", 4), offer("O2", "fr", 4, caveats=frozenset({"no-night"}))],
    )
    assert [(each.nation, each.quantity) for each in match(*plan).allocations] == [("uk", 4)]
    fair = match([requirement("R1", 4)], plan[1])
    assert [(each.nation, each.quantity) for each in fair.allocations] == [("uk", 2), ("fr", 2)]
    assert [
        each.offer for each in match([requirement("R1", 5, unwelcome=frozenset({"no-night"}))], plan[1]).allocations
    ] == [
        "O1",
        "O2",
    ]


def test_keys_say_what_is_fair() -> None:
    plan = [requirement("R1", 6)], [offer("O1", "uk", 6), offer("O2", "fr", 6)]
    found = match(*plan, keys={Nation("uk"): 2, Nation("fr"): 1})
    assert {each.nation: each.units for each in found.burdens} == {"uk": 4, "fr": 2}
    with pytest.raises(WrongUsage, match="fr"):
        match(*plan, keys={Nation("uk"): 2})


def test_a_reusable_offer_serves_one_window_after_another() -> None:
    requirements = [requirement("R1", 3, window=weeks(1, 3)), requirement("R2", 3, window=weeks(3, 4))]
    assert match(requirements, [offer("O1", "uk", 3)]).stages[0].value == 3000
    assert match(requirements, [offer("O1", "uk", 3, reusable=True)]).stages[0].value == 0
    overlapping = [requirements[0], requirement("R2", 3, window=weeks(2, 4))]
    assert match(overlapping, [offer("O1", "uk", 3, reusable=True)]).stages[0].value == 3000


def test_every_gap_has_its_reason_in_both_languages() -> None:
    requirements = [
        requirement("R1", 2, excluded=frozenset({"no-night"}), place="north"),
        requirement("R2", 5, priority=2, place="north"),
        requirement("R3", 1, "survey"),
        requirement("R4", 9, "medical", minimum=5),
        requirement("R5", 3, "engineering"),
    ]
    offers = [
        offer("O1", "uk", 2),
        offer("O2", "fr", 1, caveats=frozenset({"no-night"})),
        offer("O3", "fr", 4, window=weeks(1, 1 + 1), places=frozenset({"south"})),
        offer("O4", "uk", 4, window=weeks(2, 5)),
        offer("O5", "uk", 3, "medical"),
        offer("O6", "uk", 2, "engineering"),
    ]
    found = match(requirements, offers)
    told = {each.requirement: [(why.kind, why.offers, why.used_by) for why in each.reasons] for each in found.gaps}
    assert told == {
        "R2": [
            ("elsewhere", ("O1",), ("R1",)),
            ("here", ("O2",), ()),
            ("window", ("O4",), ()),
            ("place", ("O3",), ()),
        ],
        "R3": [("none-offered", (), ())],
        "R4": [("minimum", ("O5",), ())],
        "R5": [("here", ("O6",), ())],
    }
    by_id = {each.id: each for each in requirements}
    texts = [explain(each, by_id[each.requirement], "en") for each in found.gaps]
    assert texts[0] == (
        "R2: 4 of 5 units of transport are missing. Used elsewhere (R1): O1. Used here, all of it, and not enough: O2. "
        "Not available throughout the window: O4. Not usable at this place: O3."
    )
    assert explain(found.gaps[1], by_id[found.gaps[1].requirement], "fr") == (
        "R3 : il manque 1 des 1 unités de survey. Personne n’offre cette capacité ni un substitut."
    )


def test_a_caveat_is_a_reason_and_a_substitute_counts_its_rate() -> None:
    asked = requirement("R1", 2, excluded=frozenset({"no-night"}), substitutes=(Substitute("lorry", 300),))
    offers = [offer("O1", "uk", 2, caveats=frozenset({"no-night"})), offer("O2", "fr", 3, "lorry")]
    found = match([asked], offers)
    assert [(why.kind, why.offers) for why in found.gaps[0].reasons] == [("here", ("O2",)), ("caveat", ("O1",))]
    assert found.gaps[0].missing == 1100
    assert explain(found.gaps[0], asked, "fr").startswith("R1 : il manque 1,1 des 2 unités")


def test_a_stage_in_words() -> None:
    stage = Stage("shortfall-2", 4000.0, 3000.0, "branch")
    assert describe(stage, "en") == "shortfall of priority 2: 4, no less than 3 is possible (gap 25 %)."
    assert describe(Stage("fairness", 0.5, 0.5, "dual"), "fr").startswith("plus grande part d’une nation : 0,5")


def test_what_has_no_meaning_is_refused() -> None:
    with pytest.raises(Malformed):
        requirement("R1", 0)
    with pytest.raises(Malformed):
        requirement("R1", 1, minimum=2)
    with pytest.raises(Malformed):
        requirement("R1", 1, substitutes=(Substitute("transport", 500),))
    with pytest.raises(Malformed):
        offer("O 1", "uk", 1)
    with pytest.raises(Malformed):
        offer("O1", "UK", 1)
    with pytest.raises(Malformed):
        weeks(2, 2)
    with pytest.raises(AlreadyExists):
        match([requirement("R1", 1), requirement("R1", 1)], [])
    with pytest.raises(WrongUsage):
        match([], [], gap=1.0)


def test_nothing_at_all() -> None:
    assert match([], []).gap == 0.0
    found = match([requirement("R1", 1)], [])
    assert (found.gaps[0].reasons[0].kind, found.stages[0].value) == ("none-offered", 1000)
