"""Envelopes, entries, bindings, headers and what hangs on them: one byte string each, or a `CordialeError`."""

from collections.abc import Callable
from contextlib import suppress
from functools import cache

from cordiale.crypto.signing import SigningKey
from cordiale.errors import CordialeError
from cordiale.federation.envelope import Envelope, check_envelope, check_release, open_envelope, parse_entry, release
from cordiale.labels import binding as bindings
from cordiale.labels.binding import Header
from cordiale.labels.label import encode_label, make_label
from cordiale.register.causality import position
from cordiale.vocab.identifier import Digest, Epoch, MessageId, RoomId
from cordiale.vocab.moment import Moment
from cordiale.vocab.party import Nation

_KEY = SigningKey.from_seed(bytes(32))


@cache
def seeds() -> list[bytes]:
    """An envelope, its entry, binding and header."""
    label = make_label("uk", "official", {}, created=Moment(0), originator="uk")
    header = Header(MessageId(bytes(16)), encode_label(label), {Nation("uk"): 1}, Moment(0))
    signer, room = Digest(bytes(32)), RoomId(bytes(32))
    binding, signature = bindings.bind(_KEY, signer, header, b"x", kind="application", room=room, epoch=Epoch(1))
    data = Envelope(binding, signature, b"x").encode()
    rules = {Nation("fr"): "uk-releasable"}
    entry = release(_KEY, Nation("uk"), open_envelope(data), sequence=1, rules=rules, now=Moment(0))
    return [data, entry.leaf, binding, header.encode()]


def TestOneInput(data: bytes) -> None:
    """One input, taken as each of them."""
    for parse in (_envelope, _entry, _binding, _header):
        with suppress(CordialeError):
            parse(data)
    for seed in seeds():
        _altered(data, seed)


def _envelope(data: bytes) -> None:
    assert open_envelope(data).envelope.encode() == data


def _entry(data: bytes) -> None:
    found = parse_entry(data)
    assert found.entry.encode() == data
    assert position(found.header.heads, found.release.border, found.release.sequence)[0] < 2**63
    assert found.release.sequence < 2**63
    with suppress(CordialeError):
        check_release(found, _KEY.public)
    check_envelope(found, data)


def _binding(data: bytes) -> None:
    assert bindings.parse(data)[0].encode() == data


def _header(data: bytes) -> None:
    assert bindings.parse_header(data).encode() == data


def _altered(data: bytes, seed: bytes) -> None:
    """The first two bytes say where in an honest one the rest is written."""
    place = int.from_bytes(data[:2], "big") % len(seed)
    altered = seed[:place] + data[2:] + seed[place + len(data[2:]) :]
    parsers: tuple[Callable[[bytes], None], ...] = (_envelope, _entry, _binding, _header)
    for parse in parsers:
        with suppress(CordialeError):
            parse(altered)
