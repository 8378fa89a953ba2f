"""A person who talks: what goes with a message (topic, reply, precedence, who is mentioned), edits, reactions, reading receipts.

A reading receipt says that everything in a room was read; it is an ordinary small message to the room, so nodes see that
something was sent. One goes at most every `READ_EVERY`, in rooms of no more than `READ_PEOPLE`, and none if the person does not
want it.
"""

import re
from typing import Final

from cordiale.agent import content as contents
from cordiale.agent import outbox, talk
from cordiale.agent.content import About
from cordiale.agent.ports import MessageRow, Waiting
from cordiale.agent.registering import Registrar
from cordiale.agent.release import carrier, check_release, nations_of
from cordiale.agent.talk import Delivery
from cordiale.agent.workspace import Workspace
from cordiale.errors import CordialeError, IllegalStep, LimitExceeded, NotFound, Unavailable, WrongUsage
from cordiale.federation.bundle import verify_bundle
from cordiale.federation.domain import chain_of
from cordiale.federation.room import parse_parameters
from cordiale.labels.label import Label, decode_label
from cordiale.vocab.identifier import Digest, MessageId, RoomId
from cordiale.vocab.moment import SECOND, Moment
from cordiale.vocab.party import Nation
from cordiale.wire import limits

READ_AFTER: Final = 2 * SECOND
READ_EVERY: Final = 10 * SECOND
READ_PEOPLE: Final = 50
"""In larger rooms nobody says what they have read: everybody would have to be told by everybody."""
DRAFT: Final = "draft/"
SEEN: Final = "seen/"
_RECEIPTS: Final = "setting/receipts"
_OFF: Final = b"off"
UNREAD_MOST: Final = 1000
_MENTION: Final = re.compile(r"(?<![\w@.])@([a-z0-9](?:[a-z0-9._-]*[a-z0-9])?)(?:@([a-z]{2,8}))?(?![\w@])")


class Talker(Registrar):
    """What a person says about messages. Sending is the engine's: each is queued like any message."""

    _to_tell: dict[RoomId, Moment]
    """Rooms whose reading is to be told, and from when."""

    # --- writing ------------------------------------------------------------------------------------------------

    def about(self, room: RoomId, text: str, *, topic: str | None = None, reply: str = "", priority: int = 0) -> About:
        """What goes with a text: `reply` is the beginning of a message's id, whose topic it keeps unless another is given."""
        with self._unit() as work:
            target = _target(work, self.message(room, reply)) if reply else None
            kept = target.topic if target is not None and topic is None else (topic or "").strip()
            if not contents.is_topic(kept):
                raise WrongUsage(f"a topic is one line of at most {limits.TOPIC_CHARACTERS} characters")
            mentions = _mentioned(text, _people(work, room))
        if len(mentions) > limits.MENTIONS:
            raise LimitExceeded(f"{len(mentions)} people mentioned, {limits.MENTIONS} allowed")
        return About(kept, target.id if target else b"", priority, mentions)

    def edit(self, room: RoomId, message: bytes, text: str, label: Label | None = None) -> MessageId:
        """Another text for one's own message, marked as that is now or more closely; never more openly."""
        with self._unit() as work:
            row = _row(work, room, message)
            now = talk.talk_of(work.state, work.domain, [row])[row.id]
            new = label or decode_label(now.label)
            fault = talk.fault_of_edit(work.domain, row, now.label, str(work.own.address), new)
            if fault:
                raise IllegalStep(_FAULTS[fault], rule=f"cordiale edit {fault}")
            if row.state in ("refused", "withheld"):
                raise IllegalStep("the message was not sent, so there is nothing to change: write it anew")
            check_release(work, room, new)
            return outbox.enqueue(work, room, new, [contents.edit(row.id, text)])

    def react(self, room: RoomId, message: bytes, name: str, *, off: bool = False) -> MessageId:
        """Give a reaction, or take it back. It is marked like the message, in one's own scheme."""
        if name not in contents.REACTIONS:
            raise WrongUsage(f"a reaction is one of {', '.join(contents.REACTIONS)}")
        with self._unit() as work:
            row = _row(work, room, message)
            _target(work, row)
            now = talk.talk_of(work.state, work.domain, [row])[row.id]
            label = carrier(work, room, decode_label(now.label))
            check_release(work, room, label)
            return outbox.enqueue(work, room, label, [contents.reaction(row.id, name, off=off)])

    # --- reading ------------------------------------------------------------------------------------------------

    def waiting(self) -> dict[RoomId, Waiting]:
        """For each room what arrived of others since this person looked; counts end at `UNREAD_MOST`."""
        with self._unit() as work:
            own, state = str(work.own.address), work.state
            return {
                room: state.waiting(room, int.from_bytes(state.value(SEEN + room.hex()) or b""), own, UNREAD_MOST)
                for room in work.rooms()
            }

    def seen(self, room: RoomId, number: int) -> None:
        """Note that this person has seen a room's messages up to this number; it never goes back. Others are told when all of
        the room was seen, if that is wished."""
        with self._lock, self._store.read() as state:
            known = int.from_bytes(state.value(SEEN + room.hex()) or b"")
        if number <= known:
            return
        with self._unit() as work:
            work.state.put_value(SEEN + room.hex(), number.to_bytes(8))
            own = str(work.own.address)
            others = work.state.waiting(room, known, own, 1).unread
            if others and not work.state.waiting(room, number, own, 1).unread:
                self._to_tell[room] = max(self._to_tell.get(room, Moment(0)), Moment(work.now + READ_AFTER))

    def tell_read(self) -> None:
        """Tell the rooms whose turn has come that everything in them was read."""
        now = self._clock()
        for room, at in list(self._to_tell.items()):
            if at > now:
                continue
            with self._unit() as work:
                if self._to_tell.pop(room, None) is not None:  # two threads may flush at once; one of them tells
                    self._tell(work, room)

    def _tell(self, work: Workspace, room: RoomId) -> None:
        info = work.info(room)
        seen = {nation: count for nation, count in work.heads(room).items() if count}
        if info.left or not seen or work.state.value(_RECEIPTS) == _OFF or len(_people(work, room)) > READ_PEOPLE:
            return
        told = f"told/{room.hex()}"
        last = Moment(int.from_bytes(work.state.value(told) or b""))
        if last + READ_EVERY > work.now:
            self._to_tell[room] = Moment(last + READ_EVERY)
            return
        try:
            label = carrier(work, room, parse_parameters(info.parameters).ceiling_label)
            check_release(work, room, label)
        except CordialeError:
            return  # there is no marking under which it could be told
        work.state.put_value(told, work.now.to_bytes(8))
        outbox.enqueue(work, room, label, [contents.read_up_to(seen)])

    def receipts(self, wanted: bool | None = None) -> bool:
        """Whether others are told what this person has read; set first where `wanted` is given."""
        with self._unit() as work:
            if wanted is not None:
                work.state.put_value(_RECEIPTS, b"on" if wanted else _OFF)
            return work.state.value(_RECEIPTS) != _OFF

    def delivery(self, room: RoomId, *, prove: bool = False) -> Delivery:
        """How far this nation's messages in a room have come. With `prove`, partners' cosignatures are asked for and verified."""
        with self._unit() as work:
            found = talk.delivery(work, room)
            last = self._last_sent(work, room) if prove else None
            others = [nation for nation in nations_of(work, room) if nation != self.own.nation]
        if last is None or all(found.theirs.get(nation, 0) >= last.sequence for nation in others):
            return found
        for nation in others:
            self._prove(room, last, nation)
        with self._unit() as work:
            return talk.delivery(work, room)

    def _last_sent(self, work: Workspace, room: RoomId) -> MessageRow | None:
        found = work.state.last_of(room, str(work.own.address), outbox.STORED)
        return found if found is not None and found.envelope else None

    def _prove(self, room: RoomId, row: MessageRow, nation: Nation) -> None:
        """Take in a partner's cosignature of what this nation released to it up to this message, once it is there."""
        domain = self.domain
        try:
            data = self._client.prove(room, Digest(row.envelope), nation)
            pinned = {domain.nation: domain.root, **{name: peer.root for name, peer in domain.peers.items()}}
            proven = verify_bundle(data, pinned, self._clock())
        except (NotFound, Unavailable):
            return
        if (proven.room, proven.message) == (room, row.id) and nation in proven.roots:
            with self._unit() as work:
                talk.at_theirs(work, room, nation, proven.sequence)

    # --- drafts -------------------------------------------------------------------------------------------------

    def draft(self, room: RoomId) -> bytes:
        """What was written and not sent, as it was kept; empty for nothing."""
        with self._lock, self._store.read() as state:
            return state.value(DRAFT + room.hex()) or b""

    def keep_draft(self, room: RoomId, draft: bytes) -> None:
        """Keep what is being written, in the encrypted store; an empty one is erased."""
        with self._unit() as work:
            work.info(room)
            if draft:
                work.state.put_value(DRAFT + room.hex(), draft)
            else:
                work.state.drop_value(DRAFT + room.hex())


_FAULTS: Final = {
    talk.NOT_AUTHOR: "only its author can change a message",
    talk.NO_TEXT: "only texts and captions can be changed",
    talk.LOWER: "the new marking would protect less than the present one; it can only be raised",
}


def _row(work: Workspace, room: RoomId, message: bytes) -> MessageRow:
    row = work.state.message(room, message)
    if row is None:
        raise NotFound(message[:6].hex(), what="message")
    return row


def _target(work: Workspace, row: MessageRow) -> MessageRow:
    """A message that something can be said about."""
    if row.kind in contents.HANGING or row.state in ("refused", "withheld"):
        raise IllegalStep("nothing can be said about a message that others do not have")
    return row


def _people(work: Workspace, room: RoomId) -> set[str]:
    members = work.group(room).members
    return {str(work.domain.identify(chain_of(member.credential), work.now).address) for member in members}


def _mentioned(text: str, people: set[str]) -> tuple[str, ...]:
    """The people of the room whom `@name@nation` names, or `@name` where one of them alone is called so."""
    found: set[str] = set()
    for name, nation in _MENTION.findall(text):
        named = {
            each for each in people if each == f"{name}@{nation}" or (not nation and each.partition("@")[0] == name)
        }
        found |= named if len(named) == 1 else set()
    return tuple(sorted(found))
