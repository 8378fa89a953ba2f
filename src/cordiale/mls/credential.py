"""Credentials (RFC 9420 §5.3): who a leaf says it is. Whether to believe it is the application's `Authenticate`.

A multi-credential (draft-ietf-mls-extensions-09 §6.5) holds several, each with its own key and a signature that binds it
to the leaf; `multi_credential` makes and verifies them. Its type is of the private range until one is assigned.
"""

from collections.abc import Callable
from typing import Final

import msgspec

from cordiale.mls.syntax import Reader, opaque, u16, vector
from cordiale.wire import limits

BASIC: Final = 1
X509: Final = 2
MULTI: Final = 0xF0B1


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


SingleCredential = BasicCredential | X509Credential


class CredentialBinding(msgspec.Struct, frozen=True):
    """One credential of several: the holder of `public` says that the leaf's signature key is theirs too."""

    suite_id: int
    credential: SingleCredential
    public: bytes
    signature: bytes

    def content(self, signature_key: bytes) -> bytes:
        """CredentialBindingTBS: what its private half signs for the leaf with that signature key."""
        return u16(self.suite_id) + self.credential.encode() + opaque(self.public) + opaque(signature_key)

    def encode(self) -> bytes:
        """As in a multi-credential."""
        return u16(self.suite_id) + self.credential.encode() + opaque(self.public) + opaque(self.signature)


class MultiCredential(msgspec.Struct, frozen=True):
    """Several credentials at once, all of which must hold."""

    bindings: tuple[CredentialBinding, ...]

    @property
    def type(self) -> int:
        """RFC 9420 §17.5, private use."""
        return MULTI

    def encode(self) -> bytes:
        """As in a leaf node."""
        return u16(MULTI) + vector(binding.encode() for binding in self.bindings)


Credential = SingleCredential | MultiCredential

Authenticate = Callable[[Credential, bytes], None]
"""(credential, signature key): raises a `CordialeError` unless the key is acceptable as that person's or service's.

Of a multi-credential it judges every pair that `multi_credential.presented` gives, and that all name one client.
"""


def read_credential(reader: Reader) -> Credential:
    """Types that this engine does not know cannot even be skipped (they have no length), so they are malformed."""
    kind = reader.u16()
    if kind != MULTI:
        return _read_single(reader, kind)
    bindings = reader.many(_read_binding)
    if not 1 <= len(bindings) <= limits.MLS_BINDINGS:
        reader.fail(f"a multi-credential of {len(bindings)} bindings")
    return MultiCredential(bindings)


def _read_binding(reader: Reader) -> CredentialBinding:
    """The credential of a binding is a single one: nesting has no use, and every level would be another recursion."""
    return CredentialBinding(reader.u16(), _read_single(reader, reader.u16()), reader.opaque(), reader.opaque())


def _read_single(reader: Reader, kind: int) -> SingleCredential:
    if kind == BASIC:
        return BasicCredential(reader.opaque())
    if kind != X509:
        reader.fail(f"credential type {kind}", rule="RFC 9420 §13.3 (1)")
    chain = reader.many(Reader.opaque)
    # RFC 9420 §5.3: the chain has at least the leaf's own certificate.
    if not 1 <= len(chain) <= limits.MLS_CHAIN_CERTIFICATES:
        reader.fail(f"a chain of {len(chain)} certificates", rule="RFC 9420 §5.3 (2)")
    return X509Credential(chain)
