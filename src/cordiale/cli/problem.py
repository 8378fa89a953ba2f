"""An error as a person at a terminal reads it: three lines. See `cordiale.wiring.problem`."""

from rich.console import Console
from rich.text import Text

from cordiale.cli.language import _, spoken
from cordiale.cli.terminal import safe
from cordiale.errors import CordialeError
from cordiale.wiring import problem
from cordiale.wiring.problem import Told, as_document

__all__ = ["Told", "as_document", "show", "tell"]


def tell(error: CordialeError) -> Told:
    """An error in the language in use."""
    return problem.tell(error, spoken())


def show(told: Told, console: Console) -> None:
    """Three lines."""
    text = Text()
    text.append(_("Error: "), style="bold red")
    text.append(safe(told.happened) + "\n")
    text.append(_("  Why:  "), style="bold")
    text.append(safe(told.why) + "\n")
    text.append(_("  Next: "), style="bold")
    text.append(safe(told.next_step))
    console.print(text, soft_wrap=True)
