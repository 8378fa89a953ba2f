"""Making key packages, and the private halves that wait for the Welcome (RFC 9420 §10)."""

from collections.abc import Sequence
from typing import Self

import msgspec

from cordiale.crypto import hpke
from cordiale.crypto.signature import Signer
from cordiale.crypto.suite import suite_of
from cordiale.mls.credential import Credential
from cordiale.mls.extension import LAST_RESORT, Extension
from cordiale.mls.key_package import KeyPackage
from cordiale.mls.leaf_node import Capabilities, LeafNode, Lifetime, Source, default_capabilities
from cordiale.mls.syntax import Reader, opaque, parse
from cordiale.wire import limits


class KeyPackageSecrets(msgspec.Struct, frozen=True):
    """The private keys of one key package. `repr` shows neither."""

    init_private: bytes
    leaf_private: bytes

    def encode(self) -> bytes:
        """For an encrypted store."""
        return opaque(self.init_private) + opaque(self.leaf_private)

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """What `encode` wrote."""
        return parse(data, cls._read, "key package secrets", limit=limits.KEY_PACKAGE_BYTES)

    @classmethod
    def _read(cls, reader: Reader) -> Self:
        return cls(reader.opaque(), reader.opaque())

    def __repr__(self) -> str:
        return "KeyPackageSecrets(…)"


def generate(
    suite_id: int,
    signer: Signer,
    credential: Credential,
    *,
    lifetime: tuple[int, int],
    extensions: Sequence[Extension] = (),
    leaf_extensions: Sequence[Extension] = (),
    capabilities: Capabilities | None = None,
    last_resort: bool = False,
) -> tuple[KeyPackage, KeyPackageSecrets]:
    """A key package valid for `lifetime` (seconds since the Unix epoch, both included) and its private keys.

    One of last resort says so; its private keys are kept after a use, since it may be used again.
    """
    if last_resort:
        extensions = (*extensions, Extension(LAST_RESORT, b""))
    suite = suite_of(suite_id)
    init, own = hpke.generate(suite), hpke.generate(suite)
    listed = tuple(extension.type for extension in (*extensions, *leaf_extensions))
    leaf = LeafNode(
        own.public,
        signer.public,
        credential,
        capabilities or default_capabilities(listed),
        Source.KEY_PACKAGE,
        Lifetime(*lifetime),
        b"",
        tuple(leaf_extensions),
        b"",
    ).signed(signer)
    package = KeyPackage(suite_id, init.public, leaf, tuple(extensions), b"").signed(signer)
    return package, KeyPackageSecrets(init.private, own.private)
