"""How an error is told: what happened, why (the rule, or whose fault it is), and the next step. Never a traceback."""

from typing import Any, Final

import msgspec

from cordiale.errors import CordialeError, LocalMisuse, PeerViolation, PolicyRefusal, Unavailable, fill
from cordiale.wiring.catalogue import mark, say

_DETAIL: Final = "detail"
_NEXT: Final = "next"
"""The fact that takes the place of the next step, where whoever raises knows a better one: a sentence of the catalogue."""
_REASONS: Final[tuple[tuple[type[CordialeError], str], ...]] = (
    (LocalMisuse, mark("what was asked for is not possible as things stand")),
    (PeerViolation, mark("what was received breaks a rule; nothing is wrong with what you asked")),
    (PolicyRefusal, mark("a rule says no; nothing is broken")),
    (Unavailable, mark("something needed is out of reach for now")),
    (CordialeError, mark("a fault in the program")),
)


class Told(msgspec.Struct, frozen=True):
    """An error in the reader's language."""

    code: str
    happened: str
    why: str
    next_step: str
    rule: str
    facts: dict[str, str]


def tell(error: CordialeError, language: str) -> Told:
    """Translate and fill an error's sentences."""
    facts = dict(error.facts)
    facts[_DETAIL] = facts.get(f"{_DETAIL}_{language}") or facts.get(_DETAIL, "")
    reason = say(language, next(text for kind, text in _REASONS if kind in type(error).__mro__))
    if error.rule:
        reason = say(language, mark("rule {rule}: {reason}")).format(rule=error.rule, reason=reason)
    if isinstance(facts.get("what"), str):
        facts["what"] = say(language, str(facts["what"]))
    return Told(
        error.code,
        fill(say(language, error.happened), facts),
        str(error.facts.get("why") or reason),
        fill(say(language, str(facts.pop(_NEXT, error.next_step))), facts),
        error.rule,
        {name: str(value) for name, value in error.facts.items() if value not in ("", None) and name != _NEXT},
    )


def as_document(told: Told) -> dict[str, Any]:
    """The same for machines."""
    return {"error": msgspec.to_builtins(told)}
