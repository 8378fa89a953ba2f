"""The main job without sockets: two nations exchange labelled messages, and nothing else gets through."""

import pytest

from cordiale.errors import CordialeError, IllegalStep, NotReleasable, ProofInvalid, StaleEpoch
from cordiale.federation.bundle import verify_bundle
from cordiale.federation.envelope import parse_entry
from cordiale.node import guard
from cordiale.vocab.identifier import Digest, RoomId
from cordiale.vocab.moment import Moment
from cordiale.vocab.party import Address, Nation
from cordiale.wire import canonical, limits
from worlds.world import World

TO_FRANCE = "OFFICIAL-SENSITIVE REL FRA"
TO_UK = "DIFFUSION RESTREINTE REL GBR"
EVERYONE = ("alice@uk", "bob@uk", "claire@fr", "denis@fr")


def room_of_four(world: World) -> RoomId:
    alice = world.agents["alice@uk"].engine
    room = alice.create_room("EXERCISE Channel", {Nation("fr")}, alice.label(TO_FRANCE))
    world.settle(2)
    alice.invite(room, [Address.parse(a) for a in EVERYONE[1:]])
    world.settle(3)
    return room


def say(world: World, who: str, room: RoomId, text: str, label: str, *, precheck: bool = True) -> None:
    engine = world.agents[who].engine
    engine.send_text(room, text, engine.label(label), precheck=precheck)
    engine.flush()


def test_a_message_crosses_and_is_read_in_the_readers_scheme(world: World) -> None:
    room = room_of_four(world)
    say(world, "alice@uk", room, "EXERCISE: dear colleagues", TO_FRANCE)
    world.settle(2)
    for address in ("claire@fr", "denis@fr"):
        (view,) = world.agents[address].engine.messages(room, "fr")
        assert view.row.text == "EXERCISE: dear colleagues"
        assert "DIFFUSION RESTREINTE" in view.marking.text
        assert "OFFICIAL-SENSITIVE" in view.marking.original
    say(world, "claire@fr", room, "EXERCICE : bien reçu", TO_UK)
    world.settle(2)
    for address in EVERYONE:
        assert world.agents[address].texts(room) == ["EXERCISE: dear colleagues", "EXERCICE : bien reçu"]
    own = world.agents["alice@uk"].engine.messages(room, "en")
    assert [view.row.state for view in own] == ["stored", "received"]


@pytest.mark.parametrize(
    ("who", "label", "rule"),
    [
        ("alice@uk", "OFFICIAL-SENSITIVE UK EYES ONLY", "uk"),
        ("claire@fr", "SECRET SPÉCIAL FRANCE", "fr"),
        ("alice@uk", "OFFICIAL-SENSITIVE", "uk"),
    ],
)
def test_what_stays_at_home_is_refused_by_agent_and_border_and_leaves_no_trace(
    world: World, who: str, label: str, rule: str
) -> None:
    room = room_of_four(world)
    node = world.nodes[Address.parse(who).nation]
    other = next(found for found in world.nodes.values() if found is not node)
    log = f"border/{node.nation}-{other.nation}"
    before = node.leaves(log)
    with pytest.raises(NotReleasable):
        say(world, who, room, "EXERCISE: not for abroad", label)
    say(world, who, room, "EXERCISE: not for abroad", label, precheck=False)
    world.settle(2)
    row = world.agents[who].engine.messages(room, "en")[-1].row
    assert row.state == "refused"
    assert row.rule.startswith(rule)
    assert node.leaves(log) == before == other.leaves(log)
    verdict = canonical.decode(node.leaves(guard.LOG)[-1], guard.Verdict, limit=limits.BINDING_BYTES)
    assert (verdict.release, verdict.rule, verdict.direction) == (False, row.rule, "out")
    database = (world.directory / other.nation / "node.db").read_bytes()
    assert verdict.label not in database
    assert verdict.envelope not in database


def test_an_outage_delays_and_loses_nothing(world: World) -> None:
    room = room_of_four(world)
    texts = [f"EXERCISE {number}" for number in range(6)]
    world.nodes[Nation("fr")].up = False
    for number, text in enumerate(texts):
        say(world, ("alice@uk", "bob@uk")[number % 2], room, text, TO_FRANCE)
    world.settle(2)
    assert world.agents["claire@fr"].texts(room) == []
    world.agents["claire@fr"].engine.send_text(
        room, "EXERCICE hors ligne", world.agents["claire@fr"].engine.label(TO_UK)
    )
    world.nodes[Nation("fr")].up = True
    world.settle(3)
    for address in EVERYONE:
        got = world.agents[address].texts(room)
        assert [text for text in got if text in texts] == texts
        assert got.count("EXERCICE hors ligne") == 1
    orders = {tuple(world.agents[address].texts(room)) for address in EVERYONE}
    assert len(orders) == 1


def test_who_leaves_reads_no_more_and_who_comes_reads_from_then_on(world: World) -> None:
    room = room_of_four(world)
    say(world, "alice@uk", room, "EXERCISE before", TO_FRANCE)
    world.settle(2)
    world.agents["denis@fr"].engine.leave(room)
    world.settle(4)
    assert len(world.agents["alice@uk"].engine.room(room).members) == 3
    say(world, "alice@uk", room, "EXERCISE after", TO_FRANCE)
    world.enrol("elise@fr", "secret")
    world.agents["claire@fr"].engine.invite(room, [Address.parse("elise@fr")])
    world.settle(4)
    say(world, "bob@uk", room, "EXERCISE welcome", TO_FRANCE)
    world.settle(3)
    assert world.agents["denis@fr"].texts(room) == ["EXERCISE before"]
    assert world.agents["elise@fr"].texts(room) == ["EXERCISE welcome"]
    assert world.agents["claire@fr"].texts(room) == ["EXERCISE before", "EXERCISE after", "EXERCISE welcome"]
    with pytest.raises(IllegalStep):
        say(world, "denis@fr", room, "EXERCISE still here", TO_UK)


def test_a_revoked_person_is_put_out_by_the_others(world: World) -> None:
    room = room_of_four(world)
    world.nodes[Nation("fr")].home.revoke("denis@fr")
    world.settle(4)
    assert {m.address for m in world.agents["alice@uk"].engine.room(room).members} == set(EVERYONE) - {"denis@fr"}
    with pytest.raises(CordialeError):
        say(world, "denis@fr", room, "EXERCISE", TO_UK)
        row = world.agents["denis@fr"].engine.messages(room, "fr")[-1].row
        raise StaleEpoch(row.state) if row.state != "refused" else IllegalStep("refused")


def test_commits_at_the_same_time_are_put_in_order(world: World) -> None:
    room = room_of_four(world)
    world.enrol("elise@fr", "secret")
    world.enrol("eve@uk", "secret")
    world.agents["claire@fr"].engine.invite(room, [Address.parse("elise@fr")])
    world.agents["bob@uk"].engine.invite(room, [Address.parse("eve@uk")])
    world.settle(6)
    for address in (*EVERYONE, "elise@fr", "eve@uk"):
        assert len(world.agents[address].engine.room(room).members) == 6, address
    say(world, "eve@uk", room, "EXERCISE all six", TO_FRANCE)
    world.settle(2)
    for address in (*EVERYONE, "elise@fr", "eve@uk"):
        assert world.agents[address].texts(room)[-1] == "EXERCISE all six"


def test_a_file_arrives_byte_for_byte(world: World) -> None:
    room = room_of_four(world)
    alice, data = world.agents["alice@uk"].engine, bytes(range(256)) * 3000
    message = alice.send_file(room, "../EXERCISE.bin", data, "EXERCISE file", alice.label(TO_FRANCE))
    alice.flush()
    world.settle(3)
    for address in EVERYONE[1:]:
        assert world.agents[address].engine.file(room, message) == ("EXERCISE.bin", data)


def test_a_bundle_proves_a_message_offline_from_either_side(world: World) -> None:
    room = room_of_four(world)
    say(world, "alice@uk", room, "EXERCISE to be proved", TO_FRANCE)
    world.settle(3)
    pinned = {node.nation: node.home.root for node in world.nodes.values()}
    message = world.agents["alice@uk"].engine.messages(room, "en")[0].row.id
    for address in ("alice@uk", "claire@fr"):
        data = world.agents[address].engine.bundle(room, message)
        proven = verify_bundle(data, pinned, Moment(4_000_000_000_000))
        assert (str(proven.author), proven.message, proven.log) == ("alice@uk", message, "border/uk-fr")


def test_an_altered_byte_in_a_stored_log_is_named(world: World) -> None:
    room = room_of_four(world)
    for number in range(5):
        say(world, "alice@uk", room, f"EXERCISE {number}", TO_FRANCE)
    world.settle(2)
    node = world.nodes[Nation("fr")]
    from cordiale.wiring.switches import tamper

    index = tamper(world.directory / "fr" / "node.db", "border/uk-fr")
    with pytest.raises(ProofInvalid, match=f"entry {index}"):
        node.home.verify_log("border/uk-fr")
    assert world.nodes[Nation("uk")].home.verify_log("border/uk-fr")[0]["ok"]


def test_the_node_never_holds_plaintext_and_its_entries_carry_no_title(world: World) -> None:
    room = room_of_four(world)
    say(world, "alice@uk", room, "EXERCISE a phrase found nowhere else", TO_FRANCE)
    world.settle(2)
    for node in world.nodes.values():
        for path in (world.directory / node.nation).iterdir():
            data = path.read_bytes()
            assert b"a phrase found nowhere else" not in data
            assert b"EXERCISE Channel" not in data
        for leaf in node.leaves(f"home/{room.hex()}"):
            assert parse_entry(leaf).binding.room == room


def test_search_finds_only_what_was_read(world: World) -> None:
    room = room_of_four(world)
    say(world, "alice@uk", room, "EXERCISE lighthouse at Gris-Nez", TO_FRANCE)
    world.settle(2)
    (found,) = world.agents["claire@fr"].engine.search("lightho", "fr")
    assert found.row.text.endswith("Gris-Nez")
    assert world.agents["claire@fr"].engine.search('"NEAR( * -', "fr") == []
    assert isinstance(found.row.envelope, bytes) and len(Digest(found.row.envelope)) == 32
