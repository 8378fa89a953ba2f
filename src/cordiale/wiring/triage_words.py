"""Where an alert stands and what people did about it, in words for people."""

from collections.abc import Mapping
from typing import Final

from cordiale.wiring.catalogue import mark

STATES: Final[Mapping[str, str]] = {
    "new": mark("new"),
    "acknowledged": mark("acknowledged"),
    "dismissed": mark("set aside"),
}
STEPS: Final[Mapping[str, str]] = {
    "acknowledge": mark("acknowledged"),
    "dismiss": mark("set aside"),
    "assign": mark("assigned to"),
    "reopen": mark("taken up again"),
    "undo": mark("last step taken back"),
}
