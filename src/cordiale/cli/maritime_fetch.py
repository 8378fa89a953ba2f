"""`maritime fetch`: files of public sources, brought here whole."""

import datetime
import re
from pathlib import Path
from typing import Annotated, Any, Final

from cyclopts import Parameter
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from cordiale.adapters.fetcher import FILE_BYTES, Fetcher
from cordiale.cli import output
from cordiale.cli.command import Json, single
from cordiale.cli.language import _, mark, spoken
from cordiale.cli.terminal import console as screen
from cordiale.cli.terminal import facts, safe, table
from cordiale.desks.maritime.publisher import publishers, where
from cordiale.errors import Unreachable, WrongUsage
from cordiale.wire import limits

fetch = single("fetch")
_DIGEST: Final = re.compile(r"[0-9a-fA-F]{64}")


@fetch.default
def _fetch(
    source: Annotated[str, Parameter(help="Which source; without one, they are listed.")] = "",
    /,
    *,
    date: Annotated[str, Parameter(help="Which day, as 2024-07-08, of a source with a file for each.")] = "",
    out: Annotated[Path, Parameter(help="The folder for the file.")] = Path(),
    url: Annotated[str, Parameter(help="Another address than the one that is known.")] = "",
    sha256: Annotated[
        str, Parameter(help="The SHA-256 that the file must have, or the address of a file with it.")
    ] = "",
    most: Annotated[int, Parameter(help="The most that it may have, in MiB.")] = FILE_BYTES // limits.MIB,
    json: Json = False,
) -> None:
    """Bring a file of a public source: AIS of a day, a sanctions list. What broke off is gone on with.

    For example:

      cordiale maritime fetch
      cordiale maritime fetch dma --date 2024-07-08 --out ./downloads
    """
    if not source:
        known = {name: _document(name) for name in publishers()}
        output.show(json, {"sources": known}, lambda console: _list(console, known))
        return
    if sha256 and not (_DIGEST.fullmatch(sha256) or "://" in sha256):
        raise WrongUsage(_("--sha256 is 64 hexadecimal digits, or the address of a file that has them"))
    found, name, checksum = where(source, _day(date))
    address = url or found
    fetcher = Fetcher()
    errors = screen(errors=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    try:
        with Progress(*columns, console=errors, transient=True, disable=json or not errors.is_terminal) as bar:
            task = bar.add_task(name, total=None)
            got = fetcher.fetch(
                address,
                out / name,
                lambda done, total: bar.update(task, completed=done, total=total),
                checksum=sha256 or checksum,
                most=most * limits.MIB,
            )
    except Unreachable as fault:
        again = mark("Give the same command again: what came is kept, and it goes on from there.")
        raise Unreachable(fault.detail, what=fault.facts.get("what", ""), next=again) from None
    finally:
        fetcher.close()
    answer: dict[str, Any] = {
        "source": source, "url": address, "from": got.address, "file": str(got.path), "bytes": got.size,
        "sha256": got.sha256, "checked": got.checked, "resumed": got.resumed, "licence": publishers()[source].licence,
    }  # fmt: skip
    output.show(json, answer, lambda console: _show(console, answer))


def _day(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text) if text else None
    except ValueError:
        raise WrongUsage(_("--date is a day, as 2024-07-08")) from None


def _document(name: str) -> dict[str, Any]:
    known = publishers()[name]
    return {"title": known.title.text(spoken()), "daily": known.daily, "licence": known.licence, "about": known.source}


def _list(console: Console, known: dict[str, dict[str, Any]]) -> None:
    rows = [(name, each["title"], "--date" if each["daily"] else "", each["licence"]) for name, each in known.items()]
    console.print(table((_("Source"), _("What it is"), "", _("Licence")), rows))


def _show(console: Console, answer: dict[str, Any]) -> None:
    checked = _("yes") if answer["checked"] else _("no: its publisher gives none that is known")
    console.print(
        facts([
            (_("File"), answer["file"]),
            (_("Bytes"), answer["bytes"]),
            ("SHA-256", answer["sha256"]),
            (_("Checksum compared"), checked),
            (_("Licence"), answer["licence"]),
        ])
    )  # fmt: skip
    command = (
        "ingest {file} --store STORE" if publishers()[answer["source"]].daily else "risk --list {file} --store STORE"
    )
    told = f"cordiale maritime {command.format(file=answer['file'])}"
    console.print(_("To read it: {command}").format(command=safe(told)), soft_wrap=True)
