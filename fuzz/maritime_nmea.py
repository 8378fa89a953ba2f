"""NMEA lines of any kind: every line is accounted for once, and cutting the stream anywhere between lines changes nothing."""

from cordiale.desks.maritime.ingest.nmea import Decoder
from cordiale.desks.maritime.ingest.tally import Tally
from cordiale.vocab.moment import Moment

_NOW = Moment(1_720_396_800_000)


def seeds() -> list[bytes]:
    """Sentences of several kinds."""
    return [
        b"\\s:2573345,c:1720396800*06\\!BSVDM,1,1,,A,13mb9U0P00PRk8fT5nw>4?wj2006,0*5D\n",
        b"!AIVDM,2,1,1,A,52vg20@2:N2THEP4000EPE8<U<F0<4h4U<00,0*4F\n!AIVDM,2,2,1,A,0016<PD:<5l<NBi3mQDP000000000000000,2*17\n",
        b"$PGHP,1,2010,6,11,11,46,12,386,219,24,992190924,1,12*20\n!AIVDM,1,1,,B,?3oL?R0p<6I0D00,2*12\n",
        b"2024-07-08T00:00:00Z !AIVDM,1,1,,B,13mb9U0P00PRk8fT5nw>4?wj2006,0*43,1720396800\n",
        b"\\g:1-2-9999,c:1565218798*53\\!BSVDM,2,1,3,A,53nPnh800000ha@J2218UH60U@4hT6000000000000t2PD33t?P008000000000,0*72\n",
    ]


def _read(pieces: list[bytes]) -> tuple[Tally, list[tuple[object, ...]]]:
    tally = Tally()
    decoder = Decoder(tally, _NOW, at_once=64)
    rows = [row for piece in pieces for table in decoder.decode(piece) for row in table.rows()]
    decoder.finish()
    return tally, rows


def TestOneInput(data: bytes) -> None:
    """One input."""
    lines = [line + b"\n" for line in data.split(b"\n")]
    tally, rows = _read([b"".join(lines)])
    counted = tally.kept + sum(each.count for each in tally.refused.values()) + sum(tally.passed.values())
    if counted != sum(1 for line in lines if line.strip(b"\r\n ")):
        raise AssertionError(f"{counted} lines are accounted for")
    other, same = _read(lines)
    if sorted(map(repr, same)) != sorted(map(repr, rows)) or other.kept != tally.kept:
        raise AssertionError("cut into lines it gives something else")


_read([b"\n"])  # compiles the decoder, before any clock of a run has started
