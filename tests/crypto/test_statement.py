"""cordiale.crypto.statement: a signature made for one kind is none for another."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordiale.crypto import statement
from cordiale.crypto.signing import SigningKey
from cordiale.crypto.statement import Statement
from cordiale.errors import BadSignature, CordialeError, LimitExceeded, Malformed, PeerViolation
from cordiale.wire import canonical
from forge.verdict import refused

KEY, OTHER = SigningKey.from_seed(bytes(32)), SigningKey.from_seed(bytes([1] * 32))
KINDS = [value for name, value in vars(statement).items() if name.isupper() and isinstance(value, str)]


def test_the_signed_bytes_are_written_down() -> None:
    assert statement.context("policy/1", b"x") == b"cordiale policy/1\x00x"
    assert all("\x00" not in kind and kind.isascii() for kind in KINDS)
    assert len(set(KINDS)) == len(KINDS) >= 8


@given(st.sampled_from(KINDS), st.binary(max_size=99))
def test_what_was_sealed_opens(kind: str, payload: bytes) -> None:
    assert statement.unseal(KEY.public, kind, statement.seal(KEY, kind, payload)) == payload


@pytest.mark.parametrize(("made", "shown"), list(permutations(KINDS, 2)))
def test_no_kind_passes_for_another(made: str, shown: str) -> None:
    sealed = statement.peek(made, statement.seal(KEY, made, b"EXERCISE"))
    with refused(Malformed):
        statement.unseal(KEY.public, shown, statement.seal(KEY, made, b"EXERCISE"))
    relabelled = canonical.encode(Statement(shown, sealed.payload, sealed.signature))
    with refused(BadSignature):
        statement.unseal(KEY.public, shown, relabelled)


@pytest.mark.parametrize(
    ("kind", "payload", "signature", "expected"),
    [
        (statement.CARD, b"EXERCISE", b"", Malformed),
        (statement.CARD, b"EXERCISE", bytes(63), Malformed),
        (statement.CARD, b"EXERCISE", bytes(64), BadSignature),
        (statement.CARD, b"other", statement.sign(KEY, statement.CARD, b"EXERCISE"), BadSignature),
        (statement.CARD, b"EXERCISE", statement.sign(OTHER, statement.CARD, b"EXERCISE"), BadSignature),
        ("", b"EXERCISE", KEY.sign(b"EXERCISE"), Malformed),
    ],
)
def test_a_forged_statement(kind: str, payload: bytes, signature: bytes, expected: type[CordialeError]) -> None:
    with refused(expected):
        statement.unseal(KEY.public, statement.CARD, canonical.encode(Statement(kind, payload, signature)))


def test_no_altered_byte_opens() -> None:
    sealed = statement.seal(KEY, statement.TRUST, b"EXERCISE payload")
    for place in range(len(sealed)):
        for data in (sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :], sealed[:place]):
            with refused(PeerViolation):
                statement.unseal(KEY.public, statement.TRUST, data)


@pytest.mark.parametrize("public", [b"", bytes(31), bytes(33)])
def test_a_key_of_another_size_verifies_nothing(public: bytes) -> None:
    with refused(BadSignature):
        statement.verify(public, statement.CARD, b"", bytes(64))


def test_its_size_is_limited() -> None:
    with refused(LimitExceeded):
        statement.peek(statement.CARD, bytes(101), limit=100)
