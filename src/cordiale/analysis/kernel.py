"""Compiling a desk's numeric loops with Numba, once for each version of its sources.

Numba keeps machine code on disk and knows that a function changed by its own file alone, not by the files of the kernels
that it calls. Every kernel's name therefore carries a digest of all sources of its desk that have kernels: code compiled
from other sources is never found. What a kernel uses, constants and types of columns, is defined in such a file.
"""

from collections.abc import Callable, Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

from cordiale.crypto.digest import sha256

F = TypeVar("F", bound=Callable[..., Any])
Compiler = Callable[[F], F]


def compiler(package: str) -> Compiler[Any]:
    """A decorator for the kernels of one desk, `package`: compiled at the first call and kept for the next process.

    A kernel releases the interpreter's lock, and divides by zero as NumPy does.
    """
    sources = b"".join(
        name.encode() + b"\0" + data for name, data in sorted(_sources(files(package))) if b"@kernel" in data
    )
    version = sha256(sources).hex()[:12]

    def kernel(function: F) -> F:
        function.__qualname__ = f"{function.__qualname__}_{version}"
        return cast(F, numba.njit(cache=True, nogil=True, error_model="numpy")(function))

    return kernel


def compiled(kernel: Callable[..., Any]) -> bool:
    """Whether a kernel's machine code was kept by an earlier process. What a new version calls is compiled with it."""
    known: Any = kernel
    return any(Path(known.stats.cache_path).glob(f"*.{known.__qualname__}-*.nbi"))


def _sources(folder: Traversable, below: str = "") -> Iterator[tuple[str, bytes]]:
    for each in folder.iterdir():
        if each.is_dir():
            yield from _sources(each, f"{below}{each.name}/")
        elif each.name.endswith(".py"):
            yield below + each.name, each.read_bytes()
