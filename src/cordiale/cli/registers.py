"""`register types|list|show|new|set|key|object|…`: what both nations keep and decide together."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import Console

from cordiale.cli import files, output
from cordiale.cli.command import AgentAccess, group
from cordiale.cli.language import _, mark
from cordiale.cli.reach import ask
from cordiale.cli.record_text import listed, one
from cordiale.cli.terminal import facts, table
from cordiale.errors import WrongUsage
from cordiale.wire import limits

app = group("register")
for _name, _summary in (
    ("export", mark("Write records to a file: CSV, JSON, GeoJSON, iCalendar, XLSX or PDF.")),
    ("import", mark("Propose a record for each row of a file.")),
    ("query", mark("Ask a saved question, or save one.")),
):
    app.command(f"cordiale.cli.register_files:{_name.replace('import', 'import_')}", name=_name, help=_summary)
for _name, _summary in (
    ("conflicts", mark("Where activities meet, are near each other, or are missing.")),
    ("balance", mark("Who gave whom access, and how it stands between them.")),
    ("handovers", mark("How long both people are at a post that is handed over.")),
):
    app.command(f"cordiale.cli.register_meetings:{_name}", name=_name, help=_summary)

Room = Annotated[str, Parameter(help="The room's title, or the beginning of its id.")]
Record = Annotated[str, Parameter(help="The record's name, or the beginning of its id.")]
Words = Annotated[str, Parameter(help="Why, in a sentence.")]
Set = Annotated[
    list[str], Parameter(name="--set", help="FIELD=VALUE; title.en=… for one language of a text; may be repeated.")
]
FromFile = Annotated[
    Path | None, Parameter(name="--values", help="A JSON file with the fields, as `show --json` gives them.")
]
Sight = Annotated[
    list[str],
    Parameter(name="--sight", help="A record that this one overlaps and you have seen; may be repeated."),
]
Tier = Annotated[int, Parameter(help="What is shown: 1 coarse, 2 shareable, 3 all.")]


@app.command
def types(
    type_: Annotated[str, Parameter(help="One register, with its fields.")] = "", /, *, access: AgentAccess
) -> None:
    """List the registers that there are, or the fields of one.

    For example:

      cordiale register types
      cordiale register types decision
    """
    answer = ask(access, "register.types", {"type": type_})
    output.show(access.json, answer, lambda console: _types(console, answer))


@app.command(name="list")
def list_(
    room: Room,
    query: Annotated[str, Parameter(help='For example: "status=binding lead=fr due<2026-12-01 cable".')] = "",
    /,
    *,
    limit: Annotated[int, Parameter(help="How many at most.")] = 200,
    access: AgentAccess,
) -> None:
    """List the records of a room, all or those that answer a question.

    A question is any of field=value, field!=value, field<value, field>value, status=…, type=…, owner=…, overdue=yes,
    during=FROM/TO, within=WEST,SOUTH,EAST,NORTH and words.

    For example:

      cordiale register list "Channel watch" "type=decision status=part-keyed"
      cordiale register list "Channel watch" "type=activity during=2026-06-01/2026-06-30 within=-2,50,2,52"
    """
    answer = ask(access, "register.list", {"room": room, "query": query, "limit": limit})
    output.show(access.json, answer, lambda console: listed(console, answer["records"]))


@app.command
def show(room: Room, record: Record, /, *, access: AgentAccess) -> None:
    """Show a record: its fields, whose keys are turned, and everything that ever happened to it.

    For example:

      cordiale register show "Channel watch" "Cable patrols"
    """
    _done(access, "register.show", {"room": room, "record": record})


@app.command
def new(
    room: Room,
    type_: Annotated[str, Parameter(help="Which register; see `register types`.")],
    /,
    *,
    set_: Set = [],  # noqa: B006
    values: FromFile = None,
    label: Annotated[str, Parameter(help="The marking; without it, the room's ceiling.")] = "",
    tier: Tier = 3,
    workflow: Annotated[str, Parameter(help="Another workflow than the register's own.")] = "",
    quorum: Annotated[int, Parameter(help="With --workflow quorum: how many nations.")] = 0,
    deadline: Annotated[
        str, Parameter(help="With --workflow silence: when silence is consent, as 2026-06-01T12:00Z.")
    ] = "",
    sight: Sight = [],  # noqa: B006
    supersedes: Annotated[str, Parameter(help="The binding record whose place it takes.")] = "",
    field_label: Annotated[
        list[str],
        Parameter(name="--field-label", help="FIELD=MARKING for a field of its own marking; may be repeated."),
    ] = [],  # noqa: B006
    access: AgentAccess,
) -> None:
    """Propose a record. It binds once the keys that its workflow asks for are turned.

    An activity that conflicts with others is refused until it names them (--sight): the refusal lists what to add. A field whose
    own marking keeps a nation of the room out is never sent to the room.

    For example:

      cordiale register new "Channel watch" action --set title.en="Send the log" --set title.fr="Envoyer le journal"
      cordiale register new "Channel watch" decision --values decision.json --workflow silence --deadline 2026-06-01T12:00Z
    """
    params: dict[str, Any] = {
        "room": room,
        "type": type_,
        "label": label,
        "tier": tier,
        "sight": sight,
        "supersedes": supersedes,
        "field_labels": _pairs(field_label, _("{change} is not FIELD=MARKING")),
    }
    if workflow:
        params["terms"] = {"workflow": workflow, "quorum": quorum, "deadline": deadline}
    _done(access, "register.new", {**params, **_given(set_, values)})


@app.command(name="set")
def set_(
    room: Room, record: Record, /, *changes: Annotated[str, Parameter(help="FIELD=VALUE")], values: FromFile = None,
    tier: Tier = 3, sight: Sight = [], access: AgentAccess,  # noqa: B006
) -> None:  # fmt: skip
    """Change fields. Every key turned before is void.

    For example:

      cordiale register set "Channel watch" "Cable patrols" due=2026-09-30
    """
    params = {"room": room, "record": record, "tier": tier, "sight": sight}
    _done(access, "register.set", {**params, **_given(list(changes), values)})


@app.command
def key(room: Room, record: Record, /, *, access: AgentAccess) -> None:
    """Turn your nation's key for the record as it stands. What both nations have keyed binds both.

    For example:

      cordiale register key "Channel watch" "Cable patrols"
    """
    _act(access, room, record, "key")


@app.command(name="object")
def object_(room: Room, record: Record, text: Words, /, *, access: AgentAccess) -> None:
    """Object, in writing. No key can be turned until the record is changed.

    For example:

      cordiale register object "Channel watch" "Cable patrols" "Not before the summer"
    """
    _act(access, room, record, "object", text=text)


@app.command
def withdraw(room: Room, record: Record, text: Words = "", /, *, access: AgentAccess) -> None:
    """Take back a proposal of your own nation that does not bind yet.

    For example:

      cordiale register withdraw "Channel watch" "Cable patrols"
    """
    _act(access, room, record, "withdraw", text=text)


@app.command
def comment(room: Room, record: Record, text: Words, /, *, access: AgentAccess) -> None:
    """Add words that change nothing.

    For example:

      cordiale register comment "Channel watch" "Cable patrols" "See the survey of May"
    """
    _act(access, room, record, "comment", text=text)


@app.command
def fulfil(room: Room, record: Record, text: Words = "", /, *, access: AgentAccess) -> None:
    """Say that what binds has been done, and by what evidence.

    For example:

      cordiale register fulfil "Channel watch" "Cable patrols" "Report of 3 October"
    """
    _act(access, room, record, "fulfil", text=text)


@app.command
def lapse(room: Room, record: Record, /, *, access: AgentAccess) -> None:
    """After the deadline of a silence procedure: establish that nobody objected.

    For example:

      cordiale register lapse "Channel watch" "Cable patrols"
    """
    _act(access, room, record, "lapse")


@app.command
def delegate(
    room: Room, record: Record, to: Annotated[str, Parameter(help="Who, of your own nation.")], /, *,
    until: Annotated[str, Parameter(help="Until when, as 2026-06-30.")], access: AgentAccess,
) -> None:  # fmt: skip
    """Let somebody else of your nation turn the key in your place.

    For example:

      cordiale register delegate "Channel watch" "Cable patrols" bob@uk --until 2026-06-30
    """
    _act(access, room, record, "delegate", to=to, until=until)


@app.command
def disclose(
    room: Room, record: Record, /, *fields: Annotated[str, Parameter(help="Single fields; without any, all of the stage.")],
    tier: Tier = 3, sight: Sight = [],  # noqa: B006
    through: Annotated[str, Parameter(help="Show it in this other room, as the same record.")] = "", access: AgentAccess,
) -> None:  # fmt: skip
    """Show fields that were withheld. It can't be taken back.

    Each field is shown under its own marking. What its marking keeps from a nation of the room can be shown through another
    room, whose nations it admits: --through.

    For example:

      cordiale register disclose "Channel watch" "Cable patrols" --tier 2
      cordiale register disclose "Channel watch" "Cable patrols" notes --through "Two of us"
    """
    params = {"room": room, "record": record, "tier": tier, "fields": list(fields), "sight": sight, "through": through}
    _done(access, "register.disclose", params)


@app.command
def attach(
    room: Room, record: Record,
    file: Annotated[str, Parameter(help="Its name, or the beginning of its message's id or of its SHA-256.")], /, *,
    access: AgentAccess,
) -> None:  # fmt: skip
    """Attach a file that was sent in the room, by its SHA-256: evidence beside the record. Nothing under its hash changes.

    For example:

      cordiale register attach "Channel watch" "Cable patrols" survey.pdf
    """
    _act(access, room, record, "attach", file=file)


@app.command
def reserve(
    room: Room, record: Record, resource: Annotated[str, Parameter(help="As class:name, for example berth:north-4.")], /,
    *, start: Annotated[str, Parameter(name="--from", help="From when, as 2026-06-01T08:00Z.")],
    until: Annotated[str, Parameter(help="Until when, as 2026-06-30.")], access: AgentAccess,
) -> None:  # fmt: skip
    """Take an exclusive resource for a span in a record's name. `conflicts` shows who else has it.

    For example:

      cordiale register reserve "Channel watch" "Port call" berth:north-4 --from 2026-06-17 --until 2026-06-22
    """
    _act(access, room, record, "reserve", resource=resource, start=start, until=until)


def _act(access: AgentAccess, room: str, record: str, act: str, **more: str) -> None:
    _done(access, "register.act", {"room": room, "record": record, "act": act, **more})


def _done(access: AgentAccess, method: str, params: Mapping[str, Any]) -> None:
    answer = ask(access, method, params)
    output.show(access.json, answer, lambda console: one(console, answer["record"]))


def _given(changes: list[str], values: Path | None) -> dict[str, Any]:
    found: dict[str, Any] = {"set": _pairs(changes, _("{change} is not FIELD=VALUE"))}
    if values is not None:
        try:
            found["values"] = json.loads(files.read(values, limits.ACT_BYTES, what="file"))
        except (ValueError, RecursionError):
            raise WrongUsage(_("{path} is not JSON").format(path=values)) from None
    return found


def _pairs(given: list[str], otherwise: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for change in given:
        name, equals, value = change.partition("=")
        if not equals:
            raise WrongUsage(otherwise.format(change=change[:80]))
        found[name.strip()] = value
    return found


# --- for people ---------------------------------------------------------------------------------------------------


def _types(console: Console, answer: Mapping[str, Any]) -> None:
    if "types" in answer:
        rows = [(kind["type"], kind["title"], kind["workflow"], kind["help"]) for kind in answer["types"]]
        console.print(table((_("Register"), _("Title"), _("Workflow"), _("What it holds")), rows))
        return
    kind = answer["type"]
    console.print(
        facts([(_("Register"), kind["type"]), (_("Title"), kind["title"]), (_("Workflow"), kind["workflow"])])
    )
    console.print()
    rows = [
        (
            field["name"],
            field["kind"],
            _("yes") if field["required"] else "",
            field["tier"],
            field["title"],
            field["help"],
        )
        for field in kind["fields"]
    ]
    console.print(table((_("Field"), _("Kind"), _("Required"), _("Stage"), _("Title"), _("Help")), rows))
