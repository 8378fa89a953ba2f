"""`person enrol|list|revoke`: what needs the nation's root key."""

from pathlib import Path
from typing import Annotated, Any, Final

from cyclopts import Parameter
from rich.console import Console

from cordiale.cli import output, passphrase
from cordiale.cli.command import NationAccess, Passphrase, RootPassphrase, group
from cordiale.cli.language import _
from cordiale.cli.terminal import safe, table
from cordiale.wiring import people
from cordiale.wiring.nation import NationHome

app = group("person")

DAY: Final = 10
"""How much of an ISO 8601 time is the date."""


@app.command
def enrol(
    name: Annotated[str, Parameter(help="The name, as alice; a service has a dot in it, as desk.maritime.")],
    /,
    *,
    agent: Annotated[Path, Parameter(help="The folder to make for the person's agent.", env_var="CORDIALE_AGENT")],
    clearance: Annotated[str, Parameter(help="The highest level, as the policy names it.")],
    service: Annotated[bool, Parameter(help="It is a service, not a person.")] = False,
    passphrase_file: Passphrase = None,
    root_passphrase_file: RootPassphrase = None,
    access: NationAccess,
) -> None:
    """Certify a person, and make their agent's folder with an encrypted store.

    The keys never leave that folder.

    For example:

      cordiale person enrol alice --clearance secret --agent ./alice --nation ./uk
    """
    secret = passphrase.read(passphrase_file, prompt=_("New passphrase of the agent's store: "), twice=True)
    answer = people.enrol(
        NationHome.open(access.nation),
        name,
        agent,
        secret,
        clearance=clearance,
        role="service" if service else "person",
        root_passphrase=passphrase.optional(root_passphrase_file),
    )
    text = _("{address} is enrolled ({clearance}); next: cordiale agent run --agent {agent}")
    shown = text.format(**{key: safe(value) for key, value in answer.items()})
    output.show(access.json, answer, lambda console: console.print(shown, soft_wrap=True))


@app.command(name="list")
def list_(*, access: NationAccess) -> None:
    """List the people and services whose devices are enrolled.

    For example:

      cordiale person list --nation ./uk
    """
    answer = {"people": NationHome.open(access.nation).people()}
    output.show(access.json, answer, lambda console: _table(console, answer["people"]))


def _table(console: Console, found: list[dict[str, Any]]) -> None:
    if not found:
        console.print(_("Nobody yet: an agent's first contact with the node enrols its device."))
        return
    headings = (_("Address"), _("Device"), _("Role"), _("Clearance"), _("Valid until"), _("State"))
    rows = [
        (
            person["address"],
            person["device"],
            person["role"],
            person["clearance"],
            str(person["until"])[:DAY],
            _("revoked") if person["revoked"] else _("valid"),
        )
        for person in found
    ]
    console.print(table(headings, rows))


@app.command
def revoke(
    person: Annotated[str, Parameter(help="The address.")],
    /,
    *,
    root_passphrase_file: RootPassphrase = None,
    access: NationAccess,
) -> None:
    """End a person's access: their devices are turned away, and their rooms put them out.

    For example:

      cordiale person revoke bob --nation ./uk
    """
    secret = passphrase.optional(root_passphrase_file)
    answer = people.revoke(NationHome.open(access.nation), person, root_passphrase=secret)
    text = _("{address} is revoked, with {devices} device(s).")
    shown = text.format(address=safe(answer["address"]), devices=answer["devices"])
    output.show(access.json, answer, lambda console: console.print(shown, soft_wrap=True))
