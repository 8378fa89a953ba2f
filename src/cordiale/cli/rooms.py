"""`room create|list|show|invite|remove|leave|waiting|delivery|receipts`."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from cyclopts import Parameter
from rich.console import Console

from cordiale.agent.content import PRECEDENCE
from cordiale.cli import output
from cordiale.cli.command import AgentAccess, group
from cordiale.cli.language import _
from cordiale.cli.letters import SHORT
from cordiale.cli.reach import ask
from cordiale.cli.terminal import facts, marking, table

app = group("room")

Room = Annotated[str, Parameter(help="The room's title, or the beginning of its id.")]


@app.command
def create(
    title: Annotated[str, Parameter(help="The title; only members can read it.")],
    /,
    *,
    ceiling: Annotated[str, Parameter(help="The marking that no message in the room may exceed.")],
    with_: Annotated[list[str], Parameter(name="--with", help="A nation that takes part; may be repeated.")] = [],  # noqa: B006
    access: AgentAccess,
) -> None:
    """Found a room. Your nation orders its changes of members.

    For example:

      cordiale room create "Channel watch" --with fr --ceiling "OFFICIAL-SENSITIVE REL FRA"
    """
    _changed(access, "room.create", {"title": title, "with": with_, "ceiling": ceiling})


@app.command(name="list")
def list_(*, access: AgentAccess) -> None:
    """List the rooms that you are or were in.

    For example:

      cordiale room list --json
    """
    answer = ask(access, "room.list", {})
    output.show(access.json, answer, lambda console: _table(console, answer["rooms"]))


@app.command
def show(room: Room, /, *, access: AgentAccess) -> None:
    """Show a room with its members.

    For example:

      cordiale room show "Channel watch"
    """
    _changed(access, "room.show", {"room": room})


@app.command
def invite(
    room: Room,
    /,
    *people: Annotated[str, Parameter(help="Addresses, as claire@fr; a name alone is of your own nation.")],
    access: AgentAccess,
) -> None:
    """Let people in. They read from then on.

    For example:

      cordiale room invite "Channel watch" bob claire@fr
    """
    _changed(access, "room.invite", {"room": room, "people": list(people)})


@app.command
def remove(room: Room, person: Annotated[str, Parameter(help="The address.")], /, *, access: AgentAccess) -> None:
    """Put a person out. What is written afterwards they cannot read.

    For example:

      cordiale room remove "Channel watch" bob@uk
    """
    _changed(access, "room.remove", {"room": room, "person": person})


@app.command
def leave(room: Room, /, *, access: AgentAccess) -> None:
    """Leave a room. Another member's agent completes it without being told to.

    For example:

      cordiale room leave "Channel watch"
    """
    _changed(access, "room.leave", {"room": room})


@app.command
def waiting(*, access: AgentAccess) -> None:
    """List what waits in your rooms: what you have not seen, what mentions you, how urgent the most urgent of it is.

    For example:

      cordiale room waiting
    """
    answer = ask(access, "room.overview", {})
    output.show(access.json, answer, lambda console: _waiting(console, answer["rooms"]))


@app.command
def delivery(
    room: Room,
    /,
    *,
    prove: Annotated[bool, Parameter(help="Ask for partners' cosignatures.")] = False,
    access: AgentAccess,
) -> None:
    """Show how far your nation's messages in a room have come: at other nations, and read by whom.

    Numbers are those that your border gave your nation's messages in the room. Who does not tell what they read is not listed.

    For example:

      cordiale room delivery "Channel watch" --prove
    """
    answer = ask(access, "delivery", {"room": room, "prove": prove})
    output.show(access.json, answer, lambda console: _delivery(console, answer))


@app.command
def receipts(
    wanted: Annotated[Literal["on", "off", ""], Parameter(help="on or off; without it, how it is.")] = "",
    /,
    *,
    access: AgentAccess,
) -> None:
    """Let others see what you have read, or not. It travels as a small message in the room, encrypted like any other.

    For example:

      cordiale room receipts off
    """
    answer = ask(access, "receipts", {"wanted": {"on": True, "off": False}.get(wanted)})
    words = _("Others see what you have read.") if answer["receipts"] else _("Others do not see what you have read.")
    output.show(access.json, answer, lambda console: console.print(words))


def _waiting(console: Console, rooms: list[dict[str, Any]]) -> None:
    waiting = [room for room in rooms if room["unread"]]
    if not waiting:
        console.print(_("Nothing waits for you."))
        return
    waiting.sort(key=lambda room: -PRECEDENCE.index(room["priority"]))
    headings = (_("Room"), _("Unread"), _("Mention you"), _("Most urgent"), _("Ceiling"))
    rows = [
        (room["title"], room["unread"], room["mentions"] or "", room["priority"], marking(room["ceiling"]))
        for room in waiting
    ]
    console.print(table(headings, rows))


def _delivery(console: Console, found: Mapping[str, Any]) -> None:
    rows = [(nation.upper(), _("has up to"), count) for nation, count in found["theirs"].items()]
    rows += [(who, _("has read up to"), count) for who, count in found["read"].items()]
    if rows:
        console.print(table((_("Who"), "", _("Number")), rows))
    else:
        console.print(_("Nothing is known yet of messages at other nations."))


def _changed(access: AgentAccess, method: str, params: Mapping[str, Any]) -> None:
    answer = ask(access, method, params)
    output.show(access.json, answer, lambda console: _one(console, answer["room"]))


def _table(console: Console, rooms: list[dict[str, Any]]) -> None:
    if not rooms:
        console.print(_("No rooms yet: found one, or ask to be invited."))
        return
    headings = (_("Room"), _("Id"), _("Ceiling"), _("Nations"), _("Members"))
    rows = [
        (room["title"], room["id"][:SHORT], marking(room["ceiling"]), ", ".join(room["nations"]), _members(room))
        for room in rooms
    ]
    console.print(table(headings, rows))


def _members(room: Mapping[str, Any]) -> str:
    return str(len(room["members"])) if room["member"] else _("left")


def _one(console: Console, room: Mapping[str, Any]) -> None:
    members = ", ".join(sorted({member["address"] for member in room["members"]}))
    pairs = (
        (_("Room"), room["title"]),
        (_("Id"), room["id"]),
        (_("Ceiling"), marking(room["ceiling"])),
        (_("Nations"), ", ".join(room["nations"])),
        (_("Order kept by"), room["hub"]),
        (_("Epoch"), room["epoch"]),
        (_("Members"), members if room["member"] else _("you left it")),
    )
    console.print(facts(pairs))
