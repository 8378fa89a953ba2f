"""Encapsulation (RFC 9180 §4.1; draft-irtf-cfrg-concrete-hybrid-kems for the hybrids), for what pyca's HPKE leaves out.

pyca seals and opens, but gives neither Export nor X448: both start from the KEM's shared secret, which is composed here of
pyca's Diffie-Hellman, ML-KEM and HKDF. A hybrid's secret is SHA3-256 over both halves' secrets, the curve's ephemeral
key, the curve's public key and the label; the lattice's own ciphertext need not enter (X-Wing's argument, which holds
for any lattice KEM that binds its ciphertext). `ValueError` leaves this module for a key or an encapsulation that is none.
"""

import hashlib

from cryptography.hazmat.primitives.asymmetric import ec, x448, x25519

from cordiale.crypto.kem_keys import CurvePrivate, curve_generate, curve_private, hybrid_private, shared_secret
from cordiale.crypto.kem_public import CURVES, HYBRIDS, CurvePublic, Hybrid, curve_bytes, curve_public, hybrid_public
from cordiale.crypto.suite import Kem


def encapsulate(kem: Kem, public: bytes, ephemeral: CurvePrivate | None = None) -> tuple[bytes, bytes]:
    """(shared secret, encapsulation) for a raw public key; by an `ephemeral` key that is given just where a test knows it."""
    hybrid = HYBRIDS.get(kem)
    if hybrid is not None:
        return _encapsulate_hybrid(kem, hybrid, public)
    receiver, ephemeral = curve_public(kem, public), ephemeral or curve_generate(kem)
    sent = curve_bytes(ephemeral.public_key())
    return shared_secret(kem, _exchange(ephemeral, receiver), sent + public), sent


def decapsulate(kem: Kem, private: bytes, encapsulation: bytes) -> bytes:
    """The shared secret that `encapsulation` carries to a raw private key."""
    if kem in HYBRIDS:
        return _decapsulate_hybrid(kem, private, encapsulation)
    own = curve_private(kem, private)
    exchanged = _exchange(own, curve_public(kem, encapsulation))
    return shared_secret(kem, exchanged, encapsulation + curve_bytes(own.public_key()))


def encapsulation_bytes(kem: Kem) -> int:
    """The length of an encapsulation."""
    hybrid = HYBRIDS.get(kem)
    if hybrid is None:
        return CURVES[kem].public_bytes
    return hybrid.ciphertext_bytes + CURVES[hybrid.curve].public_bytes


def _encapsulate_hybrid(kem: Kem, hybrid: Hybrid, public: bytes) -> tuple[bytes, bytes]:
    lattice, receiver = hybrid_public(kem, public)
    ephemeral = curve_generate(hybrid.curve)
    sent = curve_bytes(ephemeral.public_key())
    from_lattice, ciphertext = lattice.encapsulate()
    from_curve = _exchange(ephemeral, receiver)
    return _combine(from_lattice, from_curve, sent, public[hybrid.public_bytes :], hybrid.label), ciphertext + sent


def _decapsulate_hybrid(kem: Kem, private: bytes, encapsulation: bytes) -> bytes:
    hybrid = HYBRIDS[kem]
    lattice, own = hybrid_private(kem, private)
    ciphertext, ephemeral = encapsulation[: hybrid.ciphertext_bytes], encapsulation[hybrid.ciphertext_bytes :]
    from_curve = _exchange(own, curve_public(hybrid.curve, ephemeral))
    from_lattice = lattice.decapsulate(ciphertext)
    return _combine(from_lattice, from_curve, ephemeral, curve_bytes(own.public_key()), hybrid.label)


def _combine(from_lattice: bytes, from_curve: bytes, ephemeral: bytes, receiver: bytes, label: bytes) -> bytes:
    return hashlib.sha3_256(from_lattice + from_curve + ephemeral + receiver + label).digest()


def _exchange(own: CurvePrivate, other: CurvePublic) -> bytes:
    """Diffie-Hellman; pyca refuses an all-zero result (RFC 9180 §7.1.4) with `ValueError`."""
    if isinstance(own, ec.EllipticCurvePrivateKey) and isinstance(other, ec.EllipticCurvePublicKey):
        return own.exchange(ec.ECDH(), other)
    if isinstance(own, x448.X448PrivateKey) and isinstance(other, x448.X448PublicKey):
        return own.exchange(other)
    if isinstance(own, x25519.X25519PrivateKey) and isinstance(other, x25519.X25519PublicKey):
        return own.exchange(other)
    raise ValueError("keys of different curves")
