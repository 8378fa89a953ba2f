"""External senders (RFC 9420 §12.1.8.1): keys outside the group that its context allows to propose."""

from collections.abc import Sequence

import msgspec

from cordiale.errors import ProtocolViolation
from cordiale.mls.credential import Credential, read_credential
from cordiale.mls.extension import EXTERNAL_SENDERS, Extension, find
from cordiale.mls.syntax import Reader, opaque, parse, vector
from cordiale.wire import limits


class ExternalSender(msgspec.Struct, frozen=True):
    """One key and whose it is."""

    signature_key: bytes
    credential: Credential

    def encode(self) -> bytes:
        """As in the extension's list."""
        return opaque(self.signature_key) + self.credential.encode()

    @classmethod
    def read(cls, reader: Reader) -> "ExternalSender":
        """As in the extension's list."""
        return cls(reader.opaque(), read_credential(reader))


def external_senders(extensions: Sequence[Extension]) -> tuple[ExternalSender, ...]:
    """Those that a group context allows."""
    data = find(extensions, EXTERNAL_SENDERS)
    if data is None:
        return ()
    return parse(
        data, lambda reader: reader.many(ExternalSender.read), "external senders", limit=limits.MLS_EXTENSION_BYTES
    )


def external_sender(extensions: Sequence[Extension], index: int) -> ExternalSender:
    """The external sender at an index, or `ProtocolViolation`."""
    known = external_senders(extensions)
    if index >= len(known):
        raise ProtocolViolation(f"external sender {index} is not allowed", rule="RFC 9420 §12.1.8.1 (1)")
    return known[index]


def external_senders_extension(senders: Sequence[ExternalSender]) -> Extension:
    """The extension for a group context."""
    return Extension(EXTERNAL_SENDERS, vector(sender.encode() for sender in senders))
