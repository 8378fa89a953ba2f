"""Writing to logs: append leaves and sign the checkpoint that they lead to, in one transaction."""

from collections.abc import Sequence

from cordiale.ledger.checkpoint import sign
from cordiale.node.authority import Authority
from cordiale.node.ports import Logs


def append(authority: Authority, logs: Logs, log: str, leaves: Sequence[bytes]) -> int:
    """Append to one of this nation's own logs; the offset of the first leaf."""
    state = logs.state(log)
    following, hashes = state.append(leaves)

    def note() -> bytes:
        return sign(following.checkpoint(), checkpoint_name(authority.nation), authority.key)

    logs.append(log, following, leaves, hashes, note)
    return state.size


def checkpoint_name(nation: str) -> str:
    """The key name in a nation's checkpoint signatures."""
    return f"border@{nation}"
