"""HKDF by the block is HKDF; both are held by RFC 5869's own cases."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordiale.crypto import kdf
from cordiale.crypto.suite import SUITES, Suite

INFO = bytes.fromhex("f0f1f2f3f4f5f6f7f8f9")
PRK = bytes.fromhex("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5")
OKM = bytes.fromhex("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865")
"""RFC 5869, appendix A.1 (SHA-256)."""


def test_the_published_case() -> None:
    assert kdf.extract(SUITES[1], bytes(range(13)), b"\x0b" * 22) == PRK
    assert kdf.expand(SUITES[1], PRK, INFO, 42) == OKM
    assert kdf.Expander(SUITES[1], PRK).block(INFO) == OKM[:32]


@pytest.mark.parametrize("suite", SUITES.values(), ids=lambda suite: suite.name)
@given(st.binary(max_size=200), st.lists(st.binary(max_size=200), min_size=1, max_size=4), st.data())
def test_a_block_is_what_expand_begins_with(
    suite: Suite, secret: bytes, infos: list[bytes], data: st.DataObject
) -> None:
    expander = kdf.Expander(suite, secret)
    for info in infos:  # one after the other from the same keyed secret
        length = data.draw(st.integers(1, suite.hash_bytes))
        assert expander.block(info)[:length] == kdf.expand(suite, secret, info, length)
        assert len(expander.block(info)) == suite.hash_bytes


@pytest.mark.parametrize("suite", SUITES.values(), ids=lambda suite: suite.name)
@given(st.binary(max_size=200), st.binary(max_size=200), st.lists(st.binary(max_size=200), min_size=3, max_size=3))
def test_what_is_hashed_once_counts_each_time(suite: Suite, secret: bytes, head: bytes, tails: list[bytes]) -> None:
    expander, headed = kdf.Expander(suite, secret), kdf.Expander(suite, secret, head)
    infos = [head + tail for tail in tails]
    blocks = [kdf.expand(suite, secret, info, suite.hash_bytes) for info in infos]
    assert [headed.block(tail) for tail in tails] == blocks
    assert [expander.block(info) for info in infos] == blocks
    assert list(kdf.three_blocks(suite, secret, *infos)) == blocks
