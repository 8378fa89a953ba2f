"""The demonstration's watch at sea: a day of AIS to alerts, one of them released to France, and in both pictures afterwards.

Reading and detecting begin with the demonstration and run beside its other steps: on a new machine the desk's kernels are
compiled first, which takes about half a minute. The day is a real one where it lies beside the checkout, else an exercise.
"""

import shutil
import threading
from pathlib import Path
from typing import Any, Final

from cordiale.wiring.stage import Stage, StepFailed, expect, until

ALICE, CLAIRE = "alice@uk", "claire@fr"
TO_FRANCE: Final = "OFFICIAL-SENSITIVE REL FRA"
PATIENCE: Final = 300
"""Seconds until the alerts are there, on a slow machine that has to compile."""
Detail = dict[str, Any]


class SeaWatch:
    """The desk at work beside the story."""

    def __init__(self, stage: Stage, day: Path | None) -> None:
        """`day` is a file of AIS; without one an exercise is made."""
        self.real = day is not None
        self._stage, self._day = stage, day
        self.store = stage.directory / "sea"
        self._failed = ""
        stage.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        store = ["--store", str(self.store)]
        first = ["ingest", str(self._day), *store]
        if self._day is None:
            first = ["exercise", *store, "--seed", "7", "--days", "1", "--vessels", "40"]
        try:
            for name, arguments in (("sea", first), ("sea-detect", ["detect", *store, "--workers", "1"])):
                if self._stage.job(name, ["maritime", *arguments]).wait() != 0:
                    self._failed = (self._stage.directory / f"{name}.log").read_text(errors="replace")[-400:]
                    return
        except (OSError, StepFailed) as fault:
            self._failed = str(fault)

    def ready(self) -> None:
        """Wait until the alerts are there."""
        until(lambda: not self._thread.is_alive(), "the desk has looked at the day", PATIENCE)
        if self._failed:
            raise StepFailed(f"the desk failed: {self._failed}")


def watch_at_sea(stage: Stage, room: str, watch: SeaWatch) -> Detail:
    """Play it, and read back what France's picture shows."""
    watch.ready()
    store = ("--store", str(watch.store))
    found = stage.ask("maritime", "alerts", *store)["alerts"]
    expect(found, "the desk found something in the day")
    best = max(found, key=lambda alert: (alert["score"], alert["id"]))
    release = ("maritime", "release", best["id"], "--room", room, *store, "--agent", str(stage.directory / ALICE))
    draft = stage.ask(*release)
    expect(draft["act"] == "draft" and draft["stands"] is None, "a person sees the draft before anything is released")
    first = stage.ask(*release, "--label", TO_FRANCE, "--yes")
    again = stage.ask(*release, "--label", TO_FRANCE, "--yes")
    expect((first["act"], again["act"]) == ("raise", "none"), "to release it again does nothing")
    theirs = stage.directory / "sea-fr"
    shutil.copytree(watch.store / "positions", theirs / "positions")
    pictures = {
        ALICE: _shared(stage, room, ALICE, watch.store, best["id"]),
        CLAIRE: _shared(stage, room, CLAIRE, theirs, best["id"]),
    }
    expect(all(shown["owner"] == "uk" for shown in pictures.values()), "both pictures say whose it is")
    return {
        "real": watch.real,
        "alerts": len(found),
        "title": first["record"]["values"]["title"],
        "explanation": best["explanations"],
        "record": first["record"]["id"],
        "released_again": again["act"],
        "vessels_in_picture": pictures[CLAIRE]["vessels"],
        "seen_as": {who: shown["marking"] for who, shown in pictures.items()},
    }


def _shared(stage: Stage, room: str, who: str, store: Path, finding: str) -> Detail:
    """What a person's picture shows of a finding that was released into the room."""

    def look() -> Detail | None:
        words = ("maritime", "picture", "--store", str(store), "--room", room, "--agent", str(stage.directory / who))
        told = [each["properties"] for each in stage.ask(*words)["features"]]
        vessels = sum(each["kind"] == "vessel" for each in told)
        shown = [each for each in told if each["kind"] == "shared" and each["finding"] == finding]
        return {**shown[0], "vessels": vessels} if shown else None

    return until(look, f"{who}'s picture shows the released alert")
