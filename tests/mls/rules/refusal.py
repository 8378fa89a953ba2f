"""What a test of a rule asserts: the refusal names exactly this rule, and nothing has changed."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from tools.mls_rules import cited

from cordiale.errors import CordialeError
from cordiale.mls.member_group import MemberGroup
from cordiale.mls.psk import PskLookup, no_psks
from cordiale.mls.public_group import PublicGroup
from mls.people import NOW, anybody


@contextmanager
def refused(rule: str) -> Iterator[None]:
    """What happens within is refused for this rule. (`tools.mls_rules` counts the calls; the id must be a literal.)"""
    with pytest.raises(CordialeError) as caught:
        yield
    assert caught.value.rule == cited(rule), str(caught.value)


def refuses(
    rule: str, groups: Sequence[MemberGroup], message: bytes, *, blind: bool = True, psks: PskLookup = no_psks
) -> None:
    """Every member refuses the handshake and stays as it was; so does the node, unless the fault is `blind` to it."""
    for group in groups:
        before = group.encode()
        with refused(rule):
            group.process(message, authenticate=anybody, now=NOW, psks=psks)
        assert group.encode() == before
    if blind:
        seen = PublicGroup.decode(groups[0].public.encode())
        before = seen.encode()
        with refused(rule):
            seen.process(message, authenticate=anybody, now=NOW)
        assert seen.encode() == before
