"""What a method of a vocabulary is: typed parameters, and what it does with them; and what those of the agent share."""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, Generic, Literal, TypeVar

import msgspec

from cordiale.agent.engine import Engine
from cordiale.errors import LimitExceeded, Malformed, WrongUsage
from cordiale.labels.label import Label
from cordiale.labels.policy import Policy
from cordiale.labels.reading import PLACEHOLDER
from cordiale.labels.scheme import Classification
from cordiale.vocab.identifier import RoomId
from cordiale.vocab.party import Nation
from cordiale.wire import typed

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
S = TypeVar("S")


class Method(msgspec.Struct, Generic[S, P], frozen=True):
    """A method: what it takes, and what it does with that and whom it is asked of: an agent's engine, a desk's store."""

    params: type[P]
    run: Callable[[S, P], Document]


def ask(
    methods: Mapping[str, Method[S, Any]], asked: S, method: str, params: Mapping[str, Any], *, who: str
) -> Document:
    """Do what `method` says; `WrongUsage` if `who` knows no such method or its parameters are not understood."""
    known = methods.get(method)
    if known is None:
        raise WrongUsage(f"{who} knows no method {method[:40]!r}")
    try:
        given = typed.convert_text(dict(params), known.params)
    except msgspec.ValidationError as fault:
        raise WrongUsage(f"{method}: {fault}") from None
    return known.run(asked, given)


@contextmanager
def as_given() -> Generator[None]:
    """What is not well formed in here was given by the person who asks: theirs to put right, not any sender's."""
    try:
        yield
    except (Malformed, LimitExceeded) as fault:
        raise WrongUsage(fault.detail, detail_fr=fault.facts.get("detail_fr", "")) from None


def own_ceiling(engine: Engine, room: RoomId) -> Label:
    """The label meant where none is given: the room's ceiling in one's own scheme, releasable to its nations."""
    view = engine.room(room)
    if not view.ceiling.equivalent and view.ceiling.classification:
        return engine.label(view.ceiling.text)
    level = engine.domain.policy.classifications.get(view.ceiling.classification)
    found = None if level is None else releasable(engine, level, view.nations, "en")
    if found is None:
        raise WrongUsage("the room's ceiling has no equivalent in your nation's scheme: say how the message is marked")
    return found[1]


def releasable(
    engine: Engine, level: Classification, nations: Sequence[Nation], language: str
) -> tuple[str, Label] | None:
    """A marking of one's own scheme at this level that names all these nations, as it is written and as a label."""
    policy = engine.domain.policy
    for release in _release_markings(policy, [nation for nation in nations if nation != engine.own.nation], language):
        text = f"{level.phrase.text(language)} {release}".strip()
        try:
            return text, engine.label(text)
        except WrongUsage:
            continue
    return None


def _release_markings(policy: Policy, readers: Sequence[Nation], language: str) -> Iterator[str]:
    """The ways in which a policy names these readers; nothing to say where there are none."""
    if not readers:
        yield ""
        return
    for tag_set in policy.tag_sets.values():
        named = [
            value.phrase.text(language) for nation in readers for value in tag_set.value if value.nations == (nation,)
        ]
        if tag_set.kind == "permissive" and len(named) == len(readers):
            yield tag_set.marking.text(language).replace(PLACEHOLDER, tag_set.separator.join(named))
