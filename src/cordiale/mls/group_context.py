"""GroupContext (RFC 9420 §8.1): what all members agree on in an epoch."""

from functools import cached_property
from typing import Self

import msgspec

from cordiale.crypto.suite import Suite, suite_of
from cordiale.mls.extension import Extension, encode_extensions, read_extensions
from cordiale.mls.syntax import Reader, opaque, u16, u64
from cordiale.mls.wire_format import MLS10
from cordiale.vocab.identifier import Epoch


class GroupContext(msgspec.Struct, frozen=True, dict=True):
    """Enters every key derivation and every member's signature."""

    suite_id: int
    group_id: bytes
    epoch: Epoch
    tree_hash: bytes
    confirmed_transcript_hash: bytes
    extensions: tuple[Extension, ...]

    @property
    def suite(self) -> Suite:
        """The row of its cipher suite."""
        return suite_of(self.suite_id)

    @cached_property
    def encoded(self) -> bytes:
        """As in a GroupInfo and in every derivation."""
        return b"".join(
            (
                u16(MLS10),
                u16(self.suite_id),
                opaque(self.group_id),
                u64(self.epoch),
                opaque(self.tree_hash),
                opaque(self.confirmed_transcript_hash),
                encode_extensions(self.extensions),
            )
        )

    @classmethod
    def read(cls, reader: Reader) -> Self:
        """As in a GroupInfo."""
        if (version := reader.u16()) != MLS10:
            reader.fail(f"protocol version {version}", rule="RFC 9420 §6 (1)")
        return cls(
            reader.u16(),
            reader.opaque(),
            Epoch(reader.u64()),
            reader.opaque(),
            reader.opaque(),
            read_extensions(reader),
        )
