"""The key schedule (RFC 9420 §8): from one epoch's init secret to the next epoch's keys.

init[n-1], commit_secret, context ──> joiner ── psk_secret ──> member ─┬─> welcome
                                                                       └─ context ──> epoch ──> the rest
"""

from typing import Final, Self

import msgspec

from cordiale.crypto import kdf
from cordiale.crypto.digest import equal
from cordiale.crypto.suite import Suite
from cordiale.errors import ProtocolViolation
from cordiale.mls.content import AuthenticatedContent
from cordiale.mls.derivation import derive_secret, expand_with_label
from cordiale.mls.group_context import GroupContext
from cordiale.mls.sender_data import SenderDataSecret
from cordiale.mls.syntax import Reader, opaque


class EpochSecrets(msgspec.Struct, frozen=True):
    """What an epoch keeps (RFC 9420 table 4). The encryption secret is not kept: the secret tree consumes it."""

    init: bytes
    sender_data: SenderDataSecret
    exporter: bytes
    external: bytes
    confirmation: bytes
    membership: bytes
    resumption: bytes
    authenticator: bytes

    def __repr__(self) -> str:
        return "EpochSecrets(…)"

    def encode(self) -> bytes:
        """For an encrypted store."""
        init, sender_data, *others = msgspec.structs.astuple(self)
        return b"".join(map(opaque, (init, sender_data.secret, *others)))

    @classmethod
    def read(cls, reader: Reader, suite: Suite) -> Self:
        """What `encode` wrote."""
        return cls.of(suite, *(reader.opaque() for _ in cls.__struct_fields__))

    @classmethod
    def of(cls, suite: Suite, init: bytes, sender_data: bytes, *others: bytes) -> Self:
        """The secrets as bytes, in the order of the fields."""
        return cls(init, SenderDataSecret(suite, sender_data), *others)

    @classmethod
    def none(cls, suite: Suite) -> Self:
        """Those of a group that one has left."""
        return cls.of(suite, *(b"" for _ in cls.__struct_fields__))


def no_psk(suite: Suite) -> bytes:
    """The psk_secret of an epoch without pre-shared keys (RFC 9420 §8.4)."""
    return bytes(suite.hash_bytes)


def no_commit_secret(suite: Suite) -> bytes:
    """The commit secret of a commit without path (RFC 9420 §8)."""
    return bytes(suite.hash_bytes)


def joiner_secret(context: GroupContext, init: bytes, commit_secret: bytes) -> bytes:
    """What a Welcome carries. `context` is the new epoch's."""
    suite = context.suite
    extracted = kdf.extract(suite, init, commit_secret)
    return expand_with_label(suite, extracted, b"joiner", context.encoded, suite.hash_bytes)


def welcome_secret(suite: Suite, joiner: bytes, psk_secret: bytes) -> bytes:
    """Encrypts the GroupInfo of a Welcome."""
    return derive_secret(suite, kdf.extract(suite, joiner, psk_secret), b"welcome")


_LABELS: Final = (
    b"init",
    b"sender data",
    b"exporter",
    b"external",
    b"confirm",
    b"membership",
    b"resumption",
    b"authentication",
)
"""In the order of `EpochSecrets`' fields."""


def epoch_secrets(context: GroupContext, joiner: bytes, psk_secret: bytes) -> tuple[EpochSecrets, bytes]:
    """An epoch's secrets, and the encryption secret for its secret tree."""
    suite = context.suite
    extracted = kdf.extract(suite, joiner, psk_secret)
    epoch = expand_with_label(suite, extracted, b"epoch", context.encoded, suite.hash_bytes)
    return secrets_of_epoch(suite, epoch)


def secrets_of_epoch(suite: Suite, epoch_secret: bytes) -> tuple[EpochSecrets, bytes]:
    """All that is derived from an epoch secret."""
    kept = EpochSecrets.of(suite, *(derive_secret(suite, epoch_secret, label) for label in _LABELS))
    return kept, derive_secret(suite, epoch_secret, b"encryption")


def export(suite: Suite, secrets: EpochSecrets, label: str, context: bytes, length: int) -> bytes:
    """MLS-Exporter (RFC 9420 §8.5)."""
    derived = derive_secret(suite, secrets.exporter, label.encode())
    return expand_with_label(suite, derived, b"exported", suite.hash(context), length)


def confirmation_tag(suite: Suite, secrets: EpochSecrets, confirmed_transcript_hash: bytes) -> bytes:
    """Proves knowledge of the epoch's key schedule over its transcript (RFC 9420 §6.1)."""
    return kdf.mac(suite, secrets.confirmation, confirmed_transcript_hash)


def check_confirmation(context: GroupContext, secrets: EpochSecrets, tag: bytes, *, rule: str) -> None:
    """The tag must be that of the epoch reached, or `ProtocolViolation` of `rule`."""
    expected = confirmation_tag(context.suite, secrets, context.confirmed_transcript_hash)
    if not equal(expected, tag):
        raise ProtocolViolation("the confirmation tag is wrong", rule=rule)


def membership_tag(context: GroupContext, secrets: EpochSecrets, content: AuthenticatedContent) -> bytes:
    """Proves to members that a PublicMessage is from one (RFC 9420 §6.2): a MAC over AuthenticatedContentTBM."""
    signed = content.framed.to_be_signed(content.wire_format, context.encoded)
    return kdf.mac(context.suite, secrets.membership, signed + content.auth_data())


def check_membership(context: GroupContext, secrets: EpochSecrets, content: AuthenticatedContent, tag: bytes) -> None:
    """RFC 9420 §6.2: the tag must hold."""
    if not equal(membership_tag(context, secrets, content), tag):
        raise ProtocolViolation("the membership tag is wrong", rule="RFC 9420 §6.2 (1)")
