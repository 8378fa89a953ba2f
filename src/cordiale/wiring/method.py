"""What a method of the vocabulary is: typed parameters, and what it does with them and the engine."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, Literal, TypeVar

import msgspec

from cordiale.agent.engine import Engine
from cordiale.errors import WrongUsage
from cordiale.labels.label import Label
from cordiale.labels.policy import Policy
from cordiale.labels.reading import PLACEHOLDER
from cordiale.vocab.identifier import RoomId
from cordiale.vocab.party import Nation

Document = dict[str, Any]
Reference = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
Seconds = Annotated[float, msgspec.Meta(ge=0, le=60)]
Count = Annotated[int, msgspec.Meta(ge=1, le=1000)]


class Params(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of every method: the reader's language, for markings."""

    language: Literal["en", "fr"] = "en"


class InRoom(Params, frozen=True, kw_only=True):
    room: Reference


P = TypeVar("P", bound=Params)


class Method(msgspec.Struct, Generic[P], frozen=True):
    """A method: what it takes and what it does."""

    params: type[P]
    run: Callable[[Engine, P], Document]


def own_ceiling(engine: Engine, room: RoomId) -> Label:
    """The label meant where none is given: the room's ceiling in one's own scheme, releasable to its nations."""
    view, policy = engine.room(room), engine.domain.policy
    if not view.ceiling.equivalent and view.ceiling.classification:
        return engine.label(view.ceiling.text)
    level = policy.classifications.get(view.ceiling.classification)
    readers = [nation for nation in view.nations if nation != engine.own.nation]
    release = _release_marking(policy, readers)
    if level is None or (readers and not release):
        raise WrongUsage("the room's ceiling has no equivalent in your nation's scheme: say how the message is marked")
    return engine.label(f"{level.phrase.en} {release}".strip())


def _release_marking(policy: Policy, readers: Sequence[Nation]) -> str:
    for tag_set in policy.tag_sets.values():
        named = [value.phrase.en for nation in readers for value in tag_set.value if value.nations == (nation,)]
        if readers and tag_set.kind == "permissive" and len(named) == len(readers):
            return tag_set.marking.en.replace(PLACEHOLDER, tag_set.separator.join(named))
    return ""
