"""What the node needs of storage. Five small ports, joined in one transaction; adapters implement them.

Within `Store.write()` everything is applied or nothing is; nobody is told of success before the block has ended.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from cordiale.crypto.certificate import Chain
from cordiale.ledger.log import LogState
from cordiale.vocab.identifier import Digest, Epoch, RoomId
from cordiale.vocab.moment import Moment
from cordiale.vocab.party import Address, Nation
from cordiale.wire.canonical import Record

Note = bytes | Callable[[], bytes]


class Device(Record, frozen=True):
    """An enrolled device of this nation."""

    digest: Digest
    address: Address
    device: str
    public_key: bytes
    revoked: bool = False


class RoomRow(Record, frozen=True):
    """A room as the node knows it: `group` is the encoded public group."""

    id: RoomId
    parameters: bytes
    epoch: Epoch
    group: bytes


class MemberRow(Record, frozen=True):
    """Who may write and read: `since` is the home-log offset from which they read, `until` where that ended (or -1)."""

    room: RoomId
    public_key: bytes
    address: Address
    since: int
    until: int = -1
    until_epoch: int = -1


class LinkRow(Record, frozen=True):
    """A link to another nation: `mine` and `theirs` are the two cards, `invited` whether this side's came first; `sealed` is
    their card under this nation's root's seal, made when the words were compared."""

    nation: Nation
    state: str
    mine: bytes
    theirs: bytes
    invited: bool
    sealed: bytes = b""


class Logs(Protocol):
    """Append-only logs by name."""

    def state(self, log: str) -> LogState: ...
    def append(self, log: str, state: LogState, leaves: Sequence[bytes], hashes: Sequence[Digest], note: Note) -> None:
        """`state` is the one after the leaves; `note` its signed checkpoint, or what signs it when the transaction ends and
        this was the log's last growth in it: one signature for a whole group of messages."""
        ...

    def leaves(self, log: str, start: int, count: int) -> list[bytes]: ...
    def hashes(self, log: str, start: int, count: int) -> list[Digest]: ...
    def subtrees(self, log: str, level: int, start: int, count: int) -> list[Digest]:
        """Roots of complete subtrees of 256**level entries (C2SP tlog-tiles), level ≥ 1."""
        ...

    def find(self, log: str, leaf: Digest) -> int | None:
        """The offset of the leaf with this SHA-256."""
        ...

    def checkpoint(self, log: str) -> bytes: ...
    def cosigned(self, log: str) -> bytes: ...
    def put_cosigned(self, log: str, note: bytes) -> None: ...
    def names(self) -> list[tuple[str, int]]: ...


class Blobs(Protocol):
    """Content-addressed bytes: envelopes and certificate chains."""

    def envelope(self, digest: Digest) -> bytes | None: ...
    def put_envelope(self, digest: Digest, data: bytes, room: RoomId, at: Moment) -> None: ...
    def chain(self, digest: Digest) -> Chain | None: ...
    def put_chain(self, digest: Digest, chain: Chain) -> None: ...


class Registry(Protocol):
    """This nation's devices and their key packages."""

    def device(self, digest: Digest) -> Device | None: ...
    def put_device(self, device: Device) -> None: ...
    def devices(self, address: Address | None = None) -> list[Device]: ...
    def revoke(self, address: Address) -> int: ...
    def revoked(self, address: Address) -> bool: ...
    def put_key_packages(self, device: Digest, packages: Sequence[bytes]) -> int: ...
    def put_last_resort(self, device: Digest, package: bytes) -> None:
        """Keep the device's one package of last resort, in place of the one before."""
        ...

    def take_key_packages(self, address: Address) -> list[bytes]:
        """One of each device of that person, used up; of a device that has none left, its last resort, which stays."""
        ...

    def count_key_packages(self, device: Digest) -> int:
        """How many are left to be used up: its last resort is not counted."""
        ...


class Rooms(Protocol):
    """Rooms, members, and this nation's and others' counters in them."""

    def room(self, room: RoomId) -> RoomRow | None: ...
    def put_room(self, row: RoomRow) -> None: ...
    def rooms(self) -> list[RoomRow]: ...
    def member(self, room: RoomId, public_key: bytes) -> MemberRow | None: ...
    def members(self, room: RoomId) -> list[MemberRow]: ...
    def memberships(self, address: Address) -> list[MemberRow]: ...
    def put_member(self, row: MemberRow) -> None: ...
    def sequence(self, room: RoomId, nation: Nation) -> int: ...
    def put_sequence(self, room: RoomId, nation: Nation, last: int) -> None: ...
    def accepted(self, envelope: Digest) -> int | None: ...
    def put_accepted(self, envelope: Digest, offset: int) -> None: ...


class Links(Protocol):
    """Other nations."""

    def link(self, nation: Nation) -> LinkRow | None: ...
    def links(self) -> list[LinkRow]: ...
    def put_link(self, row: LinkRow) -> None: ...


class Transaction(Protocol):
    """All ports over one consistent state."""

    @property
    def logs(self) -> Logs: ...
    @property
    def blobs(self) -> Blobs: ...
    @property
    def registry(self) -> Registry: ...
    @property
    def rooms(self) -> Rooms: ...
    @property
    def links(self) -> Links: ...

    def savepoint(self) -> AbstractContextManager[None]:
        """Undo what was done inside when it raises."""
        ...


class Store(Protocol):
    """The node's durable state."""

    def write(self) -> AbstractContextManager[Transaction]: ...
    def read(self) -> AbstractContextManager[Transaction]: ...
