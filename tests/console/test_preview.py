"""cordiale.console.preview: what is shown of a file is what its bytes are, whatever its name says."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordiale.console.preview import PICTURE_BYTES, TEXT_BYTES, picture_type, preview


def png(width: int, height: int) -> bytes:
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))


def jpeg(width: int, height: int, marker: int = 0xC0) -> bytes:
    app = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\x00" + bytes(9)
    return b"\xff\xd8" + app + bytes([0xFF, marker]) + struct.pack(">HBHH", 17, 8, height, width) + bytes(12)


def webp(chunk: bytes, rest: bytes) -> bytes:
    return b"RIFF" + bytes(4) + b"WEBP" + chunk + bytes(4) + rest


def chunk(name: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


GIF = b"GIF89a" + struct.pack("<HH", 20, 10) + bytes(3)
EXTENDED = webp(b"VP8X", bytes(4) + (19).to_bytes(3, "little") + (9).to_bytes(3, "little"))
LOSSLESS = webp(b"VP8L", b"\x2f" + (19 | 9 << 14).to_bytes(4, "little"))
LOSSY = webp(b"VP8 ", bytes(3) + b"\x9d\x01\x2a" + struct.pack("<HH", 20, 10))


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (png(20, 10), "image/png"),
        (jpeg(20, 10), "image/jpeg"),
        (jpeg(20, 10, 0xC2), "image/jpeg"),
        (EXTENDED, "image/webp"),
        (LOSSLESS, "image/webp"),
        (LOSSY, "image/webp"),
        (png(100_000, 100_000), ""),
        (jpeg(65_535, 65_535), ""),
        (png(0, 10), ""),
        (png(20, 10)[:20], ""),
        (b"\xff\xd8\xff", ""),
        (b"\xff\xd8\xff\xe0\x00\x00" + bytes(40), ""),
        (b"\xff\xd8\xff\xe0\xff\xff" + bytes(40), ""),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", ""),
        (png(20, 10) + bytes(PICTURE_BYTES), ""),
        (png(20, 10) + chunk(b"tEXt", b"EXERCISE") + chunk(b"IDAT", b"acTL"), "image/png"),
        (GIF, ""),
    ],
    ids=lambda found: repr(found)[:24],
)
def test_a_picture_is_known_by_its_header_and_is_not_too_large(data: bytes, kind: str) -> None:
    assert picture_type(data) == kind


HIDDEN = b"\xff\xff\xe0" + struct.pack(">H", 9) + jpeg(65_000, 65_000)[20:]
"""A fill byte, after which a careless reader takes the length from the wrong place and finds a harmless size later."""


@pytest.mark.parametrize(
    "data",
    [
        b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<html><script>alert(1)</script>",
        b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)",
        b"BM" + bytes(60),
        b"%PDF-1.7 " + jpeg(20, 10),
        b"\xff\xd8" + HIDDEN,
        b"\xff\xd8\xff\xe0\x00\x04EX" + b"\xff\xff" + jpeg(20, 10)[2:],
        b"\xff\xd8\xff\xd8" + jpeg(20, 10)[2:],
        b"\xff\xd8\xff\xda\x00\x08" + bytes(6) + jpeg(20, 10)[2:],
        png(20, 10) + chunk(b"acTL", struct.pack(">II", 4_000_000, 0)) + chunk(b"IDAT"),
        png(20, 10) + chunk(b"tEXt", b"EXERCISE") + chunk(b"acTL", bytes(8)) + chunk(b"IDAT"),
        webp(b"VP8X", b"\x02" + bytes(3) + EXTENDED[24:]),
        png(6_400, 6_400),
    ],
    ids=lambda found: repr(found)[:24],
)
def test_what_could_act_or_move_or_be_larger_than_it_says_is_not_shown(data: bytes) -> None:
    assert picture_type(data) == ""


def test_a_page_in_a_pictures_clothes_is_a_picture_to_everybody() -> None:
    """The type goes with it, sniffing is off, and its address is a sandbox: see the pages' tests."""
    assert picture_type(png(20, 10) + chunk(b"tEXt", b"<script>alert(1)</script>")) == "image/png"
    assert picture_type(jpeg(20, 10) + b"<script>alert(1)</script>") == "image/jpeg"


@given(
    st.binary(max_size=200), st.sampled_from([b"", b"\xff\xd8\xff", b"RIFF....WEBP", b"GIF89a", b"\x89PNG\r\n\x1a\n"])
)
def test_any_bytes_have_an_answer(data: bytes, head: bytes) -> None:
    assert preview(head + data).kind in ("picture", "text", "none")


def test_text_is_shown_with_its_steering_characters_by_number() -> None:
    found = preview("EXERCISE\r\na\u202eb <script>".encode())
    assert (found.kind, found.text, found.cut) == ("text", "EXERCISE\na⟨U+202E⟩b <script>", False)


def test_a_long_text_is_shown_by_its_beginning_even_where_a_letter_is_cut() -> None:
    found = preview("é".encode() * TEXT_BYTES + b"x")
    assert (found.kind, found.cut) == ("text", True)
    assert preview(b"x" + "é".encode() * TEXT_BYTES).text.endswith("é")


@pytest.mark.parametrize(
    "data", [b"", b"\x00\x01", b"a\x00b", b"\xff\xfe", b"EXERCISE \xff end", bytes(TEXT_BYTES + 5)]
)
def test_other_bytes_are_only_saved(data: bytes) -> None:
    assert preview(data).kind == "none"
