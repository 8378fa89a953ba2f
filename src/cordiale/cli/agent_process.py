"""`agent run`: the person's own process."""

from collections.abc import Mapping
from typing import Any

from cordiale.cli import opened, output, passphrase
from cordiale.cli.command import AgentAccess, single
from cordiale.cli.language import _
from cordiale.cli.terminal import console, safe
from cordiale.wiring import agent

run = single("run")


@run.default
def _run(*, access: AgentAccess) -> None:
    """Run the agent: read on, send what is queued, answer the other commands. It stops at Ctrl-C or SIGTERM.

    For example:

      cordiale agent run --agent ~/alice --passphrase-file ~/alice.passphrase
    """
    opened.check(access)
    secret = passphrase.read(access.passphrase_file)
    agent.run(access.agent, secret, ready=lambda found: _ready(access.json, found))


def _ready(as_json: bool, found: Mapping[str, Any]) -> None:
    if as_json:
        output.print_document(found, line=True)
    else:
        console().print(_("The agent of {address} is running.").format(address=safe(found.get("address", ""))))
