"""Labels of single fields: a message that shows a field carries that field's label, so that every border decides on it.

    what begins or changes a record     travels under the record's label and shows only fields that have no label of their own
    a disclosure                        travels under one label and shows only fields of that label
    a field whose label keeps a nation of the room out is never shown there: it stays a salted commitment

A message is released to all nations of its room or to none. So a field is only where its label admits whoever is there, whatever
agents try: the author's agent keeps it back, the author's border refuses the message, the reader's agent refuses the act. It is
shown through another room, whose nations it admits, under the same record hash.
"""

from collections.abc import Collection, Iterable, Mapping

from cordiale.agent.release import carrier, check_release, nations_of
from cordiale.agent.workspace import Workspace
from cordiale.errors import PolicyRefusal, ProtocolViolation
from cordiale.federation.domain import Domain
from cordiale.labels.decision import decide
from cordiale.labels.label import Label, decode_label
from cordiale.register.act import Amend, Body, Disclose, Propose, Supersede
from cordiale.register.record import Head, Opening
from cordiale.vocab.identifier import RoomId
from cordiale.vocab.party import Nation

RULE = "cordiale register 4"


def check_carried(domain: Domain, nations: Collection[Nation], head: Head, body: Body, carried: Label) -> None:
    """Refuse an act whose message is marked otherwise than what it shows, or shows a field to whom its label keeps out.

    `nations` are the room's.
    """
    if not isinstance(body, Propose | Supersede | Amend | Disclose):
        return
    for name in sorted(body.openings):
        label = head.labels.get(name)
        if label is not None:
            _check_field(domain, nations, name, decode_label(label), carried)
    only_labelled = isinstance(body, Disclose) and body.openings and all(name in head.labels for name in body.openings)
    if not only_labelled and not _alike(domain, decode_label(head.label), carried):
        raise ProtocolViolation("the record and the message that carries it are marked differently", rule=RULE)


def _check_field(domain: Domain, nations: Collection[Nation], name: str, label: Label, carried: Label) -> None:
    if not _alike(domain, label, carried):
        raise ProtocolViolation(f"{name[:40]} and the message that shows it are marked differently", rule=RULE)
    kept_out = [nation for nation in nations if not _admits(domain, label, nation)]
    if kept_out:
        raise ProtocolViolation(f"{name[:40]} is marked so as to keep {', '.join(kept_out)} out", rule=RULE)


def _alike(domain: Domain, own: Label, carried: Label) -> bool:
    """Whether a message is marked like what is in it, or by what protects alike in its author's scheme."""
    if own.policy == carried.policy:
        return (own.classification, own.categories) == (carried.classification, carried.categories)
    return domain.table.translate(own, own.policy, carried.policy) == carried.classification


def _admits(domain: Domain, label: Label, nation: Nation) -> bool:
    policy = domain.policies.get(label.policy)
    return policy is not None and decide(label, nation, policy, domain.table).release


def label_of_field(head: Head, name: str) -> Label:
    """A field's own label, or else the record's."""
    return decode_label(head.labels.get(name, head.label))


def fault_of_showing(work: Workspace, room: RoomId, label: Label) -> PolicyRefusal | ProtocolViolation | None:
    """Why fields of this label can't be shown in a room; None where they can."""
    try:
        check_release(work, room, carrier(work, room, label))
    except PolicyRefusal as refusal:
        return refusal
    kept_out = [nation for nation in nations_of(work, room) if not _admits(work.domain, label, nation)]
    return ProtocolViolation(f"the label keeps {', '.join(kept_out)} out", rule=RULE) if kept_out else None


def showable(
    work: Workspace, room: RoomId, head: Head, openings: Mapping[str, Opening]
) -> tuple[dict[str, Opening], list[tuple[Label, dict[str, Opening]]]]:
    """What the act itself may show, and what further disclosures may, label by label. The rest stays with its owner."""
    plain = {name: opening for name, opening in openings.items() if name not in head.labels}
    by_label: dict[bytes, dict[str, Opening]] = {}
    for name, opening in openings.items():
        if name in head.labels:
            by_label.setdefault(head.labels[name], {})[name] = opening
    groups = [(decode_label(label), shown) for label, shown in sorted(by_label.items())]
    return plain, [(label, shown) for label, shown in groups if fault_of_showing(work, room, label) is None]


def check_showable(work: Workspace, room: RoomId, head: Head, names: Iterable[str]) -> None:
    """Raise where a field's label keeps it from being shown in a room."""
    for name in names:
        fault = fault_of_showing(work, room, label_of_field(head, name))
        if fault is not None:
            raise fault
