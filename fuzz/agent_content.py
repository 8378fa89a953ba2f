"""Decrypted content: a hostile member's bytes are content in its one form, or a `CordialeError`."""

from contextlib import suppress

from cordiale.agent import content
from cordiale.errors import CordialeError


def seeds() -> list[bytes]:
    """A text, an announcement and a part, a part of a statement of a run."""
    parts = content.file_contents(bytes(16), "plan.txt", b"data", "caption")
    (statement,) = content.statement_parts(bytes(16), b"EXERCISE")
    return [content.text("EXERCISE").encode(), *(part.encode() for part in parts), statement.encode()]


def TestOneInput(data: bytes) -> None:
    """One input, as content and as a file's name."""
    with suppress(CordialeError):
        found = content.parse(data)
        assert found.kind == content.UNKNOWN or found.encode() == data  # what only a later version can read isn't kept
        assert not set(found.name) & set("/\\\0")
    name = content.safe_name(data.decode("utf-8", "replace"))
    assert content.safe_name(name) == name
