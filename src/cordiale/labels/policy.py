"""A nation's labelling policy, read from its file: pure data with the look-ups that decisions and markings need.

`parse_policy` takes the *verified payload* of a signed statement; whoever calls it has checked the signature. Nothing
about any nation is written here.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Final

from cordiale.errors import PolicyInvalid, WrongUsage
from cordiale.labels.label import Label, make_label
from cordiale.labels.phrase import Phrase
from cordiale.labels.reading import Lexicon, Reading, Words, fold, read, split_template
from cordiale.labels.scheme import Classification, Default, PolicyFile, Rule, TagSet, Value, XmlName
from cordiale.labels.soundness import faults
from cordiale.labels.toml_file import read_toml
from cordiale.vocab.moment import DAY, Moment, from_datetime
from cordiale.vocab.party import Nation
from cordiale.wire.canonical import Record

_FAULTS_SHOWN: Final = 5


class Policy(Record, frozen=True):
    """A sound policy. `classifications` are in order of rank, `tag_sets` and `rules` in the file's order."""

    id: str
    nation: Nation
    version: str
    name: Phrase
    status: str
    source: str
    prefix: str
    xml: XmlName
    members: frozenset[str]
    valid_from: Moment
    valid_until: Moment
    """The first moment at which the policy is no longer valid."""
    classifications: Mapping[str, Classification]
    tag_sets: Mapping[str, TagSet]
    values: Mapping[tuple[str, str], Value]
    rules: tuple[Rule, ...]
    default: Default
    lexicon: Lexicon

    @property
    def edition(self) -> str:
        """What a decision cites: `id/version`."""
        return f"{self.id}/{self.version}"

    def valid_at(self, moment: Moment) -> bool:
        """Whether the file says that it applies at `moment`; the caller refuses release where it does not."""
        return self.valid_from <= moment < self.valid_until

    def rank(self, classification: str) -> int | None:
        """Its place in this policy's order; `None` for one that is not this policy's."""
        level = self.classifications.get(classification)
        return None if level is None else level.rank

    def names(self, tag_set: str, values: Iterable[str], nation: str) -> bool:
        """Whether any of these values names `nation`."""
        for name in values:
            value = self.values.get((tag_set, name))
            if value is not None and nation in value.nations:
                return True
        return False

    def fault(self, label: Label) -> str:
        """Why `label` cannot be one of this policy's, as identifiers; empty where it can."""
        if label.policy != self.id:
            return f"policy {label.policy}"
        if label.classification not in self.classifications:
            return f"classification {label.classification}"
        for category in label.categories:
            for name in category.values:
                value = self.values.get((category.tag_set, name))
                if value is None or not _fits(value, label):
                    return f"{category.tag_set}/{name}"
        return ""

    def parse_marking(self, text: str, *, created: Moment, originator: str) -> Label:
        """The label that a person means by `text`, or `WrongUsage` with what is near to it."""
        reading = read(text, self.lexicon)
        values = {name: frozenset(tag_set.assumed) for name, tag_set in self.tag_sets.items()} | dict(reading.values)
        classification = reading.classification or self._implied(reading)
        label = make_label(self.id, classification, values, created=created, originator=originator)
        if wrong := self.fault(label):
            raise WrongUsage(f"{wrong} cannot be used in “{text[:80]}”; see the rules of policy {self.id}")
        return label

    def _implied(self, reading: Reading) -> str:
        implied = {self.tag_sets[name].implies for name in reading.values} - {""}
        if not implied:
            levels = ", ".join(level.phrase.en for level in self.classifications.values())
            raise WrongUsage(f"no classification is given; one of: {levels}")
        return max(implied, key=lambda name: self.classifications[name].rank)


def parse_policy(payload: bytes) -> Policy:
    """A policy from its verified TOML; `PolicyInvalid` names the line, field or rule that is wrong."""
    file = read_toml(payload, PolicyFile, what="policy")
    wrong = list(faults(file))
    if wrong:
        raise PolicyInvalid(f"policy {file.id}: {'; '.join(wrong[:_FAULTS_SHOWN])}")
    return Policy(
        id=file.id,
        nation=Nation(file.nation),
        version=file.version,
        name=file.name,
        status=file.status,
        source=file.source,
        prefix=file.prefix,
        xml=file.xml,
        members=frozenset(file.members),
        valid_from=midnight(file.valid_from),
        valid_until=Moment(midnight(file.valid_until) + DAY),
        classifications=MappingProxyType({level.id: level for level in file.classification}),
        tag_sets=MappingProxyType({tag_set.id: tag_set for tag_set in file.tag_set}),
        values=MappingProxyType({(tag_set.id, value.id): value for tag_set in file.tag_set for value in tag_set.value}),
        rules=file.rule,
        default=file.default,
        lexicon=_lexicon(file),
    )


def midnight(day: date) -> Moment:
    """The beginning of a day, UTC."""
    return from_datetime(datetime(day.year, day.month, day.day, tzinfo=UTC))


def _fits(value: Value, label: Label) -> bool:
    if value.classifications and label.classification not in value.classifications:
        return False
    return all(_present(name, label) for name in value.requires) and not any(
        _present(name, label) for name in value.excludes
    )


def _present(reference: str, label: Label) -> bool:
    tag_set, _, value = reference.partition("/")
    values = label.values(tag_set)
    return value in values if value else bool(values)


def _lexicon(file: PolicyFile) -> Lexicon:
    classifications: dict[Words, str] = {}
    for level in file.classification:
        for text in (level.phrase.en, level.phrase.fr, *level.aliases):
            _learn(classifications, text, level.id, file.id)
            _learn(classifications, f"{file.prefix} {text}", level.id, file.id)
    openers: dict[Words, str] = {}
    closers: dict[Words, str] = {}
    bare: list[str] = []
    for tag_set in file.tag_set:
        for template in (tag_set.marking.en, tag_set.marking.fr, *tag_set.reads):
            before, after = split_template(template)
            if before:
                _learn(openers, " ".join(before), tag_set.id, file.id)
            if after:
                _learn(closers, " ".join(after), tag_set.id, file.id)
            if not before and not after and tag_set.id not in bare:
                bare.append(tag_set.id)
    values = {tag_set.id: MappingProxyType(_value_phrases(tag_set, file.id)) for tag_set in file.tag_set}
    return Lexicon(
        classifications=MappingProxyType(classifications),
        values=MappingProxyType(values),
        openers=MappingProxyType(openers),
        closers=MappingProxyType(closers),
        bare=tuple(bare),
        examples=tuple(_examples(file)),
    )


def _value_phrases(tag_set: TagSet, policy: str) -> dict[Words, str]:
    phrases: dict[Words, str] = {}
    for value in tag_set.value:
        for text in (value.phrase.en, value.phrase.fr, value.xml, *value.aliases):
            _learn(phrases, text, value.id, policy)
    return phrases


def _learn(phrases: dict[Words, str], text: str, meaning: str, policy: str) -> None:
    words = fold(text)
    if not words:
        raise PolicyInvalid(f"policy {policy}: {text!r} has no letter or digit, so that it can't be typed")
    if phrases.setdefault(words, meaning) != meaning:
        raise PolicyInvalid(f"policy {policy}: {text!r} means both {phrases[words]} and {meaning}")


def _examples(file: PolicyFile) -> Iterable[str]:
    for level in file.classification:
        yield level.phrase.en
    for tag_set in file.tag_set:
        for value in tag_set.value:
            yield tag_set.marking.en.replace("{values}", value.phrase.en)
