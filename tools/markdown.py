"""As much of Markdown as the checks need: headings, links, code spans and fenced blocks, each with its line number."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_FENCE: Final = re.compile(r"^\s{0,3}(```+|~~~+)\s*(\S*)")
_HEADING: Final = re.compile(r"^#{1,6}\s+(.*?)\s*#*\s*$")
_LINK: Final = re.compile(r"(?<!\\)\[(?:[^\[\]]|\[[^\[\]]*\])*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
_SPAN: Final = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_MARKUP: Final = re.compile(r"[`*]|\[([^\]]*)\]\([^)]*\)")


@dataclass(frozen=True)
class Spot:
    """A piece of a page and the line on which it stands, from 1."""

    line: int
    text: str


@dataclass(frozen=True)
class Block:
    """A fenced block: its language and its lines."""

    language: str
    lines: tuple[Spot, ...]


@dataclass(frozen=True)
class Page:
    """A Markdown file taken apart."""

    path: Path
    text: str
    prose: tuple[Spot, ...]
    blocks: tuple[Block, ...]

    def anchors(self) -> frozenset[str]:
        """What a `#…` can point to: the headings, named as code forges name them."""
        found: dict[str, int] = {}
        for spot in self.prose:
            if heading := _HEADING.match(spot.text):
                name = slug(heading[1])
                found[name] = found.get(name, -1) + 1
        return frozenset(
            f"{name}-{place}" if place else name for name, most in found.items() for place in range(most + 1)
        )

    def links(self) -> Iterator[Spot]:
        """Where links and images point."""
        for spot in self.prose:
            for match in _LINK.finditer(_SPAN.sub("``", spot.text)):
                yield Spot(spot.line, match[1])

    def spans(self) -> Iterator[Spot]:
        """What stands in backticks."""
        for spot in self.prose:
            for match in _SPAN.finditer(spot.text):
                yield Spot(spot.line, match[2].strip())

    def rows(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        """The rows of tables, cell by cell; heading and ruler included."""
        for spot in self.prose:
            if spot.text.startswith("|"):
                yield spot.line, tuple(cell.strip() for cell in spot.text.strip().strip("|").split("|"))


def read(path: Path) -> Page:
    """Take a file apart."""
    return parse(path, path.read_text(encoding="utf-8"))


def parse(path: Path, text: str) -> Page:
    """Take a text apart. A fence that is never closed runs to the end."""
    prose: list[Spot] = []
    blocks: list[Block] = []
    fence, language, inside = "", "", list[Spot]()
    for number, line in enumerate(text.splitlines(), 1):
        mark = _FENCE.match(line)
        if fence and mark and mark[1].startswith(fence) and not mark[2]:
            blocks.append(Block(language, tuple(inside)))
            fence, inside = "", []
        elif fence:
            inside.append(Spot(number, line))
        elif mark:
            fence, language = mark[1], mark[2]
        else:
            prose.append(Spot(number, line))
    if fence:
        blocks.append(Block(language, tuple(inside)))
    return Page(path, text, tuple(prose), tuple(blocks))


def slug(heading: str) -> str:
    """A heading's anchor: lower case, letters, digits, hyphens and underscores; spaces become hyphens."""
    plain = _MARKUP.sub(lambda match: match[1] or "", heading)
    kept = (c for c in plain.lower() if c in " -_" or unicodedata.category(c)[0] in "LN")
    return "".join(kept).replace(" ", "-")
