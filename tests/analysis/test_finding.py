"""A finding's id is what makes it that finding, and changes lead from one set to the other."""

from hypothesis import given
from hypothesis import strategies as st

from cordiale.analysis.finding import Change, Finding, FindingId, Place, changes, finding_id
from cordiale.labels.phrase import Phrase
from cordiale.vocab.moment import Moment


def found(number: int, *, end: int = 5) -> Finding:
    name = finding_id("maritime", "gap", "ours", ["mmsi:227000000"], str(number))
    why = Phrase(en="EXERCISE", fr="EXERCICE")
    return Finding(
        name, "maritime", "gap", "ours", ("mmsi:227000000",), Moment(number), Moment(end), Place(1.0, 51.0), 0.5, why
    )


def test_the_order_of_subjects_does_not_matter_and_everything_else_does() -> None:
    one = finding_id("maritime", "encounter", "ours", ["a", "b"], "1")
    assert one == finding_id("maritime", "encounter", "ours", ["b", "a"], "1")
    others = {
        finding_id("air", "encounter", "ours", ["a", "b"], "1"),
        finding_id("maritime", "loitering", "ours", ["a", "b"], "1"),
        finding_id("maritime", "encounter", "theirs", ["a", "b"], "1"),
        finding_id("maritime", "encounter", "ours", ["a", "c"], "1"),
        finding_id("maritime", "encounter", "ours", ["a", "b"], "2"),
    }
    assert len(others | {one}) == 6


def test_raised_revised_retracted_in_order_of_time() -> None:
    before = {each.id: each for each in (found(1), found(2))}
    after = {each.id: each for each in (found(2, end=9), found(3))}
    assert changes(before, after) == [Change(found(1), None), Change(found(2), found(2, end=9)), Change(None, found(3))]


sets = st.dictionaries(st.integers(0, 6), st.integers(7, 9)).map(
    lambda drawn: {each.id: each for each in (found(number, end=end) for number, end in drawn.items())}
)


@given(sets, sets)
def test_changes_applied_to_the_first_set_give_the_second(
    before: dict[FindingId, Finding], after: dict[FindingId, Finding]
) -> None:
    result = dict(before)
    for change in changes(before, after):
        if change.after is None:
            del result[change.finding.id]
        else:
            result[change.finding.id] = change.after
    assert result == after
