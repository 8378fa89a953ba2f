"""What people wrote never runs, loads or hides anything."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordiale.console.prose import prose, shown

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "![p](https://example.org/p.png)",
    "<a href='https://example.org' onclick=alert(1)>x</a>",
    "<svg/onload=alert(1)>",
    "<style>*{display:none}</style>",
    "`</code><script>alert(1)</script>`",
    '[x](https://example.org "onmouseover=alert(1)")',
    "<https://example.org/<script>>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
]
ALLOWED = re.compile(
    r"</?(?:p|br|hr|em|strong|s|code|pre|blockquote|ul|ol|li|h[1-6]|table|thead|tbody|tr|th|td)>"
    r'|<ol start="\d+">|<a href="https://[^"<>]*" rel="noopener noreferrer nofollow">|</a>'
)


def only_known_tags(html: str) -> bool:
    return "<" not in ALLOWED.sub("", html)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_and_not_run(text: str) -> None:
    assert only_known_tags(prose(text))


@given(st.text(st.sampled_from("<>[]()!`*_#&;\"' \nahref=javscript:/onload0.|-~"), max_size=80))
def test_no_text_makes_another_tag(text: str) -> None:
    assert only_known_tags(prose(text))


def test_formatting_works() -> None:
    assert prose("**b** and `c`") == "<p><strong>b</strong> and <code>c</code></p>\n"
    assert "<li>one</li>" in prose("- one\n- two")
    assert '<a href="https://example.org/a?b=1&amp;c=2"' in prose("[x](https://example.org/a?b=1&c=2)")


def test_what_steers_is_shown_by_its_number() -> None:
    assert shown("a\u202eb\x1b[31mc\u200bd\ue000") == "a⟨U+202E⟩b⟨U+001B⟩[31mc⟨U+200B⟩d⟨U+E000⟩"
    assert shown("é\n\tè") == "é\n\tè"


def test_stacked_marks_are_cut() -> None:
    assert shown("a" + "\u0301" * 50) == "a" + "\u0301" * 4
