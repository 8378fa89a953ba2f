"""What HPKE gives: a record without secrets, apart from `hpke` so that the blind node may carry it."""

import msgspec


class Sealed(msgspec.Struct, frozen=True):
    """`kem_output` (RFC 9180's enc) and the ciphertext."""

    kem_output: bytes
    ciphertext: bytes
