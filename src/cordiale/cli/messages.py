"""`send`, `read`, `search`: what people say to each other."""

import base64
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from cyclopts import Parameter
from rich.console import Console
from rich.text import Text

from cordiale.cli import files, letters, output, problem
from cordiale.cli.command import AgentAccess, single
from cordiale.cli.language import _
from cordiale.cli.reach import Session, ask, session
from cordiale.cli.terminal import console, marking, safe
from cordiale.errors import MessageRefused, WrongUsage
from cordiale.wire import limits

INLINE_BYTES: Final = 1024 * 1024
"""Larger files are read by the agent itself."""
FOLLOW_SECONDS: Final = 20
Precedence = Literal["routine", "priority", "immediate", "flash"]

send = single("send")
read = single("read")
search = single("search")


@send.default
def _send(
    room: Annotated[str, Parameter(help="The room's title, or the beginning of its id.")],
    text: Annotated[str, Parameter(help="What to say; with --file its caption.")] = "",
    /,
    *,
    stdin: Annotated[bool, Parameter(help="Read the text from standard input.")] = False,
    file: Annotated[Path | None, Parameter(help="Send this file.")] = None,
    label: Annotated[str, Parameter(help="The marking; without it, the room's ceiling.")] = "",
    topic: Annotated[str | None, Parameter(help="What it is about: one line. A reply keeps the topic.")] = None,
    reply: Annotated[str, Parameter(help="The beginning of the id of the message that it answers.")] = "",
    priority: Annotated[Precedence, Parameter(help="How soon it should be read.")] = "routine",
    no_precheck: Annotated[bool, Parameter(help="Let the border decide alone: do not check here first.")] = False,
    wait: Annotated[float, Parameter(help="Seconds to wait for the node's answer.")] = 10.0,
    access: AgentAccess,
) -> int:
    """Send a text or a file to a room.

    The agent refuses first what the border would refuse; then the message is encrypted, handed to the node and kept
    until the node has it. Who is named as @claire or @claire@fr, and is in the room, sees that they are.

    For example:

      cordiale send "Channel watch" "Two vessels off Dover" --label "OFFICIAL-SENSITIVE REL FRA"
      cordiale send "Channel watch" "@claire: seen?" --topic Dover --priority flash
      cordiale send "Channel watch" --file ais.csv "Log of this morning"
    """
    if stdin:
        text = _standard_input()
    if not text and file is None:
        raise WrongUsage(_("there is nothing to send: give a text or --file"))
    if not 0 <= wait <= 60:
        raise WrongUsage(_("--wait is 0 to 60 seconds"))
    params: dict[str, Any] = {
        "room": room,
        "text": text,
        "label": label,
        "topic": topic,
        "reply": reply,
        "priority": priority.upper(),
        "precheck": not no_precheck,
        "wait_seconds": wait,
    }
    if file is not None:
        params["file"] = _file(file)
    answer = ask(access, "send", params, wait=wait)
    output.show(access.json, answer, lambda console: sent(console, answer["message"]))
    return status(answer["message"])


def _standard_input() -> str:
    try:
        text = sys.stdin.read(limits.TEXT_CHARACTERS + 1)
        text.encode()
    except UnicodeError:
        raise WrongUsage(_("the text is not valid UTF-8")) from None
    return text


def _file(path: Path) -> dict[str, str]:
    if path.is_file() and path.stat().st_size > INLINE_BYTES:
        return {"path": str(path.resolve())}
    data = files.read(path, INLINE_BYTES, what="file")
    return {"name": path.name, "data": base64.b64encode(data).decode()}


def sent(console: Console, message: Mapping[str, Any]) -> None:
    """Say what became of a message."""
    line = Text(f"{letters.state(message)}  {safe(message['id'])[: letters.SHORT]}  ")
    console.print(line + marking(message["marking"]), soft_wrap=True)
    if message["state"] == "queued":
        console.print(_("It is kept and sent when the node answers."))


def status(message: Mapping[str, Any]) -> int:
    """The exit status after sending; a refusal is told."""
    if message["state"] != "refused":
        return 0
    refusal = MessageRefused(str(message["detail"]), rule=str(message["rule"]))
    problem.show(problem.tell(refusal), console(errors=True))
    return refusal.exit_status


@read.default
def _read(
    room: Annotated[str, Parameter(help="The room's title, or the beginning of its id.")],
    /,
    *,
    limit: Annotated[int, Parameter(help="How many of the last messages.")] = 50,
    topic: Annotated[str, Parameter(help="Only messages of this topic.")] = "",
    follow: Annotated[bool, Parameter(help="Go on showing what arrives, until Ctrl-C.")] = False,
    save: Annotated[Path | None, Parameter(help="Save received files in this folder.")] = None,
    access: AgentAccess,
) -> None:
    """Read a room.

    Each message is shown with its marking in your nation's scheme, and the originator's own where that differs. With
    --follow and --json, one document is printed per line.

    For example:

      cordiale read "Channel watch"
      cordiale read "Channel watch" --follow --save ~/received
    """
    if not 1 <= limit <= 1000:
        raise WrongUsage(_("--limit is 1 to 1000"))
    if save is not None:
        save = save.resolve()
        save.mkdir(parents=True, exist_ok=True)
    with session(access) as agent:
        answer = agent.call("read", {"room": room, "limit": limit, **({"topic": topic} if topic else {})})
        messages: list[dict[str, Any]] = answer["messages"]
        for message in messages:
            _keep(agent, message, save)
        if not follow:
            output.show(access.json, answer, lambda console: letters.show(console, messages))
            return
        for message in messages:
            _one(access, message)
        _follow(access, agent, str(answer["room"]), messages, save)


def _follow(access: AgentAccess, agent: Session, room: str, messages: list[dict[str, Any]], save: Path | None) -> None:
    after = max((int(message["number"]) for message in messages), default=0)
    shown = {(message["id"], message["state"]) for message in messages}
    while True:
        answer = agent.call("follow", {"after": after, "wait": FOLLOW_SECONDS}, wait=FOLLOW_SECONDS)
        after = int(answer["after"])
        for message in answer["messages"]:
            key = (message["id"], message["state"])
            if message["room"] == room and key not in shown:
                shown.add(key)
                _keep(agent, message, save)
                _one(access, message)


def _one(access: AgentAccess, message: Mapping[str, Any]) -> None:
    if access.json:
        output.print_document(message, line=True)
    else:
        letters.show_one(console(), message)


def _keep(agent: Session, message: dict[str, Any], save: Path | None) -> None:
    file = message["file"]
    if save is not None and file and file["have"] >= file["parts"] and message["state"] != "refused":
        params = {"room": message["room"], "message": message["id"], "directory": str(save)}
        message["file"] = {**file, "saved": agent.call("save", params)["path"]}


@search.default
def _search(
    query: Annotated[str, Parameter(help="Words; the last one may be the beginning of a word.")],
    /,
    *,
    limit: Annotated[int, Parameter(help="How many results at most.")] = 50,
    access: AgentAccess,
) -> None:
    """Search everything that you may read, on this machine only.

    For example:

      cordiale search "dover coaster"
    """
    answer = ask(access, "search", {"query": query, "limit": limit})
    output.show(access.json, answer, lambda console: letters.show(console, answer["messages"]))
