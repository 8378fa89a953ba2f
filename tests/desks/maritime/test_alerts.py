"""What stands and how it came about: replaced whole, remembered line by line, readable after any stop."""

import os
from pathlib import Path

import pytest

from cordiale.analysis.finding import Finding, FindingId, Place
from cordiale.desks.maritime.alerts import FINDINGS, HISTORY, Alerts
from cordiale.errors import IllegalStep, Malformed
from cordiale.labels.phrase import Phrase
from cordiale.vocab.moment import Moment


def _finding(name: str, *, begin: int = 5, score: float = 0.5) -> Finding:
    return Finding(
        FindingId(name), "maritime", "gap", "ours", ("mmsi:1",), Moment(begin), Moment(9), Place(1.0, 50.0), score,
        Phrase("silent", "silencieux"),
    )  # fmt: skip


def _replace(alerts: Alerts, *found: Finding, profile: str = "ours", at: int = 100) -> list[tuple[bool, bool]]:
    done = alerts.replace(profile, found, through=Moment(50), at=Moment(at))
    return [(change.before is not None, change.after is not None) for change in done]


def test_a_finding_is_raised_revised_and_retracted(tmp_path: Path) -> None:
    alerts = Alerts(tmp_path)
    assert _replace(alerts, _finding("a"), at=1) == [(False, True)]
    assert _replace(alerts, _finding("a"), at=2) == []
    assert _replace(alerts, _finding("a", score=0.9), at=3) == [(True, True)]
    assert _replace(alerts, at=4) == [(True, False)]
    assert [(line.at, line.act, line.finding.score) for line in alerts.history()] == [
        (1, "raise", 0.5),
        (3, "revise", 0.9),
        (4, "retract", 0.9),
    ]
    assert alerts.findings("ours") == ()


def test_profiles_stand_beside_each_other_in_order(tmp_path: Path) -> None:
    alerts = Alerts(tmp_path)
    _replace(alerts, _finding("b", begin=7), _finding("a", begin=7), _finding("c", begin=1))
    _replace(alerts, _finding("z"), profile="gfw")
    assert [finding.id for finding in alerts.findings("ours")] == ["c", "a", "b"]
    assert alerts.standing()["gfw"].through == 50
    assert (tmp_path / FINDINGS).stat().st_mode & 0o777 == (tmp_path / HISTORY).stat().st_mode & 0o777 == 0o600


def test_a_line_half_written_is_passed_over_and_none_is_glued_to_it(tmp_path: Path) -> None:
    alerts = Alerts(tmp_path)
    _replace(alerts, _finding("a"))
    with (tmp_path / HISTORY).open("ab") as file:
        file.write(b'{"at":3,"act":"rai')
    _replace(alerts, _finding("b"))
    assert [(line.act, line.finding.id) for line in alerts.history()] == [
        ("raise", "a"),
        ("retract", "a"),
        ("raise", "b"),
    ]


def test_a_writer_stopped_before_the_rename_leaves_what_stood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alerts = Alerts(tmp_path)
    _replace(alerts, _finding("a"))

    def stopped(_path: Path, _target: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", stopped)
    with pytest.raises(KeyboardInterrupt):
        _replace(alerts, _finding("b"))
    assert [finding.id for finding in alerts.findings("ours")] == ["a"]
    monkeypatch.undo()
    assert len(_replace(alerts, _finding("b"))) == 2


def test_a_damaged_file_is_said_to_be_damaged(tmp_path: Path) -> None:
    (tmp_path / FINDINGS).write_bytes(os.urandom(50))
    with pytest.raises(Malformed, match="findings"):
        Alerts(tmp_path).findings("ours")


def test_findings_of_another_version_are_refused_and_kept(tmp_path: Path) -> None:
    alerts = Alerts(tmp_path)
    _replace(alerts, _finding("a"))
    path = tmp_path / FINDINGS
    path.write_bytes(path.read_bytes().replace(b'"version":1', b'"version":2'))
    before = path.read_bytes()
    with pytest.raises(IllegalStep, match=str(path)):
        _replace(alerts, _finding("b"))
    assert path.read_bytes() == before
