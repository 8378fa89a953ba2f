"""Replication converges: drop, repeat, delay, reorder and restart what you like, everyone reads the same, once."""

import gc
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from cordiale.errors import LocalMisuse, PeerViolation
from cordiale.federation.envelope import parse_entry
from cordiale.labels import binding as kinds
from cordiale.vocab.party import Nation
from cordiale.wiring.nation import NationHome
from forge.scene import PEOPLE, Scene, staged
from worlds.world import NodeSim

chances = st.sampled_from([0.0, 0.3, 0.7])
writes = st.tuples(st.just("write"), st.sampled_from(PEOPLE))
nodes = st.sampled_from(["uk", "fr"])
acts = st.one_of(
    writes,
    writes,
    st.tuples(st.sampled_from(["pull", "restart", "off", "on"]), nodes),
    st.tuples(st.sampled_from(["sync", "reopen"]), st.sampled_from(PEOPLE)),
)


def _restart(scene: Scene, nation: str) -> None:
    """The node's process ends and starts again on its files."""
    node = scene.node(nation)
    node.store.close()
    home = NationHome.open(node.home.directory)
    again = NodeSim(home, home.store(), scene.world, up=node.up)
    scene.world.nodes[Nation(nation)] = again
    for agent in scene.world.agents.values():
        if agent.client._node is node:
            agent.client._node = again


def _act(scene: Scene, act: tuple[str, str], number: int) -> str | None:
    kind, who = act
    engine = scene.world.agents[who].engine if "@" in who else None
    if kind == "write" and engine is not None:
        text = f"EXERCISE {number} {who}"
        engine.send_text(scene.room, text, engine.label("OFFICIAL-SENSITIVE REL FRA" if "uk" in who else "DR REL GBR"))
        if engine and scene.node(who.partition("@")[2]).up:
            engine.flush()
        return text
    if kind == "pull" and scene.node(who).up:
        scene.node(who).replicate(scene.node("fr" if who == "uk" else "uk"))
    elif kind == "restart":
        _restart(scene, who)
    elif kind in ("off", "on"):
        scene.node(who).up = kind == "on"
    elif kind == "sync" and engine is not None and scene.node(who.partition("@")[2]).up:
        engine.sync()
    elif kind == "reopen":
        up, scene.node(who.partition("@")[2]).up = scene.node(who.partition("@")[2]).up, True
        scene.restart(who)
        scene.node(who.partition("@")[2]).up = up
    return None


@settings(max_examples=14)
@given(
    script=st.lists(acts, min_size=4, max_size=16),
    faults=st.tuples(chances, chances, chances),
    seed=st.integers(0, 2**16),
)
def test_everyone_ends_with_the_same_texts_in_the_same_order_each_once(
    script: list[tuple[str, str]], faults: tuple[float, float, float], seed: int
) -> None:
    with staged() as scene:
        world = scene.world
        world.random = Random(seed)
        world.drop, world.repeat, world.delay = faults
        written = [text for number, act in enumerate(script) if (text := _act(scene, act, number))]
        for node in world.nodes.values():
            node.up = True
        scene.settle(2)
        world.drop = world.repeat = world.delay = 0.0
        scene.settle(4)
        _converged(scene, written)
        _logs_agree(scene)
        assert all(isinstance(error, PeerViolation | LocalMisuse) for error in world.refused)
    gc.collect()


def _converged(scene: Scene, written: list[str]) -> None:
    orders = {reader: scene.texts(reader) for reader in PEOPLE}
    assert sorted(orders["alice@uk"]) == sorted(written)
    assert len({tuple(order) for order in orders.values()}) == 1, orders
    for who in PEOPLE:
        mine = [text for text in orders[who] if text.endswith(who)]
        assert mine == [text for text in written if text.endswith(who)]


def _logs_agree(scene: Scene) -> None:
    for log in ("border/uk-fr", "border/fr-uk"):
        assert scene.node("uk").leaves(log) == scene.node("fr").leaves(log)
    letters = {}
    for nation, node in scene.world.nodes.items():
        entries = [parse_entry(leaf) for leaf in node.leaves(f"home/{scene.room.hex()}")]
        letters[nation] = {entry.digest for entry in entries if entry.binding.kind == kinds.APPLICATION}
        assert len(letters[nation]) == sum(entry.binding.kind == kinds.APPLICATION for entry in entries)
        assert all(found["ok"] for found in node.home.verify_log(None))
    assert letters[Nation("uk")] == letters[Nation("fr")]
