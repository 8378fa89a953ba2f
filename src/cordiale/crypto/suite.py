"""The table of MLS cipher suites (RFC 9420 §17.1): names, sizes, hash. No secret enters it: the blind node reads it.

What a suite *does* with secrets lives in `kdf`, `aead` and `hpke`; what it signs with, in `signature`. `HYBRID` is the
default: its KEM is MLKEM768-X25519 (X-Wing, draft-ietf-hpke-pq). `HIGH`, for the highest markings, takes
MLKEM1024-P384 and ECDSA over P-384. Both are as draft-ietf-mls-pq-ciphersuites describes them (with HKDF-SHA384, as its
latest version); that draft's code points are unassigned, so `HYBRID_ID` and `HIGH_ID` are values of the private range
(0xF000–0xFFFF), named here and nowhere else. So is `ML_DSA_ID`: a credential binding names its signature scheme by a
suite, and the draft's suites with ML-DSA-65 have no hybrid KEM.
"""

import hashlib
from enum import Enum
from types import MappingProxyType
from typing import Final

import msgspec

from cordiale.errors import ProtocolViolation


class Kem(Enum):
    """Key encapsulation, by its HPKE code point."""

    P256 = 0x0010
    P384 = 0x0011
    P521 = 0x0012
    X25519 = 0x0020
    X448 = 0x0021
    MLKEM1024_P384 = 0x0051
    MLKEM768_X25519 = 0x647A


class Aead(Enum):
    """Authenticated encryption, by its HPKE code point."""

    AES_128_GCM = 1
    AES_256_GCM = 2
    CHACHA20_POLY1305 = 3


class Scheme(Enum):
    """Signature scheme, by its TLS code point (RFC 8446 §4.2.3; draft-ietf-tls-mldsa for ML-DSA)."""

    ED25519 = 0x0807
    ED448 = 0x0808
    ECDSA_P256_SHA256 = 0x0403
    ECDSA_P384_SHA384 = 0x0503
    ECDSA_P521_SHA512 = 0x0603
    ML_DSA_65 = 0x0905


class Suite(msgspec.Struct, frozen=True):
    """One row. `hash_bytes`, `key_bytes`, `nonce_bytes` are the RFC's Nh, Nk and Nn."""

    id: int
    name: str
    kem: Kem
    aead: Aead
    hash_name: str
    hash_bytes: int
    key_bytes: int
    scheme: Scheme
    nonce_bytes: int = 12

    def hash(self, data: bytes) -> bytes:
        """The suite's hash of `data`, `hash_bytes` long."""
        return _HASHES[self.hash_name](data).digest()


_HASHES: Final = MappingProxyType({"sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512})

HYBRID_ID: Final = 0xF0C1
HIGH_ID: Final = 0xF0C2
ML_DSA_ID: Final = 0xF0C3

_ROWS: Final = (
    Suite(1, "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519",
          Kem.X25519, Aead.AES_128_GCM, "sha256", 32, 16, Scheme.ED25519),
    Suite(2, "MLS_128_DHKEMP256_AES128GCM_SHA256_P256",
          Kem.P256, Aead.AES_128_GCM, "sha256", 32, 16, Scheme.ECDSA_P256_SHA256),
    Suite(3, "MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519",
          Kem.X25519, Aead.CHACHA20_POLY1305, "sha256", 32, 32, Scheme.ED25519),
    Suite(4, "MLS_256_DHKEMX448_AES256GCM_SHA512_Ed448",
          Kem.X448, Aead.AES_256_GCM, "sha512", 64, 32, Scheme.ED448),
    Suite(5, "MLS_256_DHKEMP521_AES256GCM_SHA512_P521",
          Kem.P521, Aead.AES_256_GCM, "sha512", 64, 32, Scheme.ECDSA_P521_SHA512),
    Suite(6, "MLS_256_DHKEMX448_CHACHA20POLY1305_SHA512_Ed448",
          Kem.X448, Aead.CHACHA20_POLY1305, "sha512", 64, 32, Scheme.ED448),
    Suite(7, "MLS_256_DHKEMP384_AES256GCM_SHA384_P384",
          Kem.P384, Aead.AES_256_GCM, "sha384", 48, 32, Scheme.ECDSA_P384_SHA384),
    Suite(HYBRID_ID, "MLS_128_MLKEM768X25519_AES256GCM_SHA384_Ed25519",
          Kem.MLKEM768_X25519, Aead.AES_256_GCM, "sha384", 48, 32, Scheme.ED25519),
    Suite(HIGH_ID, "MLS_192_MLKEM1024P384_AES256GCM_SHA384_P384",
          Kem.MLKEM1024_P384, Aead.AES_256_GCM, "sha384", 48, 32, Scheme.ECDSA_P384_SHA384),
    Suite(ML_DSA_ID, "MLS_192_MLKEM768X25519_AES256GCM_SHA384_MLDSA65",
          Kem.MLKEM768_X25519, Aead.AES_256_GCM, "sha384", 48, 32, Scheme.ML_DSA_65),
)  # fmt: skip

SUITES: Final = MappingProxyType({row.id: row for row in _ROWS})
HYBRID: Final = SUITES[HYBRID_ID]
HIGH: Final = SUITES[HIGH_ID]
DEFAULT_ID: Final = HYBRID_ID


def suite_of(suite_id: int) -> Suite:
    """The row, or `ProtocolViolation` for a suite that this engine does not do."""
    try:
        return SUITES[suite_id]
    except KeyError:
        raise ProtocolViolation(f"cipher suite {suite_id:#06x} is not supported", rule="RFC 9420 §17.1") from None
