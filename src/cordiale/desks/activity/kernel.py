"""The numeric loops of this desk and the types of its columns: one source, run in two ways that give the same bits.

    compiled      by Numba (`cordiale.analysis.kernel`), at the first call; half a minute on a new machine
    interpreted   as the Python that it is; some thousand times slower, and at once

A kernel that is called is compiled. `fit` chooses for work that may be small: interpreted while that is cheaper than compiling
would have been, so that nobody waits half a minute to compare two areas. It makes no difference to what is found: kernels use
+ − × ÷ and square roots alone, which IEEE 754 rounds in one way on every machine (for sines see `angle`), and Numba without
`fastmath` neither reorders nor fuses them.
"""

import sys
from collections.abc import Callable
from functools import cache, cached_property
from importlib import import_module
from types import FunctionType
from typing import Any, Final, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
Ints = NDArray[np.int32]
Shorts = NDArray[np.int16]
Bytes = NDArray[np.int8]

F = TypeVar("F", bound=Callable[..., Any])

WORTH: Final = 2_000_000
"""Steps (a corner or edge compared with another) that are interpreted in one process before the rest is compiled: some
seconds."""


class Kernel:
    """A function in both ways. In the eyes of Numba it is its compiled self, so that kernels can call each other."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self.__doc__, self.__name__ = function.__doc__, function.__name__
        self.__wrapped__ = function

    @cached_property
    def compiled(self) -> Callable[..., Any]:
        """Machine code; Numba is imported with the first."""
        return cast("Callable[..., Any]", _compiler()(self._function))

    @cached_property
    def interpreted(self) -> Callable[..., Any]:
        """The same source, calling other kernels interpreted too."""
        function = cast(FunctionType, self._function)
        return FunctionType(function.__code__, _interpreted_globals(function.__module__), self.__name__)

    @property
    def _numba_type_(self) -> object:
        return cast(Any, self.compiled)._numba_type_

    def __call__(self, *given: Any) -> Any:
        _Ready.compiled = True
        return self.compiled(*given)


class _Ready:
    """Of this process: whether kernels were compiled, and steps interpreted so far."""

    compiled = False
    spent = 0


_GLOBALS: Final[dict[str, dict[str, Any]]] = {}


@cache
def _compiler() -> Callable[[Any], Any]:
    return cast(Any, import_module("cordiale.analysis.kernel")).compiler("cordiale.desks.activity")


def _interpreted_globals(module: str) -> dict[str, Any]:
    """A module's names, with interpreted functions in the place of kernels."""
    if module not in _GLOBALS:
        _GLOBALS[module] = dict(vars(sys.modules[module]))
        for name, value in vars(sys.modules[module]).items():
            if isinstance(value, Kernel):
                _GLOBALS[module][name] = value.interpreted
    return _GLOBALS[module]


def kernel(function: F) -> F:
    """`function` in both ways."""
    return cast(F, Kernel(function))


def fit(function: F, steps: int) -> F:
    """The better way for a call of so many steps."""
    _Ready.spent += steps
    if _Ready.compiled or _Ready.spent > WORTH:
        return function
    return interpreted(function)


def interpreted(function: F) -> F:
    """A kernel interpreted. Arrays are handed over as memory views, whose items are plain numbers and quicker to have."""
    found = cast("Kernel", function).interpreted

    def run(*given: Any) -> Any:
        return found(*map(_view, given))

    return cast(F, run)


def _view(given: Any) -> Any:
    if isinstance(given, np.ndarray):
        return memoryview(cast(Any, given))
    if isinstance(given, tuple):
        columns = cast("tuple[Any, ...]", given)
        return cast(Any, type(columns))(*map(_view, columns))
    return given
