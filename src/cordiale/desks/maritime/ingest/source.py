"""A source file as blocks of whole lines: unpacked, in bounded memory.

`.gz`, `.zst` and `.zip` are recognised by their first bytes, not by their names; the members of a `.zip` are read one after
the other. UTF-16 is recognised by its byte order mark. A line longer than `LINE_BYTES` is refused.
"""

import codecs
import gzip
import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import IO, Final, cast

import numpy as np

from cordiale.desks.maritime import arrow
from cordiale.desks.maritime.ingest.tally import Tally
from cordiale.errors import Malformed, NotFound
from cordiale.wire import limits

BLOCK_BYTES: Final = 8 * limits.MIB
LINE_BYTES: Final = 64 * limits.KIB
_GZIP, _ZSTD, _ZIP = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK\x03\x04"
_UTF8, _UTF16 = codecs.BOM_UTF8, (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_LF: Final = 10


@dataclass(frozen=True)
class Block:
    """Whole lines, each ended by one line feed; `line` is the number of the first, from 1. An empty line counts for nothing."""

    data: bytes
    line: int


@dataclass(frozen=True)
class Part:
    """One stream of lines: a file, or a member of a `.zip`."""

    name: str
    stream: IO[bytes]

    def blocks(self, tally: Tally) -> Iterator[Block]:
        """Its lines. Where compressed data ends too early or is damaged, it is read as far as it goes, and that is noted."""
        rest, line = b"", 1
        for piece in _pieces(self.stream, tally):
            rest += piece
            cut = rest.rfind(b"\n") + 1
            if cut:
                lines = rest.count(b"\n", 0, cut)
                yield Block(_short(rest[:cut], line, tally), line)
                line += lines
            rest = rest[cut:][: LINE_BYTES + 1]  # what is longer is refused once its end is found


@contextmanager
def opened(path: Path) -> Generator[tuple[BufferedReader, list[Part]]]:
    """The file and its parts. Raises `NotFound`, or `Malformed` where a `.zip` can't be read."""
    try:
        file = path.open("rb")
    except OSError as fault:
        raise NotFound(f"{path} ({fault.strerror})", what="file") from None
    with file:
        yield file, _parts(file)


def utf8(data: bytes, tally: Tally) -> bytes:
    """Text as UTF-8: lines that aren't are taken for Latin-1, one by one."""
    try:
        data.decode()
    except UnicodeDecodeError:
        lines = data.split(b"\n")
        for number, each in enumerate(lines):
            try:
                each.decode()
            except UnicodeDecodeError:
                lines[number] = each.decode("latin-1").encode()
                tally.change("lines read as Latin-1", 1)
        return b"\n".join(lines)
    return data


def _parts(file: BufferedReader) -> list[Part]:
    start = file.peek(4)[:4]
    if start.startswith(_GZIP):
        return [Part("", cast("IO[bytes]", gzip.GzipFile(fileobj=file)))]
    if start.startswith(_ZSTD):
        return [Part("", arrow.unpacked(file))]
    if start.startswith(_ZIP):
        try:
            archive = zipfile.ZipFile(file)
            return [Part(each.filename, archive.open(each)) for each in archive.infolist() if not each.is_dir()]
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as fault:
            raise Malformed(str(fault), what="zip file") from None
    return [Part("", file)]


def _pieces(stream: IO[bytes], tally: Tally) -> Iterator[bytes]:
    """What the stream gives, decoded if it is UTF-16, with a line feed at its end."""
    decoder, ended = None, b"\n"
    for number, raw in enumerate(_read(stream, tally)):
        piece = raw
        if number == 0 and piece.startswith(_UTF16):
            decoder = codecs.getincrementaldecoder("utf-16")("replace")
        if decoder is not None:
            piece = decoder.decode(piece).encode("utf-8", "replace")
        if number == 0:
            piece = piece.removeprefix(_UTF8)
        if piece:
            ended = piece[-1:]
            yield piece
    if ended != b"\n":
        yield b"\n"


def _read(stream: IO[bytes], tally: Tally) -> Iterator[bytes]:
    while True:
        try:
            piece = bytes(stream.read(BLOCK_BYTES))
        except (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error, arrow.Fault) as fault:
            tally.assume(f"the compressed data ends too early or is damaged ({fault}): read as far as it goes")
            return
        if not piece:
            return
        yield piece


def _short(data: bytes, line: int, tally: Tally) -> bytes:
    """The same lines without carriage returns; those too long are emptied, and refused."""
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n")
    ends = np.flatnonzero(np.frombuffer(data, np.uint8) == _LF)
    lengths = np.diff(ends, prepend=-1) - 1
    tally.lines += len(ends)
    tally.let_pass("empty line", int((lengths == 0).sum()))
    long = np.flatnonzero(lengths > LINE_BYTES)
    tally.refuse("line too long", (line + long).tolist())
    for number in reversed(long.tolist()):
        data = data[: ends[number] - lengths[number]] + data[ends[number] :]
    return data
