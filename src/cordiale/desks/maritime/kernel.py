"""How this desk's numeric loops are compiled."""

from typing import Final

from cordiale.analysis.kernel import compiler

kernel: Final = compiler("cordiale.desks.maritime")
"""Compiles a function of this desk; see `cordiale.analysis.kernel`."""
