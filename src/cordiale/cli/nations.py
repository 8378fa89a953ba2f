"""`nation init|show`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import Console

from cordiale.cli import output, passphrase
from cordiale.cli.command import NationAccess, RootPassphrase, group
from cordiale.cli.language import _
from cordiale.cli.terminal import facts
from cordiale.wiring import nation as nations
from cordiale.wiring.nation import NationHome

app = group("nation")

Port = Annotated[int, Parameter(help="A port; 0 chooses a free one.")]


@app.command
def init(
    nation: Annotated[str, Parameter(help="Its code: two to eight lower-case letters.")],
    /,
    *,
    host: Annotated[str, Parameter(help="The address to listen on.")] = "127.0.0.1",
    agent_port: Port = 0,
    peer_port: Port = 0,
    ops_port: Port = 0,
    policy: Annotated[Path | None, Parameter(help="The labelling policy; without it, the shipped example.")] = None,
    table: Annotated[Path | None, Parameter(help="The equivalence table; without it, the shipped example.")] = None,
    root_passphrase_file: RootPassphrase = None,
    access: NationAccess,
) -> None:
    """Found a nation: its root key, its border key, its signed policy.

    Take root.pem off line afterwards: only enrolment and revocation need it.

    For example:

      cordiale nation init uk --nation ./uk
    """
    home = nations.init(
        access.nation,
        nation,
        host=host,
        agent_port=agent_port,
        peer_port=peer_port,
        ops_port=ops_port,
        policy=policy,
        table=table,
        passphrase=passphrase.optional(root_passphrase_file),
    )
    _show(access, home)


@app.command
def show(*, access: NationAccess) -> None:
    """Show a nation: its root's fingerprint, policy, addresses and links.

    For example:

      cordiale nation show --nation ./uk --json
    """
    _show(access, NationHome.open(access.nation))


def _show(access: NationAccess, home: NationHome) -> None:
    summary = home.summary()
    output.show(access.json, summary, lambda console: _facts(console, summary))


def _facts(console: Console, found: Mapping[str, Any]) -> None:
    links = ", ".join(f"{link['nation']} ({link['state']})" for link in found["links"])
    pairs = (
        (_("Nation"), found["nation"]),
        (_("Root (SHA-256)"), found["root"]),
        (_("Border key"), found["border"]),
        (_("Policy"), found["policy"]),
        (_("Equivalence table"), found["table"]),
        (_("Agents"), found["urls"]["agent"]),
        (_("Partners"), found["urls"]["peer"]),
        (_("Operator"), found["urls"]["ops"]),
        (_("People"), found["people"]),
        (_("Links"), links or "–"),
    )
    console.print(facts(pairs))
