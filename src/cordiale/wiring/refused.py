"""Why something was refused, in the words of whoever reads it now."""

from cordiale.agent import refusal
from cordiale.wiring.problem import tell


def reason(stored: str, language: str) -> str:
    """What happened, of an error that was kept (`cordiale.agent.refusal`); empty where none was."""
    error = refusal.restored(stored)
    return "" if error is None else tell(error, language).happened
