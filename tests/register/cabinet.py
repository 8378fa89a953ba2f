"""EXERCISE persons of three nations who act on records: real keys and signatures, a crossing for every act, no network.

Each nation counts its own acts, as its border does; each person's device knows how many acts of each nation it has read. What
a person "has read" is set by the test, so that any history, honest or hostile, can be told.
"""

import secrets
from dataclasses import dataclass, field

from cordiale.crypto.certificate import ROLE_PERSON, Grant, Identity
from cordiale.crypto.digest import sha256
from cordiale.crypto.signing import SIGNATURE_BYTES, SigningKey
from cordiale.register.act import Act, Amend, Body, Crossing, Propose, SignedAct, VerifiedAct, restore, sign, verify
from cordiale.register.fold import Fold, fold
from cordiale.register.record import Head, Opening, RecordId, Terms, field_digest
from cordiale.vocab.identifier import Digest, MessageId, RoomId
from cordiale.vocab.moment import DAY, LATEST, Moment
from cordiale.vocab.party import Address, Nation
from cordiale.wire import canonical

ROOM = RoomId(b"r" * 32)
START = Moment(1_800_000_000_000)
UK, FR, IT = Nation("uk"), Nation("fr"), Nation("it")


@dataclass
class Person:
    """One device of one person. `heads` is what it has read."""

    identity: Identity
    key: SigningKey
    heads: dict[Nation, int] = field(default_factory=dict)

    @property
    def nation(self) -> Nation:
        return self.identity.nation

    def __str__(self) -> str:
        return str(self.identity.address)


@dataclass
class Cabinet:
    """Everybody, every act in the order of release, and a clock that the test moves."""

    now: Moment = START
    acts: list[VerifiedAct] = field(default_factory=list)
    counts: dict[Nation, int] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    swift: bool = False
    """For laws over thousands of histories: acts as they come from one's own store, where signatures were checked before."""

    def person(self, address: str, role: str = ROLE_PERSON) -> Person:
        """That person; made on first mention."""
        if address not in self.people:
            key = SigningKey.generate()
            who = Identity(Address.parse(address), Grant(role), "device", key.public, sha256(key.public), LATEST)
            self.people[address] = Person(who, key)
        return self.people[address]

    def read(self, *people: Person) -> None:
        """These persons read everything that was released."""
        for person in people:
            person.heads = dict(self.counts)

    def act(self, person: Person, record: RecordId, of: bytes, body: Body, *, at: Moment | None = None) -> VerifiedAct:
        """Sign, release and remember an act; the author has then read it itself, nobody else has."""
        nation = person.nation
        self.counts[nation] = self.counts.get(nation, 0) + 1
        message = MessageId(secrets.token_bytes(16))
        made = Act(ROOM, message, record, of, dict(person.heads), body)
        released = self.now if at is None else at
        crossing = Crossing(ROOM, message, person.identity.digest, nation, self.counts[nation], released)
        if self.swift:
            stored = SignedAct(canonical.encode(made), person.identity.digest, bytes(SIGNATURE_BYTES))
            act = restore(stored, person.identity, crossing)
        else:
            act = verify(sign(made, person.identity.digest, person.key), person.identity, crossing)
        self.acts.append(act)
        return act

    def propose(
        self, person: Person, terms: Terms, kind: str = "decision", **fields: object
    ) -> tuple[RecordId, Digest]:
        """A new record with all fields shown; its id and hash."""
        record = RecordId(secrets.token_bytes(16))
        head = Head(record, kind, 1, person.nation, b"label", terms.nations, terms)
        openings = opened(fields)
        act = self.act(person, record, b"", Propose(head, digests(openings), openings))
        return record, fold([act]).hash

    def amend(self, person: Person, record: RecordId, of: bytes, **fields: object) -> Digest:
        """New values; the hash that the author then sees."""
        openings = opened(fields)
        self.act(person, record, of, Amend(digests(openings), openings))
        return self.seen(person, record).hash

    def seen(self, person: Person, record: RecordId) -> Fold:
        """The record as that person has read it."""
        return fold(
            act
            for act in self.acts
            if act.record == record
            and (act.sequence <= person.heads.get(act.nation, 0) or act.signer == person.identity.digest)
        )

    def state(self, record: RecordId) -> Fold:
        """The record as somebody has it who read everything."""
        return fold(act for act in self.acts if act.record == record)

    def later(self, days: float) -> None:
        """Let time pass."""
        self.now = Moment(self.now + int(days * DAY))


def opened(fields: dict[str, object]) -> dict[str, Opening]:
    """With fresh salts."""
    return {name: Opening(secrets.token_bytes(16), value) for name, value in fields.items()}


def digests(openings: dict[str, Opening]) -> dict[str, Digest]:
    """The commitments to these."""
    return {name: field_digest(name, opening) for name, opening in openings.items()}


def two_keys(**more: object) -> Terms:
    """Of the United Kingdom and France."""
    return Terms("two-keys", (UK, FR), **more)  # type: ignore[arg-type]
