"""What a desk says of itself: enough for a screen to be made of it, without a line of that desk's own code."""

import msgspec

from cordiale.labels.phrase import Phrase


class Part(msgspec.Struct, frozen=True):
    """Something that a desk has several of, by the name that commands and records use: a detector, a form of export."""

    name: str
    title: Phrase


class Manifest(msgspec.Struct, frozen=True):
    """One desk. `registers` are those that its drafts are for; `exports` the forms in which its picture can be written."""

    name: str
    title: Phrase
    help: Phrase
    registers: tuple[str, ...]
    detectors: tuple[Part, ...] = ()
    exports: tuple[Part, ...] = ()
