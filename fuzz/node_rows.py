"""What only nodes and agents write and yet is parsed strictly: guard's lines, enrolments, revocations, trust, kept rows."""

from contextlib import suppress
from functools import cache

from cordiale.agent.inbox import Held
from cordiale.agent.membership import Duty
from cordiale.agent.packages import LastResort, StoredPackage
from cordiale.agent.trust import open_trust
from cordiale.agent.workspace import Heads, Pending, RoomInfo
from cordiale.crypto import statement
from cordiale.crypto.certificate import ROLE_BORDER, Chain, Grant, create_root, issue
from cordiale.crypto.signing import SigningKey
from cordiale.errors import CordialeError
from cordiale.federation.api import Trust
from cordiale.labels.shipped import shipped
from cordiale.node.directory import Enrolment, Revocation
from cordiale.node.guard import Verdict
from cordiale.vocab.identifier import Digest
from cordiale.vocab.moment import Moment
from cordiale.vocab.party import Address, Nation
from cordiale.wire import canonical, limits
from cordiale.wire.canonical import Record

_NOW = Moment(1_780_000_000_000)
_ROOT, _KEY = SigningKey.from_seed(bytes(32)), SigningKey.from_seed(bytes([1] * 32))
_RECORDS: tuple[type[Record], ...] = (
    Verdict,
    Enrolment,
    Revocation,
    Held,
    LastResort,
    StoredPackage,
    Duty,
    Heads,
    Pending,
    RoomInfo,
)


@cache
def _own() -> tuple[bytes, bytes]:
    """The root, and an honest trust statement's payload."""
    root = create_root(_ROOT, Nation("uk"), _NOW)
    border = Chain((issue(_ROOT, root, _KEY.public, Address.parse("border@uk"), Grant(ROLE_BORDER), _NOW),))
    policy = statement.seal(_ROOT, statement.POLICY, shipped("uk"))
    table = statement.seal(_ROOT, statement.TABLE, shipped("table"))
    return root, canonical.encode(Trust(border.encode(), (policy,), table, ()))


@cache
def seeds() -> list[bytes]:
    """Some rows, and what the border seals for its agents."""
    line = Verdict("out", Nation("fr"), True, "r", "uk/1", Digest(bytes(32)), Digest(bytes(32)), _NOW)
    rows = (
        line,
        Enrolment(Digest(bytes(32)), "alice@uk", "ab", _NOW),
        Revocation("alice@uk", _NOW),
        Duty(_NOW, "alice@uk"),
        Heads({Nation("uk"): 1}),
        RoomInfo("title", b"parameters", _NOW),
    )
    return [*(canonical.encode(row) for row in rows), _own()[1][:3000]]


def TestOneInput(data: bytes) -> None:
    """One input as each of them."""
    for kind in _RECORDS:
        with suppress(CordialeError):
            assert canonical.encode(canonical.decode(data, kind, limit=limits.REQUEST_BYTES)) == data
    root = _own()[0]
    for sealed in (data, statement.seal(_KEY, statement.TRUST, data)):
        with suppress(CordialeError):
            open_trust(sealed, Nation("uk"), root, _NOW)
