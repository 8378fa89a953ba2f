"""STANAG 4774 XML: any input gives a label that goes out and comes in again unchanged, or a `CordialeError`."""

from cordiale.errors import CordialeError
from cordiale.labels.policy import Policy, parse_policy
from cordiale.labels.shipped import shipped
from cordiale.labels.stanag4774 import from_xml, to_xml

POLICIES: dict[str, Policy] = {name: parse_policy(shipped(name)) for name in ("uk", "fr", "nato")}


def TestOneInput(data: bytes) -> None:
    """One input."""
    try:
        label = from_xml(data, POLICIES)
    except CordialeError:
        return
    if from_xml(to_xml(label, POLICIES[label.policy]), POLICIES) != label:
        raise AssertionError("the label changed on its way out and in")
