"""What people did with an alert adds up to its state, and stays visible."""

from itertools import product
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from cordiale.desks.maritime.alerts import Alerts
from cordiale.desks.maritime.triage import FILE, TRANSITIONS, WORDS, Act, Standing, Step, Triage
from cordiale.errors import StorageFailed, WrongUsage
from cordiale.vocab.moment import Moment
from desks.maritime import sea


def step(act: Act, at: int = 1, text: str = "EXERCISE why", finding: str = "f") -> Step:
    return Step(Moment(at), "alice@uk", finding, act, text)


ACTS = [act for act in get_args(Act) if act != "undo"]


@pytest.mark.parametrize(("first", "second"), list(product(ACTS, repeat=2)))
def test_every_act_after_every_other(tmp_path: Path, first: Act, second: Act) -> None:
    """An act's state holds until the next one that has a state."""
    triage = Triage(tmp_path)
    triage.add(step(first, 1))
    triage.add(step(second, 2))
    standing = triage.standing()["f"]
    assert standing.state == (TRANSITIONS[second] or TRANSITIONS[first] or "new")
    assert standing.assigned == ("EXERCISE why" if "assign" in (first, second) else "")
    assert [each.act for each in standing.steps] == [first, second]


@pytest.mark.parametrize(("first", "second"), list(product(ACTS, repeat=2)))
def test_undo_leads_back_step_by_step_and_stays_visible(tmp_path: Path, first: Act, second: Act) -> None:
    triage = Triage(tmp_path)
    triage.add(step(first, 1))
    before = triage.standing()["f"]
    triage.add(step(second, 2))
    triage.add(step("undo", 3))
    after = triage.standing()["f"]
    assert (after.state, after.assigned, after.holding) == (before.state, before.assigned, 1)
    assert [each.act for each in after.steps] == [first, second, "undo"]
    triage.add(step("undo", 4))
    assert (triage.standing()["f"].state, triage.standing()["f"].assigned) == ("new", "")
    with pytest.raises(WrongUsage):
        triage.add(step("undo", 5))
    with pytest.raises(WrongUsage):
        triage.add(step("undo", 6, finding="another"))


@pytest.mark.parametrize("act", ["dismiss", "assign"])
def test_some_acts_need_words(tmp_path: Path, act: Act) -> None:
    with pytest.raises(WrongUsage):
        Triage(tmp_path).add(step(act, text="  "))
    assert not (tmp_path / FILE).exists()


def test_too_many_words(tmp_path: Path) -> None:
    with pytest.raises(WrongUsage):
        Triage(tmp_path).add(step("dismiss", text="x" * (WORDS + 1)))


def test_lines_that_are_none_are_passed_over(tmp_path: Path) -> None:
    triage = Triage(tmp_path)
    (tmp_path / FILE).write_bytes(b'{"at": "x"}\n\xff\n')
    triage.add(step("acknowledge"))
    assert triage.standing() == {"f": Standing("acknowledged", "", (step("acknowledge"),), 1)}


def test_a_finding_that_changed_afterwards_says_so(tmp_path: Path) -> None:
    alerts, finding, triage = Alerts(tmp_path), sea.finding(), Triage(tmp_path)
    alerts.replace("ours", [finding], through=Moment(1), at=Moment(10))
    triage.add(step("dismiss", 20, finding=finding.id))
    assert not triage.standing(alerts.history())[finding.id].changed
    alerts.replace("ours", [msgspec.structs.replace(finding, score=0.9)], through=Moment(1), at=Moment(30))
    assert triage.standing(alerts.history())[finding.id].changed


def test_where_it_cannot_be_kept(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    with pytest.raises(StorageFailed):
        Triage(tmp_path).add(step("reopen"))
    with pytest.raises(StorageFailed):
        Triage(tmp_path).standing()
