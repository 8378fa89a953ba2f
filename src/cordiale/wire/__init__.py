"""Canonical encoding, declared limits and the reader-side strictness of everything that crosses."""
