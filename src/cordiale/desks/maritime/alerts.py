"""What stands found in a store: `findings.json`, by profile, and `history.jsonl`, which says how it came about.

The findings are replaced as a whole and atomically; each change of one (raised, revised, retracted) is a line of the history,
written before. Whoever is stopped between the two finds the same changes again the next time: the history may say a change
twice, and never none.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from cordiale.analysis import line_file, whole_file
from cordiale.analysis.finding import Change, Finding, changes
from cordiale.errors import IllegalStep, Malformed, StorageFailed
from cordiale.vocab.moment import Moment
from cordiale.wire.typed import decode_json

FINDINGS: Final = "findings.json"
HISTORY: Final = "history.jsonl"
_VERSION: Final = 1


class Standing(msgspec.Struct, frozen=True):
    """What one profile has found."""

    through: Moment
    """The time of the last position that was looked at."""
    findings: tuple[Finding, ...]
    """By begin and id."""


class _File(msgspec.Struct, frozen=True):
    version: int
    profiles: dict[str, Standing]


class Line(msgspec.Struct, frozen=True):
    """One line of the history."""

    at: Moment
    """When it was written."""
    act: str
    """raise, revise or retract"""
    finding: Finding
    """As it is now; as it was, where retracted."""


class Alerts:
    """The findings of one store."""

    def __init__(self, store: Path) -> None:
        self._findings, self._history = store / FINDINGS, store / HISTORY

    def standing(self) -> dict[str, Standing]:
        """What stands, by profile; nothing where nobody has looked yet."""
        try:
            data = self._findings.read_bytes()
        except FileNotFoundError:
            return {}
        except OSError as fault:
            raise StorageFailed(f"{self._findings}: {fault.strerror}") from None
        try:
            file = decode_json(data, _File)
        except msgspec.DecodeError as fault:
            raise Malformed(f"{self._findings.name}: {fault}", what="findings") from None
        if file.version != _VERSION:
            raise IllegalStep(
                f"{self._findings} was written by another version (format {file.version}, not {_VERSION}). It is kept. Go on "
                "with that version, or move the file away and run detect again",
                detail_fr=f"{self._findings} a été écrit par une autre version (format {file.version}, et non {_VERSION}). Il "
                "est conservé. Poursuivez avec cette version, ou déplacez le fichier et relancez detect",
            )
        return file.profiles

    def findings(self, profile: str) -> tuple[Finding, ...]:
        """What one profile has found, by begin and id."""
        found = self.standing().get(profile)
        return found.findings if found else ()

    def replace(
        self, profile: str, found: Iterable[Finding], *, through: Moment, at: Moment, since: int | None = None
    ) -> list[Change]:
        """Let these stand for that profile from now on; what changed by it. What began before `since` (ms) goes on standing."""
        before = self.standing()
        stood = {finding.id: finding for finding in before[profile].findings} if profile in before else {}
        after = {name: each for name, each in stood.items() if since is not None and each.begin < since}
        after |= {finding.id: finding for finding in found}
        what = changes(stood, after)
        ordered = tuple(sorted(after.values(), key=lambda finding: (finding.begin, finding.id)))
        file = _File(_VERSION, dict(sorted({**before, profile: Standing(through, ordered)}.items())))
        try:
            self._remember(what, at)
            whole_file.replace(self._findings, msgspec.json.encode(file))
        except OSError as fault:
            raise StorageFailed(f"{self._findings}: {fault.strerror}") from None
        return what

    def history(self) -> Iterator[Line]:
        """Every change, the oldest first. What a stopped writer left half-written at the end is passed over."""
        for line in line_file.whole(self._history):
            try:
                yield decode_json(line, Line)
            except msgspec.DecodeError:
                continue

    def _remember(self, what: list[Change], at: Moment) -> None:
        line_file.append(self._history, (msgspec.json.encode(Line(at, _act(each), each.finding)) for each in what))


def _act(change: Change) -> str:
    if change.before is None:
        return "raise"
    return "retract" if change.after is None else "revise"
