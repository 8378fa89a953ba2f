"""`register.conflicts`, part of the vocabulary of `cordiale.wiring.commands`: where activities meet, are near, or are missing.

The desk behind it is loaded when it is asked for: numeric libraries take a while.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Annotated, Any, Final, Protocol, cast

import msgspec

from cordiale.agent.engine import Engine
from cordiale.vocab.identifier import RoomId
from cordiale.wire import limits
from cordiale.wiring.method import Document, InRoom, Method

LISTING: Final = "cordiale.wiring.meetings"
REQUIREMENTS: Final = 1_000


class RequiredParam(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is required: so many activities of these kinds (any, if none is named) in a region, in each week.

    `area` or `corridor` as in a record; weeks as `2027-W05`, or `2027-W05/2027-W08` for several.
    """

    region: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    weeks: Annotated[tuple[str, ...], msgspec.Meta(min_length=1, max_length=1000)]
    area: dict[str, Any] | None = None
    corridor: dict[str, Any] | None = None
    required: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 1
    kinds: Annotated[tuple[str, ...], msgspec.Meta(max_length=256)] = ()


class Meetings(InRoom, frozen=True, kw_only=True):
    """Conflicts; or with `synergy` (kilometres, days) who is near whom, or with `required` what is missing."""

    query: Annotated[str, msgspec.Meta(max_length=limits.TEXT_CHARACTERS)] = ""
    synergy: tuple[float, float] | None = None
    required: Annotated[tuple[RequiredParam, ...], msgspec.Meta(max_length=REQUIREMENTS)] = ()


class _Listing(Protocol):
    def listed(self, engine: Engine, room: RoomId, params: Meetings) -> Document: ...


def _conflicts(engine: Engine, params: Meetings) -> Document:
    return cast(_Listing, import_module(LISTING)).listed(engine, engine.find_room(params.room), params)


METHODS: Final[Mapping[str, Method[Engine, Any]]] = {"register.conflicts": Method(Meetings, _conflicts)}
