"""Nothing above a destination's release policy ever appears in its border log, whatever a careless agent hands over."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cordiale.errors import CordialeError, PolicyRefusal
from cordiale.federation.api import Outcome
from cordiale.federation.envelope import open_envelope, parse_entry
from cordiale.labels.decision import below, decide, governing
from cordiale.labels.label import Label, encode_label
from cordiale.labels.policy import Policy
from cordiale.vocab.identifier import RoomId
from cordiale.vocab.party import Address, Nation
from forge.device import Device
from forge.scene import PEOPLE, Scene, staged
from labels.lattice import FR, NATO, TABLE, UK, any_labels, label, valid_labels
from worlds.world import NodeSim

OWN: dict[Nation, Policy] = {Nation("uk"): UK, Nation("fr"): FR}
PARTNER = {Nation("uk"): Nation("fr"), Nation("fr"): Nation("uk")}
CEILINGS = ("OFFICIAL-SENSITIVE REL FRA", "TOP SECRET REL FRA")


@pytest.fixture(scope="module")
def rooms() -> Iterator[tuple[Scene, dict[str, RoomId]]]:
    """The joint room, and one with the highest ceiling, whose four members are all cleared for it."""
    with staged() as scene:
        for who, clearance in (("anne@uk", "top-secret"), ("yves@fr", "tres-secret")):
            scene.world.enrol(who, clearance)
        anne = scene.agent("anne@uk").engine
        high = anne.create_room("EXERCISE high", {Nation("fr")}, anne.label(CEILINGS[1]))
        scene.settle()
        anne.invite(high, [Address.parse("yves@fr")])
        scene.settle(3)
        yield scene, {CEILINGS[0]: scene.room, CEILINGS[1]: high}


def _authors(ceiling: str) -> tuple[str, ...]:
    return PEOPLE if ceiling == CEILINGS[0] else ("anne@uk", "yves@fr")


def _may_leave(found: Label, ceiling: str, nation: Nation) -> bool:
    """What the policies, read here anew, say about a label on its way from `nation` to its partner."""
    policies = {policy.id: policy for policy in (UK, FR, NATO)}
    released = decide(found, PARTNER[nation], governing(found, OWN[nation], policies), TABLE).release
    return released and below(found, label(UK, ceiling), policies, TABLE, ("fr", "uk")).release


cases = st.sampled_from(CEILINGS).flatmap(
    lambda ceiling: st.tuples(
        st.just(ceiling),
        st.sampled_from(_authors(ceiling)),
        st.one_of(*map(valid_labels, (UK, FR, NATO)), any_labels),
    )
)


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(case=cases)
def test_only_what_the_policy_releases_crosses(
    rooms: tuple[Scene, dict[str, RoomId]], case: tuple[str, str, Label]
) -> None:
    scene, by_ceiling = rooms
    ceiling, who, found = case
    node = scene.node(Address.parse(who).nation)
    device = Device(scene.agent(who), by_ceiling[ceiling])
    logs = ("border/uk-fr", "border/fr-uk", f"home/{device.room.hex()}")
    before = {log: node.leaves(log) for log in logs}
    data = device.letter(header=device.header(found))
    answer = node.submit(device.own.digest, data)
    new = {log: node.leaves(log)[len(before[log]) :] for log in logs}
    if _may_leave(found, ceiling, node.nation):
        assert isinstance(answer, Outcome), answer
        (leaf,) = new[f"border/{node.nation}-{PARTNER[node.nation]}"]
        assert parse_entry(leaf).label == found
    else:
        assert isinstance(answer, PolicyRefusal), answer
        assert not any(new.values())
        _leaves_no_trace(node, data, found)
    assert all(node.leaves(log)[: len(before[log])] == before[log] for log in logs)


def _leaves_no_trace(node: NodeSim, data: bytes, found: Label) -> None:
    """Neither the ciphertext nor its label nor the binding is in any file of either node."""
    body, marks = open_envelope(data), encode_label(found)
    for nation in node.world.nodes:
        for path in (node.world.directory / nation).glob("node.db*"):
            stored = path.read_bytes()
            assert body.envelope.body not in stored
            assert body.envelope.binding not in stored
            assert len(marks) < 40 or marks not in stored


def test_every_entry_of_every_border_log_was_releasable(rooms: tuple[Scene, dict[str, RoomId]]) -> None:
    """The whole of both logs, whatever came into them: rooms, commits, notices, messages."""
    scene, _ = rooms
    policies = {policy.id: policy for policy in (UK, FR, NATO)}
    device = Device(scene.agent("denis@fr"), scene.room)
    assert isinstance(scene.node("fr").submit(device.own.digest, device.letter()), Outcome)
    scene.settle()
    for nation, partner in PARTNER.items():
        entries = [parse_entry(leaf) for leaf in scene.node(nation).leaves(f"border/{nation}-{partner}")]
        assert entries
        for entry in entries:
            author = entry.release.border
            if author == partner:
                continue  # a handshake of the partner's own, on its way back from the hub
            assert decide(entry.label, partner, governing(entry.label, OWN[author], policies), TABLE).release
            assert isinstance(entry.label, Label)


def test_the_law_has_both_kinds_of_cases() -> None:
    assert _may_leave(label(UK, CEILINGS[0]), CEILINGS[0], Nation("uk"))
    assert not _may_leave(label(UK, "SECRET UK EYES ONLY"), CEILINGS[1], Nation("uk"))
    assert not _may_leave(label(FR, "SECRET SPÉCIAL FRANCE"), CEILINGS[1], Nation("fr"))
    assert issubclass(PolicyRefusal, CordialeError)
