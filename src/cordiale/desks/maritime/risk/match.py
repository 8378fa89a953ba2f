"""Which listings a vessel meets, and how surely: by IMO number, then MMSI, then name with history.

| what is equal | and | status |
| --- | --- | --- |
| IMO number | | sanctioned |
| IMO number | one of its MMSIs sent two sound IMO numbers | ambiguous |
| MMSI, current or former | no sound IMO number of its own, or the listing has none | sanctioned |
| MMSI | its own sound IMO number is not the listing's | ambiguous |
| name and call sign | no sound IMO number of its own against the listing's | sanctioned |
| name and call sign | its own sound IMO number is not the listing's | possible |
| name, now or before | no sound IMO number of its own against the listing's | possible |

A name alone never makes a vessel sanctioned: many vessels share one. A vessel of that name with another sound IMO number is
another vessel, and is no match at all. Numbers whose check digit fails match nothing.
"""

from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple

from cordiale.desks.maritime.risk.identity import Vessel
from cordiale.desks.maritime.risk.listing import Listing
from cordiale.desks.maritime.risk.name import key


class Status(IntEnum):
    """How a vessel stands towards the lists; the greatest of its matches."""

    NONE = 0
    POSSIBLE = 1
    AMBIGUOUS = 2
    SANCTIONED = 3


class Match(NamedTuple):
    """One listing that a vessel meets. `by` says what is equal: imo, mmsi, former-mmsi, name-call-sign, name, former-name."""

    listing: Listing
    by: str
    value: str
    status: Status


class Index:
    """Listings by everything that a vessel may send."""

    def __init__(self, listings: Iterable[Listing]) -> None:
        self._imo: dict[int, list[Listing]] = {}
        self._mmsi: dict[int, list[Listing]] = {}
        self._name: dict[str, list[Listing]] = {}
        for listing in listings:
            for imo in listing.imo:
                self._imo.setdefault(imo, []).append(listing)
            for mmsi in listing.mmsi:
                self._mmsi.setdefault(mmsi, []).append(listing)
            for name in {key(name) for name in listing.names} - {""}:
                self._name.setdefault(name, []).append(listing)

    def matches(self, vessel: Vessel) -> list[Match]:
        """All listings that it meets, each by the strongest of what is equal; the surest first."""
        found: dict[tuple[str, str], Match] = {}
        for match in (*self._by_imo(vessel), *self._by_mmsi(vessel), *self._by_name(vessel)):
            known = (match.listing.list, match.listing.row)
            if known not in found or match.status > found[known].status:
                found[known] = match
        return sorted(found.values(), key=lambda match: (-match.status, match.listing.list, match.listing.row))

    def _by_imo(self, vessel: Vessel) -> Iterable[Match]:
        status = Status.AMBIGUOUS if vessel.two_imos else Status.SANCTIONED
        for imo in vessel.imo:
            for listing in self._imo.get(imo, ()):
                yield Match(listing, "imo", str(imo), status)

    def _by_mmsi(self, vessel: Vessel) -> Iterable[Match]:
        for place, mmsi in enumerate(vessel.mmsi):
            for listing in self._mmsi.get(mmsi, ()):
                status = Status.AMBIGUOUS if _another(vessel, listing) or vessel.two_imos else Status.SANCTIONED
                yield Match(listing, "former-mmsi" if place else "mmsi", str(mmsi), status)

    def _by_name(self, vessel: Vessel) -> Iterable[Match]:
        signs = {said.value.upper() for said in vessel.call_signs}
        for said in vessel.names:
            for listing in self._name.get(key(said.value), ()):
                other, same_sign = _another(vessel, listing), signs.intersection(listing.call_signs)
                if same_sign:
                    status = Status.POSSIBLE if other else Status.SANCTIONED
                    yield Match(listing, "name-call-sign", f"{said.value}, {min(same_sign)}", status)
                elif not other:
                    yield Match(
                        listing, "name" if said.value == vessel.name else "former-name", said.value, Status.POSSIBLE
                    )


def _another(vessel: Vessel, listing: Listing) -> bool:
    """Whether sound numbers say that it is another vessel."""
    return bool(vessel.imo and listing.imo and not set(vessel.imo).intersection(listing.imo))
