"""What people say about messages, folded when it is read: edits, reactions, replies, how far others have read.

    edit       holds if its author wrote the message and its marking protects at least as much; the last one that holds is the
               text, and its marking the marking. Those before it stay as history, and one that does not hold is shown there
               with the reason
    reaction   the last word of a person about one reaction counts
    read       per person, the most that they said to have read

The fold is a function of the rows in causal order, so every reader sees the same once they have the same messages.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from cordiale.agent import content as contents
from cordiale.agent.content import Content
from cordiale.agent.ports import MessageRow, State
from cordiale.agent.workspace import Heads, Workspace
from cordiale.crypto.certificate import Identity
from cordiale.federation.domain import Domain
from cordiale.labels.label import Label, decode_label
from cordiale.labels.protection import protects
from cordiale.vocab.identifier import RoomId
from cordiale.vocab.party import Nation
from cordiale.wire import canonical, limits
from cordiale.wire.canonical import Record

NOT_AUTHOR: Final = "not-the-author"
LOWER: Final = "marking-lower"
NO_TEXT: Final = "no-text"
_LOST: Final = ("refused", "withheld")
_READ: Final = "read/"


class Edit(Record, frozen=True):
    """One edit. `refused` says why it does not hold; empty where it does."""

    row: MessageRow
    refused: str


class Reaction(Record, frozen=True):
    """Who gave one reaction, by name."""

    name: str
    who: tuple[str, ...]


class Talk(Record, frozen=True):
    """What was said about one message: `text` and `label` as they stand now; every edit, in order; what it replies to."""

    text: str
    label: bytes
    edits: tuple[Edit, ...] = ()
    reactions: tuple[Reaction, ...] = ()
    reply: MessageRow | None = None


def talk_of(state: State, domain: Domain, rows: Sequence[MessageRow]) -> dict[bytes, Talk]:
    """What was said about these messages of one room, by their id."""
    if not rows:
        return {}
    room = rows[0].room
    hanging: dict[bytes, list[MessageRow]] = {}
    for row in state.hanging(room, [row.id for row in rows]):
        hanging.setdefault(row.target, []).append(row)
    known = {row.id: row for row in rows}
    return {row.id: _fold(state, domain, row, hanging.get(row.id, ()), known) for row in rows}


def _fold(
    state: State, domain: Domain, row: MessageRow, hanging: Iterable[MessageRow], known: Mapping[bytes, MessageRow]
) -> Talk:
    text, label, edits = row.text, row.label, list[Edit]()
    given: dict[str, dict[str, None]] = {name: {} for name in contents.REACTIONS}
    for each in hanging:
        if each.state in _LOST:
            continue
        if each.kind == contents.EDIT:
            refused = fault_of_edit(domain, row, label, each.author, decode_label(each.label))
            edits.append(Edit(each, refused))
            if not refused:
                text, label = each.text, each.label
        elif each.topic.startswith("-"):
            given[each.topic[1:]].pop(each.author, None)
        else:
            given[each.topic][each.author] = None
    reactions = tuple(Reaction(name, tuple(who)) for name, who in given.items() if who)
    reply = None
    if row.target and row.kind not in contents.HANGING:
        reply = known.get(row.target) or state.message(row.room, row.target)
    return Talk(text, label, tuple(edits), reactions, reply)


def fault_of_edit(domain: Domain, row: MessageRow, label: bytes, author: str, new: Label) -> str:
    """Why an edit of `row`, whose label is now `label`, does not hold; empty where it does."""
    if row.author != author:
        return NOT_AUTHOR
    if row.kind not in (contents.TEXT, contents.FILE):
        return NO_TEXT
    old = decode_label(label)
    policy = domain.policies.get(old.policy)
    return "" if policy is not None and protects(new, old, policy, domain.table) else LOWER


# --- how far others have read -----------------------------------------------------------------------------------------


class Seen(Record, frozen=True):
    """How many messages of each nation somebody has read."""

    seen: dict[Nation, int]


class Delivery(Record, frozen=True):
    """What is known of this nation's messages in a room: up to which sequence each other nation has them, and each person has
    read them."""

    theirs: dict[Nation, int]
    read: dict[str, int]


def take_read(work: Workspace, room: RoomId, author: Identity, content: Content) -> None:
    """Somebody has read so far; it never goes back."""
    key = f"{_READ}{room.hex()}/{author.address}"
    stored = work.state.value(key)
    known = canonical.decode(stored, Seen, limit=limits.BINDING_BYTES).seen if stored else {}
    merged = {**known, **{nation: max(count, known.get(nation, 0)) for nation, count in content.seen.items()}}
    if merged != known and len(merged) <= limits.HEADS:
        work.state.put_value(key, canonical.encode(Seen(merged)))


def delivery(work: Workspace, room: RoomId) -> Delivery:
    """How far this nation's messages in a room have come. Who has read them has them."""
    own, theirs = work.own.nation, dict(work.both_heads(room).theirs)
    read: dict[str, int] = {}
    prefix = f"{_READ}{room.hex()}/"
    for key, data in work.state.values(prefix).items():
        who = key.removeprefix(prefix)
        count = canonical.decode(data, Seen, limit=limits.BINDING_BYTES).seen.get(own, 0)
        if count and who != str(work.own.address):
            read[who] = count
            nation = Nation(who.partition("@")[2])
            if nation != own:
                theirs[nation] = max(theirs.get(nation, 0), count)
    return Delivery(theirs, read)


def at_theirs(work: Workspace, room: RoomId, nation: Nation, sequence: int) -> None:
    """A nation was proven to have what came up to here."""
    heads = work.both_heads(room)
    if sequence > heads.theirs.get(nation, 0):
        work.put_heads(room, Heads(heads.seen, {**heads.theirs, nation: sequence}))
