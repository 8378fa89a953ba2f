"""Hostile text on its way to a terminal: nothing of it moves the cursor, colours, reorders or hides."""

import io
import json
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.console import Console

from cli.kit import MARKING, message
from cordiale.cli import letters, output, problem
from cordiale.cli.output import document
from cordiale.cli.terminal import MARKS, console, facts, marking, safe, table
from cordiale.errors import NotFound

HOSTILE = [
    "\x1b[2J\x1b[31mred",
    "\x1b]0;title\x07",
    "\x1b]8;;http://evil\x1b\\click\x1b]8;;\x1b\\",
    "a\rb",
    "back\x08\x08space",
    "\u202egnirts",
    "\u2066isolate\u2069",
    "zero\u200bwidth\u200dhere",
    "\ufefftag\U000e0041\U000e007f",
    "line\u2028separator\u2029",
    "c1\x9b31mred",
    "soft\u00adhyphen",
    "\ud800 surrogate",
    "[bold red]markup[/] :smile:",
    "z" + "\u0301" * 50,
]
FORBIDDEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def clean(text: str) -> bool:
    return not any(unicodedata.category(c) in FORBIDDEN for c in text.replace("\n", ""))


def printed(render: object, *, colour: bool = False) -> str:
    file = io.StringIO()
    system = "truecolor" if colour else None
    Console(file=file, width=200, force_terminal=colour, color_system=system, markup=False).print(render)
    return file.getvalue()


@given(st.text() | st.sampled_from(HOSTILE))
@example("\ud800")
def test_safe_text_is_safe(text: str) -> None:
    assert clean(safe(text))
    assert "\n" not in safe(text)
    assert clean(safe(text, lines=True))


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"])))
def test_honest_text_stays(text: str) -> None:
    assert safe(text) == text


def test_marks_stacked_on_a_letter_are_cut() -> None:
    assert safe("e\u0301") == "e\u0301"
    assert len(safe("z" + "\u0301" * 50)) == 1 + MARKS


@pytest.mark.parametrize("text", HOSTILE)
def test_every_place_that_shows_received_text(text: str) -> None:
    found = {**MARKING, "text": text, "original": text, "equivalent": True, "colour": text}
    file = {"name": text, "size": 1, "parts": 1, "have": 1, "saved": text}
    hostile = message(author=text, text=text, marking=found, state=text, rule=text, detail=text, sent=text, file=file)
    file_out = io.StringIO()
    letters.show(Console(file=file_out, width=200, markup=False, emoji=False), [hostile])
    problem.show(problem.tell(NotFound(text, rule=text, what=text)), Console(file=file_out, width=200, markup=False))
    shown = file_out.getvalue() + printed(table(["x"], [[text]])) + printed(facts([("x", text)]))
    assert clean(shown)


def test_markup_is_text() -> None:
    assert "[bold red]markup[/] :smile:" in printed(table(["x"], [["[bold red]markup[/] :smile:"]]))


def test_a_text_cannot_write_the_next_heading() -> None:
    forged = "ok\n■ UK SECRET\n  claire@fr  2026-01-01 00:00Z  received  000000000000"
    file = io.StringIO()
    letters.show(Console(file=file, width=200, markup=False), [message(text=forged)])
    lines = file.getvalue().splitlines()
    assert [line for line in lines if "claire@fr" in line or "UK SECRET" in line] == [
        "  │ ■ UK SECRET",
        "  │   claire@fr  2026-01-01 00:00Z  received  000000000000",
    ]


@given(st.text() | st.sampled_from(HOSTILE))
def test_a_document_is_json_and_safe_on_a_terminal(text: str) -> None:
    written = document({"text": text})
    assert clean(written)
    assert json.loads(written) == {"text": text}
    assert "\n" not in document({"text": text}, line=True)


def test_a_marking_is_text_first() -> None:
    plain = printed(marking(MARKING))
    assert MARKING["text"] in plain
    assert "\x1b" not in plain
    assert MARKING["text"] in printed(marking({**MARKING, "colour": "not a colour"}), colour=True)
    assert "\x1b[38;2;11;79;138m" in printed(marking(MARKING), colour=True)


def test_an_equivalent_marking_shows_the_original() -> None:
    shown = printed(marking({**MARKING, "text": "DIFFUSION RESTREINTE", "equivalent": True}))
    assert "DIFFUSION RESTREINTE" in shown
    assert "(UK OFFICIAL-SENSITIVE" in shown


def test_no_colour_when_asked_not_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    file = io.StringIO()
    Console(file=file, width=200, force_terminal=True, color_system="truecolor").print(marking(MARKING))
    assert "38;2" not in file.getvalue()


def test_a_pipe_is_wide(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    assert console().width == 120
    monkeypatch.setenv("COLUMNS", "70")
    assert console(errors=True).width == 70
    monkeypatch.setenv("COLUMNS", "0")
    assert console().width == 40
    monkeypatch.setenv("COLUMNS", "many")
    assert console().width == 120


def test_what_json_does_not_know_is_written_as_text() -> None:
    assert json.loads(output.document({"path": __import__("pathlib").Path("/a")})) == {"path": "/a"}
