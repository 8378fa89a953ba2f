"""One command's answer: a document for machines, or what `render` shows to people; never both on one stream."""

import json
import re
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final

from rich.console import Console

from cordiale.cli.terminal import console, hidden

_BEYOND_ASCII: Final = re.compile("[^\n -~]")


def document(value: Mapping[str, Any], *, line: bool = False) -> str:
    """JSON that a terminal can show: what could steer it is escaped. On one line, or indented."""
    text = json.dumps(value, ensure_ascii=False, indent=None if line else 2, default=str)
    return _BEYOND_ASCII.sub(lambda found: _escaped(found.group()), text)


def _escaped(character: str) -> str:
    return json.dumps(character)[1:-1] if hidden(character) else character


def show(as_json: bool, value: Mapping[str, Any], render: Callable[[Console], None]) -> None:
    """Print the document, or let `render` print for people."""
    if as_json:
        print_document(value)
    else:
        render(console())


def print_document(value: Mapping[str, Any], *, line: bool = False) -> None:
    """Write one document to standard output, at once."""
    sys.stdout.write(document(value, line=line) + "\n")
    sys.stdout.flush()
