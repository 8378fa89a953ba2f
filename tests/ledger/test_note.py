"""cordiale.ledger.note: C2SP signed-note, its example, and everything that is not quite one."""

from base64 import b64encode

import pytest

from cordiale.errors import BadSignature, LimitExceeded, Malformed
from cordiale.ledger import note as notes
from cordiale.ledger.note import Note, Signature

EXAMPLE = (
    "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n"
    "— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3Z"
    "ekRwNtIc=\n"
).encode()
"""From c2sp.org/signed-note."""
ONE = Signature("uk", b"\1\2\3\4", b"signature")


def test_the_specifications_example_is_read_and_written():
    note = notes.parse(EXAMPLE)
    assert note.text.endswith("\n\ned è subito sera.\n")
    assert [line.name for line in note.signatures] == ["quasimodo.example/salvatore"]
    assert note.signatures[0].key_id.hex() == "367ba04b"
    assert note.encode() == EXAMPLE


def test_key_ids_commit_to_name_kind_and_key():
    base = notes.key_id("uk", notes.ED25519, bytes(32))
    assert len(base) == 4
    others = [("fr", 1, bytes(32)), ("uk", 4, bytes(32)), ("uk", 1, b"\1" + bytes(31))]
    assert base not in [notes.key_id(*other) for other in others]


def test_a_key_signs_once():
    note = Note("t\n", (ONE,))
    again = Signature("uk", ONE.key_id, b"newer")
    assert note.signed(again).signatures == (again,)
    assert note.signed(Signature("fr", ONE.key_id, b"x")).signatures[0] == ONE


def test_a_missing_signature_is_a_bad_one():
    note = Note("t\n", (ONE,))
    assert note.require("uk", ONE.key_id) == ONE
    assert note.find("uk", b"0000") is None
    with pytest.raises(BadSignature):
        note.require("fr", ONE.key_id)


LINE = ONE.line()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "text\n",
        "text\n\n",
        f"text\n{LINE}",
        f"\n\n{LINE}",
        f"text\n\n{LINE[:-1]}",
        f"text\n\n{LINE}\n",
        f"text\n\n{LINE} ",
        f"text\n\n{LINE}{LINE}",
        f"text\r\n\n{LINE}",
        f"te\txt\n\n{LINE}",
        f"text\n\n{LINE.replace('—', '-')}",
        f"text\n\n{LINE.replace('uk', 'u+k')}",
        f"text\n\n{LINE.replace('uk', '')}",
        "text\n\n" + LINE.replace("uk", "u\u2003k"),
        f"text\n\n{LINE.replace('uk', 'u' * 256)}",
        f"text\n\n{LINE.replace(' uk', '  uk')}",
        f"text\n\n{LINE.replace('=', '')}",
        "text\n\n— uk \n",
        "text\n\n— uk\n",
        "text\n\n— uk AQIDBA==\n",
        "text\n\n— uk AQIDBAV=\n",
        "text\n\n— uk AQID BAU=\n",
        "text\n\n— uk AQIDBA_=\n",
        f"text\n\n— uk {b64encode(bytes(4101)).decode()}\n",
    ],
)
def test_anything_else_is_malformed(text):
    with pytest.raises(Malformed):
        notes.parse(text.encode())


def test_bytes_that_are_not_utf_8_are_malformed():
    with pytest.raises(Malformed):
        notes.parse(b"\xff\n\n" + LINE.encode())


def test_limits():
    many = tuple(Signature("uk", index.to_bytes(4, "big"), b"x") for index in range(notes.NOTE_SIGNATURES + 1))
    assert notes.parse(Note("t\n", many[:-1]).encode()).signatures == many[:-1]
    with pytest.raises(LimitExceeded):
        notes.parse(Note("t\n", many).encode())
    with pytest.raises(LimitExceeded):
        notes.parse(bytes(notes.NOTE_BYTES + 1))
    assert notes.NOTE_SIGNATURES >= 16
