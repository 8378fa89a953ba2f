"""`demo`: the whole story, played live by `cordiale.wiring.demo`."""

import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import Console
from rich.text import Text

from cordiale.cli import output
from cordiale.cli.command import Json, single
from cordiale.cli.language import _, spoken
from cordiale.cli.terminal import console, safe, table
from cordiale.wiring.demo import play
from cordiale.wiring.showcase import Seat, showcase, wait

demo = single("demo")


@demo.default
def _demo(
    *,
    once: Annotated[bool, Parameter(help="Play it and end, without opening consoles.")] = False,
    consoles: Annotated[bool, Parameter(help="Open the two consoles at once, without the story.")] = False,
    file: Annotated[Path | None, Parameter(help="The file that crosses in step 3.")] = None,
    directory: Annotated[Path | None, Parameter(help="Keep the two nations' folders here.")] = None,
    json: Json = False,
) -> int:
    """Play the whole story with two nations on this machine, each step checked on the other side.

    On a terminal it ends with two consoles to play with, one in English and one in French, until Ctrl-C.

    For example:

      cordiale demo

      cordiale demo --once --json

      cordiale demo --consoles
    """
    if consoles:
        return _consoles(json, directory)
    live = _Live(console())
    result = play(file=file, directory=directory, progress=_silent if json else live.step)
    output.show(json, result, lambda console: _summary(console, live, result))
    if result["ok"] and not (once or json) and sys.stdout.isatty():
        _consoles(json, None)
    return 0 if result["ok"] else 1


def _consoles(as_json: bool, directory: Path | None) -> int:
    """Two governments to play with, until Ctrl-C."""
    with console(errors=True).status(_("Setting up two governments …")), ExitStack() as stack:
        seats = stack.enter_context(showcase(directory))
        kept = stack.pop_all()
    with kept:
        document = {"consoles": [{"person": seat.person, "url": seat.url} for seat in seats]}
        output.show(as_json, document, lambda console: _seats(console, seats))
        wait()
    return 0


def _seats(console: Console, seats: Sequence[Seat]) -> None:
    console.print()
    for seat in seats:
        console.print(_("{person}: {url}").format(person=seat.person, url=seat.url), soft_wrap=True)
    console.print(_("Open both in a browser, side by side; each address works once. Ctrl-C ends all."))


def _silent(_step: Mapping[str, Any]) -> None:
    """Machines wait for the end."""


class _Live:
    """Says each step as it begins and how it ended."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status = console.status("")
        self.titles: dict[str, str] = {}

    def step(self, step: Mapping[str, Any]) -> None:
        title = self.titles.setdefault(str(step["key"]), safe(step.get(spoken(), step["key"])))
        if step["state"] == "running":
            self._status.update(title)
            self._status.start()
            return
        self._status.stop()
        done = step["state"] == "done"
        line = Text(("✔ " if done else "✘ ") + title, style="green" if done else "bold red")
        line.append(f"  {step['seconds']:.1f} s", style="dim")
        self._console.print(line, soft_wrap=True)
        if not done:
            self._console.print(f"  {safe(step.get('error', ''))}", soft_wrap=True)


def _summary(console: Console, live: _Live, result: Mapping[str, Any]) -> None:
    rows = [(title, _outcome(result[key]), _told(result[key])) for key, title in live.titles.items()]
    console.print()
    console.print(table((_("Step"), _("Outcome"), _("What was seen")), rows))
    left = result["processes_left"]
    verdict = _("Everything happened as it should.") if result["ok"] else _("A step failed.")
    console.print()
    console.print(
        f"{verdict} {_('Seconds: {seconds}; processes left: {left}.').format(seconds=result['seconds'], left=left)}"
    )


def _outcome(step: Mapping[str, Any]) -> str:
    return _("done") if step["ok"] else _("failed")


def _told(step: Mapping[str, Any]) -> str:
    """What the step showed, in one sentence; the error where it failed."""
    told: Mapping[str, str] = step.get("told", {})
    return told.get(spoken()) or str(step.get("error", ""))
