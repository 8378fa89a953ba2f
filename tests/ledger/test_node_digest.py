"""cordiale.ledger.node_digest: whichever implementation was found is SHA-256."""

import hashlib

import pytest

from cordiale.ledger import node_digest


@pytest.mark.parametrize("length", [0, 1, 55, 56, 64, 65, 1000])
def test_it_is_sha_256(length):
    data = bytes(range(256)) * 4
    assert node_digest.node_digest(data[:length]).digest() == hashlib.sha256(data[:length]).digest()


def test_without_the_interpreters_own_it_falls_back_to_the_standard_one(monkeypatch):
    def absent(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(node_digest, "import_module", absent)
    assert node_digest._fastest() is hashlib.sha256
