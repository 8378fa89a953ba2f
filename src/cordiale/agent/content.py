"""What is inside a message once it is decrypted. Only agents ever see this.

A file is announced by one message and travels in parts, each an ordinary labelled message, so that every byte of it passes the
guard, stands in the log and can be proved like any other; it is complete when its SHA-256 holds. A signed statement of a private
deconfliction run, up to 4 MiB, travels in such parts too, with its SHA-256 in each, and is announced by none.
"""

import hashlib
from collections.abc import Iterator
from typing import Final

from cordiale.errors import LimitExceeded, Malformed
from cordiale.register.record import RECORD_ID_BYTES, RecordId
from cordiale.vocab.identifier import DIGEST_BYTES, MESSAGE_ID_BYTES, Digest
from cordiale.wire import canonical, limits
from cordiale.wire.canonical import Record

TEXT: Final = "text"
FILE: Final = "file"
PART: Final = "part"
ACT: Final = "act"
RUN: Final = "run"
WITHOUT_ROW: Final = (PART, RUN)
"""What is no message to a reader."""
STATEMENT_PARTS: Final = 17
"""Of one statement of a run, at most."""
_NAME_CHARACTERS: Final = 200


class Content(Record, frozen=True):
    """One of: a text; the announcement of a file (`text` is its caption); one part of a file; an act about a record
    (`file` is the record's id, `data` the signed act); one part of a statement of a run (`file` is the run's number)."""

    kind: str
    text: str = ""
    file: bytes = b""
    name: str = ""
    size: int = 0
    digest: bytes = b""
    parts: int = 0
    index: int = 0
    data: bytes = b""

    def encode(self) -> bytes:
        return canonical.encode(self)

    def __repr__(self) -> str:
        return f"Content({self.kind})"


def text(value: str) -> Content:
    """A text message."""
    if not value or len(value) > limits.TEXT_CHARACTERS:
        raise LimitExceeded(f"a text has 1 to {limits.TEXT_CHARACTERS} characters, this one {len(value)}")
    return Content(TEXT, value)


def act(record: RecordId, signed: bytes) -> Content:
    """An act about a joint record."""
    return Content(ACT, file=record, data=signed)


def file_contents(file: bytes, name: str, data: bytes, caption: str) -> Iterator[Content]:
    """The announcement and the parts of a file."""
    if len(data) > limits.FILE_BYTES:
        raise LimitExceeded(f"file of {len(data)} bytes, {limits.FILE_BYTES} allowed")
    step = limits.FILE_CHUNK_BYTES
    parts = max(1, -(-len(data) // step))
    digest = hashlib.sha256(data).digest()
    yield Content(FILE, caption, file, safe_name(name), len(data), digest, parts)
    for index in range(parts):
        yield Content(PART, file=file, parts=parts, index=index, data=data[index * step : (index + 1) * step])


def statement_parts(run: bytes, statement: bytes) -> list[Content]:
    """A signed statement of a private deconfliction run, in parts."""
    step, digest = limits.FILE_CHUNK_BYTES, hashlib.sha256(statement).digest()
    count = max(1, -(-len(statement) // step))
    if count > STATEMENT_PARTS:
        raise LimitExceeded(f"a statement of {len(statement)} bytes")
    return [
        Content(RUN, file=run, digest=digest, parts=count, index=at, data=statement[at * step : (at + 1) * step])
        for at in range(count)
    ]


def parse(data: bytes) -> Content:
    """Parse decrypted bytes strictly: a member's agent may be hostile too."""
    content = canonical.decode(data, Content, limit=limits.MESSAGE_BYTES)
    if content.kind not in (TEXT, FILE, PART, ACT, RUN) or len(content.text) > limits.TEXT_CHARACTERS:
        raise Malformed("unknown kind or text too long", what="Content")
    if content.kind == TEXT and content.text and not content.file:
        return content
    if content.kind == ACT and len(content.file) == RECORD_ID_BYTES and content.data and not content.text:
        return content
    most = STATEMENT_PARTS if content.kind == RUN else -(-limits.FILE_BYTES // limits.FILE_CHUNK_BYTES)
    sound = len(content.file) == MESSAGE_ID_BYTES and 1 <= content.parts <= most and 0 <= content.index < content.parts
    if content.kind == FILE:
        sound = sound and len(content.digest) == DIGEST_BYTES and 0 <= content.size <= limits.FILE_BYTES
        sound = sound and content.name == safe_name(content.name)
    elif content.kind == PART:
        sound = sound and len(content.data) <= limits.FILE_CHUNK_BYTES
    elif content.kind == RUN:
        sound = sound and len(content.digest) == DIGEST_BYTES and 0 < len(content.data) <= limits.FILE_CHUNK_BYTES
        sound = sound and not (content.text or content.name or content.size)
    else:
        sound = False
    if not sound:
        raise Malformed("a field is outside its range", what="Content")
    return content


def safe_name(name: str) -> str:
    """A file name without folders, control characters or leading dots."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(c for c in last if c.isprintable()).lstrip(". ")
    return kept[:_NAME_CHARACTERS].strip() or "file"


def file_key(author: str, file: bytes) -> bytes:
    """How a file is known in the store: by its author too, so that nobody can put parts into another's file."""
    return hashlib.sha256(author.encode() + b"\x00" + file).digest()[:MESSAGE_ID_BYTES]


def assemble(parts: list[bytes], size: int, digest: Digest) -> bytes | None:
    """The whole file, or None if what came is not what was announced."""
    data = b"".join(parts)
    return data if len(data) == size and hashlib.sha256(data).digest() == digest else None
