"""Public keys of every suite's KEM are told from what is none."""

import pytest

from cordiale.crypto import hpke
from cordiale.crypto.kem_public import check_public
from cordiale.crypto.suite import SUITES
from cordiale.errors import Malformed

RULE = "RFC 9420 §10 (1)"


@pytest.mark.parametrize("suite_id", SUITES)
def test_keys_of_each_suite(suite_id: int) -> None:
    suite = SUITES[suite_id]
    key = hpke.generate(suite).public
    check_public(suite, key, rule=RULE)
    for wrong in (b"", key[:-1], key + b"\x00"):
        with pytest.raises(Malformed, match="HPKE public key") as caught:
            check_public(suite, wrong, rule=RULE)
        assert caught.value.rule == RULE


@pytest.mark.parametrize("suite_id", SUITES)
def test_keys_of_another_kem(suite_id: int) -> None:
    suite = SUITES[suite_id]
    others = {other.kem: other for other in SUITES.values() if other.kem is not suite.kem}
    for other in others.values():
        with pytest.raises(Malformed):
            check_public(suite, hpke.generate(other).public, rule=RULE)


@pytest.mark.parametrize("suite_id", [2, 5, 7])
def test_points_have_one_form_and_are_on_the_curve(suite_id: int) -> None:
    suite = SUITES[suite_id]
    key = hpke.generate(suite).public
    half = (len(key) - 1) // 2
    compressed = bytes([2 + (key[-1] & 1)]) + key[1 : 1 + half]
    for wrong in (compressed, b"\x04" + bytes(2 * half - 1) + b"\x01", b"\x00"):
        with pytest.raises(Malformed):
            check_public(suite, wrong, rule=RULE)
