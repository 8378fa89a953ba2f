"""A person's engine: the only holder of keys and plaintext."""
