"""Records as PDF (ISO 32000, tagged as PDF/UA-1 asks, ISO 14289): A4, the marking at the head and foot of every page.

The page is typst's, drawn by `pages.typ`; records reach it as JSON data, never as markup, so that no text of a record can draw,
compute or read anything. Only typst's own fonts are used and no date of today is written: one input gives the same bytes.
"""

from functools import cache
from importlib import resources
from typing import Any, Final, Literal

import msgspec
import typst

from cordiale.adapters.exchange import words
from cordiale.adapters.exchange.extract import Extract, Row
from cordiale.errors import LimitExceeded
from cordiale.vocab.moment import iso

RECORDS: Final = 2_000
"""A PDF is for reading; larger extracts go to a table."""
_WORDS: Final = {
    "records": words.RECORDS,
    "name": words.NAME,
    "register": words.REGISTER,
    "status": words.STANDS,
    "keys": words.KEYS,
    "id": words.ID,
    "hash": words.HASH,
    "question": words.QUESTION,
    "as_of": words.AS_OF,
    "none": words.NONE,
    "page": words.PAGE,
    "of": words.OF,
    "turned": words.TURNED,
    "awaited": words.AWAITED,
}


def write(extract: Extract) -> bytes:
    """The PDF, in the extract's language. `LimitExceeded` for more records than pages are for."""
    return compiled(extract, "pdf")[0]


def compiled(extract: Extract, form: Literal["pdf", "png"]) -> list[bytes]:
    """The pages as one PDF, or as a picture each."""
    if len(extract.rows) > RECORDS:
        raise LimitExceeded(
            f"{len(extract.rows)} records in a PDF, {RECORDS} allowed: narrow the question or take XLSX"
        )
    compiler = typst.Compiler(font_paths=_fonts(), sys_inputs={"data": msgspec.json.encode(_data(extract)).decode()})
    template = (resources.files("cordiale.adapters.exchange") / "pages.typ").read_bytes()
    found = compiler.compile(template, format=form, pdf_standards="ua-1" if form == "pdf" else [], timestamp=0)
    return found if isinstance(found, list) else [found or b""]


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False)


def _data(extract: Extract) -> dict[str, Any]:
    language, count = extract.language, len(extract.rows)
    return {
        "language": language,
        "marking": extract.marking,
        "colour": extract.colour,
        "ink": extract.ink,
        "title": extract.title,
        "question": extract.question,
        "as_of": iso(extract.changed)[:16].replace("T", " ") + "Z" if count else "",
        "count": words.COUNT.text(language).format(count=count) if count != 1 else words.ONE.text(language),
        "words": {name: word.text(language) for name, word in _WORDS.items()},
        "records": [_record(row, language) for row in extract.rows],
    }


def _record(row: Row, language: str) -> dict[str, Any]:
    return {
        "name": row.name(language),
        "marking": row.marking,
        "register": row.schema.title.text(language) if row.schema else row.type,
        "status": row.status(language),
        "owner": row.document["owner"],
        "keys": [{"nation": nation, "turned": turned} for nation, turned in row.key_states()],
        "id": row.id,
        "hash": row.document["hash"],
        "fields": [[title, text] for title, text in row.shown(language)],
    }
