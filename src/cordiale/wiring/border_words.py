"""What is said of the border, in words for people: what crossed, what an audit looked at, and who waits to be let in."""

from collections.abc import Mapping
from typing import Final

from cordiale.wiring.catalogue import mark

KINDS: Final[Mapping[str, str]] = {
    "message": mark("message"),
    "members": mark("change of members"),
    "room": mark("room founded"),
    "notice": mark("notice of a border"),
}
HELD: Final[Mapping[str, str]] = {
    "signed": mark("The checkpoint bears the signature of the border that keeps the log. Entries: {detail}."),
    "entries": mark("Each entry of your rooms has its place in the log and its border's signature. Entries: {detail}."),
    "whole": mark("The tree of all entries, computed again here, has exactly the signed root. Entries: {detail}."),
    "grew": mark("It contains what you verified last time, unchanged. Entries: {detail}."),
    "confirmed": mark("The other nation has signed that it stores the very same. Entries: {detail}."),
}
"""What an audit's checks are, where they held."""
BROKE: Final[Mapping[str, str]] = {
    "signed": mark("The checkpoint is not what its border signed."),
    "entries": mark("An entry is not what was signed."),
    "whole": mark(
        "The tree, computed again here, does not have the signed root: entries and their hashes were altered."
    ),
    "grew": mark("The log is not the one that was verified before: its past was rewritten or cut."),
    "confirmed": mark("The other nation has signed another past of this log."),
}
"""The same, where they did not."""
STEPS: Final[Mapping[str, str]] = {
    "asked": mark("waits for keys"),
    "agreed": mark("agreed: a member may invite them"),
    "invited": mark("invited; the room's hub has not let them in yet"),
}
"""How far a request to be let in has come."""
