"""Certificate chains and roots: an identity, or a `CordialeError`, whatever DER there is in them."""

from contextlib import suppress
from functools import cache

from cordiale.crypto.certificate import (
    ROLE_PERSON,
    Chain,
    Grant,
    claimed_nation,
    create_root,
    issue,
    issue_device,
    root_key,
    root_nation,
    verify_chain,
)
from cordiale.crypto.signing import SigningKey
from cordiale.errors import CordialeError
from cordiale.vocab.moment import Moment
from cordiale.vocab.party import Address, Nation

_NOW = Moment(1_780_000_000_000)
_ROOT, _PERSON, _DEVICE = (SigningKey.from_seed(bytes([n] * 32)) for n in range(3))


@cache
def _scene() -> tuple[bytes, Chain]:
    root = create_root(_ROOT, Nation("fr"), _NOW)
    grant = Grant(ROLE_PERSON, "secret", ("caveat",))
    holder = issue(_ROOT, root, _PERSON.public, Address.parse("claire@fr"), grant, _NOW)
    return root, Chain((issue_device(_PERSON, holder, _DEVICE.public, "laptop", _NOW), holder))


def seeds() -> list[bytes]:
    """A chain, and each of its certificates."""
    root, chain = _scene()
    return [chain.encode(), *chain.certificates, root]


def TestOneInput(data: bytes) -> None:
    """One input as a chain, as each certificate of an honest one, and as its root."""
    root, chain = _scene()
    with suppress(CordialeError):
        assert Chain.decode(data).encode() == data
        _check(Chain.decode(data), root)
    for altered in (Chain((data, chain.certificates[1])), Chain((chain.certificates[0], data)), Chain((data,))):
        _check(altered, root)
    for judge in (root_nation, root_key, lambda found: verify_chain(chain, found, _NOW)):
        with suppress(CordialeError):
            judge(data)


def _check(chain: Chain, root: bytes) -> None:
    with suppress(CordialeError):
        claimed_nation(chain)
    with suppress(CordialeError):
        identity = verify_chain(chain, root, _NOW)
        assert str(identity.address) == "claire@fr"
