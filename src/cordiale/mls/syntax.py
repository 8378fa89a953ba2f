"""TLS presentation language as RFC 9420 §2.1 extends it: fixed integers, optional values, vectors with QUIC lengths.

Strict, so that every structure has one encoding and what was decoded re-encodes to the same bytes: lengths are minimal
(§2.1.2), presence octets are 0 or 1, vectors are used up exactly, nothing trails. A `Reader` raises only `Malformed`
and `LimitExceeded`; it never looks past its end, and a length is compared with what is there before it is believed.
"""

from collections.abc import Callable, Iterable
from typing import Final, NoReturn, TypeVar

from cordiale.errors import LimitExceeded, Malformed

T = TypeVar("T")

_ONE_BYTE: Final = 1 << 6
_TWO_BYTES: Final = 1 << 14
_FOUR_BYTES: Final = 1 << 30


def u8(value: int) -> bytes:
    """uint8."""
    return value.to_bytes(1, "big")


def u16(value: int) -> bytes:
    """uint16."""
    return value.to_bytes(2, "big")


def u32(value: int) -> bytes:
    """uint32."""
    return value.to_bytes(4, "big")


def u64(value: int) -> bytes:
    """uint64."""
    return value.to_bytes(8, "big")


def varint(value: int) -> bytes:
    """A vector's length in the fewest bytes: 1, 2 or 4 (RFC 9420 §2.1.2; 8 is not allowed there)."""
    if value < _ONE_BYTE:
        return _SHORT[value]
    if value < _TWO_BYTES:
        return (value | 0x4000).to_bytes(2, "big")
    if value < _FOUR_BYTES:
        return (value | 0x8000_0000).to_bytes(4, "big")
    raise LimitExceeded(f"a vector of {value} bytes; {_FOUR_BYTES - 1} allowed by RFC 9420 §2.1.2")


_SHORT: Final = tuple(bytes([length]) for length in range(_ONE_BYTE))
"""The lengths below 64, ready: most vectors are short, and every derivation writes two."""


def opaque(value: bytes) -> bytes:
    """opaque value<V>."""
    length = len(value)
    if length < _ONE_BYTE:
        return _SHORT[length] + value
    return (length | 0x4000).to_bytes(2, "big") + value if length < _TWO_BYTES else varint(length) + value


def vector(items: Iterable[bytes]) -> bytes:
    """T items<V>, of items already encoded."""
    return opaque(b"".join(items))


def optional(value: bytes | None) -> bytes:
    """optional<T>, of a value already encoded."""
    return b"\x00" if value is None else b"\x01" + value


class Reader:
    """Walks over bytes once, front to back. `what` names the structure in errors."""

    __slots__ = ("_at", "_data", "_end", "what")

    def __init__(self, data: bytes, what: str) -> None:
        self._data, self._at, self._end, self.what = data, 0, len(data), what

    def fail(self, detail: str, *, rule: str = "") -> NoReturn:
        """Refuse the bytes."""
        raise Malformed(detail, what=self.what, rule=rule)

    def take(self, count: int) -> bytes:
        """Exactly `count` bytes."""
        start, stop = self._at, self._at + count
        if stop > self._end:
            self.fail(f"{count} bytes expected at offset {start}, {self._end - start} left")
        self._at = stop
        return self._data[start:stop]

    def skip(self, expected: bytes) -> bool:
        """Whether these are the next bytes; if so, go past them."""
        found = self._data.startswith(expected, self._at)
        if found:
            self._at += len(expected)
        return found

    def u8(self) -> int:
        """uint8."""
        at = self._at
        if at == self._end:
            self.fail(f"a byte expected at offset {at}, none left")
        self._at = at + 1
        return self._data[at]

    def u16(self) -> int:
        """uint16."""
        return int.from_bytes(self.take(2), "big")

    def u32(self) -> int:
        """uint32."""
        return int.from_bytes(self.take(4), "big")

    def u64(self) -> int:
        """uint64."""
        return int.from_bytes(self.take(8), "big")

    def varint(self) -> int:
        """A length in its shortest form; RFC 9420 §2.1.2 forbids any other and the prefix 0b11."""
        return self._length(self.u8())

    def opaque(self) -> bytes:
        """opaque value<V>."""
        first = self.u8()
        length = first if first < _ONE_BYTE else self._length(first)
        start = self._at
        stop = start + length
        if stop > self._end:
            return self.take(length)  # which says what is missing
        self._at = stop
        return self._data[start:stop]

    def _length(self, first: int) -> int:
        match first >> 6:
            case 0:
                return first
            case 1:
                value, least = (first & 0x3F) << 8 | self.u8(), _ONE_BYTE
            case 2:
                value, least = (first & 0x3F) << 24 | int.from_bytes(self.take(3), "big"), _TWO_BYTES
            case _:
                self.fail("a length with prefix 3")
        if value < least:
            self.fail("a length that is not in its shortest form")
        return value

    def many(self, read: Callable[["Reader"], T]) -> tuple[T, ...]:
        """T items<V>."""
        inner = Reader(self.opaque(), self.what)
        items: list[T] = []
        while not inner.at_end():
            items.append(read(inner))
        return tuple(items)

    def optional(self, read: Callable[["Reader"], T]) -> T | None:
        """optional<T>."""
        present = self.u8()
        if present > 1:
            self.fail(f"presence octet {present}")
        return read(self) if present else None

    def position(self) -> int:
        """Where the next byte is read, for `since`."""
        return self._at

    def since(self, position: int) -> bytes:
        """The bytes read from there on. As a structure has one encoding, they are what it encodes to."""
        return self._data[position : self._at]

    def at_end(self) -> bool:
        """Whether everything was read."""
        return self._at == self._end

    def rest(self) -> bytes:
        """Everything that is left."""
        return self.take(self._end - self._at)

    def finish(self) -> None:
        """Nothing may trail."""
        if not self.at_end():
            self.fail(f"{self._end - self._at} bytes trail")


def parse(data: bytes, read: Callable[[Reader], T], what: str, *, limit: int) -> T:
    """Decode all of `data`, at most `limit` bytes, as one structure."""
    if len(data) > limit:
        raise LimitExceeded(f"{what}: {len(data)} bytes, {limit} allowed")
    reader = Reader(data, what)
    value = read(reader)
    reader.finish()
    return value
