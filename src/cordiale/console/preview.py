"""What of a received file can be shown, and how: plain text, escaped; still pictures of three kinds, by the browser's own
sandboxed decoder, under their true type and a policy that lets them do nothing, when the reader asks.

Nothing is decoded in this process. What a picture is, its first bytes say, not its name; its size in pixels is read from its
header, so that none is shown that would take a machine's memory. A file whose headers can be read in two ways is not shown. SVG
is a document that could act, GIF may hold frames larger than it says, and what moves may do so without end: they are saved.
"""

from typing import Final, Literal

import msgspec

from cordiale.console.prose import shown
from cordiale.wire import limits

PICTURE_BYTES: Final = 16 * limits.MIB
PICTURE_PIXELS: Final = 40_000_000
TEXT_BYTES: Final = 64 * limits.KIB
_JPEG_SIZES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_BARE: Final = frozenset((0x00, 0x01, *range(0xD0, 0xDB), 0xFF))
"""No markers, or without a length, or those after which image data comes (SOI, EOI, RST, TEM, SOS, fill)."""
_ANIMATED: Final = 0x02


class Preview(msgspec.Struct, frozen=True):
    """`kind` is picture, text or none; a text may be the beginning of a longer one."""

    kind: str
    text: str = ""
    cut: bool = False


def preview(data: bytes) -> Preview:
    """What can be shown of a file."""
    if picture_type(data):
        return Preview("picture")
    beginning = data[:TEXT_BYTES]
    try:
        text = beginning.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        if len(data) <= TEXT_BYTES or fault.start < len(beginning) - 4:
            return Preview("none")
        text = beginning[: fault.start].decode("utf-8-sig")
    if not text or "\x00" in text:
        return Preview("none")
    return Preview("text", shown(text.replace("\r\n", "\n")), len(data) > len(beginning))


def picture_type(data: bytes) -> str:
    """The type of a picture that is shown; empty for everything else, and for what is too large."""
    if len(data) > PICTURE_BYTES:
        return ""
    kind, size = _measured(data)
    return kind if size is not None and 0 < size[0] * size[1] <= PICTURE_PIXELS else ""


def _measured(data: bytes) -> tuple[str, tuple[int, int] | None]:
    """Type and size in pixels, by the header (PNG §11.2.2, RFC 9649 for WebP, ITU-T T.81 §B.2.2)."""
    if data[:8] == b"\x89PNG\r\n\x1a\n" and data[12:16] == b"IHDR":
        return "image/png", _png(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp", _webp(data)
    if data[:3] == b"\xff\xd8\xff":
        return "image/jpeg", _jpeg(data)
    return "", None


def _png(data: bytes) -> tuple[int, int] | None:
    """The size, unless it is animated: `acTL` stands before the first image data (PNG §11.3.6.1)."""
    at = 8
    while at + 8 <= len(data) and (name := data[at + 4 : at + 8]) != b"IDAT":
        if name == b"acTL":
            return None
        at += 12 + int.from_bytes(data[at : at + 4], "big")
    return _pair(data[16:24], "big", 4)


def _pair(data: bytes, order: Literal["big", "little"], width: int) -> tuple[int, int] | None:
    if len(data) != 2 * width:
        return None
    return int.from_bytes(data[:width], order), int.from_bytes(data[width:], order)


def _webp(data: bytes) -> tuple[int, int] | None:
    chunk = data[12:16]
    if chunk == b"VP8X" and len(data) >= 30:
        if data[20] & _ANIMATED:
            return None
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if chunk == b"VP8L" and len(data) >= 25:
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if chunk == b"VP8 " and len(data) >= 30:
        return int.from_bytes(data[26:28], "little") & 0x3FFF, int.from_bytes(data[28:30], "little") & 0x3FFF
    return None


def _jpeg(data: bytes) -> tuple[int, int] | None:
    """The size in the first frame header; each segment says how long it is. Fill bytes and markers without a length are no part
    of a usual picture, and where a decoder might read on differently from here, nothing is shown."""
    at = 2
    while at + 9 < len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if marker in _JPEG_SIZES:
            found = _pair(data[at + 5 : at + 9], "big", 2)
            return None if found is None else (found[1], found[0])
        if length < 2 or marker in _JPEG_BARE:
            return None
        at += 2 + length
    return None
