"""Under which label something goes into a room, and whether this nation lets it out to everybody there."""

from cordiale.agent.workspace import Workspace
from cordiale.errors import AboveCeiling, NotReleasable
from cordiale.federation.room import parse_parameters
from cordiale.labels.counterpart import counterpart
from cordiale.labels.decision import Decision, below, decide, governing
from cordiale.labels.label import Label
from cordiale.vocab.identifier import RoomId
from cordiale.vocab.party import Nation


def nations_of(work: Workspace, room: RoomId) -> tuple[Nation, ...]:
    """Those of a room."""
    return parse_parameters(work.info(room).parameters).nations


def releases(work: Workspace, room: RoomId, label: Label) -> dict[Nation, Decision]:
    """For each other nation of the room, whether this nation's policy would let a message with this label out to it."""
    policy = governing(label, work.domain.policy, work.domain.policies)
    others = [nation for nation in nations_of(work, room) if nation != work.own.nation]
    return {nation: decide(label, nation, policy, work.domain.table) for nation in others}


def within(work: Workspace, room: RoomId, label: Label) -> Decision:
    """Whether a label is within the room's ceiling, as the node will judge it."""
    parameters = parse_parameters(work.info(room).parameters)
    return below(label, parameters.ceiling_label, work.domain.policies, work.domain.table, parameters.nations)


def check_release(work: Workspace, room: RoomId, label: Label) -> None:
    """Refuse before anything is written what the own border would not let out to every nation, or is above the ceiling."""
    for nation, decision in releases(work, room, label).items():
        if not decision.release:
            raise NotReleasable(
                decision.reason.en,
                rule=decision.rule,
                nation=work.own.nation,
                destination=nation,
                detail_fr=decision.reason.fr,
            )
    ceiling = within(work, room, label)
    if not ceiling.release:
        raise AboveCeiling(ceiling.reason.en, rule=ceiling.rule, detail_fr=ceiling.reason.fr)


def carrier(work: Workspace, room: RoomId, label: Label) -> Label:
    """What a message about something marked like this carries: the label, or its counterpart in one's own scheme, for a nation
    releases nothing onwards under another's label."""
    domain, who = work.domain, str(work.own.address)
    return counterpart(label, domain.policy, domain.table, nations_of(work, room), created=work.now, originator=who)
