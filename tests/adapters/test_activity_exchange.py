"""The shipped sample activities as files of others' programs, there and back: iCalendar and GeoJSON lose nothing."""

import pytest

from adapters.extracts import extract, row
from cordiale.adapters.exchange import as_calendar, as_geojson
from cordiale.register.sample import shipped_samples
from cordiale.register.schema import shipped

ACTIVITY = shipped()["activity"]


@pytest.mark.parametrize("form", [as_calendar, as_geojson])
def test_activities_come_back_as_they_went_out(form: object) -> None:
    samples = shipped_samples(ACTIVITY).records
    data = form.write(extract(*(row(ACTIVITY, values, number) for number, values in enumerate(samples, 1))))  # type: ignore[attr-defined]
    found = form.read(data, ACTIVITY)  # type: ignore[attr-defined]
    assert [each.faults for each in found] == [()] * len(samples)
    assert [dict(each.values) for each in found] == [dict(values) for values in samples]
