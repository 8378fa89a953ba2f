"""Records: typed, labelled, and named by one hash that commits to every field without showing any.

    digest of a field = SHA-256("cordiale field/1" ‖ 0 ‖ canonical [name, salt, value])
    hash of a record  = SHA-256("cordiale record/1" ‖ 0 ‖ canonical head ‖ every (name, digest), by name)

A field can be withheld: its digest stays, its opening (salt and value) is sent later or never. Whoever opens it later proves
that it is the same record. The head (type, owner, label, the terms under which it binds) is always in the open, and under
the hash: a workflow is fixed when a record is proposed.

Invariant: equal hashes mean equal heads and equal fields, in every language that the record is written in.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NewType

import cbor2

from cordiale.crypto.digest import equal, sha256
from cordiale.errors import LimitExceeded, Malformed, ProtocolViolation
from cordiale.vocab.identifier import DIGEST_BYTES, Digest
from cordiale.vocab.moment import LATEST, Moment
from cordiale.vocab.party import Address, Nation, parse_nation
from cordiale.wire import limits
from cordiale.wire.canonical import Record as Wire

RecordId = NewType("RecordId", bytes)
"""16 random bytes, chosen by whoever proposes."""

RECORD_ID_BYTES: Final = 16
SALT_BYTES: Final = 16
_FIELD: Final = b"cordiale field/1\x00"
_RECORD: Final = b"cordiale record/1\x00"


class Mandate(Wire, frozen=True):
    """What a lead nation's admitted partner may key: records of these types, until then (UTC)."""

    nation: Nation
    types: tuple[str, ...]
    until: Moment


class Terms(Wire, frozen=True):
    """Under which workflow the record binds, fixed by its hash.

    `nations` must agree (their number and `quorum` say how many); `signatories` are the only persons who may key for a
    nation, where any are named; `deadline` ends a silence procedure; `mandates` admit partners beside `nations`.
    """

    workflow: str
    nations: tuple[Nation, ...]
    quorum: int = 0
    deadline: Moment = Moment(0)
    signatories: dict[Nation, tuple[str, ...]] = {}
    mandates: tuple[Mandate, ...] = ()


class Head(Wire, frozen=True):
    """What is never withheld. `labels` are the labels of single fields that differ from the record's own."""

    id: RecordId
    type: str
    version: int
    owner: Nation
    label: bytes
    releasable_to: tuple[Nation, ...]
    terms: Terms
    labels: dict[str, bytes] = {}


class Opening(Wire, frozen=True):
    """A field shown: with its salt, so that its digest can be made again. The value is plain CBOR without floats."""

    salt: bytes
    value: Any

    def __repr__(self) -> str:
        return "Opening(…)"


Digests = Mapping[str, tuple[Digest, ...]]
"""Field → digest; several (sorted) while concurrent edits of it stand side by side."""


def field_digest(name: str, opening: Opening) -> Digest:
    """The commitment to one field."""
    return sha256(_FIELD + cbor2.dumps([name, opening.salt, opening.value], canonical=True))


def record_hash(head: bytes, digests: Digests) -> Digest:
    """The name of a record with these fields; `head` in canonical form. Each part tells its own length."""
    parts = [_RECORD, len(head).to_bytes(4, "big"), head]
    for name in sorted(digests):
        known = digests[name]
        encoded = name.encode()
        parts.append(len(encoded).to_bytes(2, "big") + encoded + len(known).to_bytes(2, "big"))
        parts.extend(known)
    return sha256(b"".join(parts))


def check_head(head: Head) -> None:
    """`Malformed` or `LimitExceeded` where a head is outside its ranges."""
    terms = head.terms
    sound = (
        len(head.id) == RECORD_ID_BYTES,
        0 < len(head.type) <= limits.NAME_CHARACTERS,
        0 < head.version <= limits.COUNT_MOST,
        0 < len(head.label) <= limits.LABEL_BYTES,
        0 < len(terms.nations) == len(set(terms.nations)),
        0 <= terms.quorum <= len(terms.nations),
        0 <= terms.deadline <= LATEST,
        all(len(mandate.types) <= limits.RECORD_FIELDS and 0 <= mandate.until <= LATEST for mandate in terms.mandates),
    )
    if not all(sound):
        raise Malformed("a field of the head is outside its range", what="Record")
    most = max(len(head.releasable_to), len(terms.nations), len(terms.mandates), len(terms.signatories))
    if most > limits.ROOM_NATIONS or len(head.labels) > limits.RECORD_FIELDS:
        raise LimitExceeded(f"{most} nations in one record, {limits.ROOM_NATIONS} allowed")
    _check_names(head)


def _check_names(head: Head) -> None:
    terms = head.terms
    for nation in (head.owner, *head.releasable_to, *terms.nations, *terms.signatories):
        parse_nation(nation)
    for mandate in terms.mandates:
        parse_nation(mandate.nation)
    for nation, people in terms.signatories.items():
        if any(Address.parse(person).nation != nation for person in people):
            raise ProtocolViolation(f"somebody else's person is to sign for {nation}", rule="cordiale register 1")


def check_digests(digests: Mapping[str, bytes]) -> None:
    """`Malformed` or `LimitExceeded` where a record's fields are outside their ranges."""
    if len(digests) > limits.RECORD_FIELDS:
        raise LimitExceeded(f"{len(digests)} fields, {limits.RECORD_FIELDS} allowed")
    if any(
        not 0 < len(name) <= limits.NAME_CHARACTERS or len(digest) != DIGEST_BYTES for name, digest in digests.items()
    ):
        raise Malformed("a field's name or digest is outside its range", what="Record")


def check_openings(digests: Mapping[str, Iterable[bytes]], openings: Mapping[str, Opening]) -> None:
    """Each opening must be of a digest that stands there; `ProtocolViolation` names the field."""
    for name, opening in openings.items():
        digest = field_digest(name, opening)
        if len(opening.salt) != SALT_BYTES or not any(equal(digest, known) for known in digests.get(name, ())):
            raise ProtocolViolation(f"{name[:40]} is not what was committed to", rule="cordiale register 2")
