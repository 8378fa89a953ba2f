"""Which events of single vessels are worth telling, seen together and against the coast.

| event | is dropped |
| --- | --- |
| loitering | where its mean speed is above the profile's, most reports were at anchor or moored, or an end is near the coast |
| jump | where the MMSI was then heard in two places in turns: that is told instead |
| on land | where so many vessels are heard in that cell that there is water, which the map does not have |

Gaps are judged by reception (`cordiale.desks.maritime.reception`), encounters by anchorages.
"""

import numpy as np
from numpy.typing import NDArray

from cordiale.desks.maritime.coast import Coast, coast, inland
from cordiale.desks.maritime.detect.detectors import JUMP, LOITERING, ON_LAND, TWO_PLACES
from cordiale.desks.maritime.detect.near import cell_at
from cordiale.desks.maritime.detect.profile import Profile
from cordiale.desks.maritime.kernel import kernel
from cordiale.desks.maritime.schema import DEGREE

_MEAN_SPEED, _MOORED = 2, 4
"""Their places among the values of a loitering."""


def standing(events: NDArray[np.void], profile: Profile) -> NDArray[np.bool_]:
    """Which of [n] of EVENT stand; all of those that nothing here is about."""
    t, found = profile.thresholds[0], np.ones(len(events), np.bool_)
    slow = np.flatnonzero(events["detector"] == LOITERING)
    found[slow] = events["values"][slow, _MOORED] <= t["loitering_moored_share"]
    found[slow] &= events["values"][slow, _MEAN_SPEED] < t["loitering_speed_kn"]
    slow = slow[found[slow]]
    for lon, lat in (("lon0", "lat0"), ("lon1", "lat1")):
        found[slow] &= offshore(coast(), events[lon][slow], events[lat][slow], 1000.0 * float(t["loitering_shore_km"]))
    ashore = np.flatnonzero(events["detector"] == ON_LAND)
    found[ashore] = _lonely(events[ashore], float(t["land_crowd_vessels"]))
    for n in np.flatnonzero(events["detector"] == JUMP).tolist():
        found[n] = not _explained(events[n], events)
    return found


@kernel
def offshore(coast: Coast, lon: NDArray[np.int32], lat: NDArray[np.int32], least: float) -> NDArray[np.bool_]:
    """Which of the positions are at least so many metres from the coast, at sea."""
    found = np.ones(len(lon), np.bool_)
    for k in range(len(lon)):
        found[k] = least <= 0.0 or inland(coast, lon[k] / DEGREE, lat[k] / DEGREE, least) <= -least
    return found


def _lonely(events: NDArray[np.void], crowd: float) -> NDArray[np.bool_]:
    """Which of these lie in a cell where fewer vessels than `crowd` have such events."""
    cells = np.array(
        [cell_at(int(lon), int(lat)) for lon, lat in zip(events["lon1"], events["lat1"], strict=True)], np.int64
    )
    pairs = np.unique(np.stack([cells, events["mmsi"].astype(np.int64)]), axis=1)
    known, count = np.unique(pairs[0], return_counts=True)
    return count[np.searchsorted(known, cells)] < crowd if len(cells) else np.zeros(0, np.bool_)


def _explained(jump: np.void, events: NDArray[np.void]) -> bool:
    """Whether the same MMSI is told to be in two places over the time of a jump."""
    same = (events["detector"] == TWO_PLACES) & (events["mmsi"] == jump["mmsi"])
    return bool((same & (events["begin"] <= jump["end"]) & (jump["begin"] <= events["end"])).any())
