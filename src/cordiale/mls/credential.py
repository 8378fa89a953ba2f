"""Credentials (RFC 9420 §5.3): who a leaf says it is. Whether to believe it is the application's `Authenticate`."""

from collections.abc import Callable
from typing import Final

import msgspec

from cordiale.mls.syntax import Reader, opaque, u16, vector
from cordiale.wire import limits

BASIC: Final = 1
X509: Final = 2


class BasicCredential(msgspec.Struct, frozen=True):
    """A bare identity, asserted by nobody."""

    identity: bytes

    @property
    def type(self) -> int:
        """RFC 9420 §17.5."""
        return BASIC

    def encode(self) -> bytes:
        """As in a leaf node."""
        return u16(BASIC) + opaque(self.identity)


class X509Credential(msgspec.Struct, frozen=True):
    """A chain of DER certificates, the leaf's own first."""

    certificates: tuple[bytes, ...]

    @property
    def type(self) -> int:
        """RFC 9420 §17.5."""
        return X509

    def encode(self) -> bytes:
        """As in a leaf node."""
        return u16(X509) + vector(map(opaque, self.certificates))


Credential = BasicCredential | X509Credential

Authenticate = Callable[[Credential, bytes], None]
"""(credential, signature key): raises a `CordialeError` unless the key is acceptable as that person's or service's."""


def read_credential(reader: Reader) -> Credential:
    """Types that this engine does not know cannot even be skipped (they have no length), so they are malformed."""
    kind = reader.u16()
    if kind == BASIC:
        return BasicCredential(reader.opaque())
    if kind != X509:
        reader.fail(f"credential type {kind}")
    chain = reader.many(Reader.opaque)
    # RFC 9420 §5.3.1: the chain has at least the leaf's own certificate.
    if not 1 <= len(chain) <= limits.MLS_CHAIN_CERTIFICATES:
        reader.fail(f"a chain of {len(chain)} certificates")
    return X509Credential(chain)
