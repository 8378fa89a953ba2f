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


REACTIONS: Final[Mapping[str, str]] = {
    "seen": mark("seen"),
    "agree": mark("agrees"),
    "disagree": mark("disagrees"),
    "question": mark("asks"),
    "thanks": mark("thanks"),
    "done": mark("done"),
}
_STYLES: Final[Mapping[str, str]] = {"PRIORITY": "bold", "IMMEDIATE": "bold yellow", "FLASH": "bold red reverse"}


def state(message: Mapping[str, Any]) -> str:
    """A message's state in words."""
    found = str(message.get("state", ""))
    return _(STATES[found]) if found in STATES else safe(found)


def moment(text: object) -> str:
    """An ISO 8601 time to the minute, UTC."""
    return safe(text)[:16].replace("T", " ") + "Z"


def span(begin: object, end: object) -> str:
    """From one ISO 8601 time to another, to the minute; the day once where it is the same."""
    first, last = moment(begin), moment(end)
    return f"{first} – {last[11:] if first[:10] == last[:10] else last}"


def show(console: Console, messages: Sequence[Mapping[str, Any]]) -> None:
    """Print messages; says so where there are none."""
    if not messages:
        console.print(_("No messages."))
    for message in messages:
        show_one(console, message)


def show_one(console: Console, message: Mapping[str, Any]) -> None:
    """Print one message."""
    console.print(marking(message["marking"]), soft_wrap=True)
    console.print(_heading(message), soft_wrap=True)
    for line in body(message):
        console.print(Text(_BAR + line), soft_wrap=True)
    console.print()


def _heading(message: Mapping[str, Any]) -> Text:
    heading = Text("  ")
    priority = str(message.get("priority", "ROUTINE"))
    if priority in _STYLES:
        heading.append(priority, style=_STYLES[priority]).append("  ")
    heading.append(safe(message["author"]), style="bold")
    heading.append(f"  {moment(message['sent'])}  {state(message)}  {safe(message['id'])[:SHORT]}")
    if topic := message.get("topic"):
        heading.append(f"  # {safe(topic)}", style="bold")
    if message.get("edited"):
        heading.append("  " + _("changed"))
    return heading


def body(message: Mapping[str, Any]) -> list[str]:
    """The lines under the bar: what it answers, text or caption, file, reactions, and why it was refused or withheld."""
    lines = _about(message)
    lines += safe(message["text"], lines=True).split("\n") if message["text"] else []
    if file := message.get("file"):
        parts = _("{have} of {parts} parts").format(have=file["have"], parts=file["parts"])
        lines.append(
            _("file {name}, {size} bytes, {parts}").format(name=safe(file["name"]), size=file["size"], parts=parts)
        )
        if saved := file.get("saved"):
            lines.append(_("saved as {path}").format(path=safe(saved)))
    given = [f"{reaction(each['name'])}: {', '.join(map(safe, each['who']))}" for each in message.get("reactions", ())]
    if given:
        lines.append("→ " + " · ".join(given))
    if message.get("rule") or message.get("detail"):
        lines.append(_("why: {detail} ({rule})").format(detail=safe(message["detail"]), rule=safe(message["rule"])))
    return lines


def reaction(name: str) -> str:
    """A reaction in words."""
    return _(REACTIONS[name]) if name in REACTIONS else safe(name)


def _about(message: Mapping[str, Any]) -> list[str]:
    """What stands before the text: what is answered, changed or reacted to, or that a later version wrote it."""
    target = safe(message.get("target") or "")[:SHORT]
    if name := message.get("reaction"):
        words = (
            _("takes back for {message}: {reaction}") if message.get("off") else _("reacts to {message}: {reaction}")
        )
        return [words.format(message=target, reaction=reaction(name))]
    if target:
        return [_("changes {message} to:").format(message=target)]
    if kind := message.get("unknown"):
        return [_("“{kind}”: written by a later version, which this one cannot show").format(kind=safe(kind))]
    if reply := message.get("reply"):
        start = safe(reply["text"]).replace("\n", " ")[:60]
        return [f"↪ {safe(reply['author'])} {safe(reply['id'])[:SHORT]}: {start}"]
    return []
