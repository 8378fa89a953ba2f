"""cordiale.agent.content: what an agent writes others can read; what it could not have written is refused."""

import hashlib

import cbor2
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordiale.agent import content
from cordiale.agent.content import EDIT, FILE, PART, REACTION, READ, TEXT, UNKNOWN, About, Content
from cordiale.errors import LimitExceeded, Malformed
from cordiale.vocab.identifier import Digest
from cordiale.wire import limits
from forge.verdict import refused

ID = bytes(16)


@given(st.text())
def test_a_safe_name_is_safe_and_stays_as_it_is(name: str) -> None:
    safe = content.safe_name(name)
    assert safe
    assert content.safe_name(safe) == safe
    assert not set(safe) & set("/\\\x00\n")
    assert not safe.startswith(".")
    assert len(safe) <= 200
    assert safe.isprintable()


@pytest.mark.parametrize("name", [". x", "a" * 199 + " b", ".. .x", "x/", "\u202e", "CON/..", "~/.ssh/id"])
@given(data=st.binary(max_size=64))
def test_what_is_announced_is_accepted_by_the_reader(name: str, data: bytes) -> None:
    parts = [content.parse(part.encode()) for part in content.file_contents(ID, name, data, "EXERCISE")]
    head = parts[0]
    assert head.kind == FILE
    assert content.assemble([part.data for part in parts[1:]], head.size, Digest(head.digest)) == data


def test_a_file_of_several_parts() -> None:
    data = bytes(range(256)) * 4096
    parts = list(content.file_contents(ID, "a.bin", data, ""))
    assert len(parts) == 1 + len(data) // limits.FILE_CHUNK_BYTES
    assert all(content.parse(part.encode()) == part for part in parts)
    blocks = [part.data for part in parts[1:]]
    digest = Digest(hashlib.sha256(data).digest())
    assert content.assemble(blocks, len(data), digest) == data
    assert content.assemble(blocks[::-1], len(data), digest) is None or blocks[0] == blocks[-1]
    assert content.assemble(blocks[:-1], len(data), digest) is None


@given(st.integers(1, content.STATEMENT_PARTS * limits.FILE_CHUNK_BYTES))
@settings(max_examples=10)
def test_a_statement_of_a_run_in_parts(size: int) -> None:
    data = bytes(size)
    parts = [content.parse(part.encode()) for part in content.statement_parts(ID, data)]
    assert b"".join(part.data for part in parts) == data
    assert {(part.parts, part.digest) for part in parts} == {(len(parts), hashlib.sha256(data).digest())}


@pytest.mark.parametrize(
    "changes",
    [
        {"parts": content.STATEMENT_PARTS + 1},
        {"index": 1},
        {"data": b""},
        {"data": bytes(limits.FILE_CHUNK_BYTES + 1)},
        {"digest": b"short"},
        {"file": b"run"},
        {"text": "words"},
        {"name": "name"},
        {"size": 1},
    ],
    ids=lambda found: str(found)[:30],
)
def test_a_part_of_a_statement_that_nobody_writes(changes: dict[str, object]) -> None:
    (part,) = content.statement_parts(ID, b"EXERCISE")
    with pytest.raises(Malformed):
        content.parse(msgspec.structs.replace(part, **changes).encode())


def test_a_statement_over_its_limit_is_not_sent() -> None:
    with pytest.raises(LimitExceeded):
        content.statement_parts(ID, bytes(content.STATEMENT_PARTS * limits.FILE_CHUNK_BYTES + 1))


@pytest.mark.parametrize("words", ["", "x" * (limits.TEXT_CHARACTERS + 1)])
def test_a_text_has_a_length(words: str) -> None:
    with pytest.raises(LimitExceeded):
        content.text(words)


def test_a_text_at_its_limit_is_read() -> None:
    found = content.text("é" * limits.TEXT_CHARACTERS)
    assert content.parse(found.encode()) == found


def test_a_file_that_is_too_large_is_not_begun() -> None:
    class Large(bytes):
        def __len__(self) -> int:
            return limits.FILE_BYTES + 1

    with pytest.raises(LimitExceeded):
        next(content.file_contents(ID, "a", Large(), ""))


HEAD = Content(FILE, "", ID, "a", 1, bytes(32), 1)
PIECE = Content(PART, file=ID, parts=2, index=1, data=b"x")


@pytest.mark.parametrize(
    ("honest", "changes"),
    [
        (Content(TEXT, "x"), {"kind": "Other"}),
        (Content(TEXT, "x"), {"version": 0}),
        (Content(TEXT, "x"), {"off": True}),
        (Content(TEXT, "x"), {"topic": " x"}),
        (Content(TEXT, "x"), {"topic": "x" * (limits.TOPIC_CHARACTERS + 1)}),
        (Content(TEXT, "x"), {"topic": "\u202e"}),
        (Content(TEXT, "x"), {"target": b"short"}),
        (Content(TEXT, "x"), {"priority": -1}),
        (Content(TEXT, "x"), {"mentions": ("a@uk", "a@uk")}),
        (Content(TEXT, "x"), {"mentions": tuple(f"a{n:03}@uk" for n in range(limits.MENTIONS + 1))}),
        (Content(EDIT, "x", target=ID), {"target": b""}),
        (Content(EDIT, "x", target=ID), {"topic": "x"}),
        (Content(REACTION, "agree", target=ID), {"text": "love"}),
        (Content(REACTION, "agree", target=ID), {"mentions": ("a@uk",)}),
        (Content(READ, seen={"uk": 1}), {"seen": {}}),
        (Content(READ, seen={"uk": 1}), {"seen": {"UK": 1}}),
        (Content(READ, seen={"uk": 1}), {"seen": {"uk": limits.COUNT_MOST + 1}}),
        (Content(TEXT, "x"), {"text": ""}),
        (Content(TEXT, "x"), {"file": ID}),
        (HEAD, {"file": b""}),
        (HEAD, {"file": bytes(17)}),
        (HEAD, {"name": ""}),
        (HEAD, {"name": "a/b"}),
        (HEAD, {"name": "x" * 201}),
        (HEAD, {"size": -1}),
        (HEAD, {"size": limits.FILE_BYTES + 1}),
        (HEAD, {"digest": bytes(31)}),
        (HEAD, {"parts": 0}),
        (HEAD, {"parts": 2**31}),
        (HEAD, {"index": 1}),
        (PIECE, {"index": 2}),
        (PIECE, {"index": -1}),
        (PIECE, {"parts": 0}),
        (PIECE, {"data": bytes(limits.FILE_CHUNK_BYTES + 1)}),
    ],
)
def test_a_field_outside_its_range_is_malformed(honest: Content, changes: dict[str, object]) -> None:
    assert content.parse(honest.encode()) == honest
    with refused(Malformed):
        content.parse(msgspec.structs.replace(honest, **changes).encode())


def test_a_content_shows_nothing_of_itself() -> None:
    assert "secret" not in repr(Content(TEXT, "secret"))


@pytest.mark.parametrize(
    "later",
    [
        {"kind": "poll", "text": "EXERCISE", "choices": ["a", "b"]},
        {"kind": "text", "version": 2, "text": "EXERCISE", "colour": "red"},
        {"kind": "text", "version": 3, "text": ""},
        {"kind": "unknown"},
    ],
    ids=str,
)
def test_what_a_later_version_writes_is_known_as_such(later: dict[str, object]) -> None:
    found = content.parse(cbor2.dumps(later, canonical=True))
    assert found == Content(UNKNOWN, name=str(later["kind"]))


@pytest.mark.parametrize(
    "data",
    [
        cbor2.dumps({"kind": "text", "text": "EXERCISE", "colour": "red"}, canonical=True),
        cbor2.dumps({"kind": "a" * 33}, canonical=True),
        cbor2.dumps({"kind": "poll\n"}, canonical=True),
        cbor2.dumps({"kind": 7}, canonical=True),
        cbor2.dumps({"kind": "poll", 7: 8}, canonical=True),
        cbor2.dumps({"kind": "poll", "version": True}, canonical=True),
        cbor2.dumps({"zzzz": 1, "kind": "poll"}),
        cbor2.dumps(["kind", "poll"], canonical=True),
        cbor2.dumps({"kind": "poll", "x": 2**70}, canonical=True) + b"\x00",
    ],
)
def test_what_no_version_writes_is_refused(data: bytes) -> None:
    with refused(Malformed):
        content.parse(data)


def test_what_goes_with_a_text_is_read_as_it_was_written() -> None:
    about = About("Dover – coasters", ID, content.FLASH, ("alice@uk", "claire@fr"))
    found = content.parse(content.text("EXERCISE", about).encode())
    assert (found.topic, found.target, found.priority, found.mentions) == ("Dover – coasters", ID, 3, about.mentions)
    (head, *_) = content.file_contents(ID, "a", b"x", "", about)
    assert content.parse(head.encode()).topic == about.topic


def test_fields_that_say_nothing_take_no_bytes() -> None:
    assert cbor2.loads(content.text("EXERCISE").encode()) == {"kind": "text", "text": "EXERCISE"}
