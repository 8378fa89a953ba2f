"""`doctor`: what is wrong with a nation's folder or an agent's, and what to do."""

import platform
import sqlite3
import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final

from cyclopts import Parameter
from rich.console import Console
from rich.text import Text

from cordiale import __version__
from cordiale.cli import output
from cordiale.cli.command import Json, single
from cordiale.cli.language import _, mark
from cordiale.cli.terminal import safe
from cordiale.wiring import agent as agents
from cordiale.wiring.nation import NationHome

doctor = single("doctor")

STEPS: Final = (
    mark("Install the signed policy and table again."),
    mark("Restore the file from a backup and make it readable by its owner only."),
    mark("Start it: {command}"),
)
"""What the checks advise, named for the catalogue; after a colon stands a command."""


@doctor.default
def _doctor(
    *,
    nation: Annotated[Path | None, Parameter(env_var="CORDIALE_NATION", help="The nation's folder.")] = None,
    agent: Annotated[Path | None, Parameter(env_var="CORDIALE_AGENT", help="The agent's folder.")] = None,
    json: Json = False,
) -> int:
    """Look for what is wrong, and say what to do. The exit status is 1 if anything is.

    For example:

      cordiale doctor --nation ./uk

      cordiale doctor --agent ./alice --json
    """
    checks = [_versions()]
    if nation is not None:
        checks += NationHome.open(nation).doctor()
    if agent is not None:
        checks += agents.doctor(agent)
    answer: dict[str, Any] = {"ok": all(check["ok"] for check in checks), "checks": checks}
    output.show(json, answer, lambda console: _checks(console, checks))
    return 0 if answer["ok"] else 1


def _versions() -> dict[str, Any]:
    detail = f"cordiale {__version__}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    return {"check": _("versions"), "ok": True, "detail": f"{detail}, {ssl.OPENSSL_VERSION}", "next_step": ""}


def _checks(console: Console, checks: Sequence[dict[str, Any]]) -> None:
    for check in checks:
        state, style = (_("good"), "green") if check["ok"] else (_("wrong"), "bold red")
        line = Text(f"{state:<8}", style=style)
        line.append(f"{safe(check['check'])}: {safe(check['detail'])}", style="none")
        console.print(line, soft_wrap=True)
        if check["next_step"]:
            console.print(f"        → {safe(_step(str(check['next_step'])))}", soft_wrap=True)


def _step(advice: str) -> str:
    head, colon, command = advice.partition(": ")
    return _(f"{head}: {{command}}").format(command=command) if colon else _(advice)
