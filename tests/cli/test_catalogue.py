"""The French catalogue is complete, and the check that says so finds what is not."""

from pathlib import Path

import pytest

from cordiale import errors
from tools import catalogue

GOOD = (
    'msgid "No messages."\nmsgstr "Aucun message."\n',
    'msgid "{have} of {parts} parts"\nmsgstr "{have} parties sur {parts}"\n',
)


def test_every_sentence_is_there_in_french() -> None:
    assert catalogue.faults() == []


def test_every_error_is_among_them() -> None:
    wanted = catalogue.wanted()
    for kind in vars(errors).values():
        if isinstance(kind, type) and issubclass(kind, errors.CordialeError):
            assert kind.happened in wanted
            assert kind.next_step in wanted


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ('msgstr "Aucun message."', 'msgstr ""', "missing: 'No messages.'"),
        ('msgid "No messages."', 'msgid "No letters."', "missing: 'No messages.'"),
        ('msgid "No messages."', 'msgid "No letters."', "not used any more: 'No letters.'"),
        ('msgstr "Aucun message."', 'msgstr "No messages."', "the same in both languages: 'No messages.'"),
        ('msgid "No messages."', '#, fuzzy\nmsgid "No messages."', "fuzzy: 'No messages.'"),
        ("{have} parties sur", "{have} parties", ""),
        ("{have} parties sur", "{had} parties sur", "other fields in braces: '{have} of {parts} parts'"),
    ],
)
def test_what_is_wrong_is_found(
    before: str, after: str, fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = catalogue.FRENCH.read_text()
    assert before in text
    altered = tmp_path / "cordiale.po"
    altered.write_text(text.replace(before, after))
    monkeypatch.setattr(catalogue, "FRENCH", altered)
    found = catalogue.faults()
    assert any(each.startswith(fault) for each in found) if fault else found == []


def test_bringing_it_up_to_date_keeps_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = catalogue.FRENCH.read_text()
    copy = tmp_path / "cordiale.po"
    copy.write_text(text)
    monkeypatch.setattr(catalogue, "FRENCH", copy)
    catalogue.update()
    assert copy.read_text() == text
    copy.write_text("\n".join(GOOD))
    catalogue.update()
    assert all(good.split("\n")[1] in copy.read_text() for good in GOOD)
    copy.unlink()
    catalogue.update()
    assert len(catalogue.faults()) == len(catalogue.wanted())
