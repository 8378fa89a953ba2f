"""What several `maritime` commands take."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final, Literal

from cyclopts import Parameter
from rich.console import Console

from cordiale.analysis.kernel import compiled
from cordiale.cli.language import _, mark
from cordiale.cli.terminal import console, safe
from cordiale.errors import NotFound, WrongUsage
from cordiale.register.query import moment
from cordiale.vocab.moment import Moment


def there(store: Path) -> Path:
    """A store that is there; raises `NotFound` where there is no such folder."""
    if not store.is_dir():
        raise NotFound(
            str(store),
            what="maritime store",
            next=mark("`cordiale maritime ingest FILE --store {detail}` begins one; check the spelling otherwise."),
        )
    return store


Store = Annotated[
    Path, Parameter(name="--store", env_var="CORDIALE_MARITIME", help="The folder of the maritime store.")
]
Profile = Annotated[Literal["ours", "gfw", "rtec"], Parameter(help="Whose thresholds.")]
Marking = Annotated[str, Parameter(help="The marking that stands on what is written.")]
Since = Annotated[str, Parameter(help="Only what ended then or later, as 2026-06-01T12:00Z.")]
Until = Annotated[str, Parameter(help="Only what began then or earlier.")]
Within = Annotated[str, Parameter(help="Only what is in WEST,SOUTH,EAST,NORTH, in degrees.")]

_NAMED: Final = 20


def tell_compiling(*, quiet: bool) -> None:
    """Say why the first run takes longer: before anything is heard, the detectors are compiled."""
    from cordiale.desks.maritime.detect.passing import advance  # noqa: PLC0415 — Numba is loaded where it is needed

    if not quiet and not compiled(advance):
        console(errors=True).print(
            _(
                "First run of this version: the detectors are compiled, once for this machine. That takes about a minute."
            )
        )


def tell_left_out(screen: Console, left_out: Sequence[str]) -> None:
    """What of the files given could not be used; the first of it by name."""
    if left_out:
        screen.print(_("Left out, as it can't be used: {count}").format(count=len(left_out)))
        for each in left_out[:_NAMED]:
            screen.print(f"  {safe(each)}", soft_wrap=True)


def when(text: str, *, end: bool = False) -> Moment | None:
    """A moment as a person types it; None for an empty text."""
    return moment(text, end=end) if text else None


def box(text: str) -> tuple[float, float, float, float] | None:
    """West, south, east, north; None for an empty text. Raises `WrongUsage`."""
    if not text:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise WrongUsage(_("an area is WEST,SOUTH,EAST,NORTH in degrees")) from None
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise WrongUsage(_("an area is WEST,SOUTH,EAST,NORTH in degrees"))
    return west, south, east, north
