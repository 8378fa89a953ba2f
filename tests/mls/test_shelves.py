"""Shelves hold what a dictionary would, tell what changed, and share the rest."""

from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from cordiale.mls.shelves import Shelves, shelved

Change = tuple[dict[int, int], set[int]]
keys = st.integers(0, 400)
changes = st.lists(st.tuples(st.dictionaries(keys, st.integers(), max_size=20), st.sets(keys, max_size=10)), max_size=8)


def played(plan: list[Change]) -> list[tuple[dict[int, int], Shelves[int, int]]]:
    """The plan on a dictionary and on shelves: each step's outcome."""
    plain: dict[int, int] = {}
    shelves: Shelves[int, int] = Shelves()
    steps = [(plain, shelves)]
    for put, drop in plan:
        plain = {key: value for key, value in {**plain, **put}.items() if key not in drop}
        shelves = shelves.changed(put, drop)
        steps.append((plain, shelves))
    return steps


@given(changes)
def test_they_hold_what_a_dictionary_would(plan: list[Change]) -> None:
    for plain, shelves in played(plan):  # the earlier ones, too: none ever changes
        assert dict(shelves) == plain
        assert len(shelves) == len(plain)
        assert all(shelves[key] == value for key, value in plain.items())
        assert 401 not in shelves
        assert shelves.get(401) is None


@given(changes, changes)
def test_what_changed_is_told(one: list[Change], other: list[Change]) -> None:
    (before, old), (after, new) = played(one)[-1], played(other)[-1]
    put, gone = new.since(old)
    assert {**{key: value for key, value in before.items() if key not in gone}, **put} == after
    assert gone == before.keys() - after.keys()
    assert new.since(before)[1] == gone
    assert new.since(new) == ({}, set())


def test_an_entry_that_is_the_same_object_was_not_put() -> None:
    first, second = object(), object()
    before = shelved({1: first, 129: first, 2: first})
    after = before.changed({1: first, 2: second})
    assert after.since(before) == ({2: second}, set())


def test_a_copy_shares_all_shelves_but_one() -> None:
    before = shelved({number: number for number in range(1000)})
    after = before.changed({7: 8}, {9999})
    shelves = zip(chain(*before._rows), chain(*after._rows), strict=True)
    assert sum(old is not new for old, new in shelves) == len({hash(7) % 1024, hash(9999) % 1024})
    rows = zip(before._rows, after._rows, strict=True)
    assert sum(old is not new for old, new in rows) == len({hash(7) % 32, hash(9999) % 32})
    assert shelved(after) is after
    assert repr(after) == "Shelves(1000 entries)"


@given(st.dictionaries(keys, st.integers()), keys, st.integers())
def test_one_entry_is_put_as_several_are(plain: dict[int, int], key: int, value: int) -> None:
    before = shelved(plain)
    after = before.with_one(key, value)
    assert dict(after) == {**plain, key: value}
    assert dict(before) == plain
    assert after.since(before)[1] == set()
