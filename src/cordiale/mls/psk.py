"""Pre-shared keys (RFC 9420 §8.4): many keys become the one that enters the key schedule."""

from collections.abc import Callable, Sequence

from cordiale.crypto import kdf
from cordiale.crypto.entropy import fresh
from cordiale.crypto.suite import Suite
from cordiale.errors import NotFound
from cordiale.mls.derivation import expand_with_label
from cordiale.mls.proposal import ExternalPsk, PskId, ResumptionPsk, ResumptionUsage
from cordiale.mls.schedule import no_psk
from cordiale.mls.syntax import u16
from cordiale.vocab.identifier import Epoch

PskLookup = Callable[[PskId], bytes]
"""Gives the key of an id, or raises `NotFound`."""


def no_psks(psk: PskId) -> bytes:
    """The lookup of a client that holds no pre-shared key."""
    raise NotFound(psk.encode().hex()[:24], what="pre-shared key")


def external_psk(suite: Suite, psk_id: bytes) -> ExternalPsk:
    """A key agreed elsewhere, for one use in a group of that suite (§8.4: a fresh nonce of the hash's length)."""
    return ExternalPsk(psk_id, fresh(suite.hash_bytes))


def resumption_psk(suite: Suite, usage: ResumptionUsage, group_id: bytes, epoch: Epoch) -> ResumptionPsk:
    """An epoch's resumption key, for one use in a group of that suite."""
    return ResumptionPsk(usage, group_id, epoch, fresh(suite.hash_bytes))


def psk_secret(suite: Suite, ids: Sequence[PskId], lookup: PskLookup, *, rule: str = "") -> bytes:
    """psk_secret of the keys in the order in which the commit or Welcome names them; `NotFound` of `rule` without one."""
    secret = no_psk(suite)
    for index, psk in enumerate(ids):
        extracted = kdf.extract(suite, no_psk(suite), _look_up(lookup, psk, rule))
        label = psk.encode() + u16(index) + u16(len(ids))
        secret = kdf.extract(
            suite, expand_with_label(suite, extracted, b"derived psk", label, suite.hash_bytes), secret
        )
    return secret


def _look_up(lookup: PskLookup, psk: PskId, rule: str) -> bytes:
    try:
        return lookup(psk)
    except NotFound as error:
        raise NotFound(error.detail, what="pre-shared key", rule=rule) from None
