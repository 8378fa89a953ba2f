"""Transcript hashes (RFC 9420 §8.2): the chain of commits that led to an epoch.

interim[n-1] ─┬─ content and signature of commit n ──> confirmed[n] ─┬─ its confirmation tag ──> interim[n]
"""

from cordiale.crypto.suite import Suite
from cordiale.mls.content import AuthenticatedContent
from cordiale.mls.syntax import opaque


def confirmed_hash(suite: Suite, interim: bytes, commit: AuthenticatedContent) -> bytes:
    """The confirmed transcript hash of the epoch that `commit` starts."""
    return suite.hash(interim + commit.to_be_confirmed())


def interim_hash(suite: Suite, confirmed: bytes, confirmation_tag: bytes) -> bytes:
    """The interim transcript hash of the epoch of that confirmed hash and tag."""
    return suite.hash(confirmed + opaque(confirmation_tag))
