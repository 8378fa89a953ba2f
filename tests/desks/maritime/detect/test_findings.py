"""Findings: every detector explains itself in both languages from its own measures; ids stay while a finding grows."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cordiale.desks.maritime.detect.detectors import DETECTORS, ENCOUNTER, GAP, IDENTITY, ZONE, Detector
from cordiale.desks.maritime.detect.findings import Named, explanations, findings
from cordiale.desks.maritime.detect.profile import shipped
from cordiale.desks.maritime.rules import sections
from cordiale.desks.maritime.schema import DEGREE, EVENT

pytestmark = pytest.mark.timeout(600)  # the first run compiles the kernels

OF_EVENTS = [each for each in DETECTORS if each.number not in IDENTITY]
THRESHOLDS = {**shipped("ours").sections, **sections("ours")}
NAMED = {232990001: Named("EXERCISE 00001", 2000013, 80)}


def _event(detector: int, **changes: Any) -> NDArray[np.void]:
    found = np.zeros(1, EVENT)
    found["detector"], found["mmsi"], found["zone"] = detector, 232990001, -1
    found["begin"], found["end"], found["values"] = 1_000_000, 9_000_000, 7.0
    found["lon0"], found["lat0"] = round(1.5 * DEGREE), round(50.5 * DEGREE)
    for name, value in changes.items():
        found[name] = value
    return found


def _made(events: NDArray[np.void], areas: dict[int, list[str]] | None = None) -> Any:
    (found,) = findings(events, "ours", THRESHOLDS, named=NAMED, areas=areas or {})
    return found


@pytest.mark.parametrize("detector", OF_EVENTS, ids=lambda each: each.name)
def test_every_detector_explains_itself(detector: Detector) -> None:
    found = _made(_event(detector.number))
    for told, title in ((found.why.en, detector.title.en), (found.why.fr, detector.title.fr)):
        assert told.startswith(title)
        assert "EXERCISE 00001 (232990001)" in told
        assert len(told) > len(title) + 50
    assert found.why.en != found.why.fr
    assert found.subjects == ("mmsi:232990001",)
    assert set(found.values) == {name for name, _ in detector.values}
    assert 0 < found.score < 1
    assert "1970-01-01 00:16Z" in found.evidence[0].what.en


def test_all_explanations_are_of_detectors() -> None:
    assert set(explanations()) == {detector.name for detector in OF_EVENTS}


def test_the_threshold_is_cited_with_its_source() -> None:
    found = _made(_event(ENCOUNTER, other=311990002, other_branch=1))
    assert found.subjects == ("mmsi:232990001", "mmsi:311990002/1")
    limit = found.evidence[-1]
    assert limit.what.en == "Threshold encounter.duration 2 h"
    assert "Miller et al. 2018" in limit.source


def test_a_finding_that_goes_on_is_the_same_and_surer() -> None:
    values = np.zeros(8, "f4")
    values[0] = 2.0
    short, long = _made(_event(GAP, values=values, open=1)), _made(_event(GAP, end=99_000_000))
    assert short.id == long.id
    assert short.score < long.score
    assert short.why.en.endswith("It still goes on.")
    assert short.why.fr.endswith("Cela dure encore.")


def test_two_areas_at_one_time_are_two_findings() -> None:
    one, other = (_made(_event(ZONE, zone=zone), {ZONE: ["Eddystone", "Sovereign"]}) for zone in (0, 1))
    assert one.id != other.id
    assert "Sovereign" in other.why.fr
