"""cordiale.register.deconfliction.entry: a run's log as a record's fields, and back as far as a budget needs it."""

from typing import Any

import pytest
from tests.register.deconfliction.pair import FR, TWO_PASSES, UK, Pair, codes, terms

from cordiale.errors import Malformed
from cordiale.register.deconfliction import entry
from cordiale.register.deconfliction.grid import Grid
from cordiale.register.deconfliction.log import Logged
from cordiale.register.schema import faults, shipped

RUN = terms(TWO_PASSES)


@pytest.fixture(scope="module")
def logged() -> Logged:
    pair = Pair(RUN, codes(5, 6, 7), codes(6, 9))
    pair.run()
    found = pair.seats[UK].logged()
    assert found == pair.seats[FR].logged()
    return found


def test_the_fields_are_a_sound_record_and_give_the_terms_and_counts_back(logged: Logged) -> None:
    values = entry.fields(logged)
    schema = shipped()[entry.TYPE]
    assert faults(schema, schema.version, values) == []
    assert set(values) == {field.name for field in schema.fields}
    back = entry.counted(values, logged.terms.register)
    assert back.terms.digest() == logged.terms.digest()
    assert (back.ended, back.sizes, back.met, back.commitments) == (
        logged.ended,
        logged.sizes,
        logged.met,
        logged.commitments,
    )
    assert [back.asked_by(nation) for nation in (UK, FR)] == [logged.asked_by(nation) for nation in (UK, FR)]


@pytest.mark.parametrize(
    "changes",
    [
        {"run": "zz"},
        {"run": "ab"},
        {"people": ["alice@uk"]},
        {"people": ["claire@fr", "alice@uk"]},
        {"grids": ["4"]},
        {"grids": []},
        {"first_day": "2027-13-01"},
        {"ended": "well"},
        {"sizes_initiator": [64]},
        {"sizes_initiator": [10**9, 10**9]},
        {"most": "many"},
        {"commitments": [b"short"]},
        {"until": 0},
        {"created": None},
    ],
    ids=str,
)
def test_a_record_that_is_no_log_is_malformed(logged: Logged, changes: dict[str, Any]) -> None:
    values = {**entry.fields(logged), **changes}
    with pytest.raises(Malformed):
        entry.counted({name: value for name, value in values.items() if value is not None}, b"room")


def test_days_and_grids_as_people_write_them() -> None:
    assert entry.day(0) == "1970-01-01"
    assert entry.day(entry.ordinal("2027-06-01")) == "2027-06-01"
    assert entry.grid("4/7") == Grid(4, 7)
    for wrong in ("4", "/7", "4/", "4/-7", "x/7", "4.0/7", "٤/7"):
        with pytest.raises(Malformed):
            entry.grid(wrong)
    with pytest.raises(Malformed):
        entry.ordinal("1 June")
