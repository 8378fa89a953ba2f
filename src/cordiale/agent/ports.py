"""What the agent needs of the world: its node, an encrypted store, the time."""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from cordiale.errors import CordialeError
from cordiale.federation.api import BorderPage, LinkStanding, Outcome, SyncAnswer
from cordiale.register.fold import Fold
from cordiale.register.query import Query
from cordiale.register.record import RecordId
from cordiale.register.schema import Schema
from cordiale.vocab.identifier import Digest, RoomId
from cordiale.vocab.moment import Moment
from cordiale.wire.canonical import Record


class NodeClient(Protocol):
    """The home node. Every call may raise `Unreachable`, or the error that the node answered."""

    def enrol(self, chain: bytes) -> None: ...
    def trust(self) -> bytes:
        """The sealed `Trust` statement of the own border."""
        ...

    def submit(self, envelopes: Sequence[bytes]) -> Sequence[Outcome | CordialeError]: ...
    def sync(self, positions: dict[str, int], wait: int) -> SyncAnswer: ...
    def publish(self, packages: Sequence[bytes]) -> int: ...
    def take(self, address: str) -> Sequence[bytes]: ...
    def prove(self, room: RoomId, envelope: Digest, partner: str = "") -> bytes:
        """The bundle of a message's crossing to a partner, the first of them where none is named."""
        ...

    def stored(self, envelope: Digest) -> bytes: ...
    def border(self, log: str, start: int, count: int) -> BorderPage:
        """A stretch of a border log, as far as this device may see it."""
        ...

    def links(self) -> Sequence[LinkStanding]:
        """How the linked nations' nodes can be reached."""
        ...


class MessageRow(Record, frozen=True):
    """One message as the person has it. `state` is queued, sent, stored, refused, withheld or received; `detail` is why it was
    refused or withheld (`cordiale.agent.refusal`).

    `target` is what it replies to or, for an edit or a reaction, what it is about; `topic` of a reaction is its name, after a
    minus where it takes it back. `mentions` are addresses with a space before and after each.
    """

    room: RoomId
    id: bytes
    author: str
    label: bytes
    kind: str
    text: str
    file: bytes
    sent: Moment
    lamport: int
    nation: str
    sequence: int
    state: str
    envelope: bytes = b""
    detail: str = ""
    rule: str = ""
    topic: str = ""
    target: bytes = b""
    priority: int = 0
    mentions: str = ""

    def __repr__(self) -> str:
        return f"MessageRow({self.id[:6].hex()}, {self.state})"


class Waiting(Record, frozen=True):
    """What waits in a room for a person: messages of others, those that mention the person, the highest precedence."""

    unread: int
    mentions: int
    priority: int


class QueuedRow(Record, frozen=True):
    """Something to submit. `envelope` is empty until it was encrypted; the same bytes are sent until they are taken."""

    number: int
    room: RoomId
    id: bytes
    content: bytes
    label: bytes
    sent: Moment
    envelope: bytes
    digest: bytes

    def __repr__(self) -> str:
        return f"QueuedRow({self.number}, {self.id[:6].hex()})"


class ActRow(Record, frozen=True):
    """A verified act about a joint record. `envelope` is empty until one's own has crossed; `signed`, once it never will."""

    room: RoomId
    record: bytes
    message: bytes
    digest: bytes
    signed: bytes
    author: bytes
    crossing: bytes
    envelope: bytes

    def __repr__(self) -> str:
        return f"ActRow({self.record[:6].hex()}, {self.digest[:6].hex()})"


class FileRow(Record, frozen=True):
    """A file that travels in parts: complete when all are there and the digest holds."""

    id: bytes
    name: str
    size: int
    digest: Digest
    parts: int
    have: int


class State(Protocol):
    """The encrypted store within one transaction. Keys of `value` are short names; the bytes are opaque to it."""

    def value(self, key: str) -> bytes | None: ...
    def put_value(self, key: str, value: bytes) -> None: ...
    def drop_value(self, key: str) -> None: ...
    def values(self, prefix: str) -> dict[str, bytes]: ...
    def put_message(self, row: MessageRow) -> None:
        """Insert or replace by (room, id), and index its text."""
        ...

    def message(self, room: RoomId, message: bytes) -> MessageRow | None: ...
    def messages_like(self, room: RoomId, prefix: str, limit: int) -> list[MessageRow]:
        """Those whose id begins with these hexadecimal digits."""
        ...

    def messages(
        self, room: RoomId, *, limit: int, before: int = 0, since: int = 0, after: int = 0, topic: str = ""
    ) -> list[tuple[int, MessageRow]]:
        """Those with rows of their own, in causal order (lamport, nation, sequence): the last `limit` of all, the last before
        the one numbered `before`, the first behind the one numbered `since`, or the last of those with a number above `after`;
        of one topic, where it is given.

        The number is the order of arrival here.
        """
        ...

    def numbered(self, room: RoomId, message: bytes) -> int:
        """A message's number; 0 if it is not there."""
        ...

    def hanging(self, room: RoomId, targets: Sequence[bytes]) -> list[MessageRow]:
        """Edits of these messages and reactions to them, in causal order."""
        ...

    def waiting(self, room: RoomId, after: int, author: str, most: int) -> Waiting:
        """Of those with a number above `after` and another author; counts end at `most`."""
        ...

    def last_of(self, room: RoomId, author: str, state: str) -> MessageRow | None:
        """The last in causal order of one author and in one state."""
        ...

    def topics(self, room: RoomId, limit: int) -> list[str]:
        """Those used last come first."""
        ...

    def latest(self) -> int:
        """The number of the last message that arrived; 0 before the first."""
        ...

    def arrived(self, after: int, limit: int) -> list[tuple[int, MessageRow]]:
        """In order of arrival, of all rooms."""
        ...

    def search(self, query: str, limit: int) -> list[MessageRow]: ...
    def in_state(self, state: str, limit: int) -> list[MessageRow]:
        """The last of one's own that stand so, of all rooms, latest first."""
        ...

    def enqueue(self, row: QueuedRow) -> int: ...
    def queued(self, room: RoomId | None, limit: int) -> list[QueuedRow]: ...
    def update_queued(self, row: QueuedRow) -> None: ...
    def dequeue(self, number: int) -> None: ...
    def put_act(self, row: ActRow) -> None:
        """Insert or replace by (room, message)."""
        ...

    def act(self, room: RoomId, message: bytes) -> ActRow | None: ...
    def acts(self, room: RoomId) -> list[ActRow]:
        """In the order in which they came."""
        ...

    def first_act(self, room: RoomId, record: bytes) -> ActRow | None:
        """The first that came about a record."""
        ...

    def acts_of(self, room: RoomId, record: bytes) -> list[ActRow]:
        """All about a record, in the order in which they came."""
        ...

    def count_acts(self, room: RoomId) -> int: ...
    def drop_act(self, room: RoomId, message: bytes) -> None: ...
    def put_file(self, row: FileRow) -> None: ...
    def file(self, file: bytes) -> FileRow | None: ...
    def put_part(self, file: bytes, index: int, data: bytes) -> bool:
        """Whether it was new."""
        ...

    def parts(self, file: bytes) -> list[bytes]: ...


class Finder(Protocol):
    """An index over records: a cache, made from the books."""

    def put(self, room: RoomId, records: Iterable[tuple[RecordId, Fold, Schema | None]]) -> None: ...
    def find(
        self, query: Query, today: str, *, room: RoomId | None = None, limit: int = 1000
    ) -> list[tuple[RoomId, RecordId]]: ...


class AgentStore(Protocol):
    """Everything that the agent keeps; a block is applied whole or not at all."""

    def write(self) -> AbstractContextManager[State]: ...
    def read(self) -> AbstractContextManager[State]: ...
