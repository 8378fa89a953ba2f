"""Each ground with what fires it and what must not."""

from collections.abc import Iterable

import pytest

from cordiale.desks.maritime.detect.detectors import BY_NUMBER
from cordiale.desks.maritime.identity.judge import Case, Rule, alone, together
from cordiale.desks.maritime.identity.place import Fix
from cordiale.desks.maritime.identity.spell import History, append, single
from cordiale.desks.maritime.schema import DEGREE
from cordiale.vocab.moment import HOUR, MINUTE

START = 1_736_121_600_000
RULE = Rule(72.0)
SHIP, OTHER = 227_000_001, 235_000_002
SOUND, ALSO_SOUND, UNSOUND = "9074729", "9187629", "9074728"


def said(*told: tuple[str, str, float], every: float = 0.1, until: float = 10.0) -> History:
    """(field, value, hours since the start), repeated every six minutes until the next of that field."""
    found: History = {}
    for field in dict.fromkeys(each[0] for each in told):
        mine = [each for each in told if each[0] == field]
        for place, (_, value, begin) in enumerate(mine):
            end = mine[place + 1][2] if place + 1 < len(mine) else max(until, begin + every / 2)
            for step in range(max(1, round((end - begin) / every))):
                append(found.setdefault(field, []), single(value, START + int((begin + step * every) * HOUR)))
    return found


def off_ushant(mmsi: int, time: int, _within: int) -> Fix:
    return Fix(time, round(-6.5 * DEGREE), round(48.7 * DEGREE), 95, 0)


def at_berth(mmsi: int, time: int, _within: int) -> Fix:
    return Fix(time, round(-4.475 * DEGREE), round(48.38 * DEGREE), 0, 5)


def told(cases: Iterable[Case]) -> list[tuple[str, str]]:
    return [(BY_NUMBER[case.detector].name, case.ground) for case in cases]


@pytest.mark.parametrize(
    ("history", "grounds"),
    [
        (said(("imo", UNSOUND, 0)), [("imo-invalid", "digit")]),
        (said(("imo", SOUND, 0)), []),
        (said(("imo", UNSOUND, 0), ("imo", SOUND, 0.1)), []),
        (said(("imo", UNSOUND, 0), ("imo", SOUND, 0.5)), [("imo-invalid", "slip")]),
        (said(("imo", "907472900", 0)), []),
        (said(("imo", "123456", 0)), []),
        (said(("call_sign", "UABC", 0)), [("flag-mismatch", "call_sign")]),
        (said(("call_sign", "FABC", 0)), []),
        (said(("call_sign", "UABC", 0), ("call_sign", "FABC", 0.1)), []),
        (said(("name", "HERON", 0), ("name", "HERRON", 3), ("name", "Heron ", 5)), []),
        (said(("name", "HERON", 0), ("name", "BALTIC PETREL", 3)), [("identity-change", "renamed")]),
        (said(("name", "HERON", 0), ("name", "BALTIC PETREL", 3), ("name", "HERON", 3.1)), []),
        (said(("call_sign", "FABC", 0), ("call_sign", "FXYZ", 3)), []),
        (
            said(
                ("name", "HERON", 0),
                ("name", "BALTIC PETREL", 3),
                ("call_sign", "FABC", 0),
                ("call_sign", "FXYZ", 3),
                until=3,
            ),
            [("identity-change", "renamed")],
        ),
        (
            said(("imo", SOUND, 0), ("imo", ALSO_SOUND, 3)),
            [("identity-change", "renamed"), ("identity-shared", "two-imos")],
        ),
        (
            said(*(("name", ("HERON", "BALTIC PETREL")[turn % 2], turn) for turn in range(6))),
            [("identity-change", "renamed"), ("identity-shared", "two-names")],
        ),
    ],
)
def test_one_vessels_history(history: History, grounds: list[tuple[str, str]]) -> None:
    assert told(alone(SHIP, history, off_ushant, RULE)) == grounds


def test_a_change_at_berth_or_after_long_is_none() -> None:
    renamed = said(("name", "HERON", 0), ("name", "BALTIC PETREL", 3))
    assert told(alone(SHIP, renamed, at_berth, RULE)) == []
    assert told(alone(SHIP, renamed, lambda *_: None, RULE)) == []
    late = said(("name", "HERON", 0), until=2) | {}
    append(late["name"], single("BALTIC PETREL", START + 90 * HOUR))
    append(late["name"], single("BALTIC PETREL", START + 91 * HOUR))
    assert told(alone(SHIP, late, off_ushant, RULE)) == []


def test_it_is_known_when_it_is_confirmed() -> None:
    (case,) = alone(SHIP, said(("name", "HERON", 0), ("name", "BALTIC PETREL", 3)), off_ushant, RULE)
    assert case.end == START + 3 * HOUR
    assert case.known == case.end + 6 * MINUTE
    assert [(turn.field, turn.before, turn.after) for turn in case.turns] == [("name", "HERON", "BALTIC PETREL")]


def test_digits_of_nobody() -> None:
    history = said(("name", "HERON", 0))
    assert told(alone(217_000_001, history, off_ushant, RULE)) == [("flag-mismatch", "nobody")]
    assert told(alone(123_456_789, history, off_ushant, RULE)) == [("flag-mismatch", "nobody")]
    assert told(alone(992_350_001, history, off_ushant, RULE)) == [], "an aid to navigation"
    assert told(alone(970_010_001, history, off_ushant, RULE)) == [], "a beacon of distress"


@pytest.mark.parametrize(
    ("km", "begin", "grounds"),
    [
        (400, 0.5, [("identity-shared", "one-imo")]),
        (0, 0.5, []),
        (40, 12, [("identity-change", "moved")]),
        (4000, 12, [("identity-shared", "one-imo")]),
        (40, 100, []),
    ],
)
def test_one_imo_number_under_two_mmsis(km: float, begin: float, grounds: list[tuple[str, str]]) -> None:
    def where(mmsi: int, time: int, _within: int) -> Fix:
        last = time if mmsi == OTHER or time <= START + 10 * HOUR else START + 10 * HOUR
        lon = -30.0 + (km / 111.2 if mmsi == OTHER else 0)
        return Fix(last, round(lon * DEGREE), 0, 95, 0)

    histories = {SHIP: said(("imo", SOUND, 0)), OTHER: said(("imo", SOUND, begin), until=begin + 5)}
    assert told(together(histories, where, RULE)) == grounds


def test_the_manuals_example_is_no_number() -> None:
    histories = {SHIP: said(("imo", "1234567", 0)), OTHER: said(("imo", "1234567", 0))}
    assert told(together(histories, off_ushant, RULE)) == []
