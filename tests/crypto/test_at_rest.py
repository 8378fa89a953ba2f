"""Erasable records: nothing but their own key and name opens them."""

import pytest

from cordiale.crypto.at_rest import KEY_BYTES, open_record, seal_record
from cordiale.errors import StorageFailed


def test_a_record_opens_with_its_key_and_name_alone() -> None:
    key, sealed = seal_record("group/a", b"EXERCISE")
    assert open_record("group/a", key, sealed) == b"EXERCISE"
    assert b"EXERCISE" not in sealed
    other, _ = seal_record("group/a", b"EXERCISE")
    altered = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for name, used, data in (
        ("group/b", key, sealed),
        ("group/a", other, sealed),
        ("group/a", bytes(KEY_BYTES), sealed),
        ("group/a", b"", sealed),
        ("group/a", key, altered),
        ("group/a", key, b""),
    ):
        with pytest.raises(StorageFailed) as caught:
            open_record(name, used, data)
        assert used.hex() not in str(caught.value) or not used


def test_no_key_seals_twice() -> None:
    keys = {seal_record("name", b"same")[0] for _ in range(50)}
    assert len(keys) == 50
    assert seal_record("name", b"same", lambda count: b"k" * count)[0] == b"k" * KEY_BYTES
