"""What is inside a message once it is decrypted. Only agents ever see this.

A file is announced by one message and travels in parts, each an ordinary labelled message, so that every byte of it passes the
guard, stands in the log and can be proved like any other; it is complete when its SHA-256 holds. A signed statement of a private
deconfliction run, up to 4 MiB, travels in such parts too, with its SHA-256 in each, and is announced by none.

What people say about messages is a message too: an edit, a reaction, how far somebody has read. Fields that have their default
are left out, so that a later version may add some. What a later version writes in a kind or version unknown here is told from
what breaks the format: the first is shown as such, the second is refused.

    text, file     topic, what it replies to, precedence (ACP 127), who is mentioned
    edit           the new text of one's own message; `cordiale.agent.talk` says when it holds
    reaction       one of a few, given or taken back
    read           per nation, how far its author has read
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

import msgspec

from cordiale.errors import LimitExceeded, Malformed
from cordiale.register.record import RECORD_ID_BYTES, RecordId
from cordiale.vocab.identifier import DIGEST_BYTES, MESSAGE_ID_BYTES, Digest
from cordiale.vocab.party import Address, Nation, parse_nation
from cordiale.wire import canonical, limits
from cordiale.wire.canonical import Record

TEXT: Final = "text"
FILE: Final = "file"
PART: Final = "part"
ACT: Final = "act"
RUN: Final = "run"
EDIT: Final = "edit"
REACTION: Final = "reaction"
READ: Final = "read"
UNKNOWN: Final = "unknown"
"""Of a later version, as this program sees it; it never travels under this name."""
VERSION: Final = 1
WITHOUT_ROW: Final = (PART, RUN, READ)
"""What is no message to a reader."""
HANGING: Final = (EDIT, REACTION)
"""What is shown at another message, and not in a row of its own."""
ROUTINE, PRIORITY, IMMEDIATE, FLASH = range(4)
PRECEDENCE: Final = ("ROUTINE", "PRIORITY", "IMMEDIATE", "FLASH")
"""ACP 127, lowest first."""
REACTIONS: Final = ("seen", "agree", "disagree", "question", "thanks", "done")
STATEMENT_PARTS: Final = 17
"""Of one statement of a run, at most."""
_NAME_CHARACTERS: Final = 200
_KIND: Final = re.compile(r"[a-z][a-z0-9-]{0,31}")


class Content(Record, frozen=True, omit_defaults=True):
    """One of: a text; the announcement of a file (`text` is its caption); one part of a file; an act about a record
    (`file` is the record's id, `data` the signed act); one part of a statement of a run (`file` is the run's number);
    an edit (`text`), a reaction (`text` is its name, `off` takes it back), or how far somebody has `seen`.

    `target` is what is replied to, edited or reacted to. `mentions` are sorted addresses."""

    kind: str
    text: str = ""
    file: bytes = b""
    name: str = ""
    size: int = 0
    digest: bytes = b""
    parts: int = 0
    index: int = 0
    data: bytes = b""
    version: int = VERSION
    topic: str = ""
    target: bytes = b""
    priority: int = ROUTINE
    mentions: tuple[str, ...] = ()
    off: bool = False
    seen: dict[Nation, int] = msgspec.field(default_factory=dict)

    def encode(self) -> bytes:
        return canonical.encode(self)

    def __repr__(self) -> str:
        return f"Content({self.kind})"


class About(Record, frozen=True):
    """What goes with a text or a file: topic, the message that it replies to, precedence, who is mentioned."""

    topic: str = ""
    target: bytes = b""
    priority: int = ROUTINE
    mentions: tuple[str, ...] = ()


PLAIN: Final = About()


def text(value: str, about: About = PLAIN) -> Content:
    """A text message."""
    _check_text(value)
    return _checked(Content(TEXT, value, **msgspec.structs.asdict(about)))


def edit(target: bytes, value: str) -> Content:
    """Another text for one's own message."""
    _check_text(value)
    return Content(EDIT, value, target=target)


def reaction(target: bytes, name: str, *, off: bool = False) -> Content:
    """A reaction to a message, or its end."""
    return _checked(Content(REACTION, name, target=target, off=off))


def read_up_to(seen: Mapping[Nation, int]) -> Content:
    """How far one has read of each nation."""
    return _checked(Content(READ, seen=dict(seen)))


def _check_text(value: str) -> None:
    if not value or len(value) > limits.TEXT_CHARACTERS:
        raise LimitExceeded(f"a text has 1 to {limits.TEXT_CHARACTERS} characters, this one {len(value)}")


def _checked(content: Content) -> Content:
    """What this agent would write, as its readers will judge it."""
    return parse(content.encode())


def act(record: RecordId, signed: bytes) -> Content:
    """An act about a joint record."""
    return Content(ACT, file=record, data=signed)


def file_contents(file: bytes, name: str, data: bytes, caption: str, about: About = PLAIN) -> Iterator[Content]:
    """The announcement and the parts of a file."""
    if len(data) > limits.FILE_BYTES:
        raise LimitExceeded(f"file of {len(data)} bytes, {limits.FILE_BYTES} allowed")
    step = limits.FILE_CHUNK_BYTES
    parts = max(1, -(-len(data) // step))
    digest = hashlib.sha256(data).digest()
    head = Content(FILE, caption, file, safe_name(name), len(data), digest, parts, **msgspec.structs.asdict(about))
    yield _checked(head)
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
    """Parse decrypted bytes strictly: a member's agent may be hostile too. What a later version wrote is `UNKNOWN`, its kind
    in `name`."""
    try:
        content = canonical.decode(data, Content, limit=limits.MESSAGE_BYTES)
    except Malformed:
        return _later(data)
    form = _FORMS.get(content.kind)
    if form is None or content.version != VERSION:
        return _later(data)
    astray = any(getattr(content, name) != default for name, default in _DEFAULTS.items() if name not in form)
    if astray or len(content.text) > limits.TEXT_CHARACTERS or not _SOUND[content.kind](content):
        raise Malformed("a field is outside its range", what="Content")
    return content


def _later(data: bytes) -> Content:
    """What only a later version can have written, as such; else `Malformed`."""
    plain = canonical.decode_map(data, limit=limits.MESSAGE_BYTES)
    kind, version = plain.get("kind"), plain.get("version", VERSION)
    sound = isinstance(kind, str) and _KIND.fullmatch(kind) and type(version) is int
    if not sound or version < VERSION or (kind in _FORMS and version == VERSION):
        raise Malformed("a field is outside its range", what="Content")
    return Content(UNKNOWN, name=str(kind))


_ABOUT: Final = frozenset(("topic", "target", "priority", "mentions"))
_FORMS: Final[Mapping[str, frozenset[str]]] = {
    TEXT: frozenset(("text",)) | _ABOUT,
    FILE: frozenset(("text", "file", "name", "size", "digest", "parts")) | _ABOUT,
    PART: frozenset(("file", "parts", "index", "data")),
    ACT: frozenset(("file", "data")),
    RUN: frozenset(("file", "digest", "parts", "index", "data")),
    EDIT: frozenset(("text", "target")),
    REACTION: frozenset(("text", "target", "off")),
    READ: frozenset(("seen",)),
}
"""The fields that each kind may have."""
_DEFAULTS: Final[Mapping[str, object]] = {
    field.name: {} if field.name == "seen" else field.default
    for field in msgspec.structs.fields(Content)
    if field.name != "kind" and field.name != "version"
}


def _in_parts(content: Content, most: int) -> bool:
    return (
        len(content.file) == MESSAGE_ID_BYTES
        and 1 <= content.parts <= most
        and 0 <= content.index < content.parts
        and len(content.data) <= limits.FILE_CHUNK_BYTES
    )


def _is_announcement(content: Content) -> bool:
    return (
        _in_parts(content, _FILE_PARTS)
        and len(content.digest) == DIGEST_BYTES
        and 0 <= content.size <= limits.FILE_BYTES
        and content.name == safe_name(content.name)
        and _is_about(content)
    )


def _is_about(content: Content) -> bool:
    return (
        is_topic(content.topic)
        and len(content.target) in (0, MESSAGE_ID_BYTES)
        and ROUTINE <= content.priority <= FLASH
        and len(content.mentions) <= limits.MENTIONS
        and list(content.mentions) == sorted(set(content.mentions))
        and all(str(Address.parse(each)) == each for each in content.mentions)
    )


def is_topic(topic: str) -> bool:
    """Whether this can be one: a line that can be read, or none."""
    return len(topic) <= limits.TOPIC_CHARACTERS and topic == topic.strip() and topic.isprintable()


def _is_seen(content: Content) -> bool:
    return 1 <= len(content.seen) <= limits.HEADS and all(
        parse_nation(nation) and 1 <= count <= limits.COUNT_MOST for nation, count in content.seen.items()
    )


_FILE_PARTS: Final = -(-limits.FILE_BYTES // limits.FILE_CHUNK_BYTES)
_SOUND: Final[Mapping[str, Callable[[Content], bool]]] = {
    TEXT: lambda content: bool(content.text) and _is_about(content),
    FILE: _is_announcement,
    PART: lambda content: _in_parts(content, _FILE_PARTS),
    ACT: lambda content: len(content.file) == RECORD_ID_BYTES and bool(content.data),
    RUN: lambda content: (
        _in_parts(content, STATEMENT_PARTS) and len(content.digest) == DIGEST_BYTES and bool(content.data)
    ),
    EDIT: lambda content: bool(content.text) and len(content.target) == MESSAGE_ID_BYTES,
    REACTION: lambda content: content.text in REACTIONS and len(content.target) == MESSAGE_ID_BYTES,
    READ: _is_seen,
}


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
