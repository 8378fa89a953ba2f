"""`maritime ingest`: files into the archive, with an account of every line."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

from cyclopts import Parameter
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from cordiale.cli import output
from cordiale.cli.command import Json, single
from cordiale.cli.language import _, mark
from cordiale.cli.letters import span
from cordiale.cli.maritime_options import Store
from cordiale.cli.problem import as_document, tell
from cordiale.cli.terminal import console as screen
from cordiale.cli.terminal import facts, safe, table
from cordiale.desks.maritime.ingest.instant import ORDERS, moment_of
from cordiale.desks.maritime.ingest.run import Options, Read
from cordiale.desks.maritime.ingest.run import Progress as Told
from cordiale.desks.maritime.ingest.run import ingest as read_into
from cordiale.errors import WrongUsage
from cordiale.vocab.moment import Moment, iso

ingest = single("ingest")

SAID: Final = (
    mark("another number of columns than the header"),
    mark("time missing or not understood"),
    mark("MMSI missing or more than nine digits"),
    mark("position out of range or not a number"),
    mark("line before the header"),
    mark("line too long"),
    mark("not a JSON object"),
    mark("tag block broken or its checksum wrong"),
    mark("sentence broken off"),
    mark("checksum wrong"),
    mark("checksum missing"),
    mark("parts numbered wrongly"),
    mark("characters that are no payload"),
    mark("message too long"),
    mark("message too short for its type"),
    mark("message incomplete"),
    mark("no time known"),
    mark("other"),
    mark("empty line"),
    mark("header"),
    mark("part of a message"),
    mark("comment or other text"),
    mark("other sentence"),
    mark("time sentence"),
    mark("lines read as Latin-1"),
    mark("dates are day first"),
    mark("times are the given one"),
    mark("times are those of base stations' reports"),
    mark("base stations"),
    mark("shared reports"),
)
"""What a reader says of lines, named for the catalogue."""


@ingest.default
def _ingest(
    files: Annotated[list[Path], Parameter(help="The files, in any order.")],
    /,
    *,
    store: Store,
    received: Annotated[
        str, Parameter(help="When NMEA lines that tell no time were received, as 2024-07-08T12:00Z.")
    ] = "",
    dates: Annotated[
        str, Parameter(help="How a CSV writes dates where it can't be seen: `day-first` or `month-first`.")
    ] = "",
    json: Json = False,
) -> int:
    """Read AIS files into a store: CSV of any header, NMEA 0183 and JSON lines, also within .gz, .zst and .zip.

    Every line is accounted for. A file that was read before is not read again; rows that are there already are not added
    twice. A file that can't be read is named, and the others are read. The exit status is 1 if a file gave nothing.

    For example:

      cordiale maritime ingest aisdk-2024-07-08.csv --store ./sea
      cordiale maritime ingest heard.nmea --received 2024-07-08T12:00Z --store ./sea
    """
    options = _options(received, dates)
    with _bar(quiet=json) as told:
        found = list(read_into(store, files, told, options))
    answer: dict[str, Any] = {"store": str(store), "files": [_document(read) for read in found]}
    output.show(json, answer, lambda console: _show(console, answer))
    return 0 if all(read.fault is None and _gave(read.counts) for read in found) else 1


def _options(received: str, dates: str) -> Options:
    order = dates.replace("-", " ")
    if order not in ("", *ORDERS):
        raise WrongUsage(_("--dates is day-first or month-first"))
    now = moment_of(received) if received else None
    if received and now is None:
        raise WrongUsage(_("--received is a time, as 2024-07-08T12:00Z"))
    return Options(now, order)


def _gave(counts: Mapping[str, Any]) -> int:
    return counts["positions"] + counts["statics"] + counts["apart"]


def _document(read: Read) -> dict[str, Any]:
    if read.fault is not None:
        return {"file": read.name, **as_document(tell(read.fault))}
    counts = dict(read.counts)
    for end in ("first", "last"):
        counts[end] = None if counts[end] is None else iso(Moment(counts[end]))
    return {"file": read.name, "form": read.form, "read_before": read.before, **counts}


@contextmanager
def _bar(*, quiet: bool) -> Generator[Told]:
    """A bar for each file where somebody looks."""
    errors = screen(errors=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors, transient=True, disable=quiet or not errors.is_terminal) as bar:
        task = bar.add_task("", total=None)

        def told(doing: str, done: int, total: int) -> None:
            words = {"read": _("Reading"), "merge": _("Merging days")}
            bar.update(task, description=words[doing], completed=done, total=total)

        yield told


def _show(console: Console, answer: Mapping[str, Any]) -> None:
    files: Sequence[Mapping[str, Any]] = answer["files"]
    for number, read in enumerate(files):
        if number:
            console.print()
        console.print(safe(read["file"]), style="bold", soft_wrap=True)
        if "error" in read:
            console.print(safe(read["error"]["happened"]))
            continue
        if read["read_before"]:
            console.print(_("Read before: nothing was done. This is what it gave then."))
        when = span(read["first"], read["last"]) if read["first"] else "–"
        console.print(
            facts([
                (_("Form"), read["form"]),
                (_("Lines"), read["lines"]),
                (_("Positions"), read["positions"]),
                (_("Identities"), read["statics"]),
                (_("Kept apart"), read["apart"]),
                (_("New in the store"), read["added"]),
                (_("There already"), read["repeated"]),
                (_("Time"), when),
            ])
        )  # fmt: skip
        _account(console, read)
    if any("error" not in read and _gave(read) for read in files):
        console.print()
        command = f"cordiale maritime detect --store {answer['store']}"
        console.print(_("To look for behaviours: {command}").format(command=safe(command)), soft_wrap=True)


def _account(console: Console, read: Mapping[str, Any]) -> None:
    """What was not taken as it stood."""
    if read["refused"]:
        rows = [
            (_(reason), each["count"], ", ".join(map(str, each["lines"]))) for reason, each in read["refused"].items()
        ]
        console.print(table((_("Refused"), _("Lines"), _("The first of them")), rows))
    for heading, counts in ((_("Changed"), read["changed"]), (_("Passed over"), read["passed"])):
        if counts:
            console.print(table((heading, _("How many")), [(_(what), count) for what, count in counts.items()]))
    if read["clocks_off"]:
        rows = [
            (
                safe(off["source"] or read["file"]),
                off["offset_seconds"],
                _(off["by"]),
                f"{off['agree']} / {off['compared']}",
            )
            for off in read["clocks_off"]
        ]
        heads = (_("Clock that was off, corrected"), _("Seconds ahead"), _("According to"), _("Reports that agree"))
        console.print(table(heads, rows))
    if read["unmapped_columns"]:
        console.print(f"{_('Columns without a meaning here')}: {safe(', '.join(read['unmapped_columns']))}")
    for what in read["assumed"]:
        console.print(f"{_('Assumed')}: {safe(_(what))}")
