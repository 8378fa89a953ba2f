"""Records as an XLSX workbook (ISO/IEC 29500): one sheet for each register, the marking on the first and last row and, in print,
at the head and foot of every page. Every cell is a text: nothing is ever a formula or a link, and a cell that a spreadsheet
could take for one when it is edited carries the sign that it is a text (`quotePrefix`). One input gives the same bytes.
"""

import io
from collections.abc import Sequence
from typing import Any, Final, cast

from xlsxwriter import Workbook  # pyright: ignore[reportMissingTypeStubs]

from cordiale.adapters.exchange import words
from cordiale.adapters.exchange.as_csv import formula
from cordiale.adapters.exchange.extract import Extract, Row, people_read, visible
from cordiale.register.schema import Schema
from cordiale.vocab.moment import to_datetime

CELL: Final = 32_767
"""What a spreadsheet holds in one cell."""
_HEADER: Final = 255
_TITLE: Final = 31
_HEADINGS: Final = 3
_WIDEST: Final = 48
_OPTIONS: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def write(extract: Extract) -> bytes:
    """The workbook. Its own date is that of the last act inside."""
    out = io.BytesIO()
    with Workbook(out, _OPTIONS) as book:
        made = to_datetime(extract.changed).replace(tzinfo=None)
        cast(Any, book).set_properties(
            {"title": extract.title, "subject": extract.marking, "comments": extract.marking, "created": made}
        )
        styles = _Styles(book, extract.colour, extract.ink)
        kinds = extract.types() or {words.RECORDS.text(extract.language): (None, list[Row]())}
        for number, (kind, (schema, rows)) in enumerate(kinds.items(), 1):
            title = schema.title.text(extract.language) if schema else kind
            _Sheet(book, styles, extract, f"{number} {_tame(title)}"[:_TITLE]).fill(title, schema, rows)
    return out.getvalue()


def _tame(title: str) -> str:
    return "".join(" " if letter in "[]:*?/\\'" else letter for letter in title)


class _Styles:
    def __init__(self, book: Workbook, colour: str, ink: str) -> None:
        base: dict[str, Any] = {"valign": "top", "text_wrap": True, "font_name": "Calibri", "font_size": 10}
        add = cast(Any, book).add_format
        self.text = add(base)
        self.quoted = add({**base, "quote_prefix": True})
        self.heading = add({**base, "bold": True, "bottom": 1, "bg_color": "#eef1f5"})
        self.title = add({**base, "bold": True, "font_size": 14, "text_wrap": False})
        self.marking = add(
            {**base, "bold": True, "text_wrap": False, "font_color": ink, "bg_color": colour, "font_size": 11}
        )


class _Sheet:
    """One register's records: marking, title, headings, a row each, marking."""

    def __init__(self, book: Workbook, styles: _Styles, extract: Extract, name: str) -> None:
        self._sheet: Any = cast(Any, book).add_worksheet(name)
        self._styles, self._extract, self._language = styles, extract, extract.language

    def fill(self, title: str, schema: Schema | None, rows: Sequence[Row]) -> None:
        """Write everything."""
        names = _fields(schema, rows)
        titles = [(found.title.text(self._language) if (found := _field(schema, name)) else name) for name in names]
        fixed = [words.MARKING, words.NAME, words.STANDS, words.KEYS, words.OWNER, words.ID]
        headings = [*(word.text(self._language) for word in fixed), *titles]
        self._page(len(rows), len(headings))
        self._band(0, len(headings))
        self._put(1, 0, f"{self._extract.title} – {title}", self._styles.title)
        for column, heading in enumerate(headings):
            self._put(2, column, heading, self._styles.heading)
        for place, row in enumerate(rows, _HEADINGS):
            for column, text in enumerate(_cells(row, names, self._language)):
                self._put(place, column, text, self._styles.quoted if formula(text) else self._styles.text)
        if not rows:
            self._put(_HEADINGS, 0, words.NONE.text(self._language), self._styles.title)
        self._band(_HEADINGS + max(1, len(rows)), len(headings))
        self._widths(rows, names, headings)

    def _page(self, rows: int, columns: int) -> None:
        sheet, head = self._sheet, _heading(self._extract)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0, 2)
        sheet.freeze_panes(_HEADINGS, 2)
        page, of = words.PAGE.text(self._language), words.OF.text(self._language)
        sheet.set_header(f"&C&B{head}")
        sheet.set_footer(f"&C&B{head}&R{page} &P {of} &N")
        if rows:
            sheet.autofilter(2, 0, _HEADINGS + rows - 1, columns - 1)

    def _band(self, place: int, columns: int) -> None:
        for column in range(columns):
            self._put(place, column, self._extract.marking if column == 0 else "", self._styles.marking)

    def _put(self, place: int, column: int, text: str, style: Any) -> None:
        if not text:
            self._sheet.write_blank(place, column, None, style)
            return
        self._sheet.write_string(place, column, _fitting(text, words.CUT.text(self._language)), style)

    def _widths(self, rows: Sequence[Row], names: Sequence[str], headings: Sequence[str]) -> None:
        lengths = [len(heading) for heading in headings]
        for row in rows:
            for column, text in enumerate(_cells(row, names, self._language)):
                lengths[column] = max(lengths[column], *(len(line) for line in text.split("\n")))
        for column, length in enumerate(lengths):
            self._sheet.set_column(column, column, min(_WIDEST, max(8, length + 2)))


def _fields(schema: Schema | None, rows: Sequence[Row]) -> list[str]:
    known = dict.fromkeys(field.name for field in schema.fields) if schema else {}
    return list(known | dict.fromkeys(name for row in rows for name in row.values))


def _field(schema: Schema | None, name: str) -> Any:
    return schema.field(name) if schema else None


def _cells(row: Row, names: Sequence[str], language: str) -> list[str]:
    shown = {name: people_read(row.field(name), value, language) for name, value in row.values.items()}
    shown |= dict.fromkeys(row.document["withheld"], words.WITHHELD.text(language))
    shown |= {name: row.apart(name, language) for name in row.document["conflicts"]}
    about = [row.marking, row.name(language), row.status(language), row.picture(), str(row.document["owner"]), row.id]
    return [*about, *(shown.get(name, "") for name in names)]


def _heading(extract: Extract) -> str:
    """The marking as a page's head and foot hold it; where it is too long, the gravest, and where to find the others."""
    more = f"{extract.markings[0]} (+ {len(extract.markings) - 1})"
    whole = visible(extract.marking).replace("&", "&&")
    return whole if len(whole) <= _HEADER - 40 else visible(more).replace("&", "&&")[: _HEADER - 40]


def _fitting(text: str, cut: str) -> str:
    text = visible(text)
    return text if len(text) <= CELL else f"{text[: CELL - len(cut) - 1]} {cut}"
