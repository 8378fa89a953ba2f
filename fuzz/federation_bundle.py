"""Proof bundles: what is altered anywhere proves nothing, and nothing but a `CordialeError` comes out."""

from contextlib import suppress
from functools import cache

from cordiale.crypto.certificate import ROLE_BORDER, ROLE_PERSON, Chain, Grant, create_root, issue, issue_device
from cordiale.crypto.digest import sha256
from cordiale.crypto.signing import SigningKey
from cordiale.errors import CordialeError
from cordiale.federation.bundle import Bundle, parse_bundle, verify_bundle
from cordiale.federation.envelope import Envelope, open_envelope, release
from cordiale.labels import binding as bindings
from cordiale.labels.binding import Header
from cordiale.labels.label import encode_label, make_label
from cordiale.ledger import checkpoint, witness
from cordiale.ledger.log import LogState
from cordiale.vocab.identifier import Epoch, MessageId, RoomId
from cordiale.vocab.moment import Moment
from cordiale.vocab.party import Address, Nation

_NOW = Moment(1_780_000_000_000)


def _keys(first: int) -> tuple[SigningKey, SigningKey]:
    return SigningKey.from_seed(bytes([first] * 32)), SigningKey.from_seed(bytes([first + 1] * 32))


def _nation(code: str, first: int) -> tuple[SigningKey, bytes, SigningKey, Chain]:
    signer, key = _keys(first)
    root = create_root(signer, Nation(code), _NOW)
    border = issue(signer, root, key.public, Address.parse(f"border@{code}"), Grant(ROLE_BORDER), _NOW)
    return signer, root, key, Chain((border,))


@cache
def _honest() -> bytes:
    uk_signer, uk_root, uk, uk_border = _nation("uk", 1)
    _, fr_root, fr, fr_border = _nation("fr", 3)
    person, device = _keys(5)
    holder = issue(uk_signer, uk_root, person.public, Address.parse("alice@uk"), Grant(ROLE_PERSON, "secret"), _NOW)
    author = Chain((issue_device(person, holder, device.public, "laptop", _NOW), holder)).encode()
    label = make_label("uk", "official", {}, created=Moment(0), originator="uk")
    header = Header(MessageId(bytes(16)), encode_label(label), {}, _NOW)
    room = RoomId(bytes(32))
    bound = bindings.bind(device, sha256(author), header, b"x", kind="application", room=room, epoch=Epoch(0))
    data = Envelope(*bound, b"x").encode()
    rules = {Nation("fr"): "r"}
    entry = release(uk, Nation("uk"), open_envelope(data), sequence=1, rules=rules, now=_NOW)
    state, _ = LogState.empty("cordiale/uk/border/uk-fr").append([entry.leaf])
    note = witness.cosign(checkpoint.sign(state.checkpoint(), "border@uk", uk), "border@fr", fr, _NOW)
    borders = uk_border.encode(), fr_border.encode()
    return Bundle(1, "border/uk-fr", 0, entry.leaf, data, (), note, author, *borders, (uk_root, fr_root)).encode()


def seeds() -> list[bytes]:
    """An honest bundle."""
    return [_honest()]


def TestOneInput(data: bytes) -> None:
    """One input: only the honest bundle proves its message."""
    with suppress(CordialeError):
        assert parse_bundle(data).encode() == data
    with suppress(CordialeError):
        proven = verify_bundle(data, {}, _NOW)
        assert data == _honest() or proven.message == bytes(16)
