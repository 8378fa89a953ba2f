"""A draft: what a desk proposes to say to others. A person reads it, chooses its marking, and releases it or doesn't."""

from typing import Any

import msgspec


class Attachment(msgspec.Struct, frozen=True):
    """A file that goes with a draft; the record names it by its SHA-256 in `field`."""

    field: str
    name: str
    data: bytes


class Draft(msgspec.Struct, frozen=True):
    """A record of a register that nobody has seen yet. `values` are as `cordiale.register.plain` writes them, without floats.

    `subject` names what it is about, the same whenever it is drafted again; `label` is the marking that the desk proposes,
    empty where it leaves that wholly to the person who releases it.
    """

    register: str
    subject: str
    values: dict[str, Any]
    label: str = ""
    attachment: Attachment | None = None
