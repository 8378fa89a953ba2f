"""`register export|import|query`: records to files and from them, and saved questions."""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
from cyclopts import Parameter
from rich.console import Console
from rich.progress import Progress
from rich.text import Text

from cordiale.adapters.exchange.formats import FORMATS, SUFFIXES
from cordiale.adapters.exchange.given import FILE_BYTES, Given, typed
from cordiale.cli import files, output
from cordiale.cli.command import AgentAccess, single
from cordiale.cli.language import _, spoken
from cordiale.cli.reach import Session, ask, session
from cordiale.cli.record_text import listed
from cordiale.cli.registers import Room, Sight, Tier
from cordiale.cli.terminal import console as screen
from cordiale.cli.terminal import facts, safe, table
from cordiale.errors import CordialeError, NotFound, WrongUsage
from cordiale.register.schema import shipped
from cordiale.wire import limits

export = single("export")
import_ = single("import")
query = single("query")

Format = Annotated[
    str,
    Parameter(
        name="--format",
        help="csv, json, geojson, ics, cap, xlsx or pdf; without it, as the file's name ends (xml is cap).",
    ),
]
_ROWS: Final = 200
_BYTES: Final = 512 * limits.KIB
_FAULTS: Final = 200
"""How many are shown to people; --json has all."""


@export.default
def _export(
    room: Room,
    question: Annotated[str, Parameter(help="As for `list`; without one, all records.")] = "",
    /,
    *,
    out: Annotated[Path, Parameter(name="--out", help="Where to write the file. Only you can read it.")],
    format_: Format = "",
    access: AgentAccess,
) -> None:
    """Write records to a file: CSV, JSON, GeoJSON, iCalendar, CAP, XLSX or PDF, with the marking on every page and record.

    The file is not encrypted: keep it as its marking asks.

    For example:

      cordiale register export "Channel watch" "type=decision status=binding" --format pdf --out decisions.pdf
      cordiale register export "Channel watch" "type=relief-need item=shelter" --out shelter.cap.xml
    """
    params = {"room": room, "query": question, "format": _format(format_, out)}
    answer = ask(access, "register.export", params)
    path = files.write(out, base64.b64decode(answer.pop("data")))
    answer["file"] = str(path)
    output.show(access.json, answer, lambda console: _written(console, answer))


def _written(console: Console, answer: Mapping[str, Any]) -> None:
    marking = Text("\n").join(Text(safe(text), style="bold") for text in answer["markings"])
    console.print(facts([(_("Marking"), marking), (_("Records"), answer["records"]), (_("File"), answer["file"])]))
    if answer["left_out"]:
        console.print(_("Without a time, and so not in the calendar: {count}.").format(count=answer["left_out"]))


def _format(given: str, path: Path) -> str:
    found = (given or path.suffix.removeprefix(".")).lower()
    found = SUFFIXES.get(found, found)
    if found not in FORMATS:
        raise WrongUsage(_("there is no format {name}; there are {formats}").format(
            name=repr(found[:20]), formats=", ".join(FORMATS)
        ))  # fmt: skip
    return found


# --- in -----------------------------------------------------------------------------------------------------------


@import_.default
def _import(
    room: Room,
    type_: Annotated[str, Parameter(help="Which register; see `register types`.")],
    file: Annotated[Path, Parameter(help="The file.")],
    /,
    *,
    format_: Annotated[
        str,
        Parameter(
            name="--format", help="csv, json, geojson, ics or cap; without it, as the file's name ends (xml is cap)."
        ),
    ] = "",
    label: Annotated[
        str, Parameter(help="The marking of all; without it, each row's own, or else the room's ceiling.")
    ] = "",
    tier: Tier = 3,
    sight: Sight = [],  # noqa: B006
    start: Annotated[int, Parameter(name="--from", help="The first row to take, to go on after an interruption.")] = 1,
    set_: Annotated[
        tuple[str, ...],
        Parameter(
            name="--set",
            help="FIELD=VALUE for every row where the file has none; may be repeated.",
            consume_multiple=False,
        ),
    ] = (),
    dry_run: Annotated[bool, Parameter(name="--dry-run", help="Only check; propose nothing.")] = False,
    access: AgentAccess,
) -> int:
    """Propose a record for each row of a file. Every row is checked first: where one is wrong, nothing is proposed.

    CSV has one column for each field (title.en and title.fr for a text in both languages), its cells as for --set. A CAP 1.2
    alert is a relief need; what it has no place for comes with --set.

    For example:

      cordiale register import "Channel watch" action actions.csv --dry-run
      cordiale register import "Channel watch" relief-need alert.xml --set affected=fr --set item=shelter --dry-run
    """
    schema = shipped().get(type_)
    if schema is None:
        raise NotFound(f"{type_[:40]!r}; {', '.join(shipped())}", what="register")
    found = FORMATS[_format(format_, file)].read(files.read(file, FILE_BYTES, what="file"), schema)
    beside = typed(schema, set_)
    rows = [msgspec.structs.replace(row, values={**beside, **row.values}) for row in found if row.place >= start]
    params = {"room": room, "type": type_, "label": label, "tier": tier, "sight": sight}
    answer: dict[str, Any] = {"rows": len(rows), "faults": _faults_of(rows), "records": [], "left_out": _left_out(rows)}
    with session(access) as agent:
        whole = [row for row in rows if not any(fault.field == "" for fault in row.faults)]
        known = {(row.place, fault.field) for row in rows for fault in row.faults}
        for part in _sent(agent, params, whole, _("Checking"), dry_run=True, quiet=access.json):
            answer["faults"] += [fault for fault in part["faults"] if (fault["row"], fault["field"]) not in known]
        answer["faults"].sort(key=itemgetter("row"))
        if not answer["faults"] and not dry_run:
            for part in _sent(agent, params, rows, _("Proposing"), dry_run=False, quiet=access.json):
                answer["records"] += part["records"]
    output.show(access.json, answer, lambda console: _imported(console, answer, dry_run))
    return 1 if answer["faults"] else 0


def _left_out(rows: Sequence[Given]) -> list[dict[str, Any]]:
    return [{"row": row.place, "element": element} for row in rows for element in row.left_out]


def _faults_of(rows: Sequence[Given]) -> list[dict[str, Any]]:
    language = spoken()
    return [
        {"row": row.place, "field": fault.field, "why": fault.why.text(language)}
        for row in rows
        for fault in row.faults
    ]


def _sent(
    agent: Session, params: Mapping[str, Any], rows: Sequence[Given], doing: str, *, dry_run: bool, quiet: bool
) -> Iterator[dict[str, Any]]:
    """The agent's answers, part by part, with a bar where somebody looks."""
    errors = screen(errors=True)
    done = 0
    with Progress(console=errors, transient=True, disable=quiet or not errors.is_terminal) as bar:
        task = bar.add_task(doing, total=len(rows))
        for part in _parts(rows):
            try:
                answer = agent.call("register.import", {**params, "rows": part, "dry_run": dry_run})
            except CordialeError:
                if done:
                    errors.print(_("Rows proposed before that: {count}. Go on with --from {row}.").format(
                        count=done, row=part[0]["place"]
                    ))  # fmt: skip
                raise
            if not dry_run:
                done += len(part)
                if answer["faults"]:
                    raise WrongUsage(_("a row is wrong that was right a moment ago; look with --dry-run"))
            bar.advance(task, len(part))
            yield answer


def _parts(rows: Sequence[Given]) -> Iterator[list[dict[str, Any]]]:
    """Rows in parts that a request holds."""
    part: list[dict[str, Any]] = []
    size = 0
    for row in rows:
        document = {"place": row.place, "marking": row.marking, "values": dict(row.values)}
        length = len(json.dumps(document))
        if part and (len(part) == _ROWS or size + length > _BYTES):
            yield part
            part, size = [], 0
        part.append(document)
        size += length
    if part:
        yield part


def _imported(console: Console, answer: Mapping[str, Any], dry_run: bool) -> None:
    faults = answer["faults"]
    if left_out := ", ".join(dict.fromkeys(each["element"] for each in answer["left_out"])):
        console.print(_("Not taken over, for want of a field: {elements}.").format(elements=left_out))
    if not faults:
        said = _("Rows checked, all of them good: {count}.") if dry_run else _("Records proposed: {count}.")
        console.print(said.format(count=answer["rows"]))
        return
    rows = [(fault["row"], fault["field"], fault["why"]) for fault in faults[:_FAULTS]]
    console.print(table((_("Row"), _("Field"), _("What is wrong")), rows))
    if len(faults) > _FAULTS:
        console.print(_("… and {count} more").format(count=len(faults) - _FAULTS))
    console.print(_("Nothing was proposed."))


# --- saved questions ----------------------------------------------------------------------------------------------


@query.default
def _query(
    room: Room,
    name: Annotated[str, Parameter(help="The name that it is saved under.")] = "",
    question: Annotated[str, Parameter(help="As for `list`; with one it is saved, without it is asked.")] = "",
    /,
    *,
    list_: Annotated[bool, Parameter(name="--list", help="List the saved questions.")] = False,
    remove: Annotated[bool, Parameter(name="--remove", help="Forget it.")] = False,
    access: AgentAccess,
) -> None:
    """Ask a saved question, or save one. Saved questions stay on this machine, encrypted.

    For example:

      cordiale register query "Channel watch" waiting "type=decision status=part-keyed"
      cordiale register query "Channel watch" waiting
    """
    if not list_ and not name:
        raise WrongUsage(_("give a name, or --list"))
    asked = {"room": room, "name": "" if list_ else name, "query": question, "remove": remove}
    answer = ask(access, "register.query", asked)
    output.show(access.json, answer, lambda console: _answered(console, answer))


def _answered(console: Console, answer: Mapping[str, Any]) -> None:
    if "records" in answer:
        listed(console, answer["records"])
        return
    if not answer["queries"]:
        console.print(_("No question is saved."))
        return
    rows = [(saved["name"], saved["query"]) for saved in answer["queries"]]
    console.print(table((_("Name"), _("Question")), rows))
