"""What a person can look at: rooms, messages, files, search, how things stand. Nothing here changes anything or asks the node."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Generator, Sequence
from contextlib import contextmanager

import msgspec

from cordiale.agent import content as contents
from cordiale.agent.identity import OwnIdentity
from cordiale.agent.ports import AgentStore, FileRow, Finder, MessageRow, State
from cordiale.agent.records import Books
from cordiale.agent.talk import Talk, talk_of
from cordiale.agent.workspace import RoomInfo, Workspace, unit
from cordiale.errors import IllegalStep, NotFound
from cordiale.federation.domain import Domain, chain_of
from cordiale.federation.room import parse_parameters
from cordiale.labels.label import Label, decode_label
from cordiale.labels.marking import Marking, marking_for
from cordiale.mls.member_group import MemberGroup
from cordiale.register.act import kind_of
from cordiale.register.sight import Ground
from cordiale.vocab.identifier import RoomId
from cordiale.vocab.moment import Clock
from cordiale.vocab.party import Nation
from cordiale.wire import limits


class MemberView(msgspec.Struct, frozen=True):
    """One member's device."""

    address: str
    nation: Nation
    device: str


class RoomView(msgspec.Struct, frozen=True):
    """A room as its member sees it."""

    id: RoomId
    title: str
    nations: tuple[Nation, ...]
    hub: Nation
    ceiling: Marking
    epoch: int
    member: bool
    members: tuple[MemberView, ...]


class RoomOutline(msgspec.Struct, frozen=True):
    """A room without its members."""

    id: RoomId
    title: str
    nations: tuple[Nation, ...]
    ceiling: Marking
    member: bool


class MessageView(msgspec.Struct, frozen=True):
    """A message with its marking in the reader's own scheme, as it stands after edits; of an act about a record, which.

    `edits` are markings of `talk.edits`, and `replied` that of what it replies to.
    """

    number: int
    row: MessageRow
    marking: Marking
    file: FileRow | None
    talk: Talk
    edits: tuple[Marking, ...] = ()
    replied: Marking | None = None
    act: str = ""
    reader: str = ""


class Status(msgspec.Struct, frozen=True):
    """How the agent stands."""

    address: str
    device: str
    nation: Nation
    node: str
    enrolled: bool
    linked: tuple[Nation, ...]
    rooms: int
    queued: int
    alarms: tuple[str, ...]


class Reader(ABC):
    """The reading half of the engine: the store, the groups in memory, and the lock that guards both."""

    def __init__(
        self, store: AgentStore, finder: Finder, clock: Clock, own: OwnIdentity, ground: Ground | None = None
    ) -> None:
        self.own = own
        self._finder, self._books = finder, Books(ground)
        self._store, self._clock = store, clock
        self._lock = threading.RLock()
        self._news = threading.Condition(self._lock)
        self._groups: dict[RoomId, MemberGroup] = {}

    @property
    @abstractmethod
    def domain(self) -> Domain:
        """Whom to believe."""

    @contextmanager
    def _unit(self) -> Generator[Workspace]:
        """A unit of work under the lock. Connecting, which waits for the network, comes before it."""
        domain = self.domain
        with self._lock:
            with unit(self._store, self.own, domain, self._groups, self._clock()) as work:
                yield work
            for room, changed in self._books.adopt(work.acted).items():
                self._finder.put(room, changed)
            self._news.notify_all()

    def find_room(self, reference: str) -> RoomId:
        """A room by its title or the beginning of its id."""
        with self._unit() as work:
            rooms = work.rooms()
        exact = [room for room, info in rooms.items() if reference in (info.title, room.hex())]
        found = exact or [room for room in rooms if len(reference) >= 4 and room.hex().startswith(reference.lower())]
        if len(found) != 1:
            raise NotFound(f"{reference[:80]!r}" + (" names several" if found else ""), what="room")
        return found[0]

    def rooms(self, language: str = "en") -> list[RoomView]:
        """Every room, with its members."""
        with self._unit() as work:
            return [self._room_view(work, room, info, language) for room, info in work.rooms().items()]

    def outlines(self, language: str = "en") -> list[RoomOutline]:
        """Every room, without its members: what a list of rooms shows."""
        with self._unit() as work:
            rooms = work.rooms()
        found: list[RoomOutline] = []
        for room, info in rooms.items():
            parameters = parse_parameters(info.parameters)
            ceiling = self.marking(parameters.ceiling_label, language)
            found.append(RoomOutline(room, info.title, parameters.nations, ceiling, not info.left))
        return found

    def room(self, room: RoomId, language: str = "en") -> RoomView:
        """One room."""
        with self._unit() as work:
            return self._room_view(work, room, work.info(room), language)

    def _room_view(self, work: Workspace, room: RoomId, info: RoomInfo, language: str) -> RoomView:
        parameters, group = parse_parameters(info.parameters), work.group(room)
        people = [work.domain.identify(chain_of(member.credential), work.now) for member in group.members]
        members = tuple(MemberView(str(person.address), person.nation, person.device) for person in people)
        ceiling = self.marking(parameters.ceiling_label, language)
        return RoomView(
            room, info.title, parameters.nations, parameters.hub, ceiling, group.epoch, not info.left, members
        )

    def marking(self, label: Label, language: str) -> Marking:
        """A label's marking in this person's scheme."""
        domain = self.domain
        return marking_for(label, domain.policy, domain.policies, domain.table, language)

    def messages(
        self,
        room: RoomId,
        language: str,
        *,
        limit: int = 200,
        before: int = 0,
        since: int = 0,
        after: int = 0,
        topic: str = "",
    ) -> list[MessageView]:
        """Messages of a room in causal order: the last of all, the last before the one numbered `before`, the first behind the
        one numbered `since`, or the last of those that arrived after `after`; of one topic, where it is given."""
        with self._reading() as state:
            rows = state.messages(room, limit=limit, before=before, since=since, after=after, topic=topic)
            return self._views(state, rows, language)

    def topics(self, room: RoomId, limit: int = 50) -> list[str]:
        """A room's topics, those used last first."""
        with self._reading() as state:
            return state.topics(room, limit)

    def latest(self) -> int:
        """The number of the last message that arrived; 0 before the first."""
        with self._reading() as state:
            return state.latest()

    def await_arrival(self, after: int, seconds: float) -> None:
        """Until something arrived after the message numbered `after`, but no longer than so many seconds."""
        with self._news:
            self._news.wait_for(lambda: self.latest() > after, seconds)

    def arrived(self, after: int, language: str, *, limit: int = 200) -> list[MessageView]:
        """What arrived since `after`, of all rooms, in the order of arrival."""
        with self._reading() as state:
            return self._views(state, state.arrived(after, limit), language)

    def search(self, query: str, language: str, *, limit: int = 50) -> list[MessageView]:
        """Full-text search over everything this person may read, on this machine only. What an edit says is found as the
        message that it changed."""
        with self._reading() as state:
            found: dict[tuple[RoomId, bytes], MessageRow] = {}
            for row in state.search(query, limit):
                shown = state.message(row.room, row.target) if row.kind == contents.EDIT else row
                if shown is not None:
                    found.setdefault((shown.room, shown.id), shown)
            return self._views(state, [(0, row) for row in found.values()], language)

    @contextmanager
    def _reading(self) -> Generator[State]:
        """The store, for looking only. Connecting, if that wasn't done, comes before the lock."""
        _ = self.domain
        with self._lock, self._store.read() as state:
            yield state

    def _views(self, state: State, rows: Sequence[tuple[int, MessageRow]], language: str) -> list[MessageView]:
        by_room: dict[RoomId, list[MessageRow]] = {}
        for _, row in rows:
            by_room.setdefault(row.room, []).append(row)
        said = {room: talk_of(state, self.domain, of_room) for room, of_room in by_room.items()}
        return [self._view(state, number, row, said[row.room][row.id], language) for number, row in rows]

    def _view(self, state: State, number: int, row: MessageRow, talk: Talk, language: str) -> MessageView:
        marking = self._marked(talk.label, language)
        if row.kind == contents.ACT:
            act = state.act(row.room, row.id)
            kind = kind_of(act.signed) if act else ""
            return MessageView(number, row, marking, None, talk, act=kind, reader=str(self.own.address))
        edits = tuple(self._marked(edit.row.label, language) for edit in talk.edits)
        replied = self._marked(talk.reply.label, language) if talk.reply else None
        file = state.file(row.file) if row.file else None
        return MessageView(number, row, marking, file, talk, edits, replied, reader=str(self.own.address))

    def _marked(self, label: bytes, language: str) -> Marking:
        return self.marking(decode_label(label), language)

    def message(self, room: RoomId, reference: str) -> MessageRow:
        """A message by the beginning of its id, or `last`."""
        with self._lock, self._store.read() as state:
            if reference == "last":
                found = [row for _, row in state.messages(room, limit=1)]
            else:
                found = state.messages_like(room, reference.lower(), limit=2)
        if len(found) != 1:
            raise NotFound(f"{reference[:40]!r}" + (" names several" if found else ""), what="message")
        return found[0]

    def view(self, room: RoomId, message: bytes, language: str) -> MessageView:
        """One message by its id, or `NotFound`."""
        with self._reading() as state:
            row = state.message(room, message)
            if row is None:
                raise NotFound(message[:6].hex(), what="message")
            return self._views(state, [(state.numbered(room, message), row)], language)[0]

    def file(self, room: RoomId, message: bytes) -> tuple[str, bytes]:
        """Name and bytes of a complete file, its SHA-256 checked; `IllegalStep` while parts are missing."""
        with self._lock, self._store.read() as state:
            row = state.message(room, message)
            held = state.file(row.file) if row and row.file else None
            if held is None:
                raise NotFound(message[:6].hex(), what="file")
            if held.have < held.parts:
                raise IllegalStep(f"{held.have} of {held.parts} parts of {held.name} are here")
            data = contents.assemble(state.parts(held.id), held.size, held.digest)
        if data is None:
            raise IllegalStep(f"{held.name} is not what was announced; ask for it again")
        return held.name, data

    def status(self) -> Status:
        """How things stand."""
        domain = self.domain
        with self._unit() as work:
            alarms = tuple(value.decode(errors="replace") for value in work.state.values("alarm/").values())
            queued = len(work.state.queued(None, limits.BATCH_ENTRIES * 100))
            rooms = len(work.rooms())
        return Status(
            str(self.own.address),
            self.own.row.device_name,
            self.own.nation,
            self.own.row.node,
            True,
            tuple(sorted(domain.peers)),
            rooms,
            queued,
            alarms,
        )
