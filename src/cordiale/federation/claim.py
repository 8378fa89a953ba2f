"""Claims: a device asks its node for numbers of messages that nobody ever had, before it encrypts under them.

    agent ──Claim{first, count}──► node: start = max(first, the first that was never granted), for this device, room and epoch
          ◄───────── start ──────  generations start … start + count - 1

A message key and its nonce follow from (epoch, leaf, generation) alone (RFC 9420 §9), and an agent's store may be put back
to an older one, which no longer knows what was used. Law: an agent encrypts only under generations that the running process
itself was granted, each once; the node grants none twice. A claim travels as an envelope of kind `claim`, stands in no log
and goes to nobody else.
"""

from typing import Final

from cordiale.crypto.digest import sha256
from cordiale.errors import Malformed
from cordiale.vocab.identifier import Digest, Epoch, RoomId
from cordiale.wire import canonical, limits
from cordiale.wire.canonical import Record

GENERATIONS: Final = 2**32
"""In one epoch (RFC 9420 §6.3.2)."""
_DOMAIN: Final = b"cordiale claim\x00"


class Claim(Record, frozen=True):
    """`first` is the lowest generation that the device can use, `count` how many it wants."""

    first: int
    count: int

    def encode(self) -> bytes:
        return canonical.encode(self)


def parse_claim(body: bytes) -> Claim:
    """Parse strictly."""
    claim = canonical.decode(body, Claim, limit=limits.BINDING_BYTES)
    if not (0 <= claim.first < GENERATIONS and 1 <= claim.count <= limits.CLAIMED_GENERATIONS):
        raise Malformed("a number outside its range", what="Claim")
    return claim


def ledger_key(device: Digest, room: RoomId, epoch: Epoch) -> Digest:
    """Under what name a node keeps the first generation that it has not granted to a device in an epoch."""
    return sha256(_DOMAIN + device + room + epoch.to_bytes(8, "big"))
