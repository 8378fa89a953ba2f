"""Types of this desk's columns, and how its numeric loops are compiled."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from cordiale.analysis.kernel import compiler

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
Ints = NDArray[np.int32]
Shorts = NDArray[np.int16]
Bytes = NDArray[np.int8]

kernel: Final = compiler("cordiale.desks.activity")
"""Compiles a function of this desk; see `cordiale.analysis.kernel`."""
