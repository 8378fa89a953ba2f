"""Who sent a PrivateMessage (RFC 9420 §6.3.2): sealed for those of the epoch, so that carriers do not see who speaks."""

from functools import cached_property
from struct import Struct
from typing import Final

import msgspec

from cordiale.crypto.aead import open_sealed, seal
from cordiale.crypto.suite import Suite
from cordiale.errors import Malformed
from cordiale.mls.derivation import MessageKey, MessageKeys
from cordiale.vocab.identifier import LeafIndex

GUARD_BYTES: Final = 4
_FORM: Final = Struct(f">II{GUARD_BYTES}s")


class SenderData(msgspec.Struct, frozen=True):
    """Whose message of which generation, and what its nonce was guarded with."""

    leaf: LeafIndex
    generation: int
    guard: bytes


class SenderDataSecret(msgspec.Struct, frozen=True, dict=True):
    """An epoch's sender data secret. Every message takes two derivations from it, so it is keyed once."""

    suite: Suite
    secret: bytes

    def __repr__(self) -> str:
        return "SenderDataSecret(…)"

    def seal(self, sender: SenderData, associated: bytes, ciphertext: bytes) -> bytes:
        """The encrypted sender data of a message with this `ciphertext`; `associated` is SenderDataAAD."""
        key = self.key(ciphertext)
        plain = _FORM.pack(sender.leaf, sender.generation, sender.guard)
        return seal(self.suite, key.key, key.nonce, associated, plain)

    def open(self, sealed: bytes, associated: bytes, ciphertext: bytes) -> SenderData:
        """What `seal` sealed: `CannotDecrypt`, or `Malformed` if it has another form."""
        key = self.key(ciphertext)
        plain = open_sealed(self.suite, key.key, key.nonce, associated, sealed, what="message sender")
        if len(plain) != _FORM.size:
            raise Malformed(f"{len(plain)} bytes, not {_FORM.size}", what="sender data")
        leaf, generation, guard = _FORM.unpack(plain)
        return SenderData(LeafIndex(leaf), generation, guard)

    def key(self, ciphertext: bytes) -> MessageKey:
        """Derived from a sample of the ciphertext, so that each message has its own."""
        return self._keys.of(ciphertext[: self.suite.hash_bytes])

    @cached_property
    def _keys(self) -> MessageKeys:
        return MessageKeys(self.suite, self.secret)
