"""What people wrote, as safe HTML: CommonMark without raw HTML, then an allow-list. Characters that steer or hide are shown.

Nothing in it loads anything: pictures are links, and links are only https, opened without a referrer and without an opener.
"""

import unicodedata
from typing import Final

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

_TAGS: Final = {
    *("p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}
_STEERING: Final = frozenset(("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))
_MARKS: Final = 4
_reader: Final = MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": 20}).enable(
    ["table", "strikethrough"]
)
_reader.disable("image")


def shown(text: str) -> str:
    """Text in which control, format and private characters stand by their number, and stacked marks are cut."""
    kept: list[str] = []
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if marks > _MARKS:
            continue
        steering = category in _STEERING and character not in "\n\t"
        kept.append(f"⟨U+{ord(character):04X}⟩" if steering else character)
    return "".join(kept)


def prose(text: str) -> Markup:
    """A message's text as HTML that can be put into a page."""
    made = _reader.render(shown(text))
    cleaned = nh3.clean(
        made,
        tags=_TAGS,
        attributes={"*": set(), "a": {"href"}, "ol": {"start"}, "th": set(), "td": set()},
        url_schemes={"https"},
        link_rel="noopener noreferrer nofollow",
    )
    return Markup(cleaned)  # noqa: S704 - cleaned by the allow-list above
