"""What a nation's policy file is made of: classifications, tag sets with their values, and release rules.

These records are the file's shape; `policy` reads them and `soundness` says which files make sense. The three kinds
of tag set are STANAG 4774's (ADatP-4774 App. 1, Table 8): a *restrictive* value narrows the readers, a *permissive*
value names readers, an *informative* value never decides anything.
"""

from datetime import date
from typing import Annotated, Final, Literal

import msgspec

from cordiale.labels.label import CATEGORIES, IDENTIFIER_CHARACTERS, IDENTIFIER_PATTERN
from cordiale.labels.phrase import Phrase
from cordiale.wire.canonical import Record

Id = Annotated[str, msgspec.Meta(pattern=IDENTIFIER_PATTERN, max_length=IDENTIFIER_CHARACTERS)]
Line = Annotated[str, msgspec.Meta(min_length=1, max_length=600)]
Short = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
NationCode = Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2,8}$")]
Colour = Annotated[str, msgspec.Meta(pattern=r"^#[0-9a-f]{6}$")]
Reference = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9-]+(?:/[a-z0-9-]+)?$", max_length=100)]
"""`tag-set` or `tag-set/value`."""

LEVELS: Final = 32
TAG_SETS: Final = CATEGORIES
TAG_VALUES: Final = 256
RULES: Final = 256

Kind = Literal["restrictive", "permissive", "informative"]


class Classification(Record, frozen=True):
    """A level. `rank` orders the levels of one policy and means nothing outside it."""

    id: Id
    rank: Annotated[int, msgspec.Meta(ge=0, le=1000)]
    phrase: Phrase
    colour: Colour
    source: Line
    xml: Short
    aliases: tuple[Short, ...] = ()


class Value(Record, frozen=True):
    """One value of a tag set. `nations` are those whom a permissive value names, by the codes that addresses use."""

    id: Id
    phrase: Phrase
    xml: Short
    nations: tuple[NationCode, ...] = ()
    aliases: tuple[Short, ...] = ()
    classifications: tuple[Id, ...] = ()
    """Where the value may be used; none listed: everywhere."""
    requires: tuple[Reference, ...] = ()
    excludes: tuple[Reference, ...] = ()
    shown: bool = True


class TagSet(Record, frozen=True):
    """A family of values. `marking` is how they are written, with `{values}` in it; `reads` other ways to type them."""

    id: Id
    kind: Kind
    marking: Phrase
    source: Line
    xml: Short
    value: Annotated[tuple[Value, ...], msgspec.Meta(max_length=TAG_VALUES)]
    reads: tuple[Short, ...] = ()
    separator: Annotated[str, msgspec.Meta(min_length=1, max_length=5)] = ", "
    implies: str = ""
    """The classification meant where a person types only this marking."""
    assumed: tuple[Id, ...] = ()
    """Values that a typed marking has without saying so."""


class When(Record, frozen=True):
    """The condition of a rule: every field that is given must hold. The set of predicates is closed.

    `audience` compares the destination with the nations that the values of `tag_set` name; `has` is true where the
    label has any of these values of `tag_set`; `without` lists tag sets that the label must lack; `agreement =
    "missing"` is true where the equivalence table doesn't cover the label's classification, and all below it, for the
    destination; `member` is true for nations that share the policy. `label = "foreign"` is about labels of other
    policies; `returning` is true for those whose originator belongs to the destination.
    """

    label: Literal["own", "foreign"] = "own"
    tag_set: str = ""
    audience: Literal["", "includes", "excludes"] = ""
    has: tuple[Id, ...] = ()
    without: tuple[Id, ...] = ()
    at_least: str = ""
    at_most: str = ""
    destinations: tuple[NationCode, ...] = ()
    member: bool = False
    agreement: Literal["", "missing"] = ""
    returning: bool = False


class Rule(Record, frozen=True):
    """A release rule: what it says when it decides, and by what right."""

    id: Id
    effect: Literal["release", "refuse"]
    text: Phrase
    source: Line
    when: When


class Default(Record, frozen=True):
    """The last rule: it refuses whatever no rule released."""

    id: Id
    text: Phrase
    source: Line


class XmlName(Record, frozen=True):
    """How STANAG 4774 labels name the policy: the token and, where there is one, its `urn:oid:` URI."""

    name: Short
    uri: Annotated[str, msgspec.Meta(pattern=r"^(?:urn:[!-~]+)?$", max_length=200)] = ""


class PolicyFile(Record, frozen=True):
    """A policy file, field by field."""

    format: Literal[1]
    status: Line
    id: Id
    nation: NationCode
    version: Short
    name: Phrase
    source: Line
    valid_from: date
    valid_until: date
    xml: XmlName
    classification: Annotated[tuple[Classification, ...], msgspec.Meta(max_length=LEVELS)]
    tag_set: Annotated[tuple[TagSet, ...], msgspec.Meta(max_length=TAG_SETS)]
    rule: Annotated[tuple[Rule, ...], msgspec.Meta(max_length=RULES)]
    default: Default
    prefix: str = ""
    """Put before the marking where other nations' markings are beside it: `UK SECRET`."""
    members: tuple[NationCode, ...] = ()
    """The nations that share this policy, for one that is not a single nation's."""
