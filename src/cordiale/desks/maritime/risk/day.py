"""Days as lists write them."""

import re
from datetime import date
from typing import Final

_NUMBERS: Final = re.compile(r"(\d{1,4})\s*[/.-]\s*(\d{1,2}|[A-Za-z]{3})[a-z]*\s*[/.-]\s*(\d{1,4})")
_LONG: Final = re.compile(r"(\d{1,2})\s+([A-Za-z]{3})[a-z]*\.?\s+(\d{4})")
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def iso_day(text: str, *, month_first: bool = False) -> str:
    """The first day in a text as ISO 8601; empty where there is none. Day before month, but for American lists."""
    met = _NUMBERS.search(text) or _LONG.search(text)
    if met is None:
        return ""
    a, b, c = met.groups()
    if len(a) == 4:
        a, c = c, a
    elif month_first and b.isdecimal():
        a, b = b, a
    month = int(b) if b.isdecimal() else _MONTHS.index(b.lower()) + 1 if b.lower() in _MONTHS else 0
    try:
        return date(int(c), month, int(a)).isoformat()
    except ValueError:
        return ""
