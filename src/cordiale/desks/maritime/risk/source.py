"""Files of lists as rows: plain or gzip, CSV, XML and OpenDocument, all within bounds.

XML comes with everything dangerous refused (document types, so entities too), and as records: the elements of one name, each a
small tree. A spreadsheet is its first table whose header is wanted.
"""

import csv
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final
from xml.parsers import expat

from cordiale.errors import LimitExceeded, Malformed, NotFound, StorageFailed
from cordiale.wire.limits import LIST_BYTES

Row = dict[str, str]
_COLUMNS: Final = 200
_DEPTH: Final = 32
_REPEATED: Final = "number-columns-repeated"
csv.field_size_limit(1 << 20)


def content(path: Path) -> bytes:
    """A file's bytes, unpacked where it is gzip. Raises `NotFound`, `StorageFailed`, `Malformed` or `LimitExceeded`."""
    try:
        with path.open("rb") as file:
            data = file.read(LIST_BYTES + 1)
        if data[:2] == b"\x1f\x8b":
            with gzip.open(io.BytesIO(data)) as packed:
                data = packed.read(LIST_BYTES + 1)
    except FileNotFoundError:
        raise NotFound(str(path), what="list") from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as fault:
        raise Malformed(f"{path.name}: {fault}", what="list") from None
    except OSError as fault:
        raise StorageFailed(f"{path}: {fault.strerror}") from None
    if len(data) > LIST_BYTES:
        raise LimitExceeded(f"{path.name}: more than {LIST_BYTES} bytes")
    return data


def text_of(data: bytes) -> str:
    """UTF-8 with or without its mark; else Windows-1252, as OFAC and older lists are."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def table(text: str, wanted: str) -> Iterator[tuple[int, Row]]:
    """(line, row) under the first line that has the column `wanted`; lines before it are the list's own heading."""
    header: list[str] | None = None
    reader = csv.reader(io.StringIO(text.replace("\0", ""), newline=""))
    for cells in reader:
        if header is None:
            names = [cell.strip() for cell in cells]
            header = names if wanted in names else None
        elif any(cells):
            yield reader.line_num, dict(zip(header, (cell.strip() for cell in cells), strict=False))


class Node:
    """An element: its local name, attributes by local name, text and children."""

    __slots__ = ("attributes", "children", "name", "text")

    def __init__(self, name: str, attributes: Mapping[str, str]) -> None:
        self.name, self.attributes, self.text = name, attributes, ""
        self.children: list[Node] = []

    def all(self, name: str) -> Iterator["Node"]:
        """Every element of that name below this one."""
        for child in self.children:
            if child.name == name:
                yield child
            yield from child.all(name)

    def texts(self, name: str) -> list[str]:
        """What stands in every element of that name, without the empty ones."""
        return [text for node in self.all(name) if (text := node.text.strip())]

    def first(self, name: str) -> str:
        """The first of them; empty where there is none."""
        return next(iter(self.texts(name)), "")

    def words(self) -> str:
        """All text below."""
        return " ".join(part for part in (self.text.strip(), *(child.words() for child in self.children)) if part)


def records(data: bytes, name: str, what: str) -> list[Node]:
    """Every element of that name, as a tree. Raises `Malformed`."""
    found: list[Node] = []
    open_: list[Node] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        local = tag.rpartition(" ")[2]
        if not open_ and local != name:
            return
        if len(open_) >= _DEPTH:
            raise LimitExceeded(f"{what}: more than {_DEPTH} levels")
        node = Node(local, {key.rpartition(" ")[2]: value for key, value in attributes.items()})
        if open_:
            open_[-1].children.append(node)
        open_.append(node)

    def end(_tag: str) -> None:
        if open_ and len(open_) == 1:
            found.append(open_[0])
        if open_:
            open_.pop()

    def characters(text: str) -> None:
        if open_:
            open_[-1].text += text

    def refused(*_declaration: object) -> None:
        raise Malformed("document types and entities are refused", what=what)

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, characters
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refused
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError) as fault:
        raise Malformed(str(fault)[:120], what=what) from None
    return found


def spreadsheet(data: bytes, wanted: str, what: str) -> Iterator[tuple[int, Row]]:
    """(row, cells) of an OpenDocument spreadsheet, under the first row that has the column `wanted`."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed, packed.open("content.xml") as file:
            sheet = file.read(LIST_BYTES + 1)
    except (zipfile.BadZipFile, KeyError, zlib.error, NotImplementedError, EOFError) as fault:
        raise Malformed(str(fault)[:120], what=what) from None
    if len(sheet) > LIST_BYTES:
        raise LimitExceeded(f"{what}: more than {LIST_BYTES} bytes")
    header: list[str] | None = None
    for number, row in enumerate(records(sheet, "table-row", what), 1):
        cells = _cells(row)
        if header is None:
            header = cells if wanted in cells else None
        elif any(cells):
            yield number, dict(zip(header, cells, strict=False))


def _cells(row: Node) -> list[str]:
    found: list[str] = []
    for cell in row.children:
        repeated = cell.attributes.get(_REPEATED, "1")
        times = min(int(repeated) if repeated.isdecimal() else 1, _COLUMNS - len(found))
        found += [cell.words()] * times
    return found
