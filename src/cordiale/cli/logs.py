"""`log show|verify`: what crossed the border, and whether the logs hold."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, cast

from cyclopts import Parameter
from rich.console import Console

from cordiale.cli import output
from cordiale.cli.command import NationAccess, group
from cordiale.cli.language import _, mark
from cordiale.cli.letters import SHORT, moment
from cordiale.cli.terminal import safe, table
from cordiale.errors import WrongUsage
from cordiale.wiring.nation import NationHome

app = group("log")

COLUMNS: Final[Mapping[str, str]] = {
    "kind": mark("Kind"),
    "room": mark("Room"),
    "message": mark("Message"),
    "direction": mark("Direction"),
    "partner": mark("Partner"),
    "release": mark("Released"),
    "rule": mark("Rule"),
    "marking": mark("Marking"),
    "rules": mark("Rules"),
    "label": mark("Label"),
    "released": mark("Time"),
    "at": mark("Time"),
    "bytes": mark("Bytes"),
}
"""What of an entry is shown to people; --json has all of it."""
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT")


@app.command
def show(
    name: Annotated[str, Parameter(help="A log, as border/uk-fr or guard; without it, all are listed.")] = "",
    /,
    *,
    start: Annotated[int, Parameter(help="The first entry.")] = 0,
    count: Annotated[int, Parameter(help="How many entries.")] = 50,
    access: NationAccess,
) -> None:
    """List the nation's logs, or show the entries of one.

    For example:

      cordiale log show --nation ./uk

      cordiale log show border/uk-fr --nation ./uk
    """
    home = NationHome.open(access.nation)
    if start < 0 or not 1 <= count <= 10_000:
        raise WrongUsage(_("--start is not negative, --count is 1 to 10000"))
    if not name:
        logs = {"logs": home.logs()}
        headings = (_("Log"), _("Entries"))
        rows = [(log["name"], log["size"]) for log in logs["logs"]]
        output.show(access.json, logs, lambda console: console.print(table(headings, rows)))
        return
    entries = home.log_entries(name, start, count)
    output.show(access.json, {"log": name, "entries": entries}, lambda console: _entries(console, entries))


def _entries(console: Console, entries: Sequence[Mapping[str, Any]]) -> None:
    if not entries:
        console.print(_("No entries."))
        return
    names = [name for name in COLUMNS if name in entries[0]]
    rows = [[entry["index"], *(_cell(entry.get(name, "")) for name in names)] for entry in entries]
    console.print(table(["#", *(_(COLUMNS[name]) for name in names)], rows))


def _cell(value: Any) -> str:
    """Digests short, times to the minute, rules as pairs."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dict):
        pairs = cast(dict[str, str], value)
        return ", ".join(f"{name}: {rule}" for name, rule in pairs.items())
    text = str(value)
    if _TIME.match(text):
        return moment(text)
    return text[:SHORT] if len(text) >= 32 and all(c in "0123456789abcdef" for c in text) else text


@app.command
def verify(
    name: Annotated[str, Parameter(help="A log; without it, all of them.")] = "", /, *, access: NationAccess
) -> None:
    """Recompute a log, or all: every entry, every stored hash, the signed checkpoint, every border signature.

    An entry that was altered is named, and the exit status is 1.

    For example:

      cordiale log verify --nation ./uk
    """
    answer = {"logs": NationHome.open(access.nation).verify_log(name or None)}
    output.show(access.json, answer, lambda console: _verified(console, answer["logs"]))


def _verified(console: Console, logs: Sequence[Mapping[str, Any]]) -> None:
    for log in logs:
        text = _("{log}: {entries} entries hold, root {root}")
        root = safe(log["root"])[:SHORT]
        console.print(text.format(log=safe(log["log"]), entries=log["entries"], root=root), soft_wrap=True)
    if not logs:
        console.print(_("No log has entries yet."))
