"""Made-up histories of records for `bench.registers`: as its own process, so that its memory can be told.

    python -m bench.history ACTS        one JSON object: CPU seconds to fold them, peak memory, CPU of one more act

Acts are built without signing: checking signatures is a cost of receiving, not of folding. Each record has ten acts: proposed,
commented on, amended by the other nation, commented on, and keyed by both.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from typing import Any, Final

from cordiale.crypto.certificate import ROLE_PERSON, Grant, Identity
from cordiale.crypto.digest import sha256
from cordiale.register.act import (
    Act,
    Amend,
    Body,
    Comment,
    Crossing,
    Key,
    Propose,
    VerifiedAct,
)
from cordiale.register.book import Book
from cordiale.register.record import (
    Head,
    Opening,
    RecordId,
    Terms,
    field_digest,
    record_hash,
)
from cordiale.vocab.identifier import Digest, MessageId, RoomId
from cordiale.vocab.moment import LATEST, Moment
from cordiale.vocab.party import Address, Nation
from cordiale.wire import canonical

UK, FR = Nation("uk"), Nation("fr")
ROOM: Final = RoomId(bytes(32))
START: Final = 1_800_000_000_000
PER_RECORD: Final = 10
MORE: Final = 1_000
_KIB: Final = 1024


def person(nation: Nation) -> Identity:
    """EXERCISE signatory of a nation."""
    name = Address("exercise", nation)
    return Identity(name, Grant(ROLE_PERSON), "device", bytes(32), Digest(sha256(nation.encode())), LATEST)


class Writer:
    """Two people, and how many acts of each nation there are."""

    def __init__(self) -> None:
        self.people = {nation: person(nation) for nation in (UK, FR)}
        self.counts: dict[Nation, int] = {UK: 0, FR: 0}

    def act(self, nation: Nation, record: RecordId, of: bytes, body: Body) -> VerifiedAct:
        """The next act; its author has read all before it."""
        heads, author = dict(self.counts), self.people[nation]
        self.counts[nation] += 1
        message = MessageId(os.urandom(16))
        act = Act(ROOM, message, record, of, heads, body)
        sequence = self.counts[nation]
        crossing = Crossing(ROOM, message, author.digest, nation, sequence, Moment(START + sequence))
        made = object.__new__(VerifiedAct)
        made._fill(act, Digest(os.urandom(32)), author, crossing)  # pyright: ignore[reportPrivateUsage]
        return made


def values(number: int) -> dict[str, Any]:
    """Four fields."""
    title = {"en": f"EXERCISE {number}", "fr": f"EXERCICE {number}"}
    return {"title": title, "body": "group", "met": "2026-03-02", "lead": ["uk"]}


def histories(records: int) -> Iterator[VerifiedAct]:
    """The acts of so many records, record by record."""
    writer = Writer()
    fields = [{name: Opening(os.urandom(16), value) for name, value in values(number).items()} for number in range(64)]
    digests = [{name: field_digest(name, opening) for name, opening in each.items()} for each in fields]
    for number in range(records):
        record, at = RecordId(os.urandom(16)), number % 64
        head = Head(record, "decision", 1, UK, bytes(120), (UK, FR), Terms("two-keys", (UK, FR)))
        yield writer.act(UK, record, b"", Propose(head, digests[at], fields[at]))
        known = digests[at]
        for edit in (None, at - 1):
            if edit is not None:
                known = {**known, "title": digests[edit]["title"]}
                of = record_hash(canonical.encode(head), {name: (each,) for name, each in digests[at].items()})
                yield writer.act(FR, record, of, Amend({"title": known["title"]}, {"title": fields[edit]["title"]}))
            of = record_hash(canonical.encode(head), {name: (each,) for name, each in known.items()})
            for nation in (FR, UK, FR):
                yield writer.act(nation, record, of, Comment("EXERCISE"))
        for nation in (UK, FR):
            yield writer.act(nation, record, of, Key())


def main() -> None:
    """Fold, then fold one act more, a thousand times."""
    acts = list(histories(int(sys.argv[1]) // PER_RECORD))
    book, begun = Book(), time.process_time()
    for act in acts:
        book.add(act)
    folded = time.process_time() - begun
    bound = sum(bool(state.bound) for _, state in book.records())
    more = list(histories(MORE // PER_RECORD))
    begun = time.process_time()
    for act in more:
        book.add(act)
    one = (time.process_time() - begun) / len(more)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KIB
    print(json.dumps({"acts": len(acts), "fold": folded, "one": one, "peak_mib": peak, "bound": bound}))


if __name__ == "__main__":
    main()
