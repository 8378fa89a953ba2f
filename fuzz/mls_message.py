"""MLS messages: what decodes re-encodes to the same bytes; a member given hostile bytes stays as it was.

The message is taken as it is, and also as an alteration of a
real one, because noise alone never gets past a signature.
"""

from concurrent.futures import Executor, ThreadPoolExecutor
from functools import cache

import msgspec

from cordiale.crypto.signing import SigningKey
from cordiale.errors import CordialeError
from cordiale.mls.credential import BasicCredential, Credential
from cordiale.mls.framing import PrivateMessage, PublicMessage, peek
from cordiale.mls.group_policy import GroupPolicy
from cordiale.mls.key_package_secrets import generate
from cordiale.mls.member_group import MemberGroup
from cordiale.mls.wire_format import WireFormat
from cordiale.vocab.moment import Moment
from fuzz.afresh import encodes_to

_SUITE = 1
_NOW = Moment(1_780_000_000_000)
_LIFETIME = (_NOW // 1000 - 60, _NOW // 1000 + 86_400)
_DECODERS = (PublicMessage, PrivateMessage)
_TEXT = 2
"""Which of the scene's messages is an application message."""


def _anybody(credential: Credential, signature_key: bytes) -> None:
    """Accepts everyone."""


@cache
def _scene() -> tuple[MemberGroup, tuple[bytes, ...]]:
    """A member, and handshakes and a message by the other one, and an external commit."""
    keys = SigningKey.generate(), SigningKey.generate()
    first = MemberGroup.create(_SUITE, b"room" * 8, keys[0], BasicCredential(b"first"), now=_NOW)
    package, secrets = generate(_SUITE, keys[1], BasicCredential(b"second"), lifetime=_LIFETIME)
    entered = first.commit(add=[package], authenticate=_anybody, now=_NOW)
    assert entered.welcome is not None
    second, _ = MemberGroup.join(entered.welcome, package, secrets, keys[1], authenticate=_anybody, now=_NOW)
    first = entered.pending
    _, proposal = first.propose_update()
    commit = first.commit(authenticate=_anybody, now=_NOW)
    _, message = first.encrypt(b"hello", b"label")
    _, leaving = first.propose_self_remove()
    hidden = msgspec.structs.replace(first, policy=GroupPolicy(handshakes=WireFormat.PRIVATE_MESSAGE))
    outside = MemberGroup.join_external(
        first.group_info(with_external_pub=True),
        SigningKey.generate(),
        BasicCredential(b"third"),
        authenticate=_anybody,
        now=_NOW,
    )
    encrypted = hidden.commit(authenticate=_anybody, now=_NOW)
    return second, (proposal, commit.message, message, leaving, outside.message, encrypted.message)


def TestOneInput(data: bytes) -> None:
    """One input."""
    for kind in _DECODERS:
        try:
            decoded = kind.decode(data)
        except CordialeError:
            continue
        if not encodes_to(decoded, data):
            raise AssertionError("decoded to what encodes otherwise")
    member, messages = _scene()
    before = member.encode()
    for message in (data, *(_altered(message, data) for message in messages)):
        _offer(member, message)
    _same_together(member, _altered(messages[_TEXT], data))
    if member.encode() != before:
        raise AssertionError("a state changed")


def _altered(message: bytes, data: bytes) -> bytes:
    """The first two bytes of the input say where, the rest is written over the message there."""
    place = int.from_bytes(data[:2], "big") % len(message)
    return message[:place] + data[2:] + message[place + len(data[2:]) :]


def _same_together(member: MemberGroup, message: bytes) -> None:
    """Messages that are read together are read as one by one."""
    real = _scene()[1][_TEXT]
    together, outcomes = member.decrypt_each((message, real, message), _pool())
    alone, expected = member, []
    for each in (message, real, message):
        try:
            alone, outcome = alone.decrypt(each)
        except CordialeError as error:
            outcome = error
        expected.append(outcome)
    if together.encode() != alone.encode() or list(map(repr, outcomes)) != list(map(repr, expected)):
        raise AssertionError("read together, messages are read otherwise")


@cache
def _pool() -> Executor:
    return ThreadPoolExecutor(1)


def _offer(member: MemberGroup, message: bytes) -> None:
    for step in (
        lambda: peek(message),
        lambda: member.decrypt(message),
        lambda: member.process(message, authenticate=_anybody, now=_NOW),
        lambda: member.public.process(message, authenticate=_anybody, now=_NOW),
    ):
        try:
            step()
        except CordialeError:
            continue
