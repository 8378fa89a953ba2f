"""Whether a command line that the documentation shows can be given: the real parser is asked, nothing is run."""

from collections.abc import Sequence

from cyclopts import CycloptsError

from cordiale.cli import language, main
from cordiale.cli.usage import wrong_usage
from cordiale.errors import WrongUsage


def wrong_with(arguments: Sequence[str]) -> str:
    """What the parser says against these arguments; empty where it would run them."""
    try:
        _, rest = language.take_option(arguments)
        main.build().parse_args(rest, exit_on_error=False, print_error=False)
    except WrongUsage as error:
        return error.detail
    except CycloptsError as error:
        return wrong_usage(error).detail
    except ImportError as error:
        return f"the command cannot be loaded: {error.__cause__ or error}"
    return ""
