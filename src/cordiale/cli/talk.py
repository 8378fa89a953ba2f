"""`edit`, `react`: what people say about messages that are there."""

from typing import Annotated, Any, Final, Literal

from cyclopts import Parameter

from cordiale.cli import messages, output
from cordiale.cli.command import AgentAccess, single
from cordiale.cli.language import _
from cordiale.cli.reach import ask
from cordiale.errors import WrongUsage

WAIT: Final = 10.0
Reaction = Literal["seen", "agree", "disagree", "question", "thanks", "done"]
Room = Annotated[str, Parameter(help="The room's title, or the beginning of its id.")]
Message = Annotated[str, Parameter(help="The beginning of the message's id, or last.")]

edit = single("edit")
react = single("react")


@edit.default
def _edit(
    room: Room,
    message: Message,
    text: Annotated[str, Parameter(help="The new text.")],
    /,
    *,
    label: Annotated[str, Parameter(help="A closer marking; without it, the message keeps its own.")] = "",
    access: AgentAccess,
) -> int:
    """Change the text of a message of your own. The former text stays visible as history.

    The marking can be raised, never lowered: what was written under it was read under it.

    For example:

      cordiale edit "Channel watch" 1f3a "Three vessels off Dover"
    """
    if not text:
        raise WrongUsage(_("there is no new text"))
    params = {"room": room, "message": message, "text": text, "label": label, "wait_seconds": WAIT}
    return _said(access, "edit", params)


@react.default
def _react(
    room: Room,
    message: Message,
    reaction: Annotated[Reaction, Parameter(help="What you say by it.")],
    /,
    *,
    off: Annotated[bool, Parameter(help="Take it back.")] = False,
    access: AgentAccess,
) -> int:
    """React to a message, or take a reaction back.

    For example:

      cordiale react "Channel watch" last agree
    """
    params = {"room": room, "message": message, "reaction": reaction, "off": off, "wait_seconds": WAIT}
    return _said(access, "react", params)


def _said(access: AgentAccess, method: str, params: dict[str, Any]) -> int:
    answer = ask(access, method, params, wait=WAIT)
    output.show(access.json, answer, lambda console: messages.sent(console, answer["message"]))
    return messages.status(answer["message"])
