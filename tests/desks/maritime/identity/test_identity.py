"""Typing noise, States, and histories that are the same in whatever parts and order reports come."""

import random
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from cordiale.desks.maritime.archive import Archive
from cordiale.desks.maritime.identity import state
from cordiale.desks.maritime.identity.archive import DIGEST, histories
from cordiale.desks.maritime.identity.likeness import same_call_sign, same_name, slips
from cordiale.desks.maritime.identity.roll import Roll
from cordiale.desks.maritime.identity.spell import CONTENT, MINUTE, joined, single
from cordiale.desks.maritime.schema import STATIC
from cordiale.desks.maritime.spool import Spool
from cordiale.desks.maritime.table import COLUMNS

START = 1_736_121_600_000
"""2025-01-06T00:00Z."""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("BALTIC TRADER", "Baltic  Trader"),
        ("BALTIC TRADER", "M/V BALTIC TRADER"),
        ("BALTIC TRADER", "BALTIC TRADRE"),
        ("BALTIC TRADER", "BALTIC TRAD"),
        ("BALTIC TRADER", "BALTIK TRADER"),
        ("HERON", "HERRON"),
        ("HERON", ""),
        ("HERON", "TEST"),
        ("STELLA II", "STELLA 2"),
    ],
)
def test_one_name_written_otherwise(one: str, other: str) -> None:
    assert same_name(one, other)
    assert same_name(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("BALTIC TRADER", "PACIFIC HERON"),
        ("PILOT 3", "PILOT 4"),
        ("HERON", "PETREL"),
        ("ADA", "EVA"),
        ("NORDIC ACE", "NORDIC SKY"),
    ],
)
def test_two_names(one: str, other: str) -> None:
    assert not same_name(one, other)


def test_slips_are_counted() -> None:
    assert [slips("ABCD", each) for each in ("ABCD", "ABDC", "ABXD", "ABC", "DCBA")] == [0, 1, 1, 1, 3]
    assert same_call_sign("MXAB7", "MXAB 7")
    assert not same_call_sign("MXAB7", "FXCD7")


def test_no_two_states_share_digits() -> None:
    digits = [each for found in state.states().values() for each in found.mid]
    assert len(digits) == len(set(digits))
    assert all(201 <= each <= 775 for each in digits)
    assert all(found.of in ("", *state.states()) for found in state.states().values())


@pytest.mark.parametrize(
    ("mmsi", "call_sign", "agree"),
    [
        (227000001, "FABC", True),
        (235000001, "2ABC5", True),
        (310000001, "ZCAB3", True),
        (477000001, "VRAB3", True),
        (219000001, "OX 2345", True),
        (520000001, "3DPQ", True),
        (669000001, "3DAB", True),
        (669000001, "3DPQ", False),
        (227000001, "UABC", False),
    ],
)
def test_call_signs_of_states(mmsi: int, call_sign: str, agree: bool) -> None:
    assert (state.of_mmsi(mmsi) in state.of_call_sign(call_sign)) == agree


@pytest.mark.parametrize("text", ["", "NONE", "X", "1234567", "ABC DEF GH", "FISHING"])
def test_what_is_no_call_sign_is_of_nobody(text: str) -> None:
    assert state.of_call_sign(text) == frozenset()


def test_nobody_gives_out_some_digits() -> None:
    assert [state.of_mmsi(each) for each in (217000001, 999999999, 123456789, 0)] == ["", "", "", ""]


def test_one_transmission_heard_twice_confirms_nothing() -> None:
    one = joined(single("A", START), single("A", START + 900))
    assert (one.second, one.minutes) == (0, 1)
    two = joined(one, single("A", START + MINUTE))
    assert (two.second, two.minutes) == (START + MINUTE, 2)


def _statics(chance: random.Random, count: int) -> pl.DataFrame:
    blank = {name: "" if meaning.startswith("text") else 0 for name, meaning in STATIC.items()}
    rows = [
        {
            **blank,
            "time": START + chance.randrange(0, 47 * 60) * MINUTE + chance.randrange(3) * 300,
            "mmsi": 227_000_001 + chance.randrange(2),
            "name": chance.choice(("", "HERON", "PETREL")),
            "call_sign": chance.choice(("", "FABC")),
            "imo": chance.choice((0, 9_074_729)),
            "to_bow": chance.choice((0, 100, 101)),
            "to_stern": 20,
            "draught": chance.choice((0, 71)),
        }
        for _ in range(count)
    ]
    return pl.DataFrame(rows, schema=COLUMNS["statics"])


@pytest.mark.parametrize("seed", range(6))
def test_any_order_gives_the_histories_of_the_archive(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    said = _statics(chance, 400)
    spool, archive = Spool(tmp_path / "runs"), Archive(tmp_path)
    spool.add("statics", said)
    for day in (date(2025, 1, 6), date(2025, 1, 7)):
        archive.merge(day, "statics", spool.runs("statics", day))
    wanted = histories(tmp_path)
    assert histories(tmp_path) == wanted, "out of what was kept"
    late = said.sample(fraction=1.0, shuffle=True, seed=seed)
    ordered = said.sort("time", *CONTENT)
    for arriving in (ordered, late, pl.concat([late, ordered])):
        roll = Roll()
        for number, part in enumerate(arriving.iter_slices(50)):
            roll.take(part)
            if number == 3:
                saved, roll = roll.checkpoint(), Roll()
                roll.restore(saved)
        assert roll.histories() == wanted
    roll = Roll()
    for part in ordered.iter_slices(50):
        roll.take(part)
        roll.prune(int(part["time"].max()) - 6 * 60 * MINUTE)
    assert roll.histories() == wanted, "spells keep what single reports told"
    assert roll.late == 0
    roll.take(ordered.head(1))
    assert roll.late == 1


@pytest.mark.parametrize("damage", ["cut", "empty", "noise", "flipped", "only a digest"])
def test_runs_kept_and_damaged_are_cut_anew(tmp_path: Path, damage: str) -> None:
    spool, archive, day = Spool(tmp_path / "runs"), Archive(tmp_path), date(2025, 1, 6)
    spool.add("statics", _statics(random.Random(3), 400))
    archive.merge(day, "statics", spool.runs("statics", day))
    wanted = histories(tmp_path)
    (kept,) = (tmp_path / "state" / "identity").iterdir()
    data = kept.read_bytes()
    middle = len(data) // 2
    kept.write_bytes({
        "cut": data[:middle],
        "empty": b"",
        "noise": random.Random(1).randbytes(5_000),
        "flipped": data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :],
        "only a digest": data[:DIGEST],
    }[damage])  # fmt: skip
    assert histories(tmp_path) == wanted
    assert kept.read_bytes() == data
