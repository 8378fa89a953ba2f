"""The columnar decoder gives what pyais gives, field by field; and it accounts for every line."""

from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyais import encode_dict
from pyais.constants import ShipType
from pyais.messages import NMEAMessage
from pyais.stream import IterMessages

from cordiale.desks.maritime.ingest import sentence
from cordiale.desks.maritime.ingest.batch import Batch
from cordiale.desks.maritime.ingest.nmea import Decoder
from cordiale.desks.maritime.ingest.tally import Tally
from cordiale.vocab.moment import Moment
from desks.maritime.ingest.forge import base, checked, lines, position, sentences, tagged, voyage
from desks.maritime.kit import SHARED

pytestmark = pytest.mark.timeout(600)  # the first run compiles the kernels

NOW = Moment(1_720_396_800_000)


def decoded(data: bytes, now: Moment | None = NOW) -> tuple[Batch, Tally]:
    """All at once."""
    tally = Tally()
    decoder = Decoder(tally, now)
    found = decoder.decode(data)
    decoder.finish()
    return found, tally


def accounted(tally: Tally, data: bytes) -> bool:
    """Whether every line is counted once."""
    counted = tally.kept + sum(each.count for each in tally.refused.values()) + sum(tally.passed.values())
    return counted == sum(1 for line in data.split(b"\n") if line.strip(b"\r "))


# --- the oracle -----------------------------------------------------------------------------------------------------


def oracle(data: bytes) -> Iterator[Any]:
    """pyais's messages."""
    bare = [line[line.index(b"!") :] for line in data.splitlines() if b"!" in line]
    yield from (message.decode() for message in IterMessages(bare))


def told_position(found: Any) -> tuple[object, ...]:
    """A position of pyais in our units. It rounds degrees to six places, which is finer than they are sent."""
    kind = found.msg_type
    lon, lat = (round(value * 600_000) for value in (found.lon, found.lat))
    speed = getattr(found, "speed", 102.3)
    sog = round(speed * 10) if kind not in (9, 27) else _whole(speed, 1023 if kind == 9 else 63, 1023)
    cog = round(getattr(found, "course", 360) * 10) if kind != 27 else _whole(found.course, 511, 3600)
    status = getattr(found, "status", None)
    row = (found.mmsi, lon, lat, sog, cog, getattr(found, "heading", 511), 15 if status is None else int(status), kind)
    return tuple(int(value) for value in row)


def _whole(value: float, sentinel: int, ours: int) -> int:
    return ours if round(value) == sentinel else round(value) * 10


def told_identity(found: Any) -> dict[str, object]:
    """What pyais has of an identity, in our units."""
    names = {
        "mmsi": "mmsi", "imo": "imo", "call_sign": "callsign", "name": "shipname", "ship_type": "ship_type",
        "to_bow": "to_bow", "to_stern": "to_stern", "to_port": "to_port", "to_starboard": "to_starboard",
        "destination": "destination", "kind": "msg_type",
    }  # fmt: skip
    known = {ours: getattr(found, theirs) for ours, theirs in names.items() if hasattr(found, theirs)}
    if hasattr(found, "draught"):
        known["draught"] = round(found.draught * 10)
    return {name: value.strip() if isinstance(value, str) else int(value) for name, value in known.items()}


POSITIONS, APART, IDENTITIES = (1, 2, 3, 18, 19, 27), (4, 9, 11, 21), (5, 19, 24)


def same(data: bytes) -> int:
    """Compare everything; how many messages there were."""
    found, tally = decoded(data)
    assert accounted(tally, data)
    theirs = list(oracle(data))
    rows = [told_position(each) for each in theirs if each.msg_type in POSITIONS]
    assert found.positions.drop("time").rows() == rows
    assert found.apart.drop("time").rows() == [told_position(each) for each in theirs if each.msg_type in APART]
    named = [told_identity(each) for each in theirs if each.msg_type in IDENTITIES]
    ours = found.statics.to_dicts()
    assert len(ours) == len(named)
    for mine, other in zip(ours, named, strict=True):
        if mine["kind"] in (5, 19):  # there pyais gives 0 for types that are reserved
            mine["ship_type"] = int(ShipType(mine["ship_type"]))
        assert {name: mine[name] for name in other} == other
    others = [
        f"message of type {each.msg_type}" for each in theirs if each.msg_type not in POSITIONS + APART + IDENTITIES
    ]
    assert {name: count for name, count in tally.passed.items() if name.startswith("message of")} == {
        name: others.count(name) for name in others
    }
    return len(theirs)


@pytest.mark.parametrize(("name", "count"), [("kystverket-1000.nm4", 877), ("dma-stream-example.txt", 4051)])
def test_real_files_are_decoded_as_pyais_does(name: str, count: int) -> None:
    path = SHARED / name
    if not path.is_file():
        pytest.skip(f"{path} is not here")
    assert same(path.read_bytes() + b"\n") == count


LON, LAT = st.integers(-180 * 600_000, 180 * 600_000), st.integers(-90 * 600_000, 90 * 600_000)
PLACE = {"lon": LON.map(lambda value: value / 600_000), "lat": LAT.map(lambda value: value / 600_000)}
COMMON = {"mmsi": st.integers(1, 999_999_999)}
MOVING = {
    **COMMON, **PLACE, "speed": st.integers(0, 1023).map(lambda value: value / 10), "heading": st.integers(0, 511),
    "course": st.integers(0, 3600).map(lambda value: value / 10), "second": st.integers(0, 63),
}  # fmt: skip
SIX_BIT = st.text(st.sampled_from([chr(code) for code in range(32, 96) if code != 64]), max_size=20)
SIZE = {
    "to_bow": st.integers(0, 511), "to_stern": st.integers(0, 511), "to_port": st.integers(0, 63),
    "to_starboard": st.integers(0, 63),
}  # fmt: skip
MESSAGES = st.one_of(
    st.fixed_dictionaries({"type": st.sampled_from((1, 2, 3)), "status": st.integers(0, 15), **MOVING}),
    st.fixed_dictionaries({"type": st.just(18), **MOVING}),
    st.fixed_dictionaries({"type": st.just(19), "shipname": SIX_BIT, "ship_type": st.integers(0, 255), **SIZE, **MOVING}),
    st.fixed_dictionaries(
        {
            "type": st.just(5), "imo": st.integers(0, 2**30 - 1), "callsign": SIX_BIT.map(lambda text: text[:7]),
            "shipname": SIX_BIT, "ship_type": st.integers(0, 255), "month": st.integers(0, 15), "day": st.integers(0, 31),
            "draught": st.integers(0, 255).map(lambda value: value / 10), "destination": SIX_BIT, **SIZE, **COMMON,
        }
    ),
    st.fixed_dictionaries({"type": st.just(24), "partno": st.just(0), "shipname": SIX_BIT, **COMMON}),
    st.fixed_dictionaries(
        {
            "type": st.just(24), "partno": st.just(1), "callsign": SIX_BIT.map(lambda text: text[:7]),
            "ship_type": st.integers(0, 255), "mmsi": st.integers(200_000_000, 799_999_999), **SIZE,
        }
    ),
    st.fixed_dictionaries({"type": st.sampled_from((4, 9, 21)), **COMMON, **PLACE}),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(MESSAGES, max_size=6))
def test_made_messages_are_decoded_as_pyais_does(messages: list[dict[str, Any]]) -> None:
    made = [
        line
        for number, each in enumerate(messages)
        for line in encode_dict(each, talker_id="AB", sentence_type="VDM", seq_id=number % 10)
    ]
    assert same(lines(made)) == len(messages)


@given(st.integers(-108_000, 108_000), st.integers(-54_000, 54_000), st.integers(0, 63), st.integers(0, 511))
@settings(max_examples=60, deadline=None)
def test_long_range_reports_as_pyais_does(lon: int, lat: int, speed: int, course: int) -> None:
    from desks.maritime.ingest.forge import Bits

    bits = Bits().add(27, 6).add(0, 2).add(227_000_001, 30).add(0, 2).add(5, 4).add(lon, 18).add(lat, 17)
    found, _ = decoded(lines(sentences(bits.add(speed, 6).add(course, 9).add(0, 2))))
    (theirs,) = oracle(lines(sentences(bits)))
    ours = found.positions.drop("time").rows()[0]
    told = told_position(theirs)
    assert ours[:3] == (told[0], lon * 1_000, lat * 1_000)
    assert ours[3:] == (1023 if speed == 63 else speed * 10, 3600 if course == 511 else course * 10, 511, 5, 27)
    assert (round(theirs.lon * 600), round(theirs.lat * 600)) == (lon, lat)


# --- times ----------------------------------------------------------------------------------------------------------


def times(data: bytes, now: Moment | None = None) -> list[int]:
    return decoded(data, now)[0].positions["time"].to_list()


(SENTENCE,) = sentences(position())


@pytest.mark.parametrize(
    "line",
    [
        tagged(SENTENCE, c=1_720_396_800),
        tagged(SENTENCE, s="r1", c=1_720_396_800),
        tagged(SENTENCE, c=1_720_396_800_000, s="r1"),
        f"2024-07-08T00:00:00Z {SENTENCE}",
        f"2024-07-08 00:00:00.000,{SENTENCE}",
        f"[2024/07/08 00:00:00] {SENTENCE}",
        f"1720396800 {SENTENCE}",
        f"1720396800.000\t{SENTENCE}",
        f"{SENTENCE},1720396800",
        f"{SENTENCE},s22518,d-100,T21.39,r003669953,1720396800",
        f"{SENTENCE},2024-07-08T00:00:00.000Z",
        f"{SENTENCE} 1720396800000",
    ],
)
def test_the_time_of_a_line(line: str) -> None:
    assert times(lines([line])) == [1_720_396_800_000]


def test_milliseconds_are_kept() -> None:
    given_lines = [
        tagged(SENTENCE, c=1_720_396_800_123),
        f"2024-07-08 00:00:00.25 {SENTENCE}",
        f"1720396800.5 {SENTENCE}",
    ]
    assert [time % 1000 for time in times(lines(given_lines))] == [123, 250, 500]


def test_the_danish_time_sentence_holds_for_what_follows() -> None:
    told = "$" + checked("PGHP,1,2024,7,8,0,0,0,250,219,,2190072,1,5D")
    assert times(lines([told, SENTENCE, SENTENCE])) == [1_720_396_800_250] * 2


def test_a_clock_of_base_stations_is_the_last_resort_and_said() -> None:
    station = sentences(base(2024, 7, 8, 0, 0, 0))
    found, tally = decoded(lines([*sentences(position()), *station, SENTENCE]), None)
    assert found.positions["time"].to_list() == [1_720_396_800_000]
    assert tally.refused["no time known"].lines == [1]
    assert tally.assumed == ["times are those of base stations' reports"]


def test_without_any_time_a_line_is_refused_or_has_the_given_one() -> None:
    assert decoded(lines([SENTENCE]), None)[1].refused["no time known"].count == 1
    found, tally = decoded(lines([SENTENCE]), NOW)
    assert found.positions["time"].to_list() == [NOW]
    assert tally.assumed == ["times are the given one"]


# --- parts ----------------------------------------------------------------------------------------------------------


def parts(mmsi: int, **options: Any) -> list[str]:
    return sentences(voyage(mmsi), parts=2, **options)


def test_interleaved_and_disordered_parts() -> None:
    one, two = parts(200_000_001, sequence="1"), parts(200_000_002, sequence="2")
    three = parts(200_000_003, sequence="1", channel="B")
    data = lines([one[0], two[1], three[0], SENTENCE, three[1], two[0], one[1]])
    found, tally = decoded(data)
    assert found.statics["mmsi"].to_list() == [200_000_003, 200_000_002, 200_000_001]
    assert set(found.statics["name"]) == {"EXERCISE CALAIS"}
    assert tally.kept == 4
    assert accounted(tally, data)


def test_groups_and_sources_keep_parts_apart() -> None:
    one, two = parts(200_000_001, sequence="1"), parts(200_000_002, sequence="1")
    grouped = [
        tagged(one[0], g="1-2-7", c=1_720_396_800), tagged(two[0], g="1-2-8", c=1_720_396_801),
        tagged(one[1], g="2-2-7"), tagged(two[1], g="2-2-8"),
    ]  # fmt: skip
    sourced = [tagged(one[0], s="a"), tagged(two[0], s="b"), tagged(two[1], s="b"), tagged(one[1], s="a")]
    found, _ = decoded(lines(grouped), None)
    assert found.statics.select("mmsi", "time").rows() == [
        (200_000_001, 1_720_396_800_000),
        (200_000_002, 1_720_396_801_000),
    ]
    assert decoded(lines(sourced))[0].statics["mmsi"].to_list() == [200_000_002, 200_000_001]


def test_a_part_that_stays_alone_is_counted() -> None:
    first, second = parts(200_000_001, sequence="1")
    data = lines([first, SENTENCE, first, second, second])
    found, tally = decoded(data)
    assert len(found.statics) == 1
    assert tally.refused["message incomplete"].count == 2
    assert tally.refused["message incomplete"].lines == [1, 5]
    assert accounted(tally, data)


def test_parts_that_are_too_far_apart_are_not_joined() -> None:
    first, second = parts(200_000_001, sequence="1")
    late = [tagged(first, c=1_720_396_800), tagged(second, c=1_720_396_900)]
    assert len(decoded(lines(late))[0].statics) == 0
    far = [first, *[SENTENCE] * 10_001, second]
    assert len(decoded(lines(far))[0].statics) == 0


def test_more_messages_wait_than_there_is_room_for() -> None:
    begun = [tagged(parts(200_000_000 + number, sequence="1")[0], s=f"r{number}") for number in range(5_000)]
    found, tally = decoded(lines(begun))
    assert len(found.statics) == 0
    assert tally.refused["message incomplete"].count == 5_000
    assert accounted(tally, lines(begun))


def test_blocks_make_no_difference() -> None:
    data = lines([*parts(200_000_001, sequence="1"), SENTENCE, *parts(200_000_002, sequence="2")] * 40)
    whole, _ = decoded(data)
    tally = Tally()
    decoder = Decoder(tally, NOW)
    found = [decoder.decode(line + b"\n") for line in data.splitlines()]
    decoder.finish()
    for one, many in zip(whole, zip(*found, strict=True), strict=True):
        assert one.equals(pl.concat(many))
    assert tally.kept == 120


# --- what is wrong --------------------------------------------------------------------------------------------------

WRONG: Iterable[tuple[str, str]] = [
    (SENTENCE[:-2] + "00", "checksum wrong"),
    (SENTENCE[:-3], "checksum missing"),
    (SENTENCE[:-1], "checksum missing"),
    (SENTENCE[:20], "sentence broken off"),
    ("!AIV", "sentence broken off"),
    ("!" + checked("AIVDM,1,1,,A"), "sentence broken off"),
    ("!" + checked("AIVDM,2,3,1,A,13mb9U0P00PRk8fT5nw>4?wj2006,0"), "parts numbered wrongly"),
    ("!" + checked("AIVDM,0,0,,A,13mb9U0P00PRk8fT5nw>4?wj2006,0"), "parts numbered wrongly"),
    ("!" + checked("AIVDM,1,1,,A,13mb9U0P00PRk8fT5nw>4?wj2006,7"), "parts numbered wrongly"),
    ("!" + checked("AIVDM,2,1,1,A,13mb9U0P00PRk8fT5nw>4?wj2006,2"), "parts numbered wrongly"),
    ("!" + checked("AIVDM,1,1,,A,13mb9U0P00PRk8fT5nw\xe9?wj2006,0"), "characters that are no payload"),
    ("!" + checked("AIVDM,1,1,,A,13mb9U0P00PRk8fT5nwX?wj2006,0"), "characters that are no payload"),
    ("!" + checked("AIVDM,1,1,,A," + "0" * 200 + ",0"), "message too long"),
    ("!" + checked("AIVDM,2,1,1,A," + "0" * 100 + ",0"), "message too long"),
    ("!" + checked("AIVDM,1,1,,A,13mb9U0P00,0"), "message too short for its type"),
    ("!" + checked("AIVDM,1,1,,A,,0"), "message too short for its type"),
    ("!" + checked("AIVDM,1,1,,A,1,0"), "message too short for its type"),
    (sentences(position(lat=92 * 600_000))[0], "position out of range or not a number"),
    (sentences(position(lon=-185 * 600_000))[0], "position out of range or not a number"),
    ("\\c:1720396800*00\\" + SENTENCE, "tag block broken or its checksum wrong"),
    ("\\c:1720396800" + SENTENCE, "tag block broken or its checksum wrong"),
    ("$" + checked("PGHP,1,2024,13,8,0,0,0,0,219,,1,1,5D"), "time missing or not understood"),
    ("$PGHP,1,2024,7,8,0,0,0,0,219,,1,1,5D*00", "checksum wrong"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "reason"), WRONG)
def test_a_wrong_line_is_refused_with_its_reason(line: str, reason: str) -> None:
    data = lines([SENTENCE, line, SENTENCE])
    found, tally = decoded(data)
    assert len(found.positions) == 2
    assert {name: each.lines for name, each in tally.refused.items()} == {reason: [2]}
    assert accounted(tally, data)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("# a comment", "comment or other text"),
        ("$GPRMC,1,2,3*00", "other sentence"),
        ("!" + checked("AIVSI,1,1,,A,1,0"), "other sentence"),
        (sentences(position(kind=8))[0], "message of type 8"),
    ],
)
def test_what_is_no_position_is_passed_over(line: str, what: str) -> None:
    _, tally = decoded(lines([line]))
    assert dict(tally.passed) == {what: 1}


def test_an_impossible_time_is_none() -> None:
    assert times(lines([tagged(SENTENCE, c=99)]), NOW) == [NOW]
    assert times(lines([f"2024-13-08 00:00:00 {SENTENCE}"]), NOW) == [NOW]


def test_what_a_station_may_add() -> None:
    data = f"{SENTENCE}\r\n  {SENTENCE}   \r\n{SENTENCE.lower().replace('!aivdm', '!AIVDM')}\n".encode()
    assert len(decoded(data)[0].positions) == 2
    group = "\\g:1-2-99," + checked("c:1720396800") + "\\"
    assert times((group + SENTENCE + "\n").encode(), None) == [1_720_396_800_000]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.one_of(st.binary(max_size=100), st.sampled_from([line.encode("latin-1") for line, _ in WRONG])), max_size=8
    )
)
def test_any_bytes_are_accounted_for(found: list[bytes]) -> None:
    data = b"".join(line.replace(b"\n", b"") + b"\n" for line in found)
    _, tally = decoded(data)
    assert accounted(tally, data)


def test_every_outcome_has_its_words() -> None:
    assert {sentence.ROW, sentence.TIMELESS} < set(sentence.OUTCOMES)


def test_pyais_agrees_that_the_forge_is_right() -> None:
    assert NMEAMessage(SENTENCE.encode()).is_valid
    assert IterMessages(BytesIO(lines(parts(227_000_001, sequence="1"))).readlines()) is not None
