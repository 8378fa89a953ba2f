"""AIS sentences made by hand: right ones, and wrong in one way."""

from collections.abc import Iterable


def checked(body: str) -> str:
    """A sentence with its checksum, without `!` or `$` in `body`."""
    check = 0
    for character in body:
        check ^= ord(character)
    return f"{body}*{check:02X}"


def tagged(sentence: str, **fields: object) -> str:
    """A sentence behind a tag block."""
    block = checked(",".join(f"{code}:{value}" for code, value in fields.items()))
    return f"\\{block}\\{sentence}"


class Bits:
    """A message, field by field."""

    def __init__(self) -> None:
        self.text = ""

    def add(self, value: int, length: int) -> "Bits":
        """A number, as two's complement where it is negative."""
        self.text += format(value & ((1 << length) - 1), f"0{length}b")
        return self

    def payload(self) -> tuple[str, int]:
        """Armoured, and its fill bits."""
        fill = -len(self.text) % 6
        padded = self.text + "0" * fill
        values = (int(padded[at : at + 6], 2) for at in range(0, len(padded), 6))
        return "".join(chr(value + (48 if value < 40 else 56)) for value in values), fill


def sentences(bits: Bits, *, parts: int = 1, talker: str = "AI", sequence: str = "", channel: str = "A") -> list[str]:
    """The sentences of a message, cut into so many parts."""
    payload, fill = bits.payload()
    size = -(-len(payload) // parts)
    pieces = [payload[at : at + size] for at in range(0, len(payload), size)]
    return [
        "!" + checked(
            f"{talker}VDM,{len(pieces)},{number},{sequence},{channel},{piece},{fill if number == len(pieces) else 0}"
        )
        for number, piece in enumerate(pieces, 1)
    ]  # fmt: skip


def position(
    kind: int = 1, mmsi: int = 227_000_001, lon: int = 720_000, lat: int = 30_600_000, sog: int = 105, second: int = 0
) -> Bits:
    """A class A position report."""
    bits = Bits().add(kind, 6).add(0, 2).add(mmsi, 30).add(0, 4).add(0, 8).add(sog, 10).add(1, 1)
    return bits.add(lon, 28).add(lat, 27).add(333, 12).add(33, 9).add(second, 6).add(0, 25)


def voyage(mmsi: int = 227_000_001, name: str = "EXERCISE CALAIS") -> Bits:
    """A class A identity report, in two sentences usually."""
    bits = Bits().add(5, 6).add(0, 2).add(mmsi, 30).add(0, 2).add(9_074_729, 30)
    six(bits, "FEXA", 7)
    six(bits, name, 20)
    bits.add(70, 8).add(100, 9).add(20, 9).add(10, 6).add(12, 6).add(1, 4)
    bits.add(7, 4).add(8, 5).add(12, 5).add(30, 6).add(75, 8)
    six(bits, "DOVER", 20)
    return bits.add(0, 2)


def six(bits: Bits, text: str, length: int) -> None:
    """Six-bit ASCII, filled up with `@`."""
    for character in text.ljust(length, "@")[:length]:
        bits.add(ord(character) & 63, 6)


def base(year: int, month: int, day: int, hour: int, minute: int, second: int) -> Bits:
    """A base station's report."""
    bits = Bits().add(4, 6).add(0, 2).add(2_270_001, 30).add(year, 14).add(month, 4).add(day, 5)
    bits.add(hour, 5).add(minute, 6).add(second, 6).add(1, 1).add(720_000, 28).add(30_600_000, 27)
    return bits.add(1, 4).add(0, 30)


def lines(found: Iterable[str]) -> bytes:
    """As a file."""
    return "".join(f"{line}\n" for line in found).encode("latin-1")
