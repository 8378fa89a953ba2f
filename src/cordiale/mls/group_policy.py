"""What a member decides for itself about one group: nothing here needs the others to agree."""

from typing import Final, Self

import msgspec

from cordiale.errors import IllegalStep
from cordiale.mls.syntax import Reader, u16
from cordiale.mls.wire_format import WireFormat
from cordiale.wire import limits


class GroupPolicy(msgspec.Struct, frozen=True):
    """`past_epochs`: how many epochs stay readable, and usable as resumption keys (RFC 9420 §8.6, §14).

    `handshakes`: the wire format of one's own proposals and commits (§6). PublicMessage lets a node check and order
    them; PrivateMessage hides them from it. Both are understood from others whatever is chosen here.
    """

    past_epochs: int = limits.PAST_EPOCHS
    handshakes: WireFormat = WireFormat.PUBLIC_MESSAGE

    def __post_init__(self) -> None:
        if not 0 <= self.past_epochs <= limits.PAST_EPOCHS_MOST:
            raise IllegalStep(f"{self.past_epochs} past epochs, {limits.PAST_EPOCHS_MOST} allowed")
        if self.handshakes not in (WireFormat.PUBLIC_MESSAGE, WireFormat.PRIVATE_MESSAGE):
            raise IllegalStep(f"{self.handshakes.name} carries no handshake")

    def encode(self) -> bytes:
        """For a member's state."""
        return u16(self.past_epochs) + u16(self.handshakes)

    @classmethod
    def read(cls, reader: Reader) -> Self:
        """What `encode` wrote."""
        past, handshakes = reader.u16(), reader.u16()
        if past > limits.PAST_EPOCHS_MOST or handshakes not in (WireFormat.PUBLIC_MESSAGE, WireFormat.PRIVATE_MESSAGE):
            reader.fail("a group policy out of bounds")
        return cls(past, WireFormat(handshakes))


DEFAULT_POLICY: Final = GroupPolicy()
