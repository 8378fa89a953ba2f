"""Leaf nodes (RFC 9420 §7.2): one member's keys, credential and capabilities, signed by the member.

Where a leaf comes from decides what it carries and what its signature covers: in a key package a lifetime and no
group; in an update or a commit the group and the leaf's index, in a commit also the parent hash of its path.
"""

from collections.abc import Sequence
from enum import IntEnum
from functools import cached_property, lru_cache
from typing import Final

import msgspec

from cordiale.crypto.kem_public import check_public
from cordiale.crypto.signature import Signer
from cordiale.crypto.suite import SUITES, Suite
from cordiale.mls.credential import BASIC, MULTI, X509, Credential, read_credential
from cordiale.mls.extension import (
    DEFAULT_TYPES,
    LAST_RESORT,
    REQUIRED_SIGNATURES,
    ROOM_PARAMETERS,
    ROOM_TITLE,
    Extension,
    encode_extensions,
    read_extensions,
)
from cordiale.mls.labelled import sign_with_label, verify_with_label
from cordiale.mls.multi_credential import presented
from cordiale.mls.syntax import Reader, opaque, u8, u16, u32, u64, vector
from cordiale.mls.wire_format import MLS10
from cordiale.vocab.identifier import LeafIndex

_NOWHERE: Final = LeafIndex(0)
"""A key package's leaf has no place yet; its signature does not cover one."""
DEFAULT_PROPOSALS: Final = frozenset(range(1, 8))
"""Every client supports these and does not list them (RFC 9420 §7.2)."""
SELF_REMOVE: Final = 10
"""draft-ietf-mls-extensions §7.3 (suggested value): beyond the default ones, so clients list it."""


class Source(IntEnum):
    """LeafNodeSource."""

    KEY_PACKAGE = 1
    UPDATE = 2
    COMMIT = 3


class Capabilities(msgspec.Struct, frozen=True):
    """What a client understands, by code point. Unknown values are ignored (GREASE, RFC 9420 §13.5)."""

    versions: tuple[int, ...]
    suites: tuple[int, ...]
    extensions: tuple[int, ...]
    proposals: tuple[int, ...]
    credentials: tuple[int, ...]

    def encode(self) -> bytes:
        """As in a leaf node."""
        lists = (self.versions, self.suites, self.extensions, self.proposals, self.credentials)
        return b"".join(vector(map(u16, values)) for values in lists)

    def knows_extension(self, kind: int) -> bool:
        """Whether the client supports an extension type."""
        return kind in DEFAULT_TYPES or kind in self.extensions

    def knows_proposal(self, kind: int) -> bool:
        """Whether the client supports a proposal type."""
        return kind in DEFAULT_PROPOSALS or kind in self.proposals


class Lifetime(msgspec.Struct, frozen=True):
    """Seconds since the Unix epoch, both ends included."""

    not_before: int
    not_after: int


class LeafNode(msgspec.Struct, frozen=True, dict=True):
    """One member in the tree. `lifetime` and `parent_hash` are there just for the sources that have them."""

    encryption_key: bytes
    signature_key: bytes
    credential: Credential
    capabilities: Capabilities
    source: Source
    lifetime: Lifetime | None
    parent_hash: bytes
    extensions: tuple[Extension, ...]
    signature: bytes

    @cached_property
    def encoded(self) -> bytes:
        """The whole leaf as in a tree or message."""
        return self._unsigned + opaque(self.signature)

    @cached_property
    def _unsigned(self) -> bytes:
        return b"".join(
            (
                opaque(self.encryption_key),
                opaque(self.signature_key),
                self.credential.encode(),
                self.capabilities.encode(),
                u8(self.source),
                self._source_data(),
                encode_extensions(self.extensions),
            )
        )

    def _source_data(self) -> bytes:
        if self.lifetime is not None:
            return u64(self.lifetime.not_before) + u64(self.lifetime.not_after)
        return opaque(self.parent_hash) if self.source is Source.COMMIT else b""

    def _signed_content(self, group_id: bytes, leaf: LeafIndex) -> bytes:
        """LeafNodeTBS: leaves of a group are bound to it and to their place."""
        if self.source is Source.KEY_PACKAGE:
            return self._unsigned
        return self._unsigned + opaque(group_id) + u32(leaf)

    def signed(self, signer: Signer, group_id: bytes = b"", leaf: LeafIndex = _NOWHERE) -> "LeafNode":
        """This leaf with the signer's signature."""
        signature = sign_with_label(signer, "LeafNodeTBS", self._signed_content(group_id, leaf))
        return msgspec.structs.replace(self, signature=signature)

    def verify(self, suite: Suite, group_id: bytes = b"", leaf: LeafIndex = _NOWHERE) -> None:
        """RFC 9420 §7.3, §10: the encryption key must be one of the suite's, and the signature the leaf's own.

        A multi-credential's bindings must hold too (draft-ietf-mls-extensions-09 §6.5.2).
        """
        check_public(suite, self.encryption_key, rule="RFC 9420 §10 (1)")
        content = self._signed_content(group_id, leaf)
        verify_with_label(
            suite,
            self.signature_key,
            "LeafNodeTBS",
            content,
            self.signature,
            what="leaf node",
            rule="RFC 9420 §7.3 (2)",
        )
        presented(self.credential, self.signature_key)


def read_leaf_node(reader: Reader) -> LeafNode:
    """One leaf, of any source."""
    start = reader.position()
    encryption_key, signature_key = reader.opaque(), reader.opaque()
    credential, capabilities = read_credential(reader), _read_capabilities(reader)
    kind = reader.u8()
    if kind not in (Source.KEY_PACKAGE, Source.UPDATE, Source.COMMIT):
        reader.fail(f"leaf node source {kind}")
    source = Source(kind)
    lifetime = Lifetime(reader.u64(), reader.u64()) if source is Source.KEY_PACKAGE else None
    parent_hash = reader.opaque() if source is Source.COMMIT else b""
    extensions = read_extensions(reader)
    unsigned = reader.since(start)
    leaf = LeafNode(
        encryption_key,
        signature_key,
        credential,
        capabilities,
        source,
        lifetime,
        parent_hash,
        extensions,
        reader.opaque(),
    )
    # What the cached properties would come to: a leaf has one encoding, and this is it.
    vars(leaf).update(_unsigned=unsigned, encoded=reader.since(start))
    return leaf


def _read_capabilities(reader: Reader) -> Capabilities:
    start = reader.position()
    for _ in Capabilities.__struct_fields__:
        reader.opaque()
    return _capabilities(reader.since(start))


@lru_cache(maxsize=64)
def _capabilities(encoded: bytes) -> Capabilities:
    """Cached, because most leaves of a tree have the same."""
    reader = Reader(encoded, "capabilities")
    return Capabilities(
        reader.many(Reader.u16),
        reader.many(Reader.u16),
        reader.many(Reader.u16),
        reader.many(Reader.u16),
        reader.many(Reader.u16),
    )


def default_capabilities(extensions: Sequence[int] = ()) -> Capabilities:
    """All that this engine does, the further extension types given among it."""
    private = {LAST_RESORT, ROOM_PARAMETERS, ROOM_TITLE, REQUIRED_SIGNATURES, *extensions} - DEFAULT_TYPES
    return Capabilities((MLS10,), tuple(SUITES), tuple(sorted(private)), (SELF_REMOVE,), (BASIC, X509, MULTI))
