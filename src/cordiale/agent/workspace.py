"""One unit of the agent's work: the store's transaction, the groups as they will be, and what to judge by.

Groups are immutable; of a changed one the parts that differ are written when the unit ends well, and it is forgotten when it
doesn't, so that a rejected input leaves memory and store as they were.
"""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from cordiale.agent.identity import OwnIdentity
from cordiale.agent.ports import ActRow, AgentStore, State
from cordiale.errors import NotFound
from cordiale.federation.domain import Domain
from cordiale.ledger.log import LogState
from cordiale.ledger.merkle import Frontier
from cordiale.mls.member_group import MemberGroup
from cordiale.mls.member_parts import assemble
from cordiale.mls.member_parts import difference as mls_difference
from cordiale.vocab.identifier import RoomId
from cordiale.vocab.moment import Moment
from cordiale.vocab.party import Nation
from cordiale.wire import canonical, limits
from cordiale.wire.canonical import Record

GROUP: Final = "group/"
ROOM: Final = "room/"
LOG: Final = "log/"
HEADS: Final = "heads/"
PENDING: Final = "pending/"
HELD: Final = "held/"
DUTY: Final = "duty/"
PACKAGE: Final = "package/"


class RoomInfo(Record, frozen=True):
    """A room as its member knows it. `left` is when this device ceased to be a member or lost track, or 0."""

    title: str
    parameters: bytes
    joined: Moment
    left: Moment = Moment(0)


class Heads(Record, frozen=True):
    """Messages seen, by nation; and by other nations, how many of this one's own their people have seen."""

    seen: dict[Nation, int]
    theirs: dict[Nation, int] = {}


class Pending(Record, frozen=True):
    """A commit of our own that waits for the hub: adopted when it comes back, made again when another one won.

    `data` are its bytes and `envelope` their digest, empty once it has to be made again. `group` is the next epoch alone: what
    the present one still reads meanwhile is not kept twice.
    """

    envelope: bytes
    data: bytes
    group: bytes
    add: tuple[bytes, ...]
    remove: tuple[str, ...]
    message: bytes
    answered: bool = False

    def __repr__(self) -> str:
        return f"Pending({self.envelope[:6].hex()})"


class Workspace:
    """What inbox, outbox and membership work on. Not for keeping beyond the unit."""

    def __init__(
        self,
        state: State,
        own: OwnIdentity,
        domain: Domain,
        groups: dict[RoomId, MemberGroup],
        changed: dict[RoomId, MemberGroup],
        now: Moment,
    ) -> None:
        self.state, self.own, self.domain, self.now = state, own, domain, now
        self._committed, self.changed = groups, changed
        self.acted: list[ActRow] = []
        """Acts kept in this unit, for the books once it has ended well."""

    def group(self, room: RoomId) -> MemberGroup:
        """The group's present state, or `NotFound`."""
        found = self.changed.get(room) or self._committed.get(room)
        if found is None:
            stored = self.state.values(_group(room))
            if not stored:
                raise NotFound(room[:6].hex(), what="room")
            parts = {name.removeprefix(_group(room)): data for name, data in stored.items()}
            found = self._committed[room] = assemble(parts, MemberGroup)
        return found

    def keep_groups(self) -> None:
        """Write what is new of the changed groups, and erase what they erased."""
        for room, group in self.changed.items():
            before = self._committed.get(room)
            if before is None:
                for name in self.state.values(_group(room)):
                    self.state.drop_value(name)
            difference = mls_difference(before, group)
            for name, data in difference.put.items():
                self.state.put_value(_group(room) + name, data)
            for name in difference.drop:
                self.state.drop_value(_group(room) + name)

    def put_group(self, room: RoomId, group: MemberGroup) -> None:
        """Keep a new state of the group; written once, when the unit ends."""
        self.changed[room] = group

    def info(self, room: RoomId) -> RoomInfo:
        """The room, or `NotFound`."""
        stored = self.state.value(ROOM + room.hex())
        if stored is None:
            raise NotFound(room[:6].hex(), what="room")
        return canonical.decode(stored, RoomInfo, limit=limits.CARD_BYTES)

    def put_info(self, room: RoomId, info: RoomInfo) -> None:
        self.state.put_value(ROOM + room.hex(), canonical.encode(info))

    def rooms(self) -> dict[RoomId, RoomInfo]:
        """Every room this device is or was in."""
        found = self.state.values(ROOM)
        return {
            RoomId(bytes.fromhex(key.removeprefix(ROOM))): canonical.decode(value, RoomInfo, limit=limits.CARD_BYTES)
            for key, value in found.items()
        }

    def heads(self, room: RoomId) -> dict[Nation, int]:
        return self.both_heads(room).seen

    def both_heads(self, room: RoomId) -> Heads:
        """What was seen here, and what of this nation's own was seen at others."""
        stored = self.state.value(HEADS + room.hex())
        return canonical.decode(stored, Heads, limit=limits.BINDING_BYTES) if stored else Heads({})

    def put_heads(self, room: RoomId, heads: Heads) -> None:
        self.state.put_value(HEADS + room.hex(), canonical.encode(heads))

    def log(self, name: str, origin: str) -> LogState | None:
        """How far a log was read; None before the first batch."""
        stored = self.state.value(LOG + name)
        return LogState(origin, Frontier.decode(stored)) if stored else None

    def put_log(self, name: str, log: LogState) -> None:
        self.state.put_value(LOG + name, log.frontier.encode())

    def pending(self, room: RoomId) -> Pending | None:
        stored = self.state.value(PENDING + room.hex())
        return canonical.decode(stored, Pending, limit=limits.BATCH_BYTES * 4) if stored else None

    def put_pending(self, room: RoomId, pending: Pending | None) -> None:
        if pending is None:
            self.state.drop_value(PENDING + room.hex())
        else:
            self.state.put_value(PENDING + room.hex(), canonical.encode(pending))


@contextmanager
def unit(
    store: AgentStore, own: OwnIdentity, domain: Domain, groups: dict[RoomId, MemberGroup], now: Moment
) -> Generator[Workspace]:
    """A unit of work: all of it is kept or none."""
    changed: dict[RoomId, MemberGroup] = {}
    try:
        with store.write() as state:
            workspace = Workspace(state, own, domain, groups, changed, now)
            yield workspace
            workspace.keep_groups()
    except BaseException:
        for room in changed:  # whether a failed commit left its mark, only the store knows
            groups.pop(room, None)
        raise
    groups.update(changed)


def _group(room: RoomId) -> str:
    return f"{GROUP}{room.hex()}/"
