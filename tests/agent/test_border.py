"""cordiale.agent.border: what the node says of the border is computed again; whatever was altered, cut or rewritten shows."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cordiale.federation.api import BorderPage
from cordiale.ledger.merkle import leaf_hash
from cordiale.wiring import commands
from cordiale.wiring.switches import tamper
from worlds.world import Agent, World, two_nations

OUT, IN = "border/uk-fr", "border/fr-uk"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    found = two_nations(tmp_path)
    engine = found.agents["alice@uk"].engine
    given = {"title": "EXERCISE Channel", "with": ["fr"], "ceiling": "OFFICIAL-SENSITIVE REL FRA"}
    room = commands.call(engine, "room.create", given)["room"]["id"]
    commands.call(engine, "room.invite", {"room": room, "people": ["claire@fr"]})
    found.settle(2)
    for number in range(3):
        for person in ("alice@uk", "claire@fr"):
            ask(found, person, "send", room=room, text=f"EXERCISE {number}", wait_seconds=1)
        found.settle(2)
    yield found
    found.close()


def ask(world: World, person: str, method: str, **params: Any) -> dict[str, Any]:
    return commands.call(world.agents[person].engine, method, params)


def audits(world: World, person: str = "alice@uk") -> dict[str, dict[str, Any]]:
    return {each["log"]: each for each in ask(world, person, "border.verify")["logs"]}


def broken(audit: dict[str, Any]) -> list[str]:
    return [check["check"] for check in audit["checks"] if not check["ok"]]


def lie(agent: Agent, **fields: Any) -> None:
    """From now on the node answers with other pages than it has."""
    honest = agent.client.border

    def border(log: str, start: int, count: int) -> BorderPage:
        page = honest(log, start, count)
        return msgspec.structs.replace(page, **fields) if log == OUT else page

    agent.client.border = border


def test_what_was_signed_holds_on_both_sides(world: World) -> None:
    for person in ("alice@uk", "claire@fr"):
        found = audits(world, person)
        assert set(found) == {OUT, IN}
        assert all(each["ok"] and each["entry"] is None and each["own"] >= 3 for each in found.values())
        assert [check["check"] for check in found[OUT]["checks"]] == ["signed", "entries", "whole", "confirmed"]
    again = audits(world)
    assert "grew" in [check["check"] for check in again[OUT]["checks"]]


def test_an_altered_byte_is_named_and_only_where_it_is(world: World) -> None:
    entry = tamper(world.directory / "uk" / "node.db", OUT)
    found = audits(world)
    assert not found[OUT]["ok"]
    assert found[OUT]["entry"] == entry
    assert broken(found[OUT]) == ["entries"]
    assert found[IN]["ok"]
    assert audits(world, "claire@fr")[OUT]["ok"], "the other nation's copy is whole"


def test_an_entry_and_its_hash_altered_together_show_in_the_root(world: World) -> None:
    alice = world.agents["alice@uk"]
    page = alice.client.border(OUT, 0, 500)
    forged = bytes([page.leaves[2][0]]) + page.leaves[2][1:-1] + bytes([page.leaves[2][-1] ^ 1])
    leaves = (*page.leaves[:2], forged, *page.leaves[3:])
    lie(alice, leaves=leaves, hashes=(*page.hashes[:2], leaf_hash(forged), *page.hashes[3:]))
    found = audits(world)[OUT]
    assert {"whole", "confirmed"} <= set(broken(found))
    assert found["entry"] == 2


def test_a_node_that_hides_an_entry_is_found(world: World) -> None:
    alice = world.agents["alice@uk"]
    page = alice.client.border(OUT, 0, 500)
    lie(alice, hashes=page.hashes[:1] + page.hashes[2:])
    assert "whole" in broken(audits(world)[OUT]) or "entries" in broken(audits(world)[OUT])


def test_a_log_that_became_shorter_is_found(world: World) -> None:
    alice = world.agents["alice@uk"]
    old = alice.client.border(OUT, 0, 500)
    room = ask(world, "alice@uk", "room.list")["rooms"][0]["id"]
    ask(world, "alice@uk", "send", room=room, text="EXERCISE: later", wait_seconds=1)
    world.settle(2)
    assert audits(world)[OUT]["ok"]
    lie(alice, checkpoint=old.checkpoint, cosigned=old.cosigned, hashes=old.hashes, leaves=old.leaves)
    assert broken(audits(world)[OUT]) == ["grew"]


def test_a_checkpoint_of_somebody_else_is_no_checkpoint(world: World) -> None:
    alice = world.agents["alice@uk"]
    other = alice.client.border(IN, 0, 1).checkpoint
    lie(alice, checkpoint=other)
    assert broken(audits(world)[OUT]) == ["signed"]


def test_pages_go_on_where_they_ended_and_miss_nothing(world: World) -> None:
    whole = ask(world, "alice@uk", "border.crossings", limit=500)
    assert whole["before"] == {}
    pieces: list[dict[str, Any]] = []
    before: dict[str, int] = {}
    while True:
        page = ask(world, "alice@uk", "border.crossings", limit=2, before=before)
        pieces += page["crossings"]
        before = page["before"]
        if not before:
            break
    places = [(each["log"], each["index"]) for each in pieces]
    assert sorted(places) == sorted((each["log"], each["index"]) for each in whole["crossings"])
    assert len(set(places)) == len(places) >= 8
    times = [each["released"] for each in whole["crossings"]]
    assert times == sorted(times, reverse=True)


def test_a_crossing_says_its_rule_and_marking_and_nothing_that_was_written(world: World) -> None:
    found = ask(world, "claire@fr", "border.crossings", kind="message", direction="in", language="fr")["crossings"]
    assert len(found) == 3
    assert {each["rule"] for each in found} == {"uk-releasable"}
    assert all("DIFFUSION RESTREINTE" in each["marking"]["text"] for each in found)
    assert all(each["confirmed"] and not each["refused"] for each in found)
    assert "EXERCISE 1" not in str(found)
    assert ask(world, "claire@fr", "border.crossings", rule="nothing-like-it")["crossings"] == []
    assert ask(world, "claire@fr", "border.crossings", refused=True)["crossings"] == []


def test_ones_own_refusals_are_ones_own(world: World) -> None:
    room = ask(world, "alice@uk", "room.list")["rooms"][0]["id"]
    given = {"room": room, "label": "OFFICIAL UK EYES ONLY", "precheck": False, "wait_seconds": 1}
    ask(world, "alice@uk", "send", text="EXERCISE: stays", **given)
    (refused,) = ask(world, "alice@uk", "border.refused")["refused"]
    assert refused["rule"]
    assert "EXERCISE: stays" not in str(refused)
    assert ask(world, "claire@fr", "border.refused")["refused"] == []


def test_both_sides_have_the_same_words_and_remember_comparing(world: World) -> None:
    (mine,), (theirs,) = (ask(world, who, "border.words")["links"] for who in ("alice@uk", "claire@fr"))
    assert mine["words"] == theirs["words"]
    assert len(mine["words"]) == 6
    assert mine["compared"] is None
    assert not ask(world, "alice@uk", "begun")["compared"]
    assert ask(world, "alice@uk", "border.compared", nation="fr")["compared"]
    assert ask(world, "alice@uk", "border.words")["links"][0]["compared"]
    begun = ask(world, "alice@uk", "begun")
    assert begun == {"compared": True, "sent": True, "keyed": False, "desk": False}
    assert ask(world, "alice@uk", "begun.desk")["desk"]
    assert ask(world, "alice@uk", "begun")["desk"]
