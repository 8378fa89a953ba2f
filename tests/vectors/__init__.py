"""Published test vectors: where they are found, and what to say when they are not.

The MLS working group's RFC 9420 vectors (mlswg/mls-implementations) state no licence, so they are not part of this
repository; they are read from `../shared/data/mls` beside the checkout. HPKE's come in `cryptography_vectors`.
"""
