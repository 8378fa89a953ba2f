"""This device's key packages (RFC 9420 §10): made, kept with their secrets, spent by the Welcome that uses one.

An ordinary package serves once, and its secrets are erased with that. The one of last resort is handed out by the node again
and again while there is no other, so that nobody can keep a person out of rooms by using their packages up. Its secrets outlive
a use until its lifetime ends, since others may hold it already; but once it was used, or is a month old, another takes its place.
"""

from collections.abc import Iterator
from typing import Final

from cordiale.agent.identity import OwnIdentity
from cordiale.agent.ports import State
from cordiale.agent.workspace import PACKAGE
from cordiale.mls.key_package import KeyPackage
from cordiale.mls.key_package_secrets import KeyPackageSecrets, generate
from cordiale.vocab.moment import DAY, SECOND, Moment
from cordiale.wire import canonical, limits
from cordiale.wire.canonical import Record

LAST_RESORT: Final = "last-resort"
RENEWED_AFTER: Final = 30 * DAY
_LIFETIME: Final = 90 * DAY


class StoredPackage(Record, frozen=True):
    """A key package of ours with its secrets."""

    package: bytes
    secrets: bytes

    def __repr__(self) -> str:
        return "StoredPackage(…)"


class LastResort(Record, frozen=True):
    """The present package of last resort: where it is kept, since when, and whether the node has it."""

    place: str
    made: Moment
    published: bool


def make(state: State, own: OwnIdentity, suite: int, now: Moment, *, last_resort: bool = False) -> tuple[str, bytes]:
    """A new key package, kept with its secrets: where, and the package."""
    lifetime = ((now - DAY) // SECOND, (now + _LIFETIME) // SECOND)
    package, secrets = generate(suite, own.key, own.credential, lifetime=lifetime, last_resort=last_resort)
    key = PACKAGE + package.reference().hex()
    state.put_value(key, canonical.encode(StoredPackage(package.encode(), secrets.encode())))
    return key, package.encode()


def kept(state: State) -> Iterator[tuple[str, KeyPackage, KeyPackageSecrets]]:
    """All that are kept: where, the package, its secrets."""
    for key, value in state.values(PACKAGE).items():
        stored = canonical.decode(value, StoredPackage, limit=limits.CARD_BYTES)
        yield key, KeyPackage.decode(stored.package), KeyPackageSecrets.decode(stored.secrets)


def spend(state: State, key: str) -> None:
    """A Welcome used the package that is kept there."""
    stored = canonical.decode(state.value(key) or b"", StoredPackage, limit=limits.CARD_BYTES)
    if not KeyPackage.decode(stored.package).is_last_resort:
        state.drop_value(key)
        return
    present = _present(state)
    if present is not None and present.place == key:
        state.drop_value(LAST_RESORT)


def last_resort_is_due(state: State, now: Moment) -> bool:
    """Whether the node should be given a package of last resort."""
    present = _present(state)
    return present is None or not present.published or _is_old(present, now)


def due_last_resort(state: State, own: OwnIdentity, suite: int, now: Moment) -> bytes:
    """The package of last resort that the node should be given: a new one, or that which it has not taken yet."""
    present = _present(state)
    if present is None or _is_old(present, now):
        _forget_expired(state, now)
        key, _ = make(state, own, suite, now, last_resort=True)
        present = LastResort(key, now, published=False)
        state.put_value(LAST_RESORT, canonical.encode(present))
    return canonical.decode(state.value(present.place) or b"", StoredPackage, limit=limits.CARD_BYTES).package


def published(state: State, package: bytes) -> None:
    """The node has taken this package of last resort."""
    present = _present(state)
    if present is not None and present.place == PACKAGE + KeyPackage.decode(package).reference().hex():
        state.put_value(LAST_RESORT, canonical.encode(LastResort(present.place, present.made, published=True)))


def _present(state: State) -> LastResort | None:
    value = state.value(LAST_RESORT)
    return None if value is None else canonical.decode(value, LastResort, limit=limits.CARD_BYTES)


def _is_old(present: LastResort, now: Moment) -> bool:
    return now - present.made > RENEWED_AFTER


def _forget_expired(state: State, now: Moment) -> None:
    """Erase the secrets of packages that nobody may add us by any more."""
    for key, package, _ in list(kept(state)):
        lifetime = package.leaf_node.lifetime
        if lifetime is None or lifetime.not_after < now // SECOND:
            state.drop_value(key)
