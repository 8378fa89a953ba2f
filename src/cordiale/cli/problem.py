"""How an error is told: what happened, why (the rule, or whose fault it is), and the next step. Never a traceback."""

from typing import Any, Final

import msgspec
from rich.console import Console
from rich.text import Text

from cordiale.cli.language import _, spoken
from cordiale.cli.terminal import safe
from cordiale.errors import CordialeError, LocalMisuse, PeerViolation, PolicyRefusal, Unavailable, fill

_DETAIL: Final = "detail"


class Told(msgspec.Struct, frozen=True):
    """An error in the reader's language."""

    code: str
    happened: str
    why: str
    next_step: str
    rule: str
    facts: dict[str, str]


def tell(error: CordialeError) -> Told:
    """Translate and fill an error's sentences."""
    facts = dict(error.facts)
    facts[_DETAIL] = facts.get(f"{_DETAIL}_{spoken()}") or facts.get(_DETAIL, "")
    reason = _reason(error)
    if error.rule:
        reason = _("rule {rule}: {reason}").format(rule=error.rule, reason=reason)
    if isinstance(facts.get("what"), str):
        facts["what"] = _(str(facts["what"]))
    return Told(
        error.code,
        fill(_(error.happened), facts),
        str(error.facts.get("why") or reason),
        fill(_(error.next_step), facts),
        error.rule,
        {name: str(value) for name, value in error.facts.items() if value not in ("", None)},
    )


def _reason(error: CordialeError) -> str:
    match error:
        case LocalMisuse():
            return _("what was asked for is not possible as things stand")
        case PeerViolation():
            return _("what was received breaks a rule; nothing is wrong with what you asked")
        case PolicyRefusal():
            return _("a rule says no; nothing is broken")
        case Unavailable():
            return _("something needed is out of reach for now")
        case _:
            return _("a fault in the program")


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


def as_document(told: Told) -> dict[str, Any]:
    """The same for machines."""
    return {"error": msgspec.to_builtins(told)}
