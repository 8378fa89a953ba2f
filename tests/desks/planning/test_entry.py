"""desks.planning.entry: records as requirements and offers, less what is allocated; what cannot take part is said."""

from typing import Any

from cordiale.desks.planning.entry import Entry, allocated, plan, relief
from cordiale.desks.planning.matching import match
from cordiale.register.sample import shipped_samples, values
from cordiale.register.schema import faults, shipped


def samples(kind: str, first: int, owners: tuple[str, str] = ("fr", "uk"), **changes: Any) -> list[Entry]:
    """The register's samples under the ids by which they refer to each other."""
    schema = shipped()[kind]
    found = [values(schema, record) for record in shipped_samples(schema).records]
    return [
        Entry(f"{first + number:032}", owner, {**record, **changes})
        for number, (record, owner) in enumerate(zip(found, owners, strict=False))
    ]


REQUIREMENTS, CONTRIBUTIONS = samples("requirement", 60), samples("contribution", 70)
BEDS, LORRIES = (each.id for each in REQUIREMENTS)


def test_samples_are_matched() -> None:
    found = plan(REQUIREMENTS, CONTRIBUTIONS, [])
    assert found.left_out == ()
    assert [(each.capability, each.priority, each.minimum) for each in found.requirements] == [
        ("medical-in-beds", 1, 10),
        ("road-transport-in-vehicles", 2, 0),
    ]
    assert found.requirements[1].rates == {"road-transport-in-vehicles": 1000, "airlift-in-vehicles": 1500}
    matching = match(found.requirements, found.offers)
    assert [(each.requirement, each.nation, each.quantity, each.against) for each in matching.allocations] == [
        (BEDS, "fr", 30, ("duration",)),
        (LORRIES, "uk", 8, ()),
    ]
    assert [(each.requirement, each.missing) for each in matching.gaps] == [(BEDS, 10_000), (LORRIES, 4_000)]


def test_an_allocation_is_a_record_of_its_register() -> None:
    found = plan(REQUIREMENTS, CONTRIBUTIONS, [])
    first = match(found.requirements, found.offers).allocations[0]
    made = allocated(first, REQUIREMENTS[0], CONTRIBUTIONS[0])
    assert faults(shipped()["allocation"], 1, made) == []
    assert (made["provider"], made["quantity"], made["measure"], made["accepted_caveats"]) == (
        "fr",
        30,
        "beds",
        ["duration"],
    )
    assert made["title"]["fr"].startswith("EXERCICE – Lits")


def allocation(requirement: int, contribution: int, quantity: int, **more: Any) -> Entry:
    references = {
        "requirement": bytes.fromhex(f"{requirement:032}"),
        "contribution": bytes.fromhex(f"{contribution:032}"),
    }
    provider = {70: "fr", 71: "uk"}[contribution]
    return Entry("a" * 32, "fr", {**references, "provider": provider, "quantity": quantity, **more})


def test_nobody_allocates_what_is_another_nations() -> None:
    found = plan(REQUIREMENTS, CONTRIBUTIONS, [allocation(60, 70, 30, provider="uk")])
    assert [each.left for each in found.offers] == [30, 8]
    assert found.left_out[0].why.startswith("provider")


def test_what_is_allocated_is_taken_from_both_sides() -> None:
    found = plan(REQUIREMENTS, CONTRIBUTIONS, [allocation(60, 70, 30), allocation(61, 71, 3)])
    assert [(each.quantity, each.minimum) for each in found.requirements] == [(10, 0), (9, 0)]
    assert [each.left for each in found.offers] == [0, 5]
    matching = match(found.requirements, found.offers)
    assert [(each.requirement, each.quantity) for each in matching.allocations] == [(LORRIES, 5)]
    assert [reason.kind for reason in matching.gaps[0].reasons] == ["allocated"]


def test_a_requirement_that_is_met_is_gone_and_part_of_a_unit_is_not_met() -> None:
    (_, left) = plan(REQUIREMENTS, CONTRIBUTIONS, [allocation(61, 71, 7, rate=1500)]).requirements
    assert left.quantity == 2
    assert len(plan(REQUIREMENTS, CONTRIBUTIONS, [allocation(61, 71, 8, rate=1500)]).requirements) == 1


def test_an_exclusive_offer_that_serves_already_serves_nothing_else() -> None:
    (beds, _) = plan(REQUIREMENTS, CONTRIBUTIONS, [allocation(60, 70, 10)]).offers
    assert (beds.left, beds.only) == (20, BEDS)
    (beds, _) = plan(REQUIREMENTS, CONTRIBUTIONS, [allocation(60, 70, 1), allocation(61, 70, 1)]).offers
    assert beds.left == 0


def test_an_offer_for_one_requirement_serves_no_other() -> None:
    other = Entry(LORRIES, "fr", {**REQUIREMENTS[0].values})
    found = plan([other], CONTRIBUTIONS[:1], [])
    (gap,) = match(found.requirements, found.offers).gaps
    assert [reason.kind for reason in gap.reasons] == ["reserved"]


def test_what_cannot_take_part_is_said() -> None:
    hidden = Entry("b" * 32, "fr", {name: value for name, value in REQUIREMENTS[0].values.items() if name != "window"})
    none = Entry("c" * 32, "uk", {**CONTRIBUTIONS[1].values, "quantity": 0})
    found = plan([hidden], [none], [])
    assert [each.id for each in found.left_out] == [hidden.id, none.id]
    assert found.left_out[0].why.startswith("window")
    assert "quantity" in found.left_out[1].why


def test_relief_matches_one_standing_for_the_nation_that_is_struck() -> None:
    needs = samples("relief-need", 80)
    offers = samples("relief-offer", 90, ("uk", "uk"))
    assert {each.id for each in relief(needs, offers, "Actual").left_out} == {each.id for each in (*needs, *offers)}
    found = relief(needs, offers, "Exercise")
    assert [(each.capability, each.priority, each.weight, each.place) for each in found.requirements] == [
        ("engineering-in-pieces", 1, 3, "fr"),
        ("shelter-in-places", 2, 2, "fr"),
    ]
    assert all(each.places == {"fr"} for each in found.offers)
    first = match(found.requirements, found.offers).gaps[0]
    assert [reason.kind for reason in first.reasons] == ["window"]
