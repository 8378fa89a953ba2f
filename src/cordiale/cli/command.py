"""What a command is here: a function whose docstring is its help, spoken in the reader's language.

A docstring's paragraphs are message ids, one by one; one that begins with two spaces is an example and stays as is.
"""

import inspect
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

from cyclopts import App, Parameter
from cyclopts.help import HelpEntry, HelpPanel
from rich.console import Console, ConsoleOptions
from rich.table import Table
from rich.text import Text

from cordiale.cli.language import _

QUIET: Final = Parameter(negative=(), show_default=False)


class Command(App):
    """An `App` that translates its help."""

    @property
    def help(self) -> str:
        """The help in the language in use."""
        return "\n\n".join(_(part) for part in paragraphs(super().help))

    @help.setter
    def help(self, value: str) -> None:
        """The summary of a lazy registration; it doesn't replace what the command says of itself."""
        if not super().help:
            self._help = value


def paragraphs(text: str) -> list[str]:
    """A docstring's paragraphs as message ids: prose on one line, examples as they stand."""
    found = inspect.cleandoc(text).split("\n\n")
    return [part if part.startswith("  ") else " ".join(part.split()) for part in found if part.strip()]


def group(name: str) -> Command:
    """A command with commands under it."""
    return Command(name=name, default_parameter=QUIET)


def single(name: str) -> Command:
    """A command by itself; its function is registered with `default`."""
    return Command(name=name, default_parameter=QUIET)


class HelpPage:
    """Help as plain aligned text."""

    def __call__(self, console: Console, options: ConsoleOptions, panel: HelpPanel) -> None:
        if not panel.entries:
            return
        console.print(Text(_(str(panel.title)), style="bold"))
        grid = Table(box=None, padding=(0, 2, 0, 0), show_header=False, show_edge=False)
        grid.add_column(no_wrap=True)
        grid.add_column()
        for entry in panel.entries:
            names = Text("  " + ", ".join(entry.display_labels_with_metavar))
            grid.add_row(names, _description(entry))
        console.print(grid)
        console.print()

    def render_usage(self, console: Console, _options: ConsoleOptions, usage: object) -> None:
        """`Usage: cordiale …`"""
        if usage:
            console.print(Text(_("Usage: "), style="bold") + Text(str(usage).strip()))
            console.print()

    def render_description(self, console: Console, _options: ConsoleOptions, description: object) -> None:
        """What the command does, with its examples."""
        text = _plain(description)
        if text:
            console.print(Text(text))
            console.print()


def _description(entry: HelpEntry) -> Text:
    text = Text(_(_plain(entry.description)))
    notes: list[str] = []
    if entry.choices:
        notes.append(", ".join(entry.choices))
    if entry.env_var:
        notes.append(_("or {variable}").format(variable=", ".join(entry.env_var)))
    if entry.required:
        notes.append(_("required"))
    if notes:
        text.append(f" [{'; '.join(notes)}]", style="dim")
    return text


def _plain(description: Any) -> str:
    found = getattr(description, "primary_renderable", description)
    return str(getattr(found, "plain", found or "")).strip()


JSON_HELP: Final = "Print one JSON document instead of text."
Json = Annotated[bool, Parameter(name="--json", help=JSON_HELP)]
Passphrase = Annotated[
    Path | None,
    Parameter(
        name="--passphrase-file",
        env_var="CORDIALE_PASSPHRASE_FILE",
        help="File that holds the passphrase of the agent's store; without it you are asked.",
    ),
]

RootPassphrase = Annotated[
    Path | None,
    Parameter(
        name="--root-passphrase-file",
        env_var="CORDIALE_ROOT_PASSPHRASE_FILE",
        help="File that holds the passphrase of the nation's root key, if it has one.",
    ),
]


@Parameter(name="*")
@dataclass(frozen=True)
class AgentAccess:
    """Which agent, and how to open it."""

    agent: Annotated[Path, Parameter(name="--agent", env_var="CORDIALE_AGENT", help="The agent's folder.")]
    passphrase_file: Passphrase = None
    json: Json = False


@Parameter(name="*")
@dataclass(frozen=True)
class NationAccess:
    """Which nation's folder."""

    nation: Annotated[Path, Parameter(name="--nation", env_var="CORDIALE_NATION", help="The nation's folder.")]
    json: Json = False
