"""`python -m cordiale.console`: one person's console, on loopback, until it is told to stop.

Prints one JSON line when it is ready: the address to open, which works once.
"""

import asyncio

from cordiale.console.serving import arguments, serve


def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    given = arguments("cordiale.console").parse_args()
    asyncio.run(serve(given.agent, given.port, given.language, store=given.store))


if __name__ == "__main__":
    main()
