"""Names of vessels made comparable: one key for the ways in which one name is written.

AIS sends 20 characters of A to Z, digits and a few signs (ITU-R M.1371-5, table 47); lists write accents, Cyrillic or Greek
letters, prefixes ("M/V"), hyphens, and numbers as they like. The key transliterates (Cyrillic after ICAO Doc 9303, part 3,
section 6), takes accents off, drops prefixes and "No.", writes a Roman number at the end in digits, and runs all together. It
finds the same name written otherwise; a similar name has another key, on purpose.
"""

import re
import unicodedata
from typing import Final

_LATIN: Final = str.maketrans(
    {"Ø": "O", "Æ": "AE", "Œ": "OE", "ß": "SS", "ẞ": "SS", "Ł": "L", "Đ": "D", "Ð": "D", "Þ": "TH", "İ": "I", "Ħ": "H"}
)
_CYRILLIC: Final = str.maketrans(
    dict(zip("АБВГДЕЗИЙКЛМНОПРСТУФЫЭ", "ABVGDEZIIKLMNOPRSTUFYE", strict=True))
    | {
        "Ж": "ZH",
        "Х": "KH",
        "Ц": "TS",
        "Ч": "CH",
        "Ш": "SH",
        "Щ": "SHCH",
        "Ю": "IU",
        "Я": "IA",
        "Ё": "E",
        "Ъ": "IE",
        "Ь": "",
    }
    | {"І": "I", "Ї": "I", "Є": "IE", "Ґ": "G"}
)
_GREEK: Final = str.maketrans(
    dict(zip("ΑΒΓΔΕΖΗΙΚΛΜΝΞΟΠΡΣΤΥΦΩ", "AVGDEZIIKLMNXOPRSTYFO", strict=True)) | {"Θ": "TH", "Χ": "CH", "Ψ": "PS"}
)
_WORD: Final = re.compile(r"[A-Z]+|[0-9]+")
_PREFIX: Final = re.compile(
    r"^(?:M[ /.]*[VTSY]|F[ /.]*[VT]|S[ /.]*S|T[ /.]*B|L[ /.]*P[ /.]*G[ /.]*C?|MOTOR (?:VESSEL|TANKER))[ /.]+(?=.)"
)
_ROMAN: Final = {
    "I": "1",
    "II": "2",
    "III": "3",
    "IV": "4",
    "V": "5",
    "VI": "6",
    "VII": "7",
    "VIII": "8",
    "IX": "9",
    "X": "10",
}


def key(name: str) -> str:
    """The key; empty where nothing of the name is a letter or a digit."""
    text = name.upper().translate(_CYRILLIC).translate(_LATIN)
    text = "".join(mark for mark in unicodedata.normalize("NFKD", text) if not unicodedata.combining(mark))
    text = _PREFIX.sub("", text.upper().translate(_CYRILLIC).translate(_GREEK).strip(" \"'`"))
    words = _WORD.findall(text)
    plain = [word.lstrip("0") or "0" if word.isdigit() else word for word in words]
    if len(plain) > 1:
        plain[-1] = _ROMAN.get(plain[-1], plain[-1])
    return "".join(word for place, word in enumerate(plain) if not _is_number_word(plain, place))


def _is_number_word(words: list[str], place: int) -> bool:
    """Whether a word is the "No" before a number."""
    return words[place] == "NO" and 0 < place < len(words) - 1 and words[place + 1].isdigit()
