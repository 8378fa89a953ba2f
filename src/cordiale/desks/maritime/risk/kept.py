"""What was last judged, kept beside the store's findings for the picture: `risk.json`."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from cordiale.analysis import whole_file
from cordiale.desks.maritime.risk.match import Status
from cordiale.desks.maritime.risk.score import Assessment
from cordiale.errors import StorageFailed
from cordiale.wire.typed import decode_json

FILE: Final = "risk.json"


class Kept(msgspec.Struct, frozen=True):
    """A vessel's status and score under each of its MMSIs; vessels without either are left out."""

    status: dict[int, str]
    score: dict[int, int]


def keep(store: Path, found: Iterable[Assessment]) -> None:
    """Write it, whole or not at all."""
    told = [each for each in found if each.score or each.status is not Status.NONE]
    kept = Kept(
        {mmsi: each.status.name.lower() for each in told if each.status for mmsi in each.vessel.mmsi},
        {mmsi: each.score for each in told for mmsi in each.vessel.mmsi},
    )
    try:
        whole_file.replace(store / FILE, msgspec.json.encode(kept))
    except OSError as fault:
        raise StorageFailed(f"{store / FILE}: {fault.strerror}") from None


def kept(store: Path) -> Kept:
    """What was written last; nothing where nothing was, or where it can't be read."""
    try:
        return decode_json((store / FILE).read_bytes(), Kept)
    except (OSError, msgspec.DecodeError):
        return Kept({}, {})
