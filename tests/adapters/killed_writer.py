"""A process that appends to two logs through group commit and says each offset once it was told, until it is killed."""

import asyncio
import sys
from itertools import count
from pathlib import Path

from cordiale.adapters.group_commit import GroupCommit
from cordiale.adapters.node_store import SqliteNodeStore
from cordiale.node.ports import Transaction
from cordiale.vocab.party import Nation


def append_to_both(tx: Transaction) -> int:
    place = tx.logs.state("log").size
    for log in ("log", "other"):
        state = tx.logs.state(log)
        grown, hashes = state.append([b"leaf %d" % place])
        tx.logs.append(log, grown, [b"leaf %d" % place], hashes, b"note of %d" % grown.size)
    return place


async def main(path: Path) -> None:
    commits = GroupCommit(SqliteNodeStore(path, Nation("uk")))

    async def write() -> None:
        for _ in count():
            said = await commits.submit(append_to_both)
            sys.stdout.write(f"{said}\n")
            sys.stdout.flush()

    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.gather(*(write() for _ in range(8)))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
