"""A run's log entry as the fields of a `deconfliction-run` record, and back, as far as a budget needs it.

`log` is the SHA-256 of the entry: what stands in the other fields can be compared with it by whoever has the run. Signed
outcomes are named by their SHA-256 and not repeated.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, cast

from cordiale.crypto.digest import sha256
from cordiale.errors import Malformed
from cordiale.register.deconfliction.grid import Grid
from cordiale.register.deconfliction.log import Ended, Logged
from cordiale.register.deconfliction.terms import Budget, Terms
from cordiale.vocab.identifier import Digest
from cordiale.vocab.moment import Moment
from cordiale.vocab.party import Nation

TYPE: Final = "deconfliction-run"
AGREED: Final = (
    "run", "purpose", "commitments", "initiator", "responder", "people", "created", "until", "first_day", "last_day",
    "grids", "most", "budget_runs", "budget_elements", "budget_days",
)  # fmt: skip
"""Fields that are settled once both have consented: the same in both sides' records, however the run ends."""
_FIRST: Final = datetime(1970, 1, 1, tzinfo=UTC)


def fields(logged: Logged) -> dict[str, Any]:
    """All of the record's fields."""
    terms = logged.terms
    return {
        "run": terms.run.hex(),
        "purpose": terms.purpose,
        "initiator": terms.initiator,
        "responder": terms.responder,
        "created": terms.created,
        "people": list(terms.people),
        "until": terms.until,
        "first_day": day(terms.first_day),
        "last_day": day(terms.last_day),
        "grids": [f"{grid.resolution}/{grid.days}" for grid in terms.grids],
        "most": terms.most,
        "budget_runs": terms.budget.runs,
        "budget_elements": terms.budget.elements,
        "budget_days": terms.budget.days,
        "ended": logged.ended.value,
        "commitments": list(logged.commitments),
        "sizes_initiator": [pair[0] for pair in logged.sizes],
        "sizes_responder": [pair[1] for pair in logged.sizes],
        "met": list(logged.met),
        "transcript": logged.transcript,
        "outcomes": [sha256(outcome) for outcome in logged.outcomes],
        "log": sha256(logged.encode()),
    }


def differing(values: Mapping[str, Any], logged: Logged, names: Collection[str] = ()) -> list[str]:
    """The fields, or those of `names`, in which a record with these values does not say what `logged` says."""
    expected = fields(logged)
    return [name for name in names or expected if not _same(values.get(name), expected[name])]


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return [*cast("Sequence[Any]", one)] == [*cast("Sequence[Any]", other)]
    return one == other


def counted(values: Mapping[str, Any], register: bytes) -> Logged:
    """What a budget counts of a record in the room `register`; `Malformed` where it is no log of a run."""
    try:
        budget = Budget(values["budget_runs"], values["budget_elements"], values["budget_days"])
        terms = Terms(
            bytes.fromhex(values["run"]),
            Nation(values["initiator"]),
            Nation(values["responder"]),
            values["purpose"],
            register,
            tuple(map(grid, values["grids"])),
            ordinal(values["first_day"]),
            ordinal(values["last_day"]),
            values["most"],
            budget,
            Moment(values["created"]),
            (values["people"][0], values["people"][1]),
            Moment(values["until"]),
        )
        sizes = tuple(zip(values["sizes_initiator"], values["sizes_responder"], strict=True))
        commitments = tuple(Digest(each) for each in values["commitments"])
        data = Logged(terms, Ended(values["ended"]), commitments, sizes, tuple(values["met"])).encode()
    except (KeyError, ValueError, TypeError, IndexError):
        raise Malformed("a field is missing or out of range", what="log of a run") from None
    return Logged.decode(data)


def grid(text: str) -> Grid:
    """`4/7`: H3 resolution and days in a bin, or `Malformed`."""
    resolution, slash, days = text.partition("/")
    if not slash or not (resolution.isascii() and resolution.isdigit() and days.isascii() and days.isdigit()):
        raise Malformed(
            f"{text[:16]!r} is not resolution/days as 4/7",
            what="grids",
            detail_fr=f"{text[:16]!r} n’est pas de la forme résolution/jours, comme 4/7",
        )
    return Grid(int(resolution[:4]), int(days[:4]))


def day(number: int) -> str:
    """A day of the calendar from days since 1970-01-01."""
    return (_FIRST + timedelta(days=number)).date().isoformat()


def ordinal(text: str) -> int:
    """Days since 1970-01-01 of a day as 2026-06-01, or `Malformed`."""
    try:
        return date.fromisoformat(text).toordinal() - _FIRST.toordinal()
    except ValueError:
        raise Malformed(
            f"{text[:16]!r} is not a day as 2026-06-01",
            what="day",
            detail_fr=f"{text[:16]!r} n’est pas un jour comme 2026-06-01",
        ) from None
