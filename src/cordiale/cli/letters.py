"""How messages are shown: one block each, the marking first, every line of the text under a bar.

The bar is what received text cannot write: a text that imitates the next message's heading stays under its own.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from cordiale.cli.language import _, mark
from cordiale.cli.terminal import marking, safe

SHORT: Final = 12
STATES: Final[Mapping[str, str]] = {
    "queued": mark("queued"),
    "sent": mark("sent"),
    "stored": mark("stored"),
    "refused": mark("refused"),
    "received": mark("received"),
    "withheld": mark("withheld"),
}
_BAR: Final = "  │ "


def state(message: Mapping[str, Any]) -> str:
    """A message's state in words."""
    found = str(message.get("state", ""))
    return _(STATES[found]) if found in STATES else safe(found)


def moment(text: object) -> str:
    """An ISO 8601 time to the minute, UTC."""
    return safe(text)[:16].replace("T", " ") + "Z"


def show(console: Console, messages: Sequence[Mapping[str, Any]]) -> None:
    """Print messages; says so where there are none."""
    if not messages:
        console.print(_("No messages."))
    for message in messages:
        show_one(console, message)


def show_one(console: Console, message: Mapping[str, Any]) -> None:
    """Print one message."""
    console.print(marking(message["marking"]), soft_wrap=True)
    heading = Text(f"  {safe(message['author'])}", style="bold")
    heading.append(f"  {moment(message['sent'])}  {state(message)}  {safe(message['id'])[:SHORT]}", style="not bold")
    console.print(heading, soft_wrap=True)
    for line in body(message):
        console.print(Text(_BAR + line), soft_wrap=True)
    console.print()


def body(message: Mapping[str, Any]) -> list[str]:
    """The lines under the bar: text or caption, file, and why it was refused or withheld."""
    lines = safe(message["text"], lines=True).split("\n") if message["text"] else []
    if file := message.get("file"):
        parts = _("{have} of {parts} parts").format(have=file["have"], parts=file["parts"])
        lines.append(
            _("file {name}, {size} bytes, {parts}").format(name=safe(file["name"]), size=file["size"], parts=parts)
        )
        if saved := file.get("saved"):
            lines.append(_("saved as {path}").format(path=safe(saved)))
    if message.get("rule") or message.get("detail"):
        lines.append(_("why: {detail} ({rule})").format(detail=safe(message["detail"]), rule=safe(message["rule"])))
    return lines
