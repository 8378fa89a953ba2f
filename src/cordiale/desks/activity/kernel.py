"""Compiling the numeric loops of this desk with Numba, once for each version of the sources.

Numba keeps machine code on disk and knows that a function changed by its own file alone, not by the files of the kernels
that it calls. Every kernel's name therefore carries a digest of all sources of this folder that have kernels: code compiled
from other sources is never found. What a kernel uses, constants and types of columns, is defined in such a file.
"""

from collections.abc import Callable
from importlib.resources import files
from typing import Any, Final, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

from cordiale.crypto.digest import sha256

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
Ints = NDArray[np.int32]
Shorts = NDArray[np.int16]
Bytes = NDArray[np.int8]

F = TypeVar("F", bound=Callable[..., Any])


def _sources() -> bytes:
    folder = files("cordiale.desks.activity")
    found = {each.name: each.read_bytes() for each in folder.iterdir() if each.name.endswith(".py")}
    return b"".join(name.encode() + b"\0" + found[name] for name in sorted(found) if b"@kernel" in found[name])


VERSION: Final = sha256(_sources()).hex()[:12]


def kernel(function: F) -> F:
    """`function`, compiled at its first call and kept for the next process; it releases the interpreter's lock."""
    function.__qualname__ = f"{function.__qualname__}_{VERSION}"
    return cast(F, numba.njit(cache=True, nogil=True, error_model="numpy")(function))
