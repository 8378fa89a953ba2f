"""A nation's blind relay: accepts, guards, orders, replicates and serves ciphertext. Holds no content key."""
