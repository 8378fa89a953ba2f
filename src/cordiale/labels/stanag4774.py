"""Labels as STANAG 4774 XML (ADatP-4774 Ed. A v. 1, App. 1): `originatorConfidentialityLabel`, out and in.

    originatorConfidentialityLabel  [ReviewDateTime]
      ConfidentialityInformation
        PolicyIdentifier [URI]   Classification   Category Type TagName … GenericValue …
      OriginatorID IDType        CreationDateTime

Reading is strict: what would change the meaning and isn't understood (a privacy mark, a succession, another value
type, an element of another namespace) is `Malformed`, never dropped. Document types and entities are refused before
they are expanded. Names are compared without case, as the NATO policy asks (App. 2). Two liberties, because published
examples of the standard take them: a label without a time is dated 1970, one without an originator is its policy's
nation's.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from cordiale.errors import Malformed
from cordiale.labels.label import Label, make_label
from cordiale.labels.policy import Policy
from cordiale.labels.scheme import TagSet
from cordiale.labels.xml_tree import Element, read_xml
from cordiale.vocab.moment import Moment, from_datetime, iso

NAMESPACE: Final = "urn:nato:stanag:4774:confidentialitymetadatalabel:1:0"
WHAT: Final = "STANAG 4774 label"

_ROOT_ATTRIBUTES: Final = frozenset({"Id", "ReviewDateTime"})
_DATE_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|[+-]\d\d:\d\d)?")
_ADDRESS_TYPE: Final = "rfc822Name"
_NATION_TYPE: Final = "dNSName"


def to_xml(label: Label, policy: Policy, *, review: Moment | None = None) -> bytes:
    """The label as XML; `review` becomes ReviewDateTime. `Malformed` where the label does not fit `policy`."""
    if wrong := policy.fault(label):
        raise Malformed(f"{wrong} is not of policy {policy.id}", what="label")
    reviewed = "" if review is None else f" ReviewDateTime={quoteattr(iso(review))}"
    uri = f" URI={quoteattr(policy.xml.uri)}" if policy.xml.uri else ""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f"<slab:originatorConfidentialityLabel xmlns:slab={quoteattr(NAMESPACE)}{reviewed}>",
        "<slab:ConfidentialityInformation>",
        f"<slab:PolicyIdentifier{uri}>{escape(policy.xml.name)}</slab:PolicyIdentifier>",
        f"<slab:Classification>{escape(policy.classifications[label.classification].xml)}</slab:Classification>",
        *_category_lines(label, policy),
        "</slab:ConfidentialityInformation>",
        f'<slab:OriginatorID IDType="{_ADDRESS_TYPE if "@" in label.originator else _NATION_TYPE}">'
        f"{escape(label.originator)}</slab:OriginatorID>",
        f"<slab:CreationDateTime>{iso(Moment(label.created))}</slab:CreationDateTime>",
        "</slab:originatorConfidentialityLabel>",
    ]
    return "\n".join(lines).encode()


def _category_lines(label: Label, policy: Policy) -> Iterator[str]:
    for category in label.categories:
        tag_set = policy.tag_sets[category.tag_set]
        yield f'<slab:Category Type="{tag_set.kind.upper()}" TagName={quoteattr(tag_set.xml)}>'
        for name in category.values:
            value = policy.values[category.tag_set, name]
            yield f"<slab:GenericValue>{escape(value.xml)}</slab:GenericValue>"
        yield "</slab:Category>"


def from_xml(data: bytes, policies: Mapping[str, Policy]) -> Label:
    """The label in `data`, by whichever of `policies` it names; `Malformed` or `LimitExceeded` otherwise."""
    root = read_xml(data, what=WHAT)
    _expect(root, "originatorConfidentialityLabel", _ROOT_ATTRIBUTES)
    information, originator, created = _parts(root)
    policy = _policy(_only(information, "PolicyIdentifier"), policies)
    classification = _classification(_only(information, "Classification"), policy)
    values: dict[str, set[str]] = {}
    for element in information.children[2:]:
        tag_set, chosen = _category(element, policy)
        values.setdefault(tag_set, set()).update(chosen)
    label = make_label(
        policy.id,
        classification,
        values,
        created=_moment(created),
        originator=policy.nation if originator is None else _originator(originator),
    )
    if wrong := policy.fault(label):
        raise Malformed(f"{wrong} is not of policy {policy.id}", what=WHAT)
    return label


def _parts(root: Element) -> tuple[Element, Element | None, Element | None]:
    """ConfidentialityInformation, OriginatorID, CreationDateTime; in this order and nothing else."""
    found: dict[str, Element] = {}
    order = ("ConfidentialityInformation", "OriginatorID", "CreationDateTime")
    places = [order.index(child.name) if child.name in order else -1 for child in root.children]
    if -1 in places or places != sorted(set(places)) or 0 not in places:
        raise Malformed(f"{[child.name for child in root.children]} is not {list(order)}", what=WHAT)
    for child in root.children:
        found[child.name] = child
    information = found["ConfidentialityInformation"]
    _expect(information, "ConfidentialityInformation", frozenset())
    names = [child.name for child in information.children]
    if names[:2] != ["PolicyIdentifier", "Classification"] or set(names[2:]) - {"Category"}:
        raise Malformed(f"{names} in ConfidentialityInformation is not understood", what=WHAT)
    return information, found.get("OriginatorID"), found.get("CreationDateTime")


def _policy(identifier: Element, policies: Mapping[str, Policy]) -> Policy:
    """By name; a `urn:oid:` URI that is given and known must agree. (Some published labels write `URL`.)"""
    _expect(identifier, "PolicyIdentifier", frozenset({"URI", "URL"}))
    name = _text(identifier)
    uri = identifier.attributes.get("URI", identifier.attributes.get("URL", ""))
    for policy in policies.values():
        if policy.xml.name.casefold() == name.casefold() and (not uri or uri == policy.xml.uri):
            return policy
    raise Malformed(f"policy {name[:40]!r} {uri[:60]} is not known here", what=WHAT)


def _classification(element: Element, policy: Policy) -> str:
    _expect(element, "Classification", frozenset())
    return _named({level.xml: level.id for level in policy.classifications.values()}, _text(element))


def _category(element: Element, policy: Policy) -> tuple[str, set[str]]:
    _expect(element, "Category", frozenset({"Type", "TagName", "URI"}))
    tag_set: TagSet = policy.tag_sets[
        _named({each.xml: each.id for each in policy.tag_sets.values()}, element.attributes.get("TagName", ""))
    ]
    if element.attributes.get("Type") != tag_set.kind.upper():
        raise Malformed(f"category {tag_set.xml} is {tag_set.kind.upper()}", what=WHAT)
    if not element.children or element.text.strip():
        raise Malformed(f"category {tag_set.xml} has no value", what=WHAT)
    names = {value.xml: value.id for value in tag_set.value}
    for child in element.children:
        _expect(child, "GenericValue", frozenset())
    return tag_set.id, {_named(names, _text(child)) for child in element.children}


def _originator(element: Element) -> str:
    _expect(element, "OriginatorID", frozenset({"IDType"}))
    text = _text(element)
    if element.attributes.get("IDType") != (_ADDRESS_TYPE if "@" in text else _NATION_TYPE):
        raise Malformed("the originator is neither name@nation nor a nation", what=WHAT)
    return text


def _moment(element: Element | None) -> Moment:
    if element is None:
        return Moment(0)
    _expect(element, "CreationDateTime", frozenset())
    match = _DATE_TIME.fullmatch(_text(element))
    if match is None:
        raise Malformed("CreationDateTime is not a date and time", what=WHAT)
    whole, fraction, zone = match.groups(default="")
    try:
        day = datetime.fromisoformat(whole + (zone or "Z"))
        milliseconds = int((fraction[1:] + "000")[:3]) if fraction else 0
        return Moment(from_datetime(day.astimezone(UTC)) + milliseconds)
    except (ValueError, OverflowError):
        raise Malformed("CreationDateTime is no date", what=WHAT) from None


def _named(names: Mapping[str, str], text: str) -> str:
    for name, identifier in names.items():
        if name.casefold() == text.casefold():
            return identifier
    raise Malformed(f"{text[:40]!r} is not in the policy", what=WHAT)


def _only(parent: Element, name: str) -> Element:
    return next(child for child in parent.children if child.name == name)


def _text(element: Element) -> str:
    if element.children:
        raise Malformed(f"{element.name} holds elements", what=WHAT)
    return " ".join(element.text.split())


def _expect(element: Element, name: str, attributes: frozenset[str]) -> None:
    if element.namespace != NAMESPACE or element.name != name:
        raise Malformed(f"{element.name[:40]!r} stands where {name} is expected", what=WHAT)
    if unknown := set(element.attributes) - attributes:
        raise Malformed(f"{name} has the unknown attribute {min(unknown)[:40]!r}", what=WHAT)
