"""cordiale.console.speech: what was measured, and parts of one, as people of each language write them."""

import pytest

from cordiale.console.speech import speech


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [(74.1667, "74.2", "74,2"), (0.0123456, "0.012", "0,012"), (84.0, "84", "84"), (2748.807, "2,749", "2\u202f749")],
)
def test_what_was_measured_has_three_digits(value: float, english: str, french: str) -> None:
    assert (speech("en").quantity(value), speech("fr").quantity(value)) == (english, french)


def test_a_part_of_one() -> None:
    assert (speech("en").percent(0.7984), speech("fr").percent(0.7984)) == ("79.8%", "79,8\u202f%")
    assert speech("en").percent(1.0) == "100%"
