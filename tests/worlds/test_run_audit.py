"""A run between two nations' agents, opened by one side and audited offline by somebody who has the two roots and the file."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from cordiale.agent.registering import Wanted
from cordiale.agent.run_log import RunLog
from cordiale.cli.main import main
from cordiale.errors import BadCertificate, BudgetSpent, IllegalStep, Malformed, ProofInvalid
from cordiale.federation.record_bundle import RecordBundle, bundle_of
from cordiale.federation.run_bundle import RUN_BUNDLE_BYTES, ProvenRun, RunBundle, verify_run_bundle
from cordiale.register.act import Key
from cordiale.register.deconfliction.audit import Opening
from cordiale.register.deconfliction.grid import packed, unpacked
from cordiale.register.deconfliction.log import Ended
from cordiale.register.deconfliction.terms import Budget
from cordiale.vocab.identifier import RoomId
from cordiale.vocab.moment import Moment
from cordiale.vocab.party import Nation
from cordiale.wire import canonical, limits
from worlds.runs import ALLOWED, begun, clock, endings, settle
from worlds.test_joint_records import DECISION
from worlds.test_two_nations import TO_FRANCE
from worlds.world import World


def roots(world: World) -> dict[Nation, bytes]:
    return {nation: node.home.root for nation, node in world.nodes.items()}


def opened(world: World, who: str, room: RoomId, run: bytes) -> bytes:
    deconflictor = world.agents[who].engine.deconflictor
    return deconflictor.opened(deconflictor.find(room, run.hex()))


def audited(world: World, data: bytes, *earlier: bytes) -> ProvenRun:
    return verify_run_bundle(data, earlier, roots(world), Moment(clock(world)))


def finished(world: World, name: bytes, **more: Any) -> tuple[RoomId, bytes]:
    room, run = begun(world, name, **more)
    settle(world)
    world.settle(3)
    assert endings(world, room, run) == ("done", "done")
    return room, run


def changed(data: bytes, change: Callable[[RunBundle], RunBundle]) -> bytes:
    return change(canonical.decode(data, RunBundle, limit=RUN_BUNDLE_BYTES)).encode()


def test_either_side_opens_what_it_compared_and_a_third_person_repeats_its_run(nations: World) -> None:
    room, run = finished(nations, b"opened")
    for who, nation in (("alice@uk", "uk"), ("claire@fr", "fr")):
        found = audited(nations, opened(nations, who, room, run))
        assert (found.nation, found.audited.logged.ended) == (nation, Ended.DONE)
        assert {*found.records} == {"uk", "fr"}
        assert found.audited.logged.terms.run == run
        assert max(size for pair in found.audited.logged.sizes for size in pair) <= found.audited.logged.terms.most
        assert found.audited.plan


def test_a_run_that_is_not_over_is_not_opened(nations: World) -> None:
    room, run = begun(nations, b"early")
    with pytest.raises(IllegalStep, match="once it is over"):
        opened(nations, "alice@uk", room, run)


def test_a_run_broken_off_is_audited_as_far_as_it_came(nations: World) -> None:
    room, run = begun(nations, b"broken")
    alice = nations.agents["alice@uk"].engine
    for _ in range(12):
        if len(alice.deconflictor.find(room, run.hex()).row.said) > 3:
            break
        for agent in nations.agents.values():
            agent.engine.drive()
        nations.settle(1)
    alice.deconflictor.stop(run)
    settle(nations)
    nations.settle(3)
    found = audited(nations, opened(nations, "alice@uk", room, run))
    assert found.audited.logged.ended is Ended.BROKEN_OFF


def test_what_differs_from_what_was_committed_said_or_recorded_is_found(nations: World) -> None:
    room, run = finished(nations, b"differs")
    data = opened(nations, "alice@uk", room, run)
    secret = Opening.decode(canonical.decode(data, RunBundle, limit=RUN_BUNDLE_BYTES).opening).secret()
    other = Opening(secret.seed, packed(unpacked(packed(secret.codes))[1:])).encode()
    with pytest.raises(ProofInvalid, match="not what the opened inputs give"):
        audited(nations, changed(data, lambda it: replace(it, opening=other)))
    with pytest.raises(ProofInvalid, match="record of uk is not what was said"):
        audited(nations, changed(data, lambda it: replace(it, statements=it.statements[:-2])))
    with pytest.raises(ProofInvalid):
        audited(nations, changed(data, lambda it: replace(it, nation=Nation("fr"))))
    with pytest.raises(ProofInvalid, match="one nation has two"):
        audited(nations, changed(data, lambda it: replace(it, records=it.records[:1] * 2)))
    with pytest.raises(Malformed):
        audited(nations, changed(data, lambda it: replace(it, records=it.records[:1])))
    with pytest.raises(BadCertificate):
        verify_run_bundle(data, (), {Nation("uk"): roots(nations)[Nation("fr")]}, Moment(clock(nations)))


def test_acts_left_out_of_a_record_do_not_pass(nations: World) -> None:
    room, run = finished(nations, b"left out")
    data = opened(nations, "claire@fr", room, run)

    def without_the_key(it: RunBundle) -> RunBundle:
        parsed = canonical.decode(it.records[1], RecordBundle, limit=limits.BUNDLE_BYTES)
        kept = [(each.act, each.crossing) for each in parsed.steps[:-1]]
        return replace(it, records=(it.records[0], bundle_of(kept)))

    with pytest.raises(ProofInvalid, match="not keyed"):
        audited(nations, changed(data, without_the_key))


def test_earlier_runs_count_against_the_budget(nations: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two agents that left the earlier run out of their count: the audit does not."""
    room, run = finished(nations, b"first")
    claire = nations.agents["claire@fr"].engine
    records = audited(nations, opened(nations, "claire@fr", room, run)).records.values()
    before = [claire.record_bundle(room, record.record.hex())[1] for record in records]
    monkeypatch.setattr(RunLog, "known", lambda self: [])
    there, later = finished(nations, b"second", budget=Budget(1, ALLOWED[1], 30))
    data = opened(nations, "alice@uk", there, later)
    assert audited(nations, data).earlier == []
    with pytest.raises(BudgetSpent, match="1 runs with"):
        audited(nations, data, *before)
    two, third = finished(nations, b"third", budget=Budget(2, ALLOWED[1], 30))
    assert [each.terms.run for each in audited(nations, opened(nations, "alice@uk", two, third), *before).earlier] == [
        run
    ]


def test_the_command_says_what_holds_and_saves_the_plan(
    nations: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    room, run = finished(nations, b"command")
    path, plan = tmp_path / "summer.run", tmp_path / "plan.csv"
    path.write_bytes(opened(nations, "alice@uk", room, run))
    options: list[str] = []
    for nation, data in roots(nations).items():
        (tmp_path / f"{nation}.der").write_bytes(data)
        options += ["--root", str(tmp_path / f"{nation}.der")]
    assert main(["deconflict", "audit", str(path), *options, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["opened"], found["ended"], found["people"]) == ("uk", "done", ["alice@uk", "claire@fr"])
    assert all(root["pinned"] for root in found["roots"].values())
    assert main(["deconflict", "audit", str(path), *options, "--cells", str(plan), "--lang", "fr"]) == 0
    shown = capsys.readouterr().out
    assert "L’audit tient" in shown or "L'audit tient" in shown
    rows = plan.read_text().splitlines()
    assert rows[0] == "cell,first_day,last_day"
    assert len(rows) == found["cells"] + 1
    path.write_bytes(path.read_bytes()[:-7])
    assert main(["deconflict", "audit", str(path), *options]) == 1
    assert "Error" in capsys.readouterr().err


def test_another_record_is_not_an_earlier_run(nations: World) -> None:
    room, run = finished(nations, b"other")
    alice = nations.agents["alice@uk"].engine
    record = alice.propose(room, "decision", DECISION, Wanted(label=alice.label(TO_FRANCE)))
    alice.act(room, record, Key())
    nations.settle(4)
    decision = alice.record_bundle(room, record.hex())[1]
    with pytest.raises(ProofInvalid, match="another record"):
        audited(nations, opened(nations, "alice@uk", room, run), decision)
