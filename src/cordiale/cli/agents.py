"""`agent status`, and where `agent run` is found."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from cordiale.cli import output
from cordiale.cli.command import AgentAccess, group
from cordiale.cli.language import _, mark
from cordiale.cli.reach import session
from cordiale.cli.terminal import facts, safe

app = group("agent")
app.command(
    "cordiale.cli.agent_process:run",
    help=mark("Run the agent: read on, send what is queued, answer the other commands. It stops at Ctrl-C or SIGTERM."),
)


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
