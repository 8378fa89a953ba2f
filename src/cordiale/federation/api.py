"""What an agent and its node, and two nodes, say to each other: canonical CBOR records in signed requests.

Every request is a POST signed by RFC 9421. An error comes back as a `Problem`, from which the caller raises the same typed
error again; a caller that isn't known gets an empty 404 for everything.

    agent → node     /v1/enrol  /v1/trust  /v1/submit  /v1/sync  /v1/key-packages  /v1/key-packages/take  /v1/prove  /v1/stored
                     /v1/border  /v1/links
    node → node      /v1/pull   /v1/key-packages/take
"""

from typing import Final

from cordiale import errors
from cordiale.errors import CordialeError, PeerViolation
from cordiale.federation.session import Batch
from cordiale.vocab.identifier import Digest, RoomId
from cordiale.vocab.moment import Moment
from cordiale.vocab.party import Nation
from cordiale.wire import canonical, limits
from cordiale.wire.canonical import Record

CONTENT_TYPE: Final = "application/cbor"
ENROL: Final = "/v1/enrol"
TRUST: Final = "/v1/trust"
SUBMIT: Final = "/v1/submit"
SYNC: Final = "/v1/sync"
KEY_PACKAGES: Final = "/v1/key-packages"
TAKE: Final = "/v1/key-packages/take"
PROVE: Final = "/v1/prove"
STORED: Final = "/v1/stored"
BORDER: Final = "/v1/border"
LINKS: Final = "/v1/links"
PULL: Final = "/v1/pull"


class Problem(Record, frozen=True):
    """An error on the wire: its code, its rule, and the facts that fill its sentences."""

    code: str
    rule: str
    facts: dict[str, str]


class Submit(Record, frozen=True):
    """Envelopes in the order in which they were written."""

    envelopes: tuple[bytes, ...]


class Outcome(Record, frozen=True):
    """What became of one envelope. `offset` is its place in the home log, -1 for a handshake on its way to another hub."""

    offset: int
    sequence: int
    problem: Problem | None = None


class Outcomes(Record, frozen=True):
    """One per envelope. After the first refusal the rest of a batch is still taken: each stands for itself."""

    outcomes: tuple[Outcome, ...]


class SyncRequest(Record, frozen=True):
    """Sizes of the logs that the agent has, by name; `FROM_ADMISSION` asks for a room from where it was let in."""

    positions: dict[str, int]
    wait: int = 0


FROM_ADMISSION: Final = -1


class SyncAnswer(Record, frozen=True):
    """What is new in each log, and how many of the device's key packages are left."""

    batches: tuple[Batch, ...]
    key_packages: int


class Packages(Record, frozen=True):
    """Key packages, published or handed out."""

    packages: tuple[bytes, ...]


class Count(Record, frozen=True):
    """How many there are now."""

    count: int


class Take(Record, frozen=True):
    """Ask for one key package of each device of a person."""

    address: str


class Prove(Record, frozen=True):
    """Ask for the proof bundle of a message by the digest of its envelope: of its crossing to `partner`, or, where that is
    empty, to the first of those that it went to."""

    room: RoomId
    envelope: Digest
    partner: str = ""


class Stored(Record, frozen=True):
    """Ask for the stored bytes of an envelope, to see what the node sees."""

    envelope: Digest


class BorderRequest(Record, frozen=True):
    """Ask for a stretch of a border log."""

    log: str
    start: int
    count: int


class BorderPage(Record, frozen=True):
    """A stretch of a border log as one device may see it. The tuples run side by side, one place for each entry.

    Every entry's stored hash is given, so that the whole tree can be computed again; its leaf only where the caller was a member
    of its room, else it is empty. `refused` has the rule by which this nation's own guard turned down what a partner released.
    `damaged` are offsets whose stored bytes do not have their stored hash. `checkpoint` is the author's, `cosigned` the last one
    that the reader signed, too.
    """

    log: str
    start: int
    hashes: tuple[bytes, ...]
    leaves: tuple[bytes, ...]
    refused: tuple[str, ...]
    damaged: tuple[int, ...]
    checkpoint: bytes
    cosigned: bytes


class LinkStanding(Record, frozen=True):
    """How another nation's node can be reached; `waiting` counts what it has not confirmed of the caller's rooms."""

    nation: Nation
    state: str
    since: Moment
    contact: Moment | None
    waiting: int


class Links(Record, frozen=True):
    """One for each linked nation."""

    links: tuple[LinkStanding, ...]


class Trust(Record, frozen=True):
    """What a nation's agents act by, sealed by their border: its own and shared policies, the table, and the linked
    nations' cards (root, border chain, policy), each under the own root's seal, so that no border can make one up."""

    border: bytes
    policies: tuple[bytes, ...]
    table: bytes
    cards: tuple[bytes, ...]


class Blob(Record, frozen=True):
    """Bytes as they are."""

    data: bytes


_BY_CODE: Final = {
    kind.code: kind
    for family in (errors.LocalMisuse, errors.PeerViolation, errors.PolicyRefusal, errors.Unavailable)
    for kind in family.__subclasses__()
}
_FACT_CHARACTERS: Final = 1_000


def problem_of(error: CordialeError) -> Problem:
    """An error as it is sent."""
    facts = {name: _cut(str(value)) for name, value in error.facts.items() if name != "rule"}
    return Problem(error.code, error.rule, facts)


def _cut(text: str) -> str:
    return text if len(text) <= _FACT_CHARACTERS else text[: _FACT_CHARACTERS - 1] + "…"


def error_of(problem: Problem) -> CordialeError:
    """The typed error that a problem stands for; an unknown code is the sender's violation."""
    kind = _BY_CODE.get(problem.code, PeerViolation)
    facts: dict[str, object] = {
        name: value[:_FACT_CHARACTERS] for name, value in problem.facts.items() if name not in ("detail", "rule")
    }
    return kind(problem.facts.get("detail", "")[:_FACT_CHARACTERS], rule=problem.rule[:80], **facts)


def parse_problem(data: bytes) -> Problem:
    """Parse strictly."""
    return canonical.decode(data, Problem, limit=limits.BINDING_BYTES)
