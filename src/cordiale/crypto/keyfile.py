"""Signing keys in files: PKCS #8 PEM, encrypted where a passphrase is given, readable by their owner only."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from cordiale.crypto.signing import SigningKey
from cordiale.errors import StoreLocked


def to_pem(key: SigningKey, passphrase: str = "") -> bytes:
    """A key as PEM."""
    protection = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    return key.pyca().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection)


def from_pem(data: bytes, passphrase: str = "") -> SigningKey:
    """The key of a PEM file; `StoreLocked` for a wrong passphrase or another kind of key."""
    try:
        key = load_pem_private_key(data, passphrase.encode() or None)
    except (ValueError, TypeError):
        raise StoreLocked("the key file does not open with this passphrase") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise StoreLocked("the key file holds another kind of key than Ed25519")
    return SigningKey(key)
