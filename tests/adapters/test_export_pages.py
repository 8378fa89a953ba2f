"""The PDF: the marking at the head and foot of every page, every text as it is, tagged, the same bytes again."""

import re
from dataclasses import dataclass

import pytest

from adapters.extracts import DECISION, EVERYTHING, HOSTILE, LOWER, MARKING, PASSAGE, extract, row
from adapters.pdf_text import pages
from cordiale.adapters.exchange import as_pages
from cordiale.adapters.exchange.extract import BETWEEN
from cordiale.errors import LimitExceeded
from cordiale.register.schema import shipped

WHOLE = MARKING + BETWEEN + LOWER
DECISION_TYPE = shipped()["decision"]


@dataclass(frozen=True)
class Spoken:
    language: str
    status: str
    page: str
    tag: bytes
    name: str


SPOKEN = [
    Spoken("en", "waits for a key", "Page {} of {}", b"/Lang(en-GB)", "EXERCISE Cable patrols"),
    Spoken("fr", "attend une clé", "Page {} sur {}", b"/Lang(fr-FR)", "EXERCICE Patrouilles câbles"),
]


@pytest.mark.parametrize("spoken", SPOKEN, ids=lambda spoken: spoken.language)
def test_every_page_has_the_marking_at_its_head_and_foot_and_its_number(spoken: Spoken) -> None:
    rows = [row(DECISION_TYPE, DECISION, number, LOWER) for number in range(1, 13)]
    data = as_pages.write(extract(*rows, language=spoken.language))
    found = pages(data)
    assert len(found) > 2
    for number, text in enumerate(found, 1):
        lines = text.splitlines()
        assert lines[0] == WHOLE
        assert lines[-3] == WHOLE
        assert lines[-1] == spoken.page.format(number, len(found))
    whole = "\n".join(found)
    assert whole.count(f"\n{LOWER}\n") == len(rows)
    assert spoken.status in whole
    assert spoken.name in found[0]
    assert spoken.tag in data
    assert set(re.findall(rb"/Lang\(\w\w-\w\w\)", data)) == {spoken.tag}


def test_keys_are_a_picture_and_fields_have_their_titles() -> None:
    (text,) = pages(as_pages.write(extract(row(DECISION_TYPE, DECISION))))
    assert "○\n\xa0FR\n●\n\xa0UK" in text
    for said in ("Decided by\nEXERCISE Steering group", "Lead\nfr, uk", "key turned", "Les patrouilles alternent"):
        assert said in text


def test_a_hostile_text_is_only_text() -> None:
    hostile = {**EVERYTHING, "name": {"en": f"#{HOSTILE}", "fr": "]#pagebreak()["}, "notes": [HOSTILE, "/* // */"]}
    title = "#set page(header: none) <label> @ref = title"
    found = pages(as_pages.write(extract(row(PASSAGE, hostile, 1, '#text(white)["]'), title=title, question=HOSTILE)))
    flat = "".join(found).replace("\n", "")
    assert flat.count(HOSTILE) >= 4
    assert "]#pagebreak()[" in flat
    assert '#text(white)["]' in flat
    assert all(text.splitlines()[0] == WHOLE for text in found)
    assert title in found[0]


def test_it_is_tagged_and_dated_by_nothing_but_its_records() -> None:
    given = extract()
    data = as_pages.write(given)
    assert b"/MarkInfo<</Marked true" in data
    assert b"pdfuaid:part>1<" in data
    assert b"CreationDate" not in data
    assert as_pages.write(extract()) == data
    assert "As of 2026-02-25 06:13Z" in "".join(pages(data)).replace("\n", "")


def test_what_was_withheld_or_edited_at_once_is_said() -> None:
    values = {"title": DECISION["title"], "text": DECISION["text"], "met": "2026-03-01"}
    conflict = {"body": ["EXERCISE one", "EXERCISE two"]}
    found = pages(as_pages.write(extract(row(DECISION_TYPE, values, withheld=["due"], conflicts=conflict))))
    assert "Decided by\nEXERCISE one  |  EXERCISE two" in found[0]
    assert "Due\nwithheld by its owner" in found[0]


def test_a_word_that_is_wider_than_the_page_is_broken() -> None:
    found = pages(as_pages.write(extract(row(DECISION_TYPE, {**DECISION, "body": "x" * 190}))))
    drawn = [line.replace("\u200b", "") for line in found[0].splitlines() if line.startswith("xxx")]
    assert "".join(drawn) == "x" * 190
    assert max(map(len, drawn)) < 100


def test_a_long_marking_moves_the_text_down_and_stays_whole() -> None:
    many = tuple(f"EXERCISE MARKING NUMBER {number} – RELEASABLE TO FRANCE" for number in range(12))
    for text in pages(as_pages.write(extract(markings=many))):
        flat = text.replace("\n", "").replace(" ", "")
        assert flat.count(BETWEEN.join(many).replace(" ", "")) == 2


def test_more_markings_than_a_page_has_room_for_are_refused() -> None:
    with pytest.raises(LimitExceeded, match="markings"):
        as_pages.write(extract(markings=tuple(f"EXERCISE {number:090}" for number in range(13))))


@pytest.mark.parametrize("letters", ["漢字", "😀"])
def test_letters_that_the_own_fonts_lack_are_still_in_it(letters: str) -> None:
    data = as_pages.write(extract(row(DECISION_TYPE, {**DECISION, "body": f"EXERCISE {letters}"})))
    assert pages(data)[0].splitlines()[0] == WHOLE
    assert b"/MarkInfo<</Marked true" in data
    assert b"pdfuaid" not in data


def test_what_steers_or_hides_is_shown_by_its_number() -> None:
    body = "a\u202eb\x07c\u200bd\ue000e\uffff"
    data = as_pages.write(extract(row(DECISION_TYPE, {**DECISION, "body": body}), title="x\u2066"))
    found = "".join(pages(data)).replace("\u200b", "").replace("\n", "")
    assert "a<U+202E>b<U+0007>c<U+200B>d<U+E000>e<U+FFFF>" in found
    assert "x<U+2066>" in found


def test_no_record_is_one_page_that_says_so() -> None:
    empty = as_pages.Extract("EXERCISE", "", "fr", (MARKING,), "#ffcc00", ())
    assert empty.ink == "#000000"
    (text,) = pages(as_pages.write(empty))
    assert "Aucune fiche" in text


def test_more_than_people_read_is_refused() -> None:
    with pytest.raises(LimitExceeded, match="narrow the question"):
        as_pages.write(extract(*[row(DECISION_TYPE, DECISION)] * (as_pages.RECORDS + 1)))
