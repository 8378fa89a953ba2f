"""`console`: the person's pages in a browser, served on loopback by a process of its own that asks the running agent."""

import webbrowser
from contextlib import suppress
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from cordiale.adapters.agent_socket import connect
from cordiale.cli import output
from cordiale.cli.command import AgentAccess, single
from cordiale.cli.language import _, spoken
from cordiale.cli.terminal import console as screen
from cordiale.errors import Unreachable
from cordiale.wiring.console_process import console_process

console = single("console")


@console.default
def _console(
    *,
    port: Annotated[int, Parameter(help="Where to listen on this machine; any free port without it.")] = 0,
    browser: Annotated[bool, Parameter(name="--open", help="Open the address in the browser.")] = False,
    store: Annotated[
        Path | None, Parameter(env_var="CORDIALE_MARITIME", help="A maritime store, for the desk and its map.")
    ] = None,
    access: AgentAccess,
) -> int:
    """Serve the console of a running agent on this machine, until Ctrl-C. The address works once.

    For example:

      cordiale console --agent ./alice

      cordiale console --agent ./claire --store ./sea --open
    """
    caller = connect(access.agent)
    if caller is None:
        raise Unreachable("it does not run", what="the running agent")
    with caller:
        pass
    more = () if store is None else ("--store", str(store))
    with console_process(access.agent, spoken(), port=port, more=more) as process, suppress(KeyboardInterrupt):
        found = process.opened()
        if access.json:
            output.print_document(found, line=True)
        else:
            screen().print(_("The console is at {url}").format(url=found["url"]), soft_wrap=True)
            screen().print(_("This address works once. Ctrl-C ends the console; the agent runs on."))
        if browser:
            webbrowser.open(found["url"])
        return process.wait()
    return 0
