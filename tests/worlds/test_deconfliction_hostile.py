"""Private deconfliction with somebody hostile: a counterpart's agent, or others in the room."""

from typing import Any

import pytest
from msgspec.structs import replace

from cordiale.agent import content as contents
from cordiale.agent import run_driver, runs
from cordiale.agent.outbox import enqueue
from cordiale.agent.run_log import RunLog
from cordiale.agent.workspace import Workspace
from cordiale.crypto.signing import SigningKey
from cordiale.errors import ProofInvalid, Unavailable
from cordiale.register.deconfliction import blinding, message
from cordiale.register.deconfliction.audit import Opening, audit
from cordiale.register.deconfliction.blinding import OwnList
from cordiale.register.deconfliction.grid import unpacked
from cordiale.register.deconfliction.plan import planned
from cordiale.register.deconfliction.run import Secret
from cordiale.register.deconfliction.seat import Said
from cordiale.register.deconfliction.terms import Terms
from cordiale.vocab.identifier import RoomId
from cordiale.vocab.party import Nation
from worlds.runs import (
    activity,
    begun,
    endings,
    logs,
    row,
    settle,
    terms,
)
from worlds.test_two_nations import TO_FRANCE, TO_UK, room_of_four
from worlds.world import World


def signed(said: message.Message, world: World) -> bytes:
    key: SigningKey = world.agents["claire@fr"].engine.own.key
    return message.seal(key, said)


def lying(world: World, monkeypatch: pytest.MonkeyPatch, change: Any) -> None:
    """Claire's agent sends something else than it has made, where `change` says so."""
    whole = runs.keep_own

    def altered(work: Workspace, run: bytes, statement: bytes) -> Any:
        mine = work.own.nation == "fr"
        return whole(work, run, change(statement, work) if mine else statement)

    monkeypatch.setattr(run_driver.runs, "keep_own", altered)


def disputed(world: World, room: RoomId, run: bytes) -> str:
    """The UK's agent disputes, both log that the run did not end well, the UK has no result; why."""
    for _ in range(25):
        for agent in world.agents.values():
            try:
                agent.engine.drive()
            except Unavailable:  # the liar waits
                continue
        world.settle(1)
    found = row(world, "alice@uk", room, run)
    assert (found.ended, found.reached) == ("disputed", -1)
    assert ("uk", "disputed", "binding") in {
        (each["owner"], each["ended"], each["status"]) for each in logs(world, "denis@fr", room)
    }
    return found.rule


def test_an_altered_statement_is_disputed(nations: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def altered(statement: bytes, _: Workspace) -> bytes:
        if not isinstance(message.peek(statement)[1], message.Blinded):
            return statement
        return statement[:200] + bytes((statement[200] ^ 1,)) + statement[201:]

    room, run = begun(nations, b"altered")
    lying(nations, monkeypatch, altered)
    assert disputed(nations, room, run) in ("bad-signature", "malformed")


@pytest.mark.parametrize(
    ("name", "elements", "rule"),
    [
        ("low order", bytes(32) + bytes([1] + [0] * 31), "malformed"),
        ("too many", b"".join(n.to_bytes(32, "big") for n in range(2, 2050)), "limit-exceeded"),
        ("not sorted", b"".join(n.to_bytes(32, "big") for n in range(70, 6, -1)), "malformed"),
    ],
    ids=["low order", "too many", "not sorted"],
)
def test_a_signed_list_that_no_honest_side_sends_is_disputed(
    name: str, elements: bytes, rule: str, nations: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other(statement: bytes, _: Workspace) -> bytes:
        _, said = message.peek(statement)
        return signed(replace(said, elements=elements), nations) if isinstance(said, message.Blinded) else statement

    room, run = begun(nations, name.encode())
    lying(nations, monkeypatch, other)
    assert disputed(nations, room, run) == rule


def test_tags_dealt_out_again_are_disputed_at_a_dummy_or_the_outcome(
    nations: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Claire claims that everything meets, by sending back the tags that she was given."""
    room, run = begun(nations, b"claims")

    def claimed(statement: bytes, work: Workspace) -> bytes:
        _, said = message.peek(statement)
        if not isinstance(said, message.Doubled):
            return statement
        kept = runs.load(work.state, run)
        heard = [message.peek(runs.statement(work.state, each.statement))[1] for each in kept.said] if kept else []
        given = [each.tags for each in heard if isinstance(each, message.Doubled)]
        if not given:
            raise Unavailable("waits for the tags that she is going to deal out")
        return signed(replace(said, tags=given[0]), nations)

    lying(nations, monkeypatch, claimed)
    assert disputed(nations, room, run) == "deconfliction 4"


def test_a_list_from_a_side_that_has_not_logged_the_run_is_not_answered(
    nations: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, run = begun(nations, b"unlogged")
    honest = RunLog.begin

    def begin(self: RunLog, given: runs.RunRow, seat: Any) -> None:
        if given.nation == "uk":
            honest(self, given, seat)

    monkeypatch.setattr(RunLog, "begin", begin)
    assert disputed(nations, room, run) == "deconfliction 6"
    with nations.agents["claire@fr"].store.read() as state:
        heard = [
            message.peek(runs.statement(state, each.statement))[1] for each in row(nations, "claire@fr", room, run).said
        ]
    assert not any(isinstance(each, message.Doubled) for each in heard)


def test_other_inputs_in_a_finer_pass_succeed_here_and_fail_the_audit(
    nations: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Claire commits to one plan and asks about another in the second pass: nothing shows it before she opens her inputs."""
    room, run = begun(nations, b"changes")
    whole = blinding.blinded

    def other(agreed: Terms, turn: int, seed: bytes, codes: Any) -> OwnList:
        if turn and seed == row(nations, "claire@fr", room, run).seed:
            codes = codes[: len(codes) // 2]
        return whole(agreed, turn, seed, codes)

    monkeypatch.setattr(blinding, "blinded", other)
    settle(nations)
    monkeypatch.setattr(blinding, "blinded", whole)
    assert endings(nations, room, run) == ("done", "done")
    people = {Nation("uk"): "alice@uk", Nation("fr"): "claire@fr"}
    keys = {nation: nations.agents[who].engine.own.key.public for nation, who in people.items()}
    for who, honest in (("alice@uk", True), ("claire@fr", False)):
        kept = row(nations, who, room, run)
        with nations.agents[who].store.read() as state:
            codes = unpacked(runs.inputs(state, run)[1])
        with nations.agents["alice@uk"].store.read() as state:
            said = [
                Said(Nation(each.nation), runs.statement(state, each.statement))
                for each in row(nations, "alice@uk", room, run).said
            ]
        opening = Opening.of(Secret(kept.seed, codes))
        if honest:
            assert audit(said, keys, Nation(kept.nation), opening)
        else:
            with pytest.raises(ProofInvalid):
                audit(said, keys, Nation(kept.nation), opening)


def test_whoever_puts_all_cells_into_a_list_learns_all_within_the_cap_and_the_size_shows_it(nations: World) -> None:
    """What the mathematics cannot prevent: the cap, the budget and the size class are what there is against it."""
    everywhere = planned([activity(f"{at}", -12.0 + at, 0, 60) for at in range(10)])
    room, run = begun(nations, b"enumerates", fr=everywhere, most=16_384)
    settle(nations)
    found = row(nations, "alice@uk", room, run)
    assert found.ended == "done"
    assert found.sizes[0][1] > found.sizes[0][0]
    claire = nations.agents["claire@fr"].engine.deconflictor
    assert len(claire.result(claire.find(room, run.hex())).meetings) == found.met[-1] > 0


def test_what_others_in_the_room_send_about_a_run_is_nobodys_business(nations: World) -> None:
    """Members without a part, own and foreign, repeat and forge statements: nothing of it is kept, and the run ends well."""
    room, run = begun(nations, b"meddled")
    nations.agents["claire@fr"].engine.drive()
    nations.settle(2)
    with nations.agents["alice@uk"].store.read() as state:
        invitation = runs.statement(state, row(nations, "alice@uk", room, run).said[0].statement)
    for who, label in (("bob@uk", TO_FRANCE), ("denis@fr", TO_UK)):
        engine = nations.agents[who].engine
        for data in (invitation, b"nothing", bytes(600_000)):
            with engine._unit() as work:  # pyright: ignore[reportPrivateUsage]
                enqueue(work, room, engine.label(label), contents.statement_parts(run, data))
    settle(nations)
    assert endings(nations, room, run) == ("done", "done")
    for who in ("bob@uk", "denis@fr"):
        assert nations.agents[who].engine.deconflictor.views(room) == []


def test_a_counterpart_can_fill_so_much_and_no_more(nations: World) -> None:
    """Statements begun and never finished: so many are kept, and a run that is over keeps none."""
    room, run = begun(nations, b"flood")
    claire = nations.agents["claire@fr"].engine
    for at in range(2 * runs.STATEMENTS):
        with claire._unit() as work:  # pyright: ignore[reportPrivateUsage]
            enqueue(work, room, claire.label(TO_UK), contents.statement_parts(run, bytes([at]) * 300_000)[:1])
    claire.flush()
    settle(nations)
    with nations.agents["alice@uk"].store.read() as state:
        kept = [at for at in range(2 * runs.STATEMENTS) if state.parts(_key(run, bytes([at]) * 300_000))]
    assert len(kept) <= runs.STATEMENTS
    assert row(nations, "alice@uk", room, run).begun <= runs.STATEMENTS


def _key(run: bytes, statement: bytes) -> bytes:
    return contents.file_key("claire@fr", contents.statement_parts(run, statement)[0].digest)


def test_an_invitation_for_another_room_or_in_anothers_name_is_not_kept(nations: World) -> None:
    room, elsewhere = room_of_four(nations), room_of_four(nations)
    bob = nations.agents["bob@uk"].engine
    for agreed in (terms(nations, elsewhere, b"other room"), terms(nations, room, b"other name")):
        data = message.seal(bob.own.key, message.Invite(agreed, agreed.digest()))
        with bob._unit() as work:  # pyright: ignore[reportPrivateUsage]
            enqueue(work, room, bob.label(TO_FRANCE), contents.statement_parts(agreed.run, data))
    settle(nations)
    claire = nations.agents["claire@fr"].engine
    assert claire.deconflictor.views(room) == claire.deconflictor.views(elsewhere) == []
    assert any("deconfliction" in alarm for alarm in claire.status().alarms)
