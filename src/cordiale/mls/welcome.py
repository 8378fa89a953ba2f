"""Welcomes (RFC 9420 §12.4.3.1): one message that lets all whom a commit added enter its epoch."""

from collections.abc import Sequence
from typing import Self

import msgspec

from cordiale.crypto.aead import open_sealed, seal
from cordiale.crypto.sealed import Sealed
from cordiale.crypto.suite import Suite
from cordiale.errors import NotFound, ProtocolViolation
from cordiale.mls.commit import encode_sealed, read_sealed
from cordiale.mls.derivation import decrypt_with_label, encrypt_to_each, expand_with_label
from cordiale.mls.group_info import GroupInfo
from cordiale.mls.key_package import KeyPackage
from cordiale.mls.key_package_secrets import KeyPackageSecrets
from cordiale.mls.proposal import PskId, read_psk_id
from cordiale.mls.psk import PskLookup, psk_secret
from cordiale.mls.schedule import welcome_secret
from cordiale.mls.syntax import Reader, opaque, optional, parse, u16, vector
from cordiale.mls.wire_format import WireFormat, expect, header
from cordiale.wire import limits


class GroupSecrets(msgspec.Struct, frozen=True):
    """What one newcomer gets: the epoch's joiner secret, and the path secret of the lowest node above both."""

    joiner_secret: bytes
    path_secret: bytes | None
    psks: tuple[PskId, ...]

    def __repr__(self) -> str:
        return "GroupSecrets(…)"

    def encode(self) -> bytes:
        """GroupSecrets."""
        path = None if self.path_secret is None else opaque(self.path_secret)
        return opaque(self.joiner_secret) + optional(path) + vector(psk.encode() for psk in self.psks)

    @classmethod
    def read(cls, reader: Reader) -> Self:
        """GroupSecrets."""
        return cls(reader.opaque(), reader.optional(Reader.opaque), reader.many(read_psk_id))


class EncryptedSecrets(msgspec.Struct, frozen=True):
    """GroupSecrets sealed to one key package, by its reference."""

    new_member: bytes
    sealed: Sealed

    def encode(self) -> bytes:
        """EncryptedGroupSecrets."""
        return opaque(self.new_member) + encode_sealed(self.sealed)

    @classmethod
    def read(cls, reader: Reader) -> Self:
        """EncryptedGroupSecrets."""
        return cls(reader.opaque(), read_sealed(reader))


class Welcome(msgspec.Struct, frozen=True):
    """Secrets for each newcomer and one encrypted GroupInfo for all."""

    suite_id: int
    secrets: tuple[EncryptedSecrets, ...]
    encrypted_group_info: bytes

    def encode(self) -> bytes:
        """As an MLSMessage."""
        body = u16(self.suite_id) + vector(entry.encode() for entry in self.secrets)
        return header(WireFormat.WELCOME) + body + opaque(self.encrypted_group_info)

    @classmethod
    def decode(cls, message: bytes) -> Self:
        """From an MLSMessage."""
        return parse(message, cls._read, "welcome", limit=limits.MLS_ROOM_BYTES)

    @classmethod
    def _read(cls, reader: Reader) -> Self:
        expect(reader, WireFormat.WELCOME)
        return cls(reader.u16(), reader.many(EncryptedSecrets.read), reader.opaque())


def make_welcome(
    info: GroupInfo,
    newcomers: Sequence[tuple[KeyPackage, bytes | None]],
    joiner: bytes,
    psks: tuple[PskId, ...],
    psk: bytes,
) -> Welcome:
    """A Welcome to newcomers, each with its path secret (`None` where the commit had no path)."""
    suite = info.context.suite
    key, nonce = _info_key(suite, welcome_secret(suite, joiner, psk))
    encrypted = seal(suite, key, nonce, b"", info.encoded)
    messages = [
        (package.init_key, GroupSecrets(joiner, path_secret, psks).encode()) for package, path_secret in newcomers
    ]
    sealed = encrypt_to_each(suite, "Welcome", encrypted, messages)
    entries = [
        EncryptedSecrets(package.reference(), each) for (package, _), each in zip(newcomers, sealed, strict=True)
    ]
    return Welcome(suite.id, tuple(entries), encrypted)


class OpenedWelcome(msgspec.Struct, frozen=True):
    """A Welcome's content; nothing of the group info is verified yet."""

    secrets: GroupSecrets
    psk_secret: bytes
    info: GroupInfo

    def __repr__(self) -> str:
        return "OpenedWelcome(…)"


def open_welcome(welcome: Welcome, package: KeyPackage, secrets: KeyPackageSecrets, lookup: PskLookup) -> OpenedWelcome:
    """The secrets for our key package, and the GroupInfo they open."""
    if welcome.suite_id != package.suite_id:
        raise ProtocolViolation("the Welcome is of another suite than the key package", rule="RFC 9420 §12.4.3.1 (2)")
    suite, reference = package.suite, package.reference()
    entry = next((entry for entry in welcome.secrets if entry.new_member == reference), None)
    if entry is None:
        raise NotFound("the Welcome is for others", what="key package", rule="RFC 9420 §12.4.3.1 (1)")
    plain = decrypt_with_label(suite, secrets.init_private, "Welcome", welcome.encrypted_group_info, entry.sealed)
    found = parse(plain, GroupSecrets.read, "group secrets", limit=limits.MLS_EXTENSION_BYTES)
    psk = psk_secret(suite, found.psks, lookup, rule="RFC 9420 §12.4.3.1 (3)")
    key, nonce = _info_key(suite, welcome_secret(suite, found.joiner_secret, psk))
    info = GroupInfo.decode_bare(
        open_sealed(suite, key, nonce, b"", welcome.encrypted_group_info, what="group info of a Welcome")
    )
    # RFC 9420 §12.4.3.1: the group must be of the suite that the newcomer offered.
    if info.context.suite_id != welcome.suite_id:
        raise ProtocolViolation("the group is of another suite than its Welcome", rule="RFC 9420 §12.4.3.1 (7)")
    return OpenedWelcome(found, psk, info)


def _info_key(suite: Suite, secret: bytes) -> tuple[bytes, bytes]:
    return (
        expand_with_label(suite, secret, b"key", b"", suite.key_bytes),
        expand_with_label(suite, secret, b"nonce", b"", suite.nonce_bytes),
    )
