"""Hostile bytes: one bit changed anywhere, ends cut off, noise. Only declared errors, and never a trace in the state."""

import contextlib
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cordiale.crypto.suite import suite_of
from cordiale.errors import CordialeError
from cordiale.mls.framing import PrivateMessage, PublicMessage, peek
from cordiale.mls.group_info import GroupInfo
from cordiale.mls.key_package import KeyPackage
from cordiale.mls.key_package_secrets import KeyPackageSecrets
from cordiale.mls.member_group import MemberGroup
from cordiale.mls.public_group import PublicGroup
from cordiale.mls.tree import RatchetTree
from cordiale.mls.welcome import Welcome
from cordiale.mls.wire_format import WireFormat, header
from mls.people import FAST, NOW, anybody, group_of, join, person

DECODERS: dict[str, Callable[[bytes], object]] = {
    "public message": PublicMessage.decode,
    "private message": PrivateMessage.decode,
    "welcome": Welcome.decode,
    "group info": GroupInfo.decode,
    "key package": KeyPackage.decode,
    "key package secrets": KeyPackageSecrets.decode,
    "public state": PublicGroup.decode,
    "member state": MemberGroup.decode,
    "ratchet tree": lambda data: RatchetTree.decode(data, suite_of(FAST)),
    "peek": peek,
}


def altered(message: bytes) -> list[bytes]:
    """The message with one bit of each byte changed, and cut short at many places, and with a byte more."""
    flipped = [
        message[:place] + bytes([message[place] ^ 1 << place % 8]) + message[place + 1 :]
        for place in range(len(message))
    ]
    return [*flipped, *(message[:place] for place in range(0, len(message), 7)), message + b"\x00"]


def refused(state: MemberGroup, step: Callable[[bytes], object], message: bytes) -> None:
    """Every alteration is refused and leaves the state as it was; the message itself is then still good."""
    before = state.encode()
    for bad in altered(message):
        with pytest.raises(CordialeError):
            step(bad)
    assert state.encode() == before
    step(message)


def test_commits() -> None:
    first, second = group_of(["bob"])
    result = first.commit(add=[person("carol").package], authenticate=anybody, now=NOW)
    refused(second, lambda data: second.process(data, authenticate=anybody, now=NOW), result.message)


def test_proposals() -> None:
    first, second = group_of(["bob"])
    _, message = first.propose_update()
    refused(second, lambda data: second.process(data, authenticate=anybody, now=NOW), message)


def test_application_messages() -> None:
    first, second = group_of(["bob"])
    _, message = first.encrypt(b"hello", b"label")
    refused(second, second.decrypt, message)


def test_welcomes() -> None:
    group, bob = group_of(["alice"])[0], person("bob")
    result = group.commit(add=[bob.package], authenticate=anybody, now=NOW)
    assert result.welcome is not None
    refused(group, lambda data: join(data, bob), result.welcome)


def test_group_infos() -> None:
    group = group_of(["bob"])[0]
    refused(
        group,
        lambda data: PublicGroup.from_group_info(data, authenticate=anybody, now=NOW),
        group.group_info(),
    )


def test_key_packages() -> None:
    group, bob = group_of(["alice"])[0], person("bob")
    refused(group, lambda data: group.propose_add(data, authenticate=anybody, now=NOW), bob.package.encode())


@pytest.mark.parametrize("name", DECODERS)
@given(data=st.binary(max_size=200), kind=st.none() | st.sampled_from(WireFormat))
@example(data=b"", kind=None)
@settings(max_examples=60)
def test_noise(name: str, data: bytes, kind: WireFormat | None) -> None:
    noise = data if kind is None else header(kind) + data
    with contextlib.suppress(CordialeError):
        DECODERS[name](noise)


@given(places=st.lists(st.tuples(st.integers(0, 10_000), st.integers(1, 255)), min_size=1, max_size=4))
@settings(max_examples=60)
def test_broken_states(places: list[tuple[int, int]]) -> None:
    """A store that lies may give a wrong state, but no undeclared error."""
    data = bytearray(STATE)
    for place, change in places:
        data[place % len(data)] ^= change
    for decode in (MemberGroup.decode, PublicGroup.decode):
        with contextlib.suppress(CordialeError):
            decode(bytes(data))


STATE = group_of(["bob", "carol"])[1].encode()
