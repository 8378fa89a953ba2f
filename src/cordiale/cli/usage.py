"""What the parser of arguments complains of, as `WrongUsage` in the reader's language."""

from cyclopts import CycloptsError, MissingArgumentError, UnknownOptionError
from cyclopts.exceptions import (
    CoercionError,
    RepeatArgumentError,
    UnknownCommandError,
    UnusedCliTokensError,
)

from cordiale.cli.language import _
from cordiale.errors import WrongUsage


def wrong_usage(error: CycloptsError) -> WrongUsage:
    """The same complaint, in our words."""
    return WrongUsage(_detail(error))


def _detail(error: CycloptsError) -> str:
    match error:
        case MissingArgumentError():
            return _("{name} is missing").format(name=_name(error))
        case CoercionError():
            value = error.token.value if error.token else ""
            return _("{name} cannot be {value}").format(value=repr(value[:80]), name=_name(error))
        case UnknownOptionError():
            return _("there is no option {name}").format(name=error.token.keyword or error.token.value)
        case RepeatArgumentError():
            return _("{name} is given twice").format(name=error.token.keyword or error.token.value)
        case UnknownCommandError():
            tokens = error.unused_tokens or [""]
            return _("there is no command {name}").format(name=repr(tokens[0][:80]))
        case UnusedCliTokensError():
            return _("{value} is one word too many").format(value=repr((error.unused_tokens or [""])[0][:80]))
        case _:
            return str(error).splitlines()[0][:200] if str(error) else type(error).__name__


def _name(error: CycloptsError) -> str:
    argument = error.argument
    if argument is None:
        return "?"
    return argument.name if argument.name.startswith("--") else argument.name.upper()
