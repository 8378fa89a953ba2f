"""A kernel is compiled once for each version of its sources."""

import importlib
import sys
from pathlib import Path

import pytest

from cordiale.analysis.kernel import compiled

SOURCE = """
from cordiale.analysis.kernel import compiler

kernel = compiler("{package}")


@kernel
def more(number: int) -> int:
    return number + {step}
"""


def test_machine_code_is_kept_and_a_change_of_the_source_asks_for_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    package = tmp_path / "exercise_kernels"
    package.mkdir()
    (package / "__init__.py").write_text("")
    for step in (1, 2):
        (package / "loop.py").write_text(SOURCE.format(package="exercise_kernels", step=step))
        importlib.invalidate_caches()
        sys.modules.pop("exercise_kernels.loop", None)
        loop = importlib.import_module("exercise_kernels.loop")
        assert not compiled(loop.more)
        assert loop.more(40) == 40 + step
        assert compiled(loop.more)
    for name in ("exercise_kernels.loop", "exercise_kernels"):
        del sys.modules[name]
