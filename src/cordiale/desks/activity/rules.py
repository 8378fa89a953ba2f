"""Which kinds of activity are incompatible, and which resources are exclusive: a matrix, as data (`data/rules.toml`).

The file is TOML; every kind, rule and class of resource has its sentence in English and French, every rule its source. A kind
that the file does not list is incompatible with every other, itself included: what is not known is not assumed harmless.
"""

from functools import cache
from importlib.resources import files
from typing import Annotated, Final, Literal

import msgspec
import numpy as np

from cordiale.desks.activity.judge import COMPATIBLE
from cordiale.desks.activity.kernel import Shorts
from cordiale.errors import PolicyInvalid
from cordiale.labels.phrase import Phrase, Text
from cordiale.labels.toml_file import read_toml

KINDS: Final = 256
RULES: Final = 512
UNKNOWN: Final = 0
"""The place in `Rules.reasons` of what is said of unknown kinds, and in the matrix the row of all of them."""

_Id = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=48)]


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class Reason(_Strict, frozen=True):
    """Why a rule is, and by what."""

    id: _Id
    en: Text
    fr: Text
    source: Text

    def phrase(self) -> Phrase:
        """The reason in both languages."""
        return Phrase(self.en, self.fr)


class _Kind(_Strict, frozen=True):
    id: _Id
    en: Text
    fr: Text


class _Rule(Reason, frozen=True):
    kinds: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    opposed: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)] = msgspec.field(name="with")
    between: Literal["any", "nations"] = "any"


class _Exclusive(_Strict, frozen=True):
    resources: _Id = msgspec.field(name="class")
    en: Text
    fr: Text


class _File(_Strict, frozen=True):
    version: Literal[1]
    unknown: Reason
    kind: Annotated[tuple[_Kind, ...], msgspec.Meta(max_length=KINDS)]
    rule: Annotated[tuple[_Rule, ...], msgspec.Meta(max_length=RULES)] = ()
    exclusive: Annotated[tuple[_Exclusive, ...], msgspec.Meta(max_length=KINDS)] = ()


class Rules:
    """The matrix `matrix[of one nation?, kind, kind]`: the place in `reasons` of the rule against a pair, or COMPATIBLE."""

    def __init__(self, file: _File) -> None:
        self.kinds: Final = {kind.id: Phrase(kind.en, kind.fr) for kind in file.kind}
        self.exclusive: Final = {each.resources: Phrase(each.en, each.fr) for each in file.exclusive}
        self.reasons: Final[tuple[Reason, ...]] = (file.unknown, *file.rule)
        self._codes: Final = {kind: place for place, kind in enumerate(self.kinds, 1)}
        if len(self.kinds) < len(file.kind) or len({reason.id for reason in self.reasons}) <= len(file.rule):
            raise PolicyInvalid("activity rules: a kind or a rule is there twice")
        self.matrix: Final = self._filled(file.rule)

    def _filled(self, rules: tuple[_Rule, ...]) -> Shorts:
        size = len(self.kinds) + 1
        matrix = np.full((2, size, size), COMPATIBLE, np.int16)
        matrix[:, 0, :] = matrix[:, :, 0] = UNKNOWN
        for place, rule in enumerate(rules, 1):
            for one in rule.kinds:
                for other in rule.opposed:
                    self._forbid(matrix, one, other, place, rule)
        return matrix

    def _forbid(self, matrix: Shorts, one: str, other: str, place: int, rule: _Rule) -> None:
        """The first rule that names a pair is the one that is told."""
        for kind in (one, other):
            if kind not in self._codes:
                raise PolicyInvalid(f"activity rules: rule {rule.id} names the kind {kind[:48]!r}, which is not listed")
        row, column = self._codes[one], self._codes[other]
        for same in (0, 1) if rule.between == "any" else (0,):
            if matrix[same, row, column] == COMPATIBLE:
                matrix[same, row, column] = matrix[same, column, row] = place

    def code(self, kind: str) -> int:
        """A kind's row in the matrix."""
        return self._codes.get(kind, UNKNOWN)

    def against(self, one: str, other: str, *, same_nation: bool) -> Reason | None:
        """Why two kinds can't share a place at a time, or None where they can."""
        place = int(self.matrix[int(same_nation), self.code(one), self.code(other)])
        return None if place == COMPATIBLE else self.reasons[place]

    def name(self, kind: str) -> Phrase:
        """What people call a kind; its id where the rules don't know it."""
        return self.kinds.get(kind, Phrase(kind, kind))

    def claims(self, resource: str) -> bool:
        """Whether a resource is exclusive."""
        return resource.partition(":")[0] in self.exclusive


def read(payload: bytes) -> Rules:
    """Rules from TOML; `PolicyInvalid` names what is wrong."""
    return Rules(read_toml(payload, _File, what="activity rules"))


@cache
def shipped() -> Rules:
    """The example in the package."""
    return read((files("cordiale.desks.activity") / "data" / "rules.toml").read_bytes())
