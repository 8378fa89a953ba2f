"""Whose agent this is: the keys and certificates that never leave the encrypted store."""

from functools import cached_property
from typing import Final

import msgspec

from cordiale.crypto.certificate import Chain
from cordiale.crypto.digest import sha256
from cordiale.crypto.signing import SigningKey
from cordiale.mls.credential import X509Credential
from cordiale.vocab.identifier import Digest
from cordiale.vocab.party import Address, Nation
from cordiale.wire import canonical, limits
from cordiale.wire.canonical import Record

KEY: Final = "identity"


class IdentityRow(Record, frozen=True):
    """As stored. `person` and `device` are seeds."""

    address: str
    device_name: str
    person: bytes
    device: bytes
    certificates: tuple[bytes, ...]
    root: bytes
    node: str

    def __repr__(self) -> str:
        return f"IdentityRow({self.address}, {self.device_name})"


class OwnIdentity(msgspec.Struct, frozen=True, dict=True):
    """The same, ready for use."""

    row: IdentityRow

    @cached_property
    def address(self) -> Address:
        return Address.parse(self.row.address)

    @property
    def nation(self) -> Nation:
        return self.address.nation

    @cached_property
    def key(self) -> SigningKey:
        """The device key, which signs in MLS, in label bindings and to the node."""
        return SigningKey.from_seed(self.row.device)

    @cached_property
    def chain(self) -> Chain:
        return Chain(self.row.certificates)

    @cached_property
    def digest(self) -> Digest:
        """SHA-256 of the chain: how bindings and requests name this device."""
        return sha256(self.chain.encode())

    @cached_property
    def credential(self) -> X509Credential:
        return X509Credential(self.row.certificates)

    def __repr__(self) -> str:
        return f"OwnIdentity({self.row.address})"


def decode(data: bytes) -> OwnIdentity:
    """From the store."""
    return OwnIdentity(canonical.decode(data, IdentityRow, limit=limits.CARD_BYTES))
