"""The maritime desk as a process of its own for a console: a store, no key, no network; it ends when the console does.

    python -m cordiale.wiring.desk_process STORE DESCRIPTOR

The console starts it with one end of a pair of sockets, which nobody else can reach, and asks through the other, a line of
JSON each way, one question at a time. Files of AIS come from anywhere; what reads them can neither speak for the person nor
answer a browser.
"""

import socket
import sys
from pathlib import Path

from cordiale.adapters import journal
from cordiale.adapters.agent_socket import serve
from cordiale.wiring import maritime_desk


def main() -> None:
    """Answer until the other end is closed."""
    store, descriptor = Path(sys.argv[1]), int(sys.argv[2])
    journal.configure()
    log = journal.journal()

    def fault(error: Exception) -> None:
        log.error("desk.fault", code=getattr(error, "code", type(error).__name__))

    with socket.socket(fileno=descriptor) as stream:
        serve(stream, lambda method, params: maritime_desk.call(store, method, params), fault)


if __name__ == "__main__":
    main()
