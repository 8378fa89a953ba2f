"""The text of a PDF's pages, as much of ISO 32000 as typst writes: enough to see what stands on which page."""

import re
import zlib
from typing import Final

_OBJECT: Final = re.compile(rb"(\d+) 0 obj\s(.*?)\nendobj", re.DOTALL)
_LITERAL: Final = rb"\(((?:\\.|[^\\()]|\((?:\\.|[^\\()])*\))*)\)"
_SHOWN: Final = re.compile(
    rb"/ActualText ?(?:" + _LITERAL + rb"|<[0-9A-Fa-f]+>)"
    rb"|/(f\d+) [\d.]+ Tf|" + _LITERAL + rb"|(?<!<)<([0-9A-Fa-f]+)>|(ET)",
    re.DOTALL,
)
"""What a page's content shows: fonts, strings, ends of text. The first group is a text beside the glyphs, passed over."""
_ESCAPE: Final = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_LETTERS: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def pages(data: bytes) -> list[str]:
    """The text of every page; each piece that is drawn by itself ends with a line."""
    objects = {int(number): body for number, body in _OBJECT.findall(data)}
    kids = re.search(rb"/Type/Pages/Count \d+/Kids\[([^\]]*)\]", data)
    assert kids is not None
    return [_page(objects, objects[int(number)]) for number in re.findall(rb"(\d+) 0 R", kids[1])]


def _page(objects: dict[int, bytes], page: bytes) -> str:
    fonts = {
        name: _letters(objects, int(number))
        for body in (page, *(objects[int(found)] for found in re.findall(rb"/Resources (\d+) 0 R", page)))
        for name, number in re.findall(rb"/(f\d+) (\d+) 0 R", body)
    }
    contents = re.search(rb"/Contents (\d+) 0 R", page)
    assert contents is not None
    shown: list[str] = []
    letters: dict[bytes, str] = {}
    for _beside, font, literal, digits, end in _SHOWN.findall(_stream(objects[int(contents[1])])):
        if font:
            letters = fonts[font]
        elif end:
            shown.append("\n")
        else:
            raw = bytes.fromhex(digits.decode()) if digits else _ESCAPE.sub(_unescaped, literal)
            shown += [letters.get(raw[place : place + 2], "") for place in range(0, len(raw), 2)]
    return "".join(shown)


def _unescaped(found: re.Match[bytes]) -> bytes:
    code = found[1]
    return bytes([int(code, 8)]) if code.isdigit() else _LETTERS.get(code, code)


def _letters(objects: dict[int, bytes], font: int) -> dict[bytes, str]:
    place = re.search(rb"/ToUnicode (\d+) 0 R", objects[font])
    assert place is not None
    pairs = re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]+)>\n", _stream(objects[int(place[1])]))
    return {bytes.fromhex(code.decode()): bytes.fromhex(text.decode()).decode("utf-16-be") for code, text in pairs}


def _stream(body: bytes) -> bytes:
    raw = body[body.index(b"stream\n") + 7 :]
    return zlib.decompressobj().decompress(raw) if b"FlateDecode" in body else raw
