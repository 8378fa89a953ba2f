"""`agent run|status`: the person's own process."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from cordiale.cli import output, passphrase
from cordiale.cli.command import AgentAccess, group
from cordiale.cli.language import _
from cordiale.cli.reach import session
from cordiale.cli.terminal import console, facts, safe
from cordiale.errors import NotFound
from cordiale.wiring import agent as agents
from cordiale.wiring.settings import AGENT_FILE

app = group("agent")


@app.command
def run(*, access: AgentAccess) -> None:
    """Run the agent: read on, send what is queued, answer the other commands. It stops at Ctrl-C or SIGTERM.

    For example:

      cordiale agent run --agent ~/alice --passphrase-file ~/alice.passphrase
    """
    if not (access.agent / AGENT_FILE).is_file():
        raise NotFound(str(access.agent), what="agent")
    secret = passphrase.read(access.passphrase_file)
    agents.run(access.agent, secret, ready=lambda found: _ready(access.json, found))


def _ready(as_json: bool, found: Mapping[str, Any]) -> None:
    if as_json:
        output.print_document(found, line=True)
    else:
        console().print(_("The agent of {address} is running.").format(address=safe(found.get("address", ""))))


@app.command
def status(*, access: AgentAccess) -> None:
    """Say how the agent stands: its node, links, rooms, what waits to be sent, and alarms.

    For example:

      cordiale agent status --json
    """
    with session(access) as agent:
        answer = {**agent.call("status", {}), "running": agent.running}
    output.show(access.json, answer, lambda console: _status(console, answer))


def _status(console: Console, found: Mapping[str, Any]) -> None:
    pairs = (
        (_("Address"), found["address"]),
        (_("Device"), found["device"]),
        (_("Node"), found["node"]),
        (_("Running"), _("yes") if found["running"] else _("no; opened for this command")),
        (_("Enrolled"), _("yes") if found["enrolled"] else _("no")),
        (_("Linked nations"), ", ".join(found["linked"]) or "–"),
        (_("Rooms"), found["rooms"]),
        (_("Waiting to be sent"), found["queued"]),
        (_("Alarms"), len(found["alarms"])),
    )
    console.print(facts(pairs))
    for alarm in found["alarms"]:
        console.print(f"  ! {safe(alarm)}")
