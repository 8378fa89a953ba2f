"""One command's answer: a document for machines, or what `render` shows to people; never both on one stream."""

import json
import re
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final

from rich.console import Console

from cordiale.cli.terminal import console

_UNSAFE: Final = re.compile("[\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff]")


def document(value: Mapping[str, Any], *, line: bool = False) -> str:
    """JSON that a terminal can show: what could steer it is escaped. On one line, or indented."""
    text = json.dumps(value, ensure_ascii=False, indent=None if line else 2, default=str)
    return _UNSAFE.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


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
