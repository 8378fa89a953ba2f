"""What reaches a person's screen. Received text, names and file names are hostile until `safe` has seen them.

Control and format characters (escape sequences, bidirectional overrides, zero-width and tag characters), surrogates,
private use and line separators are shown by their number instead; marks stacked on one letter are cut. Colour is only
ever an accent: a marking is always there as text, and NO_COLOR or a pipe leaves nothing but the text.
"""

import os
import re
import sys
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

PIPE_COLUMNS: Final = 120
NARROWEST: Final = 40
MARKS: Final = 4
_HIDDEN: Final = frozenset(("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))
_COLOUR: Final = re.compile(r"#[0-9a-f]{6}")
_SQUARE: Final = "■ "


def hidden(character: str) -> bool:
    """Whether a character steers or hides instead of showing itself."""
    return unicodedata.category(character) in _HIDDEN


def safe(value: object, *, lines: bool = False) -> str:
    """Text that can't move the cursor, colour, reorder or hide anything. With `lines`, line ends stay."""
    shown: list[str] = []
    marks = 0
    for character in str(value):
        category = unicodedata.category(character)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if marks > MARKS:
            continue
        if not hidden(character) or (lines and character == "\n"):
            shown.append(character)
        else:
            shown.append("    " if character == "\t" else f"<U+{ord(character):04X}>")
    return "".join(shown)


class Screen(Console):
    """A console that leaves a broken pipe to the entry point."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def console(*, errors: bool = False) -> Console:
    """Where people read. In a pipe, lines are not folded at eighty columns."""
    file = sys.stderr if errors else sys.stdout
    columns = os.environ.get("COLUMNS", "")
    width = None if file.isatty() else max(NARROWEST, int(columns)) if columns.isdecimal() else PIPE_COLUMNS
    return Screen(file=file, width=width, highlight=False, markup=False, emoji=False)


def marking(found: Mapping[str, Any]) -> Text:
    """A marking: its text, the originator's own beside it where that differs, and its colour as a small square."""
    text = Text()
    colour = str(found.get("colour", ""))
    if _COLOUR.fullmatch(colour):
        text.append(_SQUARE, style=colour)
    text.append(safe(found.get("text", "")), style="bold")
    if found.get("equivalent"):
        text.append(f"  ({safe(found.get('original', ''))})")
    return text


def table(headings: Sequence[str], rows: Iterable[Sequence[object]], whole: Collection[int] = ()) -> Table:
    """Aligned columns under headings; cells that aren't `Text` yet are made safe. Those in `whole` are never folded."""
    grid = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", show_edge=False)
    for place, heading in enumerate(headings):
        grid.add_column(heading, overflow="fold", no_wrap=place in whole)
    for row in rows:
        grid.add_row(*(cell if isinstance(cell, Text) else Text(safe(cell)) for cell in row))
    return grid


def facts(pairs: Iterable[tuple[str, object]]) -> Table:
    """Names and values, one pair a line."""
    grid = Table(box=None, padding=(0, 2, 0, 0), show_header=False, show_edge=False)
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in pairs:
        grid.add_row(name, value if isinstance(value, Text) else Text(safe(value)))
    return grid
