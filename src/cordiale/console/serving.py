"""A console as a process: its listener on loopback, its sessions, the address that opens it."""

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Final

from cordiale.adapters.clock import system_clock
from cordiale.adapters.listener import Listener
from cordiale.console.app import Aside, Console
from cordiale.console.link import SocketAgent
from cordiale.console.lock import FILE, MINUTES, Lock
from cordiale.console.sea_pages import DeskLink
from cordiale.console.session import Sessions
from cordiale.wiring import settings
from cordiale.wiring.catalogue import LANGUAGES
from cordiale.wiring.settings import AGENT_FILE, AgentSettings

LOOPBACK: Final = "127.0.0.1"


def arguments(name: str) -> argparse.ArgumentParser:
    """What a console is told when it is started."""
    parser = argparse.ArgumentParser(prog=name)
    parser.add_argument("--agent", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--language", choices=LANGUAGES, default="en")
    parser.add_argument("--store", type=Path, default=None)
    return parser


async def serve(
    directory: Path, port: int, language: str, aside: Aside | None = None, *, store: Path | None = None
) -> None:
    """Serve the console of the agent in this folder until SIGTERM, with the maritime desk of a store where one is given; `aside`
    is what the demonstration adds."""
    nation = settings.read(directory / AGENT_FILE, AgentSettings).address.partition("@")[2]
    lock = Lock(system_clock, directory / FILE, minutes=MINUTES if aside is None else 0)
    sessions = Sessions(system_clock, lock)
    port = port or settings.free_ports(LOOPBACK, 1)[0]
    host = f"{nation}.cordiale.localhost:{port}"
    sea = None if store is None else DeskLink(store)
    console = Console(SocketAgent(directory), sessions, frozenset((host,)), f"cordiale-{port}", language, aside, sea)
    listener = Listener(console.asgi, LOOPBACK, port, websockets=True)
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, listener.stop)
    serving = asyncio.create_task(listener.serve())
    while not listener.ready and not serving.done():
        await asyncio.sleep(0.01)
    print_line({"url": f"http://{host}/launch?token={sessions.launch()}", "host": host})
    await serving
    if sea is not None:
        sea.desk.close()


def print_line(document: dict[str, str]) -> None:
    """One line on standard output, at once."""
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()
