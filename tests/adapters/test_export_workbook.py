"""XLSX: marked on each sheet's first and last row and on each printed page; every cell a text, never a formula."""

import io
import re
import zipfile
from xml.etree import ElementTree

from adapters.extracts import DECISION, EVERYTHING, HOSTILE, LOWER, MARKING, PASSAGE, extract, row
from cordiale.adapters.exchange import as_workbook
from cordiale.adapters.exchange.extract import BETWEEN
from cordiale.register.schema import shipped

WHOLE = MARKING + BETWEEN + LOWER
DECISION_TYPE = shipped()["decision"]
_SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


class Book:
    """A workbook, read again as far as it goes here."""

    def __init__(self, data: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(data)) as found:
            self.parts = {name: found.read(name).decode() for name in found.namelist()}
        shared = ElementTree.fromstring(self.parts["xl/sharedStrings.xml"])
        self.strings = ["".join(text.text or "" for text in item.iter(f"{_SPACE}t")) for item in shared]

    @property
    def sheets(self) -> list[str]:
        return [text for name, text in sorted(self.parts.items()) if name.startswith("xl/worksheets/sheet")]

    def rows(self, number: int) -> list[list[str]]:
        found: list[list[str]] = []
        for line in ElementTree.fromstring(self.sheets[number]).iter(f"{_SPACE}row"):
            cells = [cell.find(f"{_SPACE}v") for cell in line]
            assert all(cell.get("t") in ("s", None) for cell in line)
            found.append(["" if cell is None else self.strings[int(cell.text or "")] for cell in cells])
        return found


def test_each_sheet_is_marked_on_its_first_and_last_row_and_on_each_page() -> None:
    data = as_workbook.write(extract())
    book = Book(data)
    assert len(book.sheets) == 2
    for number, sheet in enumerate(book.sheets):
        rows = book.rows(number)
        assert (rows[0][0], rows[-1][0]) == (WHOLE, WHOLE)
        assert f"<oddHeader>&amp;C&amp;B{WHOLE}" in sheet
        assert f"<oddFooter>&amp;C&amp;B{WHOLE}&amp;RPage &amp;P of &amp;N" in sheet
    assert as_workbook.write(extract()) == data
    assert WHOLE in book.parts["docProps/core.xml"]
    assert "2026-02-25T06:13:20Z" in book.parts["docProps/core.xml"]


def test_records_stand_in_rows_under_their_titles() -> None:
    _, _, headings, decided, _ = Book(as_workbook.write(extract(language="fr"))).rows(0)
    found = dict(zip(headings, decided, strict=True))
    assert found["Marquage"] == LOWER
    assert found["Nom"] == "EXERCICE Patrouilles câbles"
    assert found["Clés"] == "○ fr  ● uk"
    assert found["État"] == "attend une clé"
    assert found["Décidée par"] == "EXERCISE Steering group"


def test_nothing_is_a_formula_a_link_or_a_number() -> None:
    values = {**EVERYTHING, "notes": ["=1+1"], "name": {"en": "https://example.test", "fr": "@SUM(A1)"}}
    book = Book(as_workbook.write(extract(row(PASSAGE, values))))
    sheet = book.sheets[0]
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert HOSTILE in book.strings
    styles = re.findall(r"<xf [^>]*>", book.parts["xl/styles.xml"].split("<cellXfs")[1])
    quoted = {number for number, style in enumerate(styles) if 'quotePrefix="1"' in style}
    cells = re.findall(r'<c r="\w+" s="(\d+)" t="s"><v>(\d+)</v>', sheet)
    risky = {int(style) for style, text in cells if book.strings[int(text)][:1] in ("=", "@", "+")}
    assert risky
    assert risky <= quoted


def test_what_a_cell_cannot_hold_is_cut_and_says_so() -> None:
    book = Book(as_workbook.write(extract(row(DECISION_TYPE, {**DECISION, "body": "x" * 40_000}))))
    (cut,) = [text for text in book.strings if text.startswith("xxx")]
    assert len(cut) == as_workbook.CELL
    assert cut.endswith("[cut here; JSON has all of it]")


def test_withheld_and_conflicting_fields_are_shown_as_such() -> None:
    given = row(DECISION_TYPE, {"title": DECISION["title"]}, withheld=["due"], conflicts={"body": ["a", "b"]})
    _, _, headings, cells, _ = Book(as_workbook.write(extract(given))).rows(0)
    found = dict(zip(headings, cells, strict=True))
    assert (found["Due"], found["Decided by"]) == ("withheld by its owner", "a  |  b")


def test_too_many_markings_for_a_printed_head_are_counted_there_and_whole_on_the_sheet() -> None:
    many = tuple(f"EXERCISE A&B {number} – RELEASABLE TO FRANCE" for number in range(12))
    book = Book(as_workbook.write(extract(markings=many)))
    assert "&amp;BEXERCISE A&amp;&amp;B 0 – RELEASABLE TO FRANCE (+ 11)" in book.sheets[0]
    assert book.rows(0)[0][0] == BETWEEN.join(many)


def test_what_steers_or_hides_is_shown_by_its_number() -> None:
    given = extract(row(DECISION_TYPE, {**DECISION, "body": "a\u202eb\x07"}), markings=("EXERCISE\u202e",))
    book = Book(as_workbook.write(given))
    assert "a<U+202E>b<U+0007>" in book.strings
    assert "EXERCISE<U+202E>" in book.strings
    assert "\u202e" not in book.sheets[0]


def test_no_record_is_a_marked_sheet() -> None:
    empty = as_workbook.Extract("EXERCISE", "", "en", (MARKING,), "#0b4f8a", ())
    rows = Book(as_workbook.write(empty)).rows(0)
    assert (rows[0][0], rows[-1][0], rows[3][0]) == (MARKING, MARKING, "No record answers the question.")
