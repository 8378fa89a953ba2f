"""Commutative blinding: X25519 (RFC 7748 §5) with a secret scalar, on points that are hashes.

    x25519(a, x25519(b, P)) = x25519(b, x25519(a, P))

Clamped scalars are multiples of eight, so every result is in the subgroup of prime order and shows nothing of what small-order
part a point had. pyca holds Python's global lock while it computes, so threads don't help.
"""

from collections.abc import Iterable
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from cordiale.errors import Malformed

SCALAR_BYTES: Final = 32


def blind(scalar: bytes, points: Iterable[bytes]) -> list[bytes]:
    """Each point multiplied by the clamped scalar; `Malformed` if one is of low order (the result would be zero)."""
    multiply, parse = X25519PrivateKey.from_private_bytes(scalar).exchange, X25519PublicKey.from_public_bytes
    try:
        return [multiply(parse(point)) for point in points]
    except ValueError:
        raise Malformed("not 32 bytes, or a point of low order", what="blinded point") from None
