"""Peering cards, and the statements that seal them: a verified peer, or a `CordialeError`."""

from contextlib import suppress
from functools import cache

from cordiale.crypto import statement
from cordiale.crypto.certificate import ROLE_BORDER, Chain, Grant, create_root, issue
from cordiale.crypto.signing import SigningKey
from cordiale.errors import CordialeError
from cordiale.federation.peering import Card, make_card, open_card
from cordiale.vocab.moment import Moment
from cordiale.vocab.party import Address, Nation
from cordiale.wire import canonical

_NOW = Moment(1_780_000_000_000)
_ROOT, _KEY = SigningKey.from_seed(bytes(32)), SigningKey.from_seed(bytes([1] * 32))


@cache
def seeds() -> list[bytes]:
    """An honest card, and its payload, which is sealed again after each change."""
    root = create_root(_ROOT, Nation("fr"), _NOW)
    border = Chain((issue(_ROOT, root, _KEY.public, Address.parse("border@fr"), Grant(ROLE_BORDER), _NOW),))
    card = make_card(_KEY, Nation("fr"), root, border, "https://fr:1", b"policy", b"table", nonce=bytes(32), now=_NOW)
    return [card, statement.peek(statement.CARD, card).payload]


def TestOneInput(data: bytes) -> None:
    """One input as a card, and as a card's payload under a good signature."""
    for card in (data, statement.seal(_KEY, statement.CARD, data)):
        with suppress(CordialeError):
            peer = open_card(card, _NOW)
            assert peer.nation.isalpha()
            payload = statement.peek(statement.CARD, card, limit=2**24).payload
            assert canonical.encode(canonical.decode(payload, Card, limit=2**24)) == payload
