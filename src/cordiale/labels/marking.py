"""What people read: a label as a marking, in its own scheme and in the reader's.

Both functions are total: a label that no policy here explains is still shown, as its identifiers, never hidden or
guessed at. The original marking always stands beside a translated one.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from cordiale.labels.equivalence import EquivalenceTable
from cordiale.labels.label import Category, Label
from cordiale.labels.policy import Policy
from cordiale.labels.reading import PLACEHOLDER
from cordiale.wire.canonical import Record

DASH: Final = " – "


class Marking(Record, frozen=True):
    """A label as one nation's reader sees it.

    `text` is in the reader's own scheme, `original` as the originator's policy writes it with its prefix, `colour` is
    `#rrggbb`, `classification` the id in the reader's policy. `equivalent` says whether `text` was translated; where
    the table has no equivalent, `text` is the original, `classification` is empty and the colour the reader's
    gravest.
    """

    text: str
    original: str
    colour: str
    classification: str
    equivalent: bool


def marking(label: Label, policy: Policy, language: str) -> str:
    """The marking in the label's own scheme: `OFFICIAL-SENSITIVE – RELEASABLE TO FRANCE`."""
    level = policy.classifications.get(label.classification) if label.policy == policy.id else None
    if level is None:
        return _bare(label)
    return DASH.join([level.phrase.text(language), *_caveats(label, policy, language)])


def marking_for(
    label: Label,
    own: Policy,
    policies: Mapping[str, Policy],
    table: EquivalenceTable,
    language: str,
) -> Marking:
    """The marking for a reader whose nation's policy is `own`; `policies` holds the others by id."""
    theirs = own if label.policy == own.id else policies.get(label.policy)
    original = _bare(label) if theirs is None else f"{theirs.prefix} {marking(label, theirs, language)}".strip()
    level = own.classifications.get(table.translate(label, label.policy, own.id) or "")
    if level is None:
        gravest = max(own.classifications.values(), key=lambda each: each.rank)
        return Marking(original, original, gravest.colour, "", equivalent=False)
    caveats = _caveats(label, theirs, language) if theirs is not None else _bare_caveats(label)
    text = DASH.join([level.phrase.text(language), *caveats])
    return Marking(text, original, level.colour, level.id, equivalent=label.policy != own.id)


def _caveats(label: Label, policy: Policy, language: str) -> Iterator[str]:
    chosen = {category.tag_set: category for category in label.categories}
    for name, tag_set in policy.tag_sets.items():
        if name not in chosen:
            continue
        category = chosen.pop(name)
        shown = [v.phrase.text(language) for v in tag_set.value if v.shown and v.id in category.values]
        known = {value.id for value in tag_set.value}
        shown += [value.upper() for value in category.values if value not in known]
        if shown:
            yield tag_set.marking.text(language).replace(PLACEHOLDER, tag_set.separator.join(shown))
    yield from (_bare_category(category) for category in chosen.values())


def _bare(label: Label) -> str:
    return DASH.join([f"{label.policy}/{label.classification}".upper(), *_bare_caveats(label)])


def _bare_caveats(label: Label) -> list[str]:
    return [_bare_category(category) for category in label.categories]


def _bare_category(category: Category) -> str:
    return f"{category.tag_set}: {', '.join(category.values)}".upper()
