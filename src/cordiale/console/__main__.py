"""`python -m cordiale.console`: one person's console, on loopback, until it is told to stop.

Prints one JSON line when it is ready: the address to open, which works once.
"""

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Final

from cordiale.adapters.clock import system_clock
from cordiale.adapters.listener import Listener
from cordiale.console.app import Console
from cordiale.console.link import SocketAgent
from cordiale.console.session import Sessions
from cordiale.wiring import settings
from cordiale.wiring.catalogue import LANGUAGES
from cordiale.wiring.settings import AGENT_FILE, AgentSettings

LOOPBACK: Final = "127.0.0.1"


def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(prog="cordiale.console")
    parser.add_argument("--agent", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--language", choices=LANGUAGES, default="en")
    given = parser.parse_args()
    asyncio.run(serve(given.agent, given.port, given.language))


async def serve(directory: Path, port: int, language: str) -> None:
    """Serve the console of the agent in this folder."""
    nation = settings.read(directory / AGENT_FILE, AgentSettings).address.partition("@")[2]
    sessions = Sessions(system_clock)
    port = port or settings.free_ports(LOOPBACK, 1)[0]
    host = f"{nation}.cordiale.localhost:{port}"
    console = Console(SocketAgent(directory), sessions, frozenset((host,)), f"cordiale-{port}", language)
    listener = Listener(console.asgi, LOOPBACK, port, websockets=True)
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, listener.stop)
    serving = asyncio.create_task(listener.serve())
    while not listener.ready and not serving.done():
        await asyncio.sleep(0.01)
    print_line({"url": f"http://{host}/launch?token={sessions.launch()}", "host": host})
    await serving


def print_line(document: dict[str, str]) -> None:
    """One line on standard output, at once."""
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
