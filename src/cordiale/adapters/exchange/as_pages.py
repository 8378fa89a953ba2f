"""Records as PDF (ISO 32000, tagged as PDF/UA-1 asks, ISO 14289): A4, the marking at the head and foot of every page.

The page is typst's, drawn by `pages.typ`; records reach it as JSON data, never as markup, so that no text of a record can draw,
compute or read anything. Typst's own fonts are used and no date of today is written: one input gives the same bytes. They have
Latin, Greek, Cyrillic and more; what they lack is drawn in a font of this machine, or as an empty box, and then the page is still
tagged but not PDF/UA, which asks for a shape of every letter.
"""

from contextlib import suppress
from functools import cache
from importlib import resources
from typing import Any, Final, Literal, cast

import msgspec
import typst

from cordiale.adapters.exchange import words
from cordiale.adapters.exchange.extract import Extract, Row, visible
from cordiale.errors import LimitExceeded
from cordiale.vocab.moment import iso

RECORDS: Final = 2_000
"""A PDF is for reading; larger extracts go to a table."""
MARKING: Final = 1_200
"""Characters of the marking of the whole: what leaves room for anything else on a page."""
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
    if len(extract.marking) > MARKING:
        raise LimitExceeded(
            f"markings of {len(extract.marking)} characters on a page, {MARKING} allowed: narrow the question"
        )
    data = msgspec.json.encode(_seen(_data(extract))).decode()
    with suppress(typst.TypstError):
        return _drawn(data, form, system_fonts=False, accessible=True)
    return _drawn(data, form, system_fonts=True, accessible=False)


def _drawn(data: str, form: Literal["pdf", "png"], *, system_fonts: bool, accessible: bool) -> list[bytes]:
    template = (resources.files("cordiale.adapters.exchange") / "pages.typ").read_bytes()
    compiler = typst.Compiler(font_paths=_fonts(system_fonts), sys_inputs={"data": data})
    accessible = accessible and form == "pdf"
    found = compiler.compile(template, format=form, pdf_standards="ua-1" if accessible else [], timestamp=0)
    return found if isinstance(found, list) else [found or b""]


@cache
def _fonts(system_fonts: bool) -> typst.Fonts:
    return typst.Fonts(include_system_fonts=system_fonts)


def _seen(value: Any) -> Any:
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {name: _seen(item) for name, item in cast("dict[str, Any]", value).items()}
    return [_seen(item) for item in cast("list[Any]", value)] if isinstance(value, list) else value


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
