"""`node run`: the nation's server."""

from collections.abc import Mapping
from typing import Any

from cordiale.cli import output
from cordiale.cli.command import NationAccess, group
from cordiale.cli.language import _
from cordiale.cli.terminal import console, safe
from cordiale.wiring import node

app = group("node")


@app.command
def run(*, access: NationAccess) -> None:
    """Run the nation's node. It sees labels, members, sizes and times, never content. It stops at Ctrl-C or SIGTERM.

    For example:

      cordiale node run --nation ./uk
    """
    node.run(access.nation, ready=lambda found: _ready(access.json, found))


def _ready(as_json: bool, found: Mapping[str, Any]) -> None:
    if as_json:
        output.print_document(found, line=True)
        return
    text = _("The node of {nation} is running: agents at {agent}, partners at {peer}.")
    shown = {name: safe(found.get(name, "")) for name in ("nation", "agent", "peer")}
    console().print(text.format(**shown), soft_wrap=True)
