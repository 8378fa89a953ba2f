"""Who is sanctioned, possibly or ambiguously, and that every point of a score says why."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordiale.analysis.finding import Finding, FindingId, Place
from cordiale.desks.maritime.risk.identity import vessels
from cordiale.desks.maritime.risk.listing import ListFile, Listing
from cordiale.desks.maritime.risk.load import publications
from cordiale.desks.maritime.risk.match import Index, Status
from cordiale.desks.maritime.risk.number import sound
from cordiale.desks.maritime.risk.score import Assessment, Assessor, assess, weights
from cordiale.errors import StorageFailed
from cordiale.labels.phrase import Phrase
from cordiale.vocab.moment import Moment
from desks.maritime.risk.kit import OTHER, SOUND, said, store

PETREL = Listing(
    "uk", "EXE0001", ("EXERCISE PETREL", "EXERCISE PLOVER"), (SOUND,), (273_000_001,), ("EXE1",), built=1999
)
NO_NUMBER = Listing("uk", "EXE0002", ("EXERCISE TERN",), call_signs=("EXE2",))


def judged(
    folder: Path, *reports: list[dict[str, object]], findings: tuple[Finding, ...] = ()
) -> dict[str, Assessment]:
    file = ListFile(publications()["uk-csv"], "2026-01-01", "", 2, (PETREL, NO_NUMBER))
    return {each.vessel.key: each for each in assess(vessels(store(folder, *reports)), Assessor([file], findings))}


def statuses(folder: Path, *reports: list[dict[str, object]]) -> dict[str, tuple[str, list[str]]]:
    return {
        name: (each.status.name.lower(), [match.by for match in each.matches])
        for name, each in judged(folder, *reports).items()
    }


def test_by_imo_under_another_name(tmp_path: Path) -> None:
    found = statuses(tmp_path, said(227_000_001, SOUND, "SOMETHING ELSE"))
    assert found == {f"imo {SOUND}": ("sanctioned", ["imo"])}


def test_name_alone_is_never_sanctioned(tmp_path: Path) -> None:
    found = statuses(tmp_path, said(227_000_001, 0, "M/V EXERCISE PETREL"), said(227_000_002, 0, "EXERCISE-TERN"))
    assert found == {"mmsi 227000001": ("possible", ["name"]), "mmsi 227000002": ("possible", ["name"])}


def test_another_vessel_of_that_name(tmp_path: Path) -> None:
    """Its own sound number says so."""
    assert statuses(tmp_path, said(227_000_001, OTHER, "EXERCISE PETREL")) == {f"imo {OTHER}": ("none", [])}


def test_name_and_call_sign(tmp_path: Path) -> None:
    found = statuses(
        tmp_path, said(227_000_001, 0, "EXERCISE TERN", "EXE2"), said(227_000_002, OTHER, "EXERCISE PLOVER", "EXE1")
    )
    assert found["mmsi 227000001"] == ("sanctioned", ["name-call-sign"])
    assert found[f"imo {OTHER}"] == ("possible", ["name-call-sign"])


def test_former_name(tmp_path: Path) -> None:
    found = statuses(tmp_path, said(227_000_001, 0, "EXERCISE PLOVER"), said(227_000_001, 0, "NEW", hour=5))
    assert found == {"mmsi 227000001": ("possible", ["former-name"])}


def test_current_and_former_mmsi(tmp_path: Path) -> None:
    """A vessel keeps its IMO number when it changes flag; the MMSI that is listed may be the former one."""
    assert statuses(tmp_path / "a", said(273_000_001, 0, "X")) == {"mmsi 273000001": ("sanctioned", ["mmsi"])}
    reports = said(273_000_001, OTHER, "X"), said(351_000_001, OTHER, "X", hour=5)
    assert statuses(tmp_path / "b", *reports) == {f"imo {OTHER}": ("ambiguous", ["former-mmsi"])}


def test_one_mmsi_with_two_imo_numbers(tmp_path: Path) -> None:
    found = statuses(tmp_path, said(227_000_001, SOUND, "A"), said(227_000_001, OTHER, "B", hour=3))
    assert found == {f"imo {SOUND}": ("ambiguous", ["imo"]), f"imo {OTHER}": ("ambiguous", ["imo"])}


def test_a_number_whose_check_digit_fails_matches_nothing(tmp_path: Path) -> None:
    found = judged(tmp_path, said(227_000_001, SOUND + 1, "X"))["mmsi 227000001"]
    assert (found.status, found.vessel.unsound) == (Status.NONE, (SOUND + 1,))
    assert found.score == 8


@given(st.integers(0, 10**8))
def test_check_digit(number: int) -> None:
    """One digit altered is always noticed: the weights 2 to 7 and ten have to share no factor for it, so not always is."""
    digits = f"{number:07}"
    expected = len(str(number)) == 7 and sum(
        int(d) * w for d, w in zip(digits, range(7, 1, -1), strict=False)
    ) % 10 == int(digits[6])
    assert sound(number) == expected


@pytest.mark.parametrize("column", ["mmsi", "imo", "name"])
def test_a_file_of_another_program_with_empty_cells_is_refused(tmp_path: Path, column: str) -> None:
    reports = said(227_000_001, 0, "X")
    reports[1][column] = None
    with pytest.raises(StorageFailed, match=rf"nothing in {column}"):
        vessels(store(tmp_path, reports))


def test_a_garbled_name_is_not_history(tmp_path: Path) -> None:
    """What was heard once, among much that was heard often, is noise of the radio."""
    found = judged(tmp_path, said(227_000_001, 0, "GOOD"), said(227_000_001, 0, "EXERCISE TERN", hour=1, times=1))
    assert [each.value for each in found["mmsi 227000001"].vessel.names] == ["GOOD"]
    assert found["mmsi 227000001"].status == Status.NONE


def finding(number: int, detector: str, mmsi: int) -> Finding:
    why = Phrase("EXERCISE reason", "EXERCICE motif")
    return Finding(
        FindingId(f"{number:032x}"),
        "maritime",
        detector,
        "ours",
        (f"mmsi:{mmsi}",),
        Moment(number),
        Moment(number + 1),
        Place(0, 0),
        0.5,
        why,
    )


def test_score_adds_up_and_every_point_is_told(tmp_path: Path) -> None:
    findings = (*(finding(n, "gap", 351_000_001) for n in range(1, 6)), finding(9, "cable-drift", 351_000_001))
    reports = said(232_000_001, SOUND, "EXERCISE PETREL"), said(351_000_001, SOUND, "NEW NAME", hour=7)
    found = judged(tmp_path, *reports, findings=findings)[f"imo {SOUND}"]
    by_factor = {factor.name: factor for factor in weights().factors}
    points = {
        "sanctioned": 60, "flag-of-convenience": 5, "flag-change": 6, "name-change": 3, "age": 5, "gap": 24, "cable": 15,
    }  # fmt: skip
    assert sum(each.points for each in found.evidence) == sum(points.values())
    assert found.score == 100
    for name, wanted in points.items():
        told = [
            each for each in found.evidence if each.what.en.startswith(by_factor[name].title.en) or name == "sanctioned"
        ]
        assert sum(each.points for each in told) >= wanted
    assert all(each.source and each.what.fr for each in found.evidence)
    listed = found.evidence[0]
    assert "EXE0001" in listed.what.en and "OGL-UK-3.0" in listed.source and "2026-01-01" in listed.source


def test_digits_of_one_state_are_one_flag(tmp_path: Path) -> None:
    reports = said(232_000_001, OTHER, "X"), said(235_000_001, OTHER, "X", hour=5)
    assert judged(tmp_path, *reports)[f"imo {OTHER}"].score == 0


def test_gravest_first(tmp_path: Path) -> None:
    found = judged(
        tmp_path, said(227_000_003, 0, "NOBODY"), said(227_000_001, 0, "EXERCISE PETREL"), said(227_000_002, SOUND, "X")
    )
    assert [each.status for each in found.values()] == [Status.SANCTIONED, Status.POSSIBLE, Status.NONE]


def test_index_of_nothing(tmp_path: Path) -> None:
    assert [Index(()).matches(vessel) for vessel in vessels(store(tmp_path, said(227_000_001, SOUND, "X")))] == [[]]


@pytest.mark.parametrize("factor", weights().factors, ids=lambda factor: factor.name)
def test_every_factor_has_a_source(factor: object) -> None:
    assert getattr(factor, "source", "") and getattr(factor, "points", 0) <= getattr(factor, "most", 0)
