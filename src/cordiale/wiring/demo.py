"""Playing the demonstration: the stage is set, each step runs and is checked, everything is cleared away."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from cordiale.errors import CordialeError, NotFound
from cordiale.wiring.stage import Stage, StepFailed
from cordiale.wiring.story import STEPS, Step, Story
from cordiale.wiring.telling import tell

REAL_FILE: Final = Path("shared/data/maritime/dover-strait-2024-07-07.csv")
Progress = Callable[[dict[str, Any]], None]


def play(
    *, file: Path | None = None, directory: Path | None = None, progress: Progress = lambda step: None
) -> dict[str, Any]:
    """Play the story; one object with a field per step. A step that fails ends it: the later ones stand on it."""
    if file is not None and not file.is_file():
        raise NotFound(str(file), what="file")
    began = time.monotonic()
    steps: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="cordiale-demo-") as scratch:
        with Stage(directory or Path(scratch)) as stage:
            real = real_file()
            story = Story(stage, file or real, real)
            for step in STEPS:
                steps[step.key] = _play(step, story, progress)
                if not steps[step.key]["ok"]:
                    break
        leftover = stage.running()
    complete = len(steps) == len(STEPS) and all(step["ok"] for step in steps.values())
    return {
        "ok": complete and not leftover,
        "seconds": round(time.monotonic() - began, 2),
        "processes_left": leftover,
        **{step.key: steps.get(step.key, {"ok": False, "skipped": True}) for step in STEPS},
    }


def _play(step: Step, story: Story, progress: Progress) -> dict[str, Any]:
    titles = {"key": step.key, "en": step.en, "fr": step.fr}
    progress({**titles, "state": "running"})
    began = time.monotonic()
    try:
        seen = step.play(story)
        result: dict[str, Any] = {"ok": True, **seen, "told": tell(step.key, seen)}
    except StepFailed as failure:
        result = {"ok": False, "error": str(failure)}
    except CordialeError as error:
        result = {"ok": False, "error": str(error), "code": error.code, "rule": error.rule}
    result["seconds"] = round(time.monotonic() - began, 2)
    progress({**titles, "state": "done" if result["ok"] else "failed", **result})
    return result


def real_file() -> Path | None:
    """The real AIS log where it lies beside the checkout."""
    for folder in Path(__file__).resolve().parents:
        if (folder / REAL_FILE).is_file():
            return folder / REAL_FILE
    return None
