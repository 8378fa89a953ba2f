"""A run finds exactly what both plans share, both sides agree on it, and the wire shows nothing else."""

import statistics

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.register.deconfliction.pair import FR, KEYS, ONE_PASS, PUBLIC, TWO_PASSES, UK, Pair, codes, terms

from cordiale.crypto.curve25519 import hash_to_curve, on_curve
from cordiale.errors import IllegalStep, LimitExceeded
from cordiale.register.deconfliction import message
from cordiale.register.deconfliction.blinding import DUMMY, LOW_ORDER, TAG_BYTES, blinded, parts
from cordiale.register.deconfliction.grid import Codes, Grid, project, spell
from cordiale.register.deconfliction.log import Ended, Logged
from cordiale.register.deconfliction.message import Blinded, Doubled, Why
from cordiale.register.deconfliction.seat import Done, PassCounted, Stopped, secret_of
from cordiale.register.deconfliction.shape import Activity, Area
from cordiale.register.deconfliction.terms import LEAST, size_class
from cordiale.vocab.moment import DAY, Moment

FOUR_PASSES = (Grid(3, 7), Grid(4, 7), Grid(4, 1), Grid(5, 1))

few = st.sets(st.integers(0, 120), max_size=80).map(lambda values: codes(*values))
plans = st.sets(
    st.tuples(st.integers(0, 3), st.integers(0, 48), st.integers(0, 20)).map(
        lambda spot: (spot[0] << 6 | spot[1]) << 20 | 20_000 + spot[2]
    ),
    max_size=60,
).map(lambda values: codes(*values))
"""Codes whose cells are of four parents two resolutions up, within three weeks."""


def lists(pair: Pair) -> list[bytes]:
    """Every blinded list that crossed."""
    messages = [message.peek(data)[1] for data in pair.wire]
    return [each.elements for each in messages if isinstance(each, Blinded)]


@settings(max_examples=40)
@given(few, few, st.sampled_from([UK, FR]))
def test_one_pass_finds_the_plain_intersection(uk: Codes, fr: Codes, first: str) -> None:
    pair = Pair(terms(), uk, fr)
    pair.run(first=UK if first == UK else FR)
    shared = np.intersect1d(uk, fr)
    assert pair.met(UK) == pair.met(FR) == shared.tolist()
    for nation in (UK, FR):
        assert pair.seats[nation].run.meetings == spell(shared, ONE_PASS[0])
        assert pair.events[nation][-1] == Done(spell(shared, ONE_PASS[0]))
        assert pair.events[nation][0] == PassCounted(0, len(shared), (size_class(len(uk)), size_class(len(fr))))


@settings(max_examples=40)
@given(plans, plans, st.sampled_from([TWO_PASSES, FOUR_PASSES]))
def test_coarse_then_fine_misses_nothing(uk: Codes, fr: Codes, grids: tuple[Grid, ...]) -> None:
    """Every pass finds the plain intersection on its grid; the first that is empty is the last."""
    pair = Pair(terms(grids), uk, fr)
    pair.run()
    shared = [np.intersect1d(project(uk, grids[-1], grid), project(fr, grids[-1], grid)).tolist() for grid in grids]
    passes = next((at + 1 for at, codes_ in enumerate(shared) if not codes_), len(grids))
    for nation in (UK, FR):
        assert [each.codes.tolist() for each in pair.seats[nation].run.found] == shared[:passes]
    assert pair.seats[UK].run.meetings == pair.seats[FR].run.meetings == spell(np.intersect1d(uk, fr), grids[-1])


@given(plans, plans)
@settings(max_examples=15)
def test_only_cells_that_met_coarsely_are_asked_finely(uk: Codes, fr: Codes) -> None:
    pair = Pair(terms(TWO_PASSES), uk, fr)
    while not pair.seats[UK].run.found and any(seat.is_due for seat in pair.seats.values()):
        pair.step(UK if pair.seats[UK].is_due else FR)
    run = pair.seats[UK].run
    if run.phase == "blind":
        pair.step(UK)
        now = pair.seats[UK].run.now
        assert now is not None
        assert now.own is not None
        asked = uk[np.isin(project(uk, TWO_PASSES[1], TWO_PASSES[0]), run.found[0].codes)]
        assert now.codes.tolist() == asked.tolist()
        assert sorted(owner for owner in now.own.owners if owner != DUMMY) == list(range(len(asked)))


def test_from_plans_to_meetings() -> None:
    """A British disc and a French corridor that cross off Brittany on two common days of three."""
    agreed = terms(TWO_PASSES, most=1024)
    start = 20_100 * DAY
    uk = Activity((Area(((48.5, -6.0),), 40.0),), Moment(start), Moment(start + 3 * DAY))
    fr = Activity((Area(((48.4, -4.5), (48.5, -7.5)), 5.0),), Moment(start + DAY), Moment(start + 5 * DAY))
    far = Activity((Area(((43.0, 6.0),), 40.0),), Moment(start), Moment(start + 3 * DAY))
    pair = Pair(agreed, secret_of(agreed, [uk]).codes, secret_of(agreed, [fr, far]).codes)
    pair.run()
    meetings = pair.seats[UK].run.meetings
    assert {spot.day for spot in meetings} == {20_101, 20_102}
    assert pair.seats[FR].run.meetings == meetings
    assert len({spot.cell for spot in meetings}) > 3


# --- what both sides log ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", [UK, FR])
def test_both_sides_log_the_same_bytes(first: str) -> None:
    pair = Pair(terms(TWO_PASSES), codes(1 << 20, 2 << 20, 70 << 20), codes(2 << 20, 3 << 20))
    pair.run(first=UK if first == UK else FR)
    logged = pair.seats[UK].logged()
    assert logged.encode() == pair.seats[FR].logged().encode()
    assert Logged.decode(logged.encode()) == logged
    assert (logged.ended, logged.met, logged.sizes) == (Ended.DONE, (1, 1), ((64, 64), (64, 64)))
    for nation, outcome in zip((UK, FR), logged.outcomes, strict=True):
        _, said = message.unseal(PUBLIC[nation], outcome)
        assert isinstance(said, message.Outcome)
        assert said.transcript == logged.transcript
    assert len({message.peek(outcome)[1].result for outcome in logged.outcomes}) == 2  # type: ignore[union-attr]


def test_the_transcript_depends_on_every_message() -> None:
    first, again, other = (Pair(terms(), codes(1, 2), codes(2, 3), seed) for seed in (0, 0, 1))
    for pair in (first, again, other):
        pair.run()
    transcripts = [pair.seats[UK].run.transcript for pair in (first, again, other)]
    assert transcripts[0] == transcripts[1] != transcripts[2]


def test_a_declined_run_reveals_nothing_and_is_logged() -> None:
    pair = Pair(terms(), codes(1), codes(1))
    declining = pair.seats[FR]
    declining, data = declining.end(Why.DECLINED)
    inviting, events = pair.seats[UK].receive(data)
    assert events == (Stopped(Why.DECLINED),)
    assert inviting.logged().ended is declining.logged().ended is Ended.DECLINED
    assert inviting.logged().sizes == ()
    assert not inviting.is_due
    with pytest.raises(IllegalStep):
        inviting.send()


# --- what crosses -------------------------------------------------------------------------------------------------


def test_every_element_that_crosses_is_blinded() -> None:
    """No message holds a code, a seed, a point that can be guessed, or (but in an invitation) anything of the terms."""
    uk, fr = codes(*range(1000, 1040)), codes(*range(1030, 1100))
    pair = Pair(terms(), uk, fr)
    pair.run()
    head = b"cordiale deconfliction point/1\x00" + pair.terms.digest() + b"\x00"
    points = hash_to_curve([head + int(code).to_bytes(8, "big") for code in range(900, 1200)])
    sent = b"".join(pair.wire)
    assert not [point for point in points if point in sent]
    assert not [code for code in range(900, 1200) if code.to_bytes(8, "big") in sent]
    assert not [secret for secret in pair.secrets.values() if secret.seed in sent]


def test_elements_are_on_the_curve_dummies_too_and_none_is_of_low_order() -> None:
    pair = Pair(terms(), codes(*range(90)), codes(1))
    pair.run()
    for elements in lists(pair):
        each = parts(elements, 32)
        assert on_curve(each).all()
        assert each == sorted(each)
        assert LOW_ORDER.isdisjoint(each)


def test_order_on_the_wire_says_nothing_of_order_in_the_plan() -> None:
    """Positions of the plan's first half among all: their mean is the middle (within five standard deviations)."""
    owners = blinded(terms(most=4096), 0, bytes(32), codes(*range(4096))).owners
    places = [place for place, owner in enumerate(owners) if owner < 2048]
    assert abs(statistics.mean(places) - 2047.5) < 5 * 4096 / (12 * 4096) ** 0.5
    dummies = blinded(terms(most=4096), 0, bytes(32), codes(*range(3841))).owners
    where = [place for place, owner in enumerate(dummies) if owner == DUMMY]
    assert len(where) == 127
    assert abs(statistics.mean(where) - 2047.5) < 5 * 4096 / (12 * 127) ** 0.5


def test_bits_on_the_wire_are_even() -> None:
    elements = blinded(terms(most=4096), 0, bytes(range(32)), codes(*range(4096))).elements
    bits = np.unpackbits(np.frombuffer(elements, dtype=np.uint8).reshape(-1, 32)[:, :24], axis=1)
    assert abs(float(bits.mean()) - 0.5) < 5 * 0.5 / bits.size**0.5
    assert float(np.abs(bits.mean(axis=0) - 0.5).max()) < 6 * 0.5 / 4096**0.5


def test_the_same_plan_twice_cannot_be_linked() -> None:
    """Other run, or other seed: no element and no tag in common, for the same plan on both sides."""
    plan = codes(*range(40))
    runs = [
        Pair(terms(), plan, plan, 0),
        Pair(terms(), plan, plan, 1),
        Pair(terms(run=b"run 2".ljust(16, b".")), plan, plan, 0),
    ]
    seen: set[bytes] = set()
    count = 0
    for pair in runs:
        pair.run()
        for data in pair.wire:
            said = message.peek(data)[1]
            pieces = parts(said.elements, 32) if isinstance(said, Blinded) else []
            pieces += parts(said.tags, TAG_BYTES) if isinstance(said, Doubled) else []
            seen.update(pieces)
            count += len(pieces)
    # A code that met has one tag on both sides of its run, which is the point; nothing else repeats.
    assert count - len(seen) == 3 * len(plan)


@pytest.mark.parametrize(("one", "other"), [(0, 64), (65, 68), (1009, 1024)])
def test_plans_of_one_size_class_look_alike(one: int, other: int) -> None:
    lengths: list[list[int]] = []
    for count in (one, other):
        pair = Pair(terms(most=1024), codes(*range(count)), codes(*range(5000, 5010)))
        pair.run()
        lengths.append([len(data) for data in pair.wire])
    assert lengths[0] == lengths[1]


@given(st.integers(0, 1 << 17))
def test_a_size_class_is_close_and_hides(count: int) -> None:
    size = size_class(count)
    assert count <= size <= max(LEAST, count * 17 / 16 + 1)
    assert size_class(size) == size
    assert size == LEAST or size % (1 << (size - 1).bit_length() - 5) == 0


# --- limits, and what is shown of secrets -------------------------------------------------------------------------


def test_a_plan_over_the_cap_never_begins() -> None:
    with pytest.raises(LimitExceeded):
        Pair(terms(most=64), codes(*range(65)), codes())
    with pytest.raises(LimitExceeded):
        Pair(terms(most=64), codes(), codes(*range(65)))


def test_a_fine_pass_over_the_cap_is_not_sent() -> None:
    uk = codes(*(cell << 20 | 20_000 for cell in range(64)), *(cell << 20 | 20_001 for cell in range(64)))
    pair = Pair(terms((Grid(3, 7), Grid(5, 1)), most=64), uk, codes(20_000))
    with pytest.raises(LimitExceeded):
        pair.run()
    assert len(lists(pair)) <= 3
    pair.seats[UK], _ = pair.seats[UK].end(Why.BROKEN_OFF)
    assert pair.seats[UK].logged().ended is Ended.BROKEN_OFF


def test_reprs_show_no_secret() -> None:
    pair = Pair(terms(), codes(123456789), codes())
    pair.run()
    for nation in (UK, FR):
        shown = repr(pair.seats[nation].run) + repr(pair.secrets[nation]) + repr(pair.seats[nation].run.secret)
        assert "123456789" not in shown
        assert repr(pair.secrets[nation].seed) not in shown
        assert KEYS[nation].seed().hex() not in repr(pair.seats[nation])


def test_results_are_read_only_once_both_agree() -> None:
    pair = Pair(terms(), codes(1), codes(1))
    pair.until(UK, "close")
    with pytest.raises(IllegalStep):
        _ = pair.seats[UK].run.meetings
