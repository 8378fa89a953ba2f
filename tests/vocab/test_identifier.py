"""cordiale.vocab.identifier: sizes, and the short form for people."""

from cordiale.vocab.identifier import DIGEST_BYTES, MESSAGE_ID_BYTES, ROOM_ID_BYTES, short


def test_sizes() -> None:
    assert (ROOM_ID_BYTES, MESSAGE_ID_BYTES, DIGEST_BYTES) == (32, 16, 32)


def test_the_short_form_is_six_bytes() -> None:
    assert short(bytes(range(32))) == "000102030405"
    assert short(b"") == ""
