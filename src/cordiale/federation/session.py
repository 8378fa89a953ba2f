"""Replication between two nodes, and between a node and its agents: read on from offset N and verify the checkpoint.

One request and one answer, both sans-IO. The puller says how far it has durably read, with its cosignature; the author
answers with the next leaves, the bytes that they name and a signed checkpoint. Dropped, repeated, reordered or altered
answers change nothing: a batch is taken only where it continues exactly at the replica's size and its leaves lead to the
checkpoint's root.

    Pull{log, size, cosigned?}  ──►   Batch{log, start, leaves, checkpoint, envelopes, chains}
"""

from typing import Final

from cordiale.crypto.certificate import Chain
from cordiale.crypto.digest import sha256
from cordiale.errors import LimitExceeded, Malformed, ProtocolViolation
from cordiale.federation.envelope import Released
from cordiale.ledger.checkpoint import VerifiedCheckpoint
from cordiale.ledger.log import LogState, advance
from cordiale.vocab.identifier import Digest
from cordiale.vocab.party import Nation
from cordiale.wire import canonical, limits
from cordiale.wire.canonical import Record

BORDER: Final = "border"
HOME: Final = "home"
INBOX: Final = "inbox"


def border_log(author: Nation, reader: Nation) -> str:
    """The log of everything that `author` released to `reader`."""
    return f"{BORDER}/{author}-{reader}"


def home_log(room: bytes) -> str:
    """The log of one room inside one nation."""
    return f"{HOME}/{room.hex()}"


def inbox_log(address: object) -> str:
    """The log of what was addressed to one person: invitations and notices."""
    return f"{INBOX}/{address}"


def origin(nation: Nation, log: str) -> str:
    """The checkpoint origin line of a log kept by `nation`."""
    return f"cordiale/{nation}/{log}"


class Pull(Record, frozen=True):
    """Ask for what follows `size`; `cosigned` is the last checkpoint with the reader's cosignature, or empty."""

    log: str
    size: int
    cosigned: bytes = b""
    wait: int = 0


class Batch(Record, frozen=True):
    """The leaves from `start`, a checkpoint at or past their end, and what they name, content-addressed.

    Where the checkpoint is past their end, `consistency` proves (RFC 9162 §2.1.4) that their end is a prefix of it. `frontier`
    is given to a reader who starts in the middle of a log.
    """

    log: str
    start: int
    leaves: tuple[bytes, ...]
    checkpoint: bytes
    envelopes: tuple[bytes, ...]
    chains: tuple[bytes, ...]
    consistency: tuple[bytes, ...] = ()
    frontier: bytes = b""

    def encode(self) -> bytes:
        return canonical.encode(self)


def parse_pull(data: bytes) -> Pull:
    """Parse strictly."""
    pull = canonical.decode(data, Pull, limit=limits.CARD_BYTES)
    if pull.size < 0 or not 0 <= pull.wait <= limits.LONG_POLL_SECONDS or len(pull.log) > 256:
        raise Malformed("a field is outside its range", what="Pull")
    return pull


def parse_batch(data: bytes) -> Batch:
    """Parse strictly; nothing is verified yet."""
    batch = canonical.decode(data, Batch, limit=limits.REQUEST_BYTES)
    if len(batch.leaves) > limits.BATCH_ENTRIES:
        raise LimitExceeded(f"{len(batch.leaves)} entries in a batch")
    if batch.start < 0:
        raise Malformed("negative start", what="Batch")
    return batch


def take(state: LogState, batch: Batch, checkpoint: VerifiedCheckpoint) -> LogState:
    """The replica after `batch`; raises and changes nothing if it does not continue the log that was signed.

    The leaves are not parsed here: the log is evidence of what was signed, also where that makes no sense.
    """
    if batch.start != state.size:
        detail = f"a batch of {batch.log} starts at {batch.start}, {state.size} was asked for"
        raise ProtocolViolation(detail, rule="cordiale session 5")
    return advance(state, batch.leaves, checkpoint, [Digest(part) for part in batch.consistency])


class Enclosed:
    """What came with a batch: envelopes by digest, and chains by digest."""

    def __init__(self, batch: Batch) -> None:
        self._envelopes = {sha256(data): data for data in batch.envelopes}
        self.chains = {sha256(data): Chain.decode(data) for data in batch.chains}

    def envelope(self, entry: Released) -> bytes:
        """The bytes that an entry names; one that didn't come spoils the whole batch, because asking again may bring it."""
        data = self._envelopes.get(entry.release.envelope)
        if data is None:
            raise Malformed("an entry came without its envelope", what="Batch")
        return data
