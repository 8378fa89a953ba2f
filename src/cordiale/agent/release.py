"""Under which label something goes into a room, and whether this nation lets it out to everybody there."""

from cordiale.agent.workspace import Workspace
from cordiale.errors import NotReleasable
from cordiale.federation.room import parse_parameters
from cordiale.labels.counterpart import counterpart
from cordiale.labels.decision import decide, governing
from cordiale.labels.label import Label
from cordiale.vocab.identifier import RoomId
from cordiale.vocab.party import Nation


def nations_of(work: Workspace, room: RoomId) -> tuple[Nation, ...]:
    """Those of a room."""
    return parse_parameters(work.info(room).parameters).nations


def check_release(work: Workspace, room: RoomId, label: Label) -> None:
    """Refuse before anything is written what this nation's policy would not let out to every nation of the room."""
    policy = governing(label, work.domain.policy, work.domain.policies)
    for nation in nations_of(work, room):
        if nation == work.own.nation:
            continue
        decision = decide(label, nation, policy, work.domain.table)
        if not decision.release:
            raise NotReleasable(
                decision.reason.en,
                rule=decision.rule,
                nation=work.own.nation,
                destination=nation,
                detail_fr=decision.reason.fr,
            )


def carrier(work: Workspace, room: RoomId, label: Label) -> Label:
    """What a message about something marked like this carries: the label, or its counterpart in one's own scheme, for a nation
    releases nothing onwards under another's label."""
    domain, who = work.domain, str(work.own.address)
    return counterpart(label, domain.policy, domain.table, nations_of(work, room), created=work.now, originator=who)
