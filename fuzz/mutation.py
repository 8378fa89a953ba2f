"""Mutations for machines without atheris: seeded, blind to coverage, good at truncation, splicing and odd numbers."""

from collections.abc import Iterator, Sequence
from random import Random
from typing import Final

ODD: Final = (
    b"",
    b"\x00",
    b"\xff",
    b"\x80",
    b"\x7f",
    b"\x1b" + b"\xff" * 8,
    b"\x3b" + b"\xff" * 8,
    b"\x81" * 20,
    b"\xf6",
)
"""Bytes that parsers trip over: ends of ranges, lengths past the end, nesting, nothing."""


def mutated(seeds: Sequence[bytes], random: Random) -> Iterator[bytes]:
    """Each seed as it is, then changes of them, without end."""
    found = [seed for seed in seeds if seed] or [b"\x00"]
    yield from seeds
    while True:
        data = bytearray(random.choice(found))
        for _ in range(random.choice((1, 1, 1, 2, 4, 8))):
            _change(data, found, random)
        yield bytes(data)


def _change(data: bytearray, seeds: Sequence[bytes], random: Random) -> None:
    at, kind = random.randrange(len(data) + 1), random.randrange(7)
    length = random.choice((1, 1, 2, 4, 16))
    if kind == 0 and at < len(data):
        data[at] ^= 1 << random.randrange(8)
    elif kind == 1:
        data[at : at + length] = random.randbytes(length)
    elif kind == 2:
        del data[at : at + length]
    elif kind == 3:
        data[at:at] = random.choice(ODD)
    elif kind == 4:
        del data[at:]
    elif kind == 5:
        other = random.choice(seeds)
        start = random.randrange(len(other))
        data[at : at + length] = other[start : start + random.choice((1, 8, 64))]
    else:
        data[at:at] = data[at : at + length]
