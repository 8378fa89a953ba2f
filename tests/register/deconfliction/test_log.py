"""cordiale.register.deconfliction.terms and log: which terms are valid, and when a run is still within budget."""

from typing import Any

import pytest
from msgspec.structs import replace
from tests.register.deconfliction.pair import BUDGET, FR, NOW, TWO_PASSES, UK, Pair, codes, terms

from cordiale.errors import BudgetSpent, CordialeError, LimitExceeded, Malformed, Replayed
from cordiale.register.deconfliction import message
from cordiale.register.deconfliction.grid import Grid
from cordiale.register.deconfliction.log import FRESH, LOGGED_BYTES, Admitted, Ended, Logged
from cordiale.register.deconfliction.terms import Budget, Terms, check_terms
from cordiale.vocab.moment import DAY, Moment
from cordiale.vocab.party import Nation


def numbered(number: int, **changes: Any) -> Terms:
    return replace(terms(run=number.to_bytes(16, "big")), **changes)


def done(number: int, sizes: tuple[tuple[int, int], ...] = ((128, 256),), **changes: Any) -> Logged:
    return Logged(numbered(number, **changes), Ended.DONE, sizes=sizes)


def admit(agreed: Terms, log: list[Logged], allowed: Budget = BUDGET, nation: Nation = UK, now: int = NOW) -> Admitted:
    return Admitted(agreed, nation, log, allowed, Moment(now))


# --- terms --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"run": b"short"},
        {"responder": UK},
        {"initiator": Nation("Europe!")},
        {"purpose": "x" * 257},
        {"purpose": "two\nlines"},
        {"register": bytes(33)},
        {"grids": ()},
        {"grids": (Grid(5, 1), Grid(3, 7))},
        {"first_day": 20_366},
        {"first_day": -1},
        {"last_day": 20_000 + 3_661},
        {"last_day": 200_001, "first_day": 199_999},
        {"most": 63},
        {"most": 65},
        {"most": (1 << 17) + 8192},
        {"budget": Budget(-1, 1, 1)},
        {"created": -1},
    ],
)
def test_invalid_terms_are_refused_wherever_they_come_from(changes: dict[str, Any]) -> None:
    wrong = replace(terms(), **changes)
    with pytest.raises(Malformed):
        check_terms(wrong)
    with pytest.raises(Malformed):
        admit(wrong, [])
    with pytest.raises(Malformed):
        message.parse(message.Word.INVITE.value, message.canonical.encode(message.Invite(wrong, wrong.digest())))
    with pytest.raises(Malformed):
        Logged.decode(Logged(wrong, Ended.OPEN).encode())


def test_two_terms_have_two_digests() -> None:
    assert terms().digest() != terms(run=bytes(16)).digest() != terms(most=64).digest()


def test_the_counterpart_is_the_other() -> None:
    assert (terms().counterpart(UK), terms().counterpart(FR)) == (FR, UK)


# --- the budget ---------------------------------------------------------------------------------------------------


def test_a_run_id_is_used_once() -> None:
    for ended in Ended:
        with pytest.raises(Replayed):
            admit(terms(), [Logged(terms(), ended)])


def test_so_many_runs_and_no_more() -> None:
    allowed = Budget(3, 10**7, 30)
    assert admit(terms(), [done(1), done(2)], allowed).terms == terms()
    with pytest.raises(BudgetSpent, match="3 runs with fr in 30 days, 3 allowed"):
        admit(terms(), [done(1), done(2), done(3)], allowed)
    with pytest.raises(BudgetSpent, match="0 allowed"):
        admit(terms(), [], Budget(0, 10**7, 30))


def test_so_many_elements_and_no_more() -> None:
    """What the other nation asked, by its own side of each run, and what it may ask now: 256 in one pass."""
    log = [done(1, ((64, 1000), (64, 24))), done(2, ((5000, 200),))]
    assert admit(terms(), log, Budget(12, 1000 + 24 + 200 + 256, 30)).terms
    with pytest.raises(BudgetSpent, match="fr asked 1224 elements"):
        admit(terms(), log, Budget(12, 1000 + 24 + 200 + 255, 30))
    assert admit(terms(), log, Budget(12, 64 + 64 + 5000 + 256, 30), FR).terms
    with pytest.raises(BudgetSpent, match="uk asked 5128 elements"):
        admit(terms(), log, Budget(12, 64 + 64 + 5000 + 255, 30), FR)


@pytest.mark.parametrize("ended", [Ended.OPEN, Ended.BROKEN_OFF, Ended.DISPUTED])
def test_an_unfinished_run_counts_as_its_worst(ended: Ended) -> None:
    agreed = numbered(1, grids=TWO_PASSES)
    log = [Logged(agreed, ended)]
    assert admit(terms(), log, Budget(2, 2 * 256 + 256, 30)).terms
    with pytest.raises(BudgetSpent):
        admit(terms(), log, Budget(2, 2 * 256 + 255, 30))
    with pytest.raises(BudgetSpent):
        admit(terms(), log, Budget(1, 10**7, 30))


def test_a_declined_run_costs_nothing() -> None:
    assert Logged(numbered(1), Ended.DECLINED).asked_by(FR) == 0
    assert admit(terms(), [Logged(numbered(1), Ended.DECLINED)], Budget(1, 256, 30)).terms


def test_only_this_counterpart_and_this_period_count() -> None:
    allowed = Budget(1, 10**7, 30)
    assert admit(terms(), [done(1, initiator=Nation("de"))], allowed).terms
    assert admit(terms(), [done(1, created=Moment(NOW - 30 * DAY))], allowed).terms
    with pytest.raises(BudgetSpent):
        admit(terms(), [done(1, created=Moment(NOW - 30 * DAY + 1))], allowed)
    with pytest.raises(BudgetSpent):
        admit(terms(), [done(1, initiator=FR, responder=UK)], allowed)


def test_the_stricter_budget_holds() -> None:
    strict = replace(terms(), budget=Budget(1, 10**7, 90))
    with pytest.raises(BudgetSpent, match="90 days, 1 allowed"):
        admit(strict, [done(1, created=Moment(NOW - 80 * DAY))])
    with pytest.raises(BudgetSpent):
        admit(replace(terms(), budget=Budget(12, 255, 30)), [])


def test_no_run_is_dated_out_of_its_period() -> None:
    assert admit(terms(), [], now=NOW + FRESH).terms
    assert admit(terms(), [], now=NOW - FRESH).terms
    for now in (NOW + FRESH + 1, NOW - FRESH - 1):
        with pytest.raises(Malformed, match="time"):
            admit(terms(), [], now=now)


def test_a_third_nation_is_not_admitted() -> None:
    with pytest.raises(Malformed):
        admit(terms(), [], nation=Nation("de"))


# --- what is logged -----------------------------------------------------------------------------------------------


def test_what_a_run_logs_is_charged_to_who_asked() -> None:
    pair = Pair(terms(), codes(*range(100)), codes(1))
    assert pair.seats[UK].logged().asked_by(FR) == 256
    pair.run()
    for nation in (UK, FR):
        logged = pair.seats[nation].logged()
        assert (logged.asked_by(UK), logged.asked_by(FR)) == (100, 64)


@pytest.mark.parametrize(
    "changes",
    [
        {"commitments": (b"x" * 32,) * 3},
        {"commitments": (b"x" * 31,)},
        {"transcript": b"x"},
        {"sizes": ((64, 64),) * 5},
        {"sizes": ((64, 257),)},
        {"sizes": ((-1, 64),)},
        {"outcomes": (b"",) * 3},
        {"met": (0,) * 5},
    ],
)
def test_logged_runs_are_parsed_strictly(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        Logged.decode(replace(Logged(terms(), Ended.DONE), **changes).encode())


def test_a_log_is_bounded() -> None:
    with pytest.raises(LimitExceeded):
        Logged.decode(bytes(LOGGED_BYTES + 1))
    with pytest.raises(CordialeError):
        Logged.decode(b"\xa0")
