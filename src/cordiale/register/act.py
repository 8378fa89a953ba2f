"""Acts: everything that ever happens to a record, each signed by its author's device and never changed.

    propose                begins a record: its head, a digest for every field, openings of those that are shown
    amend                  replaces fields, and so the hash: every key turned before is void
    key, object, withdraw  agree to, stand against, or take back exactly the hash that is named
    disclose               opens fields that were withheld
    delegate               lets another person of one's nation key in one's place, until then
    receipt, lapse         a silence procedure's proof of reading, and its end
    comment, attach, reserve, fulfil
    supersede              a proposal that takes the place of a binding record once it binds itself

An act names the record hash that it speaks about (`of`), what its author had read (`heads`), and the room and message in which
it travels. The border's entry for that message names the same room, message and signer: so an act gets its sequence and time,
and so a signed act that nobody sent proves nothing.

Invariant: a `VerifiedAct` comes only from `verify`, or from `restore`, which takes what was verified before.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Final, get_args

from cordiale.crypto import statement
from cordiale.crypto.certificate import Identity
from cordiale.crypto.digest import equal, sha256
from cordiale.crypto.signing import SIGNATURE_BYTES, SigningKey
from cordiale.errors import BadSignature, LimitExceeded, Malformed, PeerViolation, ProtocolViolation
from cordiale.register.causality import Position
from cordiale.register.record import (
    RECORD_ID_BYTES,
    Head,
    Opening,
    RecordId,
    check_digests,
    check_head,
    check_openings,
)
from cordiale.vocab.identifier import DIGEST_BYTES, Digest, MessageId, RoomId
from cordiale.vocab.moment import LATEST, Moment
from cordiale.vocab.party import Address, Nation, parse_nation
from cordiale.wire import canonical, limits
from cordiale.wire.canonical import Record


class Propose(Record, frozen=True, tag="propose"):
    """`sight` are the hashes of the records that its author saw it overlap."""

    kind: ClassVar[str] = "propose"
    head: Head
    digests: dict[str, Digest]
    openings: dict[str, Opening]
    sight: tuple[Digest, ...] = ()


class Amend(Record, frozen=True, tag="amend"):
    """New digests for the fields that change; `sight` as in a proposal."""

    kind: ClassVar[str] = "amend"
    digests: dict[str, Digest]
    openings: dict[str, Opening]
    sight: tuple[Digest, ...] = ()


class Key(Record, frozen=True, tag="key"):
    """One nation's agreement, by one person."""

    kind: ClassVar[str] = "key"


class Object(Record, frozen=True, tag="object"):
    """A written objection."""

    kind: ClassVar[str] = "object"
    text: str


class Withdraw(Record, frozen=True, tag="withdraw"):
    """The owner takes the proposal back."""

    kind: ClassVar[str] = "withdraw"
    text: str = ""


class Disclose(Record, frozen=True, tag="disclose"):
    """Fields shown that were withheld; `sight` as in a proposal, for what they show."""

    kind: ClassVar[str] = "disclose"
    openings: dict[str, Opening]
    sight: tuple[Digest, ...] = ()


class Delegate(Record, frozen=True, tag="delegate"):
    """Somebody of the author's own nation may key in the author's place until then."""

    kind: ClassVar[str] = "delegate"
    to: str
    until: Moment


class Receipt(Record, frozen=True, tag="receipt"):
    """The author's agent has read the record; agents send it by themselves where a silence procedure runs."""

    kind: ClassVar[str] = "receipt"


class Lapse(Record, frozen=True, tag="lapse"):
    """The deadline has passed and nobody objected."""

    kind: ClassVar[str] = "lapse"


class Comment(Record, frozen=True, tag="comment"):
    """Words that change nothing."""

    kind: ClassVar[str] = "comment"
    text: str


class Attach(Record, frozen=True, tag="attach"):
    """A file of the room, by its SHA-256: evidence beside the record, not under its hash."""

    kind: ClassVar[str] = "attach"
    name: str
    digest: Digest


class Reserve(Record, frozen=True, tag="reserve"):
    """An exclusive resource is taken for a span (UTC) in the record's name."""

    kind: ClassVar[str] = "reserve"
    resource: str
    start: Moment
    end: Moment


class Fulfil(Record, frozen=True, tag="fulfil"):
    """What was agreed has been done; `text` says by what evidence."""

    kind: ClassVar[str] = "fulfil"
    text: str = ""


class Supersede(Record, frozen=True, tag="supersede"):
    """A proposal of a new record that takes the place of the binding one `old` (whose hash `of` names) once it binds itself."""

    kind: ClassVar[str] = "supersede"
    old: RecordId
    head: Head
    digests: dict[str, Digest]
    openings: dict[str, Opening]
    sight: tuple[Digest, ...] = ()


Body = (
    Propose | Amend | Key | Object | Withdraw | Disclose | Delegate | Receipt | Lapse | Comment | Attach | Reserve
    | Fulfil | Supersede
)  # fmt: skip


class Act(Record, frozen=True):
    """What is signed. `of` is empty in a proposal, which is the only act that speaks about no hash yet."""

    room: RoomId
    message: MessageId
    record: RecordId
    of: bytes
    heads: dict[Nation, int]
    body: Body


class SignedAct(Record, frozen=True):
    """As it travels, inside an encrypted message. `signer` is the SHA-256 of the author's chain."""

    payload: bytes
    signer: Digest
    signature: bytes

    def encode(self) -> bytes:
        return canonical.encode(self)


class Crossing(Record, frozen=True):
    """What the border's entry says of the message that carried an act: `sequence` within room and nation, when, and its label."""

    room: RoomId
    message: MessageId
    signer: Digest
    nation: Nation
    sequence: int
    released: Moment
    label: bytes = b""


@dataclass(frozen=True, init=False, eq=False, slots=True)
class VerifiedAct:
    """An act whose signature, author and crossing agree, and no more than is needed of them: a room may have a million."""

    room: RoomId
    message: MessageId
    record: RecordId
    of: bytes
    body: Body
    digest: Digest
    author: Identity
    sequence: int
    released: Moment
    label: bytes
    _heads: tuple[Nation | int, ...]
    """Nation, count, nation, count, …: a third of what a mapping takes."""

    def __init__(self, signed: SignedAct, author: Identity, crossing: Crossing, *, before: bool = False) -> None:
        if not (equal(signed.signer, author.digest) and equal(crossing.signer, author.digest)):
            raise BadSignature("the act, its message and its certificate name different signers")
        if not before:
            statement.verify(author.public_key, statement.ACT, signed.payload, signed.signature)
        act = parse(signed.payload)
        if (act.room, act.message) != (crossing.room, crossing.message) or author.nation != crossing.nation:
            raise ProtocolViolation("the act was signed for another message", rule="cordiale register 3")
        self._fill(act, sha256(signed.payload), author, crossing)

    def _fill(self, act: Act, digest: Digest, author: Identity, crossing: Crossing) -> None:
        for name, value in (
            ("room", act.room),
            ("message", act.message),
            ("record", act.record),
            ("of", act.of),
            ("body", act.body),
            ("digest", digest),
            ("author", author),
            ("sequence", crossing.sequence),
            ("released", crossing.released),
            ("label", crossing.label),
            ("_heads", tuple(part for head in act.heads.items() for part in head)),
        ):
            object.__setattr__(self, name, value)

    @property
    def nation(self) -> Nation:
        """The author's."""
        return self.author.nation

    @property
    def signer(self) -> Digest:
        """The SHA-256 of the author's chain."""
        return self.author.digest

    @property
    def position(self) -> Position:
        """Where it stands among the acts of its room; as `causality.position`."""
        heads: Any = self._heads
        return sum(heads[1::2]), self.author.nation, self.sequence

    @property
    def heads(self) -> dict[Nation, int]:
        """How many acts and messages of each nation its author had read."""
        heads: Any = self._heads
        return dict(zip(heads[::2], heads[1::2], strict=True))

    @property
    def crossing(self) -> Crossing:
        """What the border's entry said."""
        who = self.author
        return Crossing(self.room, self.message, who.digest, who.nation, self.sequence, self.released, self.label)

    def had_read(self, nation: Nation, sequence: int) -> bool:
        """Whether its author knew of so many of a nation."""
        heads: Any = self._heads
        for at in range(0, len(heads), 2):
            if heads[at] == nation:
                return sequence <= heads[at + 1]
        return False

    def saw(self, other: "VerifiedAct") -> bool:
        """Whether the author knew that other act: had read it, or sent it before from the same device.

        What stands behind this act was not known, whatever a hostile author says to have read: heads that leave out what
        others had read could claim it, and then the order of arrival would decide.
        """
        if other.position >= self.position:
            return False
        if self.had_read(other.author.nation, other.sequence):
            return True
        return other.author.digest == self.author.digest and other.sequence < self.sequence


def sign(act: Act, author: Digest, key: SigningKey) -> SignedAct:
    """An act in its author's name; `LimitExceeded` past `limits.ACT_BYTES`."""
    payload = canonical.encode(act)
    if len(payload) > limits.ACT_BYTES:
        raise LimitExceeded(f"an act of {len(payload)} bytes, {limits.ACT_BYTES} allowed")
    return SignedAct(payload, author, statement.sign(key, statement.ACT, payload))


def decode(data: bytes) -> SignedAct:
    """What a message carried, parsed strictly; nothing is verified."""
    signed = canonical.decode(data, SignedAct, limit=limits.ACT_BYTES + limits.BINDING_BYTES)
    if len(signed.signer) != DIGEST_BYTES or len(signed.signature) != SIGNATURE_BYTES:
        raise Malformed("signer or signature of a wrong size", what="Act")
    return signed


def verify(signed: SignedAct, author: Identity, crossing: Crossing) -> VerifiedAct:
    """The act, if `author` signed it for exactly the message that crossed."""
    return VerifiedAct(signed, author, crossing)


def restore(signed: SignedAct, author: Identity, crossing: Crossing) -> VerifiedAct:
    """An act that was verified before it was put into one's own encrypted store, from there; its signature holds still."""
    return VerifiedAct(signed, author, crossing, before=True)


def kind_of(signed: bytes) -> str:
    """Which kind of act it is, for showing a verified one again; empty where the bytes are none."""
    try:
        return parse(decode(signed).payload).body.kind
    except PeerViolation:
        return ""


def parse(payload: bytes) -> Act:
    """Parse strictly, checking sizes and ranges: a member's agent may be hostile."""
    act = canonical.decode(payload, Act, limit=limits.ACT_BYTES)
    sound = (
        len(act.record) == RECORD_ID_BYTES,
        len(act.of) == (0 if isinstance(act.body, Propose) else DIGEST_BYTES),
        len(act.heads) <= limits.HEADS,
        all(0 <= count <= limits.COUNT_MOST for count in act.heads.values()),
        _times_sound(act.body),
    )
    if not all(sound):
        raise Malformed("a field is outside its range", what="Act")
    for nation in act.heads:
        parse_nation(nation)
    _check_body(act)
    return act


def _times_sound(body: Body) -> bool:
    match body:
        case Reserve(_, start, end):
            return 0 <= start < end <= LATEST
        case Delegate(_, until):
            return 0 <= until <= LATEST
        case _:
            return True


def _check_body(act: Act) -> None:
    match act.body:
        case Propose(head, digests, openings, sight) | Supersede(_, head, digests, openings, sight):
            check_head(head)
            if head.id != act.record:
                raise Malformed("the proposal is of another record than its act", what="Act")
            _check_fields(digests, openings, sight)
        case Amend(digests, openings, sight):
            _check_fields(digests, openings, sight)
        case Disclose(_, sight):
            _check_sight(sight)
        case Delegate(to):
            Address.parse(to)
        case Object(text) | Comment(text) | Withdraw(text) | Fulfil(text):
            if len(text) > limits.TEXT_CHARACTERS:
                raise LimitExceeded(f"a text of {len(text)} characters, {limits.TEXT_CHARACTERS} allowed")
        case _:
            pass


def _check_fields(digests: dict[str, Digest], openings: dict[str, Opening], sight: tuple[Digest, ...]) -> None:
    check_digests(digests)
    check_openings({name: (digest,) for name, digest in digests.items()}, openings)
    _check_sight(sight)


def _check_sight(sight: tuple[Digest, ...]) -> None:
    if any(len(digest) != DIGEST_BYTES for digest in sight) or len(sight) > limits.ACTS_PER_RECORD:
        raise Malformed("a hash that was in sight is none", what="Act")


KINDS: Final = tuple(kind.kind for kind in get_args(Body))
