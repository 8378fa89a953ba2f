"""cordiale.vocab.moment: milliseconds there and back."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordiale.vocab.moment import DAY, HOUR, LATEST, MINUTE, SECOND, Moment, from_datetime, iso, to_datetime


def test_units() -> None:
    assert (SECOND, MINUTE, HOUR, DAY) == (1000, 60_000, 3_600_000, 86_400_000)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1, "1970-01-01T00:00:00.001Z"),
        (1_753_000_000_999, "2025-07-20T08:26:40.999Z"),
        (LATEST, "9999-12-31T23:59:59.999Z"),
    ],
)
def test_as_text(moment: int, text: str) -> None:
    assert iso(Moment(moment)) == text


@given(st.integers(0, LATEST))
def test_text_is_what_iso_8601_reads(moment: int) -> None:
    text = iso(Moment(moment))
    read = datetime.fromisoformat(text)
    assert (read - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1) == moment


@given(st.integers(0, LATEST // SECOND))
def test_whole_seconds_come_back(seconds: int) -> None:
    assert from_datetime(to_datetime(Moment(seconds * SECOND))) == seconds * SECOND


def test_any_zone() -> None:
    paris = timezone(timedelta(hours=2))
    assert from_datetime(datetime(2025, 7, 10, 14, tzinfo=paris)) == from_datetime(
        datetime(2025, 7, 10, 12, tzinfo=UTC)
    )
