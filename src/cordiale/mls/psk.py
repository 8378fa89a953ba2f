"""Pre-shared keys (RFC 9420 §8.4): many keys become the one that enters the key schedule."""

from collections.abc import Callable, Sequence

from cordiale.crypto import kdf
from cordiale.crypto.suite import Suite
from cordiale.errors import NotFound
from cordiale.mls.derivation import expand_with_label
from cordiale.mls.proposal import PskId
from cordiale.mls.schedule import no_psk
from cordiale.mls.syntax import u16

PskLookup = Callable[[PskId], bytes]
"""Gives the key of an id, or raises `NotFound`."""


def no_psks(psk: PskId) -> bytes:
    """The lookup of a client that holds no pre-shared key."""
    raise NotFound(psk.encode().hex()[:24], what="pre-shared key")


def psk_secret(suite: Suite, ids: Sequence[PskId], lookup: PskLookup) -> bytes:
    """psk_secret of the keys in the order in which the commit or Welcome names them."""
    secret = no_psk(suite)
    for index, psk in enumerate(ids):
        extracted = kdf.extract(suite, no_psk(suite), lookup(psk))
        label = psk.encode() + u16(index) + u16(len(ids))
        secret = kdf.extract(
            suite, expand_with_label(suite, extracted, b"derived psk", label, suite.hash_bytes), secret
        )
    return secret
