"""RFC 9162 Merkle logs with signed, cosigned checkpoints, inclusion and consistency proofs."""
