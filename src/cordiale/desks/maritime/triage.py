"""What people made of the alerts: `triage.jsonl` in the store, one line for each thing that somebody did.

It says nothing to partners and changes no finding. Lines are only added, so that it stays visible who set an alert aside, when
and why, and who took that back; a finding that changed afterwards says so (`changed`).
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, Literal

import msgspec

from cordiale.analysis import line_file
from cordiale.desks.maritime.alerts import Line
from cordiale.errors import StorageFailed, WrongUsage
from cordiale.vocab.moment import Moment
from cordiale.wire.typed import decode_json

FILE: Final = "triage.jsonl"
WORDS: Final = 1000
"""Characters of a reason or of a name."""
Act = Literal["acknowledge", "dismiss", "assign", "reopen", "undo"]
State = Literal["new", "acknowledged", "dismissed"]
TRANSITIONS: Final[dict[Act, State | None]] = {
    "acknowledge": "acknowledged",
    "dismiss": "dismissed",
    "assign": None,
    "reopen": "new",
    "undo": None,
}
"""What an act makes of an alert's state; assigning leaves it, and undoing takes back the last act that still holds."""


class Step(msgspec.Struct, frozen=True):
    """One line: what somebody did with a finding. `text` is why it was dismissed, or to whom it was assigned."""

    at: Moment
    by: str
    finding: str
    act: Act
    text: str = ""


class Standing(msgspec.Struct, frozen=True):
    """What the lines of one finding add up to."""

    state: State = "new"
    assigned: str = ""
    steps: tuple[Step, ...] = ()
    holding: int = 0
    """How many of the steps still hold: neither taken back nor taking back."""
    changed: bool = False
    """The finding was revised after the last step."""


class Triage:
    """The lines of one store."""

    def __init__(self, store: Path) -> None:
        self._path = store / FILE

    def add(self, step: Step) -> None:
        """Write one down; a dismissal needs its reason and an assignment its person."""
        if step.act in ("dismiss", "assign") and not step.text.strip():
            raise WrongUsage(f"{step.act} needs words: why, or to whom")
        if len(step.text) > WORDS or len(step.by) > WORDS:
            raise WrongUsage(f"more than {WORDS} characters")
        if step.act == "undo" and not self.standing().get(step.finding, Standing()).holding:
            raise WrongUsage("there is nothing to take back")
        try:
            line_file.append(self._path, [msgspec.json.encode(step)])
        except OSError as fault:
            raise StorageFailed(f"{self._path}: {fault.strerror}") from None

    def standing(self, history: Iterable[Line] = ()) -> dict[str, Standing]:
        """By finding; those that nobody has touched are left out. `history` is that of the alerts."""
        found: dict[str, list[Step]] = {}
        try:
            for line in line_file.whole(self._path):
                try:
                    step = decode_json(line, Step)
                except msgspec.DecodeError:
                    continue
                found.setdefault(step.finding, []).append(step)
        except OSError as fault:
            raise StorageFailed(f"{self._path}: {fault.strerror}") from None
        latest: dict[str, Moment] = {line.finding.id: line.at for line in history}
        return {
            finding: _standing(steps, changed=latest.get(finding, Moment(0)) > steps[-1].at)
            for finding, steps in found.items()
        }


def _standing(steps: Sequence[Step], *, changed: bool) -> Standing:
    holding: list[Step] = []
    for step in steps:
        if step.act != "undo":
            holding.append(step)
        elif holding:
            holding.pop()
    states: list[State] = ["new", *(state for step in holding if (state := TRANSITIONS[step.act]))]
    assigned = ["", *(step.text for step in holding if step.act == "assign")]
    return Standing(states[-1], assigned[-1], tuple(steps), len(holding), changed)
