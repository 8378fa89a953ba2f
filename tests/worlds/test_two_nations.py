"""The main job without sockets: two nations exchange labelled messages, and nothing else gets through."""

from cordiale.vocab.party import Address, Nation
from worlds.world import World


def room_of_four(world: World):
    alice = world.agents["alice@uk"].engine
    room = alice.create_room("EXERCISE Channel", {Nation("fr")}, alice.label("OFFICIAL-SENSITIVE REL FRA"))
    world.settle()
    alice.invite(room, [Address.parse(a) for a in ("bob@uk", "claire@fr", "denis@fr")])
    world.settle()
    return room


def test_a_message_crosses_and_is_read_in_the_readers_scheme(world: World) -> None:
    room = room_of_four(world)
    alice = world.agents["alice@uk"].engine
    alice.send_text(room, "EXERCISE: dear colleagues", alice.label("OFFICIAL-SENSITIVE REL FRA"))
    world.settle()
    for address in ("claire@fr", "denis@fr"):
        (view,) = world.agents[address].engine.messages(room, "fr")
        assert view.row.text == "EXERCISE: dear colleagues"
        assert "DIFFUSION RESTREINTE" in view.marking.text
        assert "OFFICIAL-SENSITIVE" in view.marking.original
