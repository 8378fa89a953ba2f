"""Which policy files make sense: the rules that a file must keep before anything is decided by it.

Two of them carry the laws of `decision`:

S1  Refusals stand before releases, and the default is last: no release rule can forestall a refusal.
S2  A refusal may only ask for more (`has`, `at_least`, `audience = "excludes"`), a release only for less (`without`,
    `at_most`, `audience = "includes"`). So for any label, raising its classification, adding a restrictive value or
    naming fewer nations keeps every refusal that held and adds no release that did not: decisions are monotone by
    construction.

The others find duplicates, dangling references, unordered ranks and markings that cannot be read back.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

from cordiale.labels.reading import PLACEHOLDER
from cordiale.labels.scheme import PolicyFile, Rule, TagSet, Value, When

RESERVED: Final = "cordiale-"
"""Rule identifiers of the code begin so; a file's must not."""

_PREDICATES: Final = tuple(name for name in When.__struct_fields__ if name != "label")
_ALLOWED: Final = {
    ("own", "refuse"): {"tag_set", "audience", "has", "at_least", "destinations", "agreement"},
    ("own", "release"): {"tag_set", "audience", "without", "at_most", "destinations", "member"},
    ("foreign", "refuse"): {"destinations"},
    ("foreign", "release"): {"destinations", "returning"},
}


def faults(file: PolicyFile) -> Iterator[str]:
    """Everything that is wrong with a file, each with the place where it is."""
    if file.valid_until < file.valid_from:
        yield "valid_until is before valid_from"
    yield from _duplicates("members", file.members)
    yield from _classification_faults(file)
    yield from _duplicates("tag_set ids", (tag_set.id for tag_set in file.tag_set))
    yield from _duplicates("tag_set xml names", (tag_set.xml for tag_set in file.tag_set))
    known = _references(file)
    for tag_set in file.tag_set:
        yield from (f"tag_set {tag_set.id}: {fault}" for fault in _tag_set_faults(tag_set, known, file))
    yield from _duplicates("rule ids", [*(rule.id for rule in file.rule), file.default.id])
    yield from _order_faults(file)
    for rule in file.rule:
        yield from (f"rule {rule.id}: {fault}" for fault in _rule_faults(rule, file))


def _duplicates(what: str, names: Iterable[str]) -> Iterator[str]:
    for name, times in Counter(names).items():
        if times > 1:
            yield f"{what}: {name!r} occurs {times} times"


def _classification_faults(file: PolicyFile) -> Iterator[str]:
    if not file.classification:
        yield "there is no classification"
    yield from _duplicates("classification ids", (level.id for level in file.classification))
    yield from _duplicates("classification xml names", (level.xml for level in file.classification))
    for lower, higher in pairwise(file.classification):
        if lower.rank >= higher.rank:
            yield f"classification {higher.id}: rank {higher.rank} is not above {lower.rank} of {lower.id}"


def _tag_set_faults(tag_set: TagSet, known: set[str], file: PolicyFile) -> Iterator[str]:
    if not tag_set.value:
        yield "it has no value"
    for template in (tag_set.marking.en, tag_set.marking.fr, *tag_set.reads):
        if template.count(PLACEHOLDER) != 1:
            yield f"{template!r} does not have {PLACEHOLDER} exactly once"
    if tag_set.implies and tag_set.implies not in {level.id for level in file.classification}:
        yield f"implies {tag_set.implies!r}, which is no classification"
    yield from _duplicates("value ids", (value.id for value in tag_set.value))
    yield from _duplicates("value xml names", (value.xml for value in tag_set.value))
    for name in sorted(set(tag_set.assumed) - {value.id for value in tag_set.value}):
        yield f"assumed {name!r} is no value of it"
    for value in tag_set.value:
        yield from (f"value {value.id}: {fault}" for fault in _value_faults(value, tag_set, known, file))


def _value_faults(value: Value, tag_set: TagSet, known: set[str], file: PolicyFile) -> Iterator[str]:
    if value.nations and tag_set.kind != "permissive":
        yield "only a value of a permissive tag set names nations"
    levels = {level.id for level in file.classification}
    for name in value.classifications:
        if name not in levels:
            yield f"{name!r} is no classification"
    for reference in (*value.requires, *value.excludes):
        if reference not in known:
            yield f"{reference!r} is neither a tag set nor a value"


def _references(file: PolicyFile) -> set[str]:
    values = {f"{tag_set.id}/{value.id}" for tag_set in file.tag_set for value in tag_set.value}
    return values | {tag_set.id for tag_set in file.tag_set}


def _order_faults(file: PolicyFile) -> Iterator[str]:
    for name in [*(rule.id for rule in file.rule), file.default.id]:
        if name.startswith(RESERVED):
            yield f"rule {name}: identifiers that begin with {RESERVED!r} are the program's"
    released = ""
    for rule in file.rule:
        if rule.effect == "release":
            released = rule.id
        elif released:
            yield f"rule {rule.id}: a refusal stands after the release {released!r}; refusals come first"


def _rule_faults(rule: Rule, file: PolicyFile) -> Iterator[str]:
    when = rule.when
    given = {name for name in _PREDICATES if getattr(when, name)}
    for name in sorted(given - _ALLOWED[when.label, rule.effect]):
        yield f"{name!r} may not be asked by a {rule.effect} rule about {when.label} labels"
    if not given and (when.label, rule.effect) != ("foreign", "refuse"):
        yield "it has no condition; only the default has none"
    if when.audience and when.audience != ("includes" if rule.effect == "release" else "excludes"):
        yield f"a {rule.effect} rule may not ask for audience {when.audience!r}"
    levels = {level.id for level in file.classification}
    for name in (when.at_least, when.at_most):
        if name and name not in levels:
            yield f"{name!r} is no classification"
    yield from _tag_condition_faults(rule, file)


def _tag_condition_faults(rule: Rule, file: PolicyFile) -> Iterator[str]:
    when, by_id = rule.when, {tag_set.id: tag_set for tag_set in file.tag_set}
    for name in when.without:
        if name not in by_id or by_id[name].kind == "informative":
            yield f"without {name!r}: no restrictive or permissive tag set has that id"
    if not when.tag_set:
        if when.audience or when.has:
            yield "audience and has need a tag_set"
        return
    tag_set = by_id.get(when.tag_set)
    if tag_set is None:
        yield f"{when.tag_set!r} is no tag set"
        return
    if bool(when.audience) == bool(when.has):
        yield "with a tag_set comes either audience or has"
    if tag_set.kind != ("permissive" if when.audience else "restrictive"):
        yield f"{tag_set.id} is {tag_set.kind}; audience is for permissive tag sets, has for restrictive ones"
    for name in sorted(set(when.has) - {value.id for value in tag_set.value}):
        yield f"{name!r} is no value of {tag_set.id}"
