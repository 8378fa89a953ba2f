"""Welcomes, GroupInfos, key packages, trees and stored states: only declared errors, and one encoding each.

The input is taken as it is, and as an alteration of real ones.
"""

from collections.abc import Callable
from functools import cache

from cordiale.crypto.signing import SigningKey
from cordiale.crypto.suite import suite_of
from cordiale.errors import CordialeError
from cordiale.mls.credential import BasicCredential, Credential
from cordiale.mls.group_info import GroupInfo
from cordiale.mls.key_package import KeyPackage
from cordiale.mls.key_package_secrets import KeyPackageSecrets, generate
from cordiale.mls.member_group import MemberGroup
from cordiale.mls.public_group import PublicGroup
from cordiale.mls.tree import RatchetTree
from cordiale.mls.welcome import Welcome
from cordiale.vocab.moment import Moment
from fuzz.afresh import encodes_to

_SUITE = 1
_NOW = Moment(1_780_000_000_000)
_LIFETIME = (_NOW // 1000 - 60, _NOW // 1000 + 86_400)


def _anybody(credential: Credential, signature_key: bytes) -> None:
    """Accepts everyone."""


@cache
def _scene() -> tuple[SigningKey, KeyPackage, KeyPackageSecrets, tuple[bytes, ...]]:
    """A newcomer, and what may reach it or the node: Welcome, GroupInfo, key package, states, tree."""
    founder_key, key = SigningKey.generate(), SigningKey.generate()
    group = MemberGroup.create(_SUITE, b"room" * 8, founder_key, BasicCredential(b"founder"), now=_NOW)
    package, secrets = generate(_SUITE, key, BasicCredential(b"newcomer"), lifetime=_LIFETIME)
    result = group.commit(add=[package], authenticate=_anybody, now=_NOW)
    assert result.welcome is not None
    after = result.pending
    real = (
        result.welcome,
        after.group_info(),
        package.encode(),
        after.encode(),
        after.public.encode(),
        after.public.tree.encode(),
    )
    return key, package, secrets, real


_DECODERS: tuple[Callable[[bytes], object], ...] = (
    Welcome.decode,
    GroupInfo.decode,
    KeyPackage.decode,
    lambda data: RatchetTree.decode(data, suite_of(_SUITE)),
    PublicGroup.decode,
)


def TestOneInput(data: bytes) -> None:
    """One input."""
    _, _, _, real = _scene()
    for message in (data, *(_altered(one, data) for one in real)):
        _round_trip(message)
        _offer(message)


def _altered(message: bytes, data: bytes) -> bytes:
    """The first two bytes of the input say where, the rest is written over the message there."""
    place = int.from_bytes(data[:2], "big") % len(message)
    return message[:place] + data[2:] + message[place + len(data[2:]) :]


def _round_trip(data: bytes) -> None:
    for decode in _DECODERS:
        try:
            found = decode(data)
        except CordialeError:
            continue
        if not encodes_to(found, data):
            raise AssertionError("decoded to what encodes otherwise")


def _offer(message: bytes) -> None:
    key, package, secrets, _ = _scene()
    for step in (
        lambda: MemberGroup.join(message, package, secrets, key, authenticate=_anybody, now=_NOW),
        lambda: PublicGroup.from_group_info(message, authenticate=_anybody, now=_NOW),
        lambda: KeyPackage.decode(message).verify(suite_of(_SUITE)),
        lambda: MemberGroup.decode(message),
    ):
        try:
            step()
        except CordialeError:
            continue
