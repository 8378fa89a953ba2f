"""The IMO ship identification number (IMO resolution A.1117(30)): seven digits, the last of which checks the others."""

import re
from typing import Final

_SEVEN: Final = re.compile(r"(?<!\d)\d{7}(?!\d)")
_NINE: Final = re.compile(r"(?<!\d)[2-7]\d{8}(?!\d)")
_WEIGHTS: Final = (7, 6, 5, 4, 3, 2)


def sound(number: int) -> bool:
    """Whether a number can be an IMO number: the first six digits times 7 to 2, summed, end in the seventh."""
    digits = str(number)
    if len(digits) != 7:
        return False
    return sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=False)) % 10 == int(digits[6])


def imo_numbers(text: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Every number of seven digits in a text, each once: the sound ones, and those that cannot be."""
    found = dict.fromkeys(int(digits) for digits in _SEVEN.findall(text))
    return tuple(each for each in found if sound(each)), tuple(each for each in found if not sound(each))


def mmsi_numbers(text: str) -> tuple[int, ...]:
    """Every number of nine digits in a text that a vessel can have (ITU-R M.585), each once."""
    return tuple(dict.fromkeys(int(digits) for digits in _NINE.findall(text)))
