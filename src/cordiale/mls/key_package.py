"""Key packages (RFC 9420 §10): what a client publishes so that others can add it to groups.

The public half only, for the blind node. Making one needs private keys and is in `key_package_secrets`.
"""

from collections.abc import Sequence
from concurrent.futures import Executor
from functools import cached_property
from typing import Self

import msgspec

from cordiale.crypto import aside
from cordiale.crypto.kem_public import check_public
from cordiale.crypto.signature import Signer
from cordiale.crypto.suite import Suite, suite_of
from cordiale.errors import ProtocolViolation
from cordiale.mls.extension import LAST_RESORT, Extension, encode_extensions, read_extensions
from cordiale.mls.labelled import reference, sign_with_label, verify_with_label
from cordiale.mls.leaf_node import LeafNode, Source, read_leaf_node
from cordiale.mls.syntax import Reader, opaque, parse, u16
from cordiale.mls.wire_format import MLS10, WireFormat, expect, header
from cordiale.vocab.moment import SECOND, Moment
from cordiale.wire import limits


class KeyPackage(msgspec.Struct, frozen=True, dict=True):
    """A signed offer to join: `init_key` for one Welcome, and the leaf that enters the tree."""

    suite_id: int
    init_key: bytes
    leaf_node: LeafNode
    extensions: tuple[Extension, ...]
    signature: bytes

    @property
    def suite(self) -> Suite:
        """The row of its cipher suite, or `ProtocolViolation`."""
        return suite_of(self.suite_id)

    @property
    def is_last_resort(self) -> bool:
        """Whether its maker lets it be used more than once, when all others are used up."""
        return Extension(LAST_RESORT, b"") in self.extensions

    @cached_property
    def encoded(self) -> bytes:
        """As in an Add proposal."""
        return self._unsigned + opaque(self.signature)

    @cached_property
    def _unsigned(self) -> bytes:
        return b"".join(
            (
                u16(MLS10),
                u16(self.suite_id),
                opaque(self.init_key),
                self.leaf_node.encoded,
                encode_extensions(self.extensions),
            )
        )

    def encode(self) -> bytes:
        """As an MLSMessage of wire format mls_key_package."""
        return header(WireFormat.KEY_PACKAGE) + self.encoded

    @classmethod
    def decode(cls, message: bytes) -> Self:
        """From an MLSMessage; `verify` is still to be called."""
        return parse(message, cls._read_message, "key package", limit=limits.KEY_PACKAGE_BYTES)

    @classmethod
    def _read_message(cls, reader: Reader) -> Self:
        expect(reader, WireFormat.KEY_PACKAGE)
        return cls.read(reader)

    @classmethod
    def read(cls, reader: Reader) -> Self:
        """As in an Add proposal."""
        start = reader.position()
        if (version := reader.u16()) != MLS10:
            reader.fail(f"protocol version {version}", rule="RFC 9420 §10 (2)")
        fields = reader.u16(), reader.opaque(), read_leaf_node(reader), read_extensions(reader)
        unsigned = reader.since(start)
        package = cls(*fields, reader.opaque())
        # What the cached properties would come to: a key package has one encoding, and this is it.
        vars(package).update(_unsigned=unsigned, encoded=reader.since(start))
        return package

    def reference(self) -> bytes:
        """KeyPackageRef (RFC 9420 §5.2): how a Welcome names it."""
        return reference(self.suite, "MLS 1.0 KeyPackage Reference", self.encoded)

    def signed(self, signer: Signer) -> Self:
        """This key package with the signer's signature."""
        return msgspec.structs.replace(self, signature=sign_with_label(signer, "KeyPackageTBS", self._unsigned))

    def verify(self, suite: Suite) -> None:
        """Every check of RFC 9420 §10.1 that needs no application and no clock; done once, for it always ends alike."""
        if vars(self).get("_verified_for") is not suite:
            self._verify(suite)
            vars(self).update(_verified_for=suite)

    def _verify(self, suite: Suite) -> None:
        if self.suite_id != suite.id:
            raise ProtocolViolation(f"suite {self.suite_id:#06x} in a group of another", rule="RFC 9420 §10.1 (1)")
        leaf = self.leaf_node
        if leaf.source is not Source.KEY_PACKAGE:
            raise ProtocolViolation("its leaf is not made for a key package", rule="RFC 9420 §7.3 (8)")
        check_public(suite, self.init_key, rule="RFC 9420 §10 (1)")
        if self.init_key == leaf.encryption_key:
            raise ProtocolViolation("one key for two purposes", rule="RFC 9420 §10.1 (4)")
        if not all(leaf.capabilities.knows_extension(extension.type) for extension in self.extensions):
            raise ProtocolViolation("an extension that its own leaf does not support", rule="RFC 9420 §10 (3)")
        verify_with_label(
            suite,
            leaf.signature_key,
            "KeyPackageTBS",
            self._unsigned,
            self.signature,
            what="key package",
            rule="RFC 9420 §10.1 (3)",
        )
        leaf.verify(suite)

    @classmethod
    def verify_each(cls, packages: Sequence[Self], suite: Suite, pool: Executor) -> None:
        """Verify many with the help of another thread, before they are added together; raises what the first of them raises."""
        for outcome in aside.each(lambda package: package.verify(suite), packages, pool):
            if outcome is not None:
                raise outcome

    def check_lifetime(self, now: Moment) -> None:
        """RFC 9420 §7.2, §7.3: whoever uses a key package must find `now` within its lifetime, and that bounded.

        Receivers do not ask (§7.3 only recommends it): a member that reads last month's commit today must come to
        the same group as one that read it then.
        """
        lifetime = self.leaf_node.lifetime
        if lifetime is None or not lifetime.not_before <= now // SECOND <= lifetime.not_after:
            raise ProtocolViolation("the key package is not valid now", rule="RFC 9420 §7.3 (5)")
        if lifetime.not_after - lifetime.not_before > limits.MLS_LIFETIME_SECONDS:
            raise ProtocolViolation("the key package is valid for too long", rule="RFC 9420 §7.2 (1)")
