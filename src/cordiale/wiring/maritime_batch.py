"""The batch of the maritime desk, joined: the store, the workers or the cluster, the clock, and what then stands."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from cordiale.adapters.clock import system_clock
from cordiale.adapters.dask_runner import Cluster, DaskRunner
from cordiale.analysis.finding import Change, Finding
from cordiale.analysis.partition import Here, Processes, Runner
from cordiale.desks.maritime import anchorage
from cordiale.desks.maritime.alerts import Alerts
from cordiale.desks.maritime.anchorage import Points
from cordiale.desks.maritime.detect.areas import Drawings, Places, drawn
from cordiale.desks.maritime.detect.detectors import (
    CABLE_DRIFT,
    CABLE_SLOWDOWN,
    CABLE_ZIGZAG,
    ENCOUNTER,
    WRONG_WAY,
    ZONE,
)
from cordiale.desks.maritime.detect.findings import Named, findings
from cordiale.desks.maritime.detect.profile import shipped
from cordiale.desks.maritime.identity import batch as identity
from cordiale.desks.maritime.identity.archive import histories
from cordiale.desks.maritime.identity.spell import History
from cordiale.desks.maritime.rules import rules, sections
from cordiale.desks.maritime.run import Found, Progress, Span, detect, unseen
from cordiale.errors import StorageFailed
from cordiale.labels.toml_file import read_toml
from cordiale.wire import limits

SERVICE: Final = (31, 32, 50, 51, 52, 53, 54, 55, 58)
"""Types of ship that meet others in the way of business: towing, pilot, search and rescue, tug, port tender, and the like
(ITU-R M.1371-5, annex 8, table 53). Their encounters are told, and marked."""
FISHING: Final = 30
"""Type of ship (the same table)."""
TRAWLING_KN: Final = 5.5
"""Own: trawlers tow at 2 to 5 knots."""
_CROSSING_SPEED: Final = 0
"""Its place among the values of a slow crossing."""
_SERVICE_VESSEL: Final = 6
"""Its place among the values of an encounter."""


class Order(NamedTuple):
    """What is asked for."""

    store: Path
    profile: str = "ours"
    workers: int = 1
    cluster: Path | None = None
    span: Span = Span()
    anchorages: Sequence[Path] = ()
    drawings: Drawings = Drawings()
    """Files of cables and of zones."""


class Outcome(NamedTuple):
    """What a run found and what changed by it."""

    found: Found
    findings: list[Finding]
    changes: list[Change]
    left_out: tuple[str, ...] = ()
    """what of the files given could not be used, and why"""


def run(order: Order, progress: Progress = unseen) -> Outcome:
    """Detect, and let it stand in the store."""
    profile = shipped(order.profile)
    points, left_out = given(order)
    with _runner(order) as runner:
        found = detect(
            order.store, profile, runner, span=order.span, anchorages=points, drawings=order.drawings, progress=progress
        )
    known = histories(order.store, *order.span)
    named = {mmsi: called(history) for mmsi, history in known.items()}
    mark_service(found.events, named)
    thresholds = {**profile.sections, **sections(profile.id)}
    made = findings(
        told(found.events, named), profile.id, thresholds, named=named, areas=area_names(drawn(order.drawings))
    )
    made += identity.findings(order.store, profile.id, rules(profile).identity, known)
    made.sort(key=lambda each: (each.begin, each.id))
    changes = Alerts(order.store).replace(profile.id, made, through=found.now, at=system_clock())
    return Outcome(found, made, changes, left_out)


def given(order: Order) -> tuple[list[Points], tuple[str, ...]]:
    """The anchorages of an order's files; and what of these, of cables and of zones could not be used."""
    read = [anchorage.read(path) for path in order.anchorages]
    broken = [*drawn(order.drawings).broken, *(each for file in read for each in file.broken)]
    return [file.points for file in read], tuple(broken)


def area_names(places: Places) -> dict[int, Sequence[str]]:
    """What EVENT's `zone` counts, by detector."""
    cables = dict.fromkeys((CABLE_SLOWDOWN, CABLE_DRIFT, CABLE_ZIGZAG), places.cables)
    return {**cables, ZONE: places.zones, WRONG_WAY: places.lanes}


def called(history: History) -> Named:
    """The latest name, IMO number and type."""

    def latest(field: str) -> str:
        spells = history.get(field, [])
        return max(spells, key=lambda spell: spell.last).value if spells else ""

    return Named(latest("name"), int(latest("imo") or 0), int(latest("ship_type") or 0))


def told(events: NDArray[np.void], named: dict[int, Named]) -> NDArray[np.void]:
    """Without slow crossings of cables by vessels of type fishing at trawling speed: they tow, whatever status they send."""
    slow = (events["detector"] == CABLE_SLOWDOWN) & (events["values"][:, _CROSSING_SPEED] <= TRAWLING_KN)
    fishing = [named.get(int(mmsi), Named()).ship_type == FISHING for mmsi in events["mmsi"]]
    return events[~(slow & np.array(fishing, bool))]


def mark_service(events: NDArray[np.void], named: dict[int, Named]) -> None:
    """Write into encounters whether one of the two meets others in the way of business."""
    for place in np.flatnonzero(events["detector"] == ENCOUNTER):
        types = [named.get(int(events[who][place]), Named()).ship_type for who in ("mmsi", "other")]
        events["values"][place, _SERVICE_VESSEL] = any(each in SERVICE for each in types)


class _ClusterFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    scheduler: str
    authority_file: str
    certificate_file: str
    key_file: str


@contextmanager
def _runner(order: Order) -> Generator[Runner]:
    """This process, processes of this machine, or the cluster that a file names."""
    if order.cluster is not None:
        with DaskRunner(cluster(order.cluster)) as runner:
            yield runner
    else:
        yield Processes(order.workers) if order.workers > 1 else Here()


def cluster(path: Path) -> Cluster:
    """From a TOML file; its file names are relative to it."""
    try:
        payload = path.read_bytes()[: limits.CARD_BYTES + 1]
    except OSError as fault:
        raise StorageFailed(f"{path}: {fault.strerror}") from None
    given = read_toml(payload, _ClusterFile, what="cluster")
    return Cluster(
        given.scheduler,
        *(path.parent / name for name in (given.authority_file, given.certificate_file, given.key_file)),
    )
