"""The table, exhaustively: every phase against every message, and every order in which two sides can go through a run."""

from collections import deque

import pytest
from msgspec.structs import replace
from tests.register.deconfliction.pair import FR, KEYS, TWO_PASSES, UK, Pair, codes, terms

from cordiale.errors import IllegalStep, ProtocolViolation
from cordiale.register.deconfliction import message
from cordiale.register.deconfliction.message import Word
from cordiale.register.deconfliction.phase import HEARS, SENDS, TRANSITIONS, Phase, Step, due, hearing, sending
from cordiale.register.deconfliction.seat import Seat
from cordiale.vocab.party import Nation

PLANS = (codes(20_000, 1 << 20 | 20_000, 900 << 20 | 20_000), codes(20_000, 2 << 20 | 20_000))
ENDS = {Phase.DONE, Phase.ENDED}

State = tuple[Seat, Seat, tuple[bytes, ...], tuple[bytes, ...]]
"""Both seats, and what is under way to each."""


def key(state: State) -> tuple[object, ...]:
    uk, fr, to_uk, to_fr = state
    return (uk.run.phase, uk.run.turn, fr.run.phase, fr.run.turn, len(to_uk), len(to_fr))


def following(state: State) -> list[State]:
    """Everything that can happen next: a side sends what is due, or takes in the oldest message on its way."""
    uk, fr, to_uk, to_fr = state
    found: list[State] = []
    if uk.is_due:
        sent, data, _ = uk.send()
        found.append((sent, fr, to_uk, (*to_fr, data)))
    if fr.is_due:
        sent, data, _ = fr.send()
        found.append((uk, sent, (*to_uk, data), to_fr))
    if to_uk:
        found.append((uk.receive(to_uk[0])[0], fr, to_uk[1:], to_fr))
    if to_fr:
        found.append((uk, fr.receive(to_fr[0])[0], to_uk, to_fr[1:]))
    return found


@pytest.fixture(scope="module")
def explored() -> dict[tuple[object, ...], State]:
    """Every state that two honest sides can reach together, from the accepted invitation on."""
    pair = Pair(terms(TWO_PASSES), *PLANS)
    start: State = (pair.seats[UK], pair.seats[FR], (), ())
    found, waiting = {key(start): start}, deque([start])
    while waiting:
        for state in following(waiting.popleft()):
            if key(state) not in found:
                found[key(state)] = state
                waiting.append(state)
    return found


def snapshots(explored: dict[tuple[object, ...], State], nation: Nation) -> dict[tuple[Phase, int], Seat]:
    return {(seat.run.phase, seat.run.turn): seat for state in explored.values() for seat in [state[nation == FR]]}


def test_every_order_ends_well_and_the_same(explored: dict[tuple[object, ...], State]) -> None:
    stuck = [state for state in explored.values() if not following(state)]
    assert {(uk.run.phase, fr.run.phase) for uk, fr, _, _ in stuck} == {(Phase.DONE, Phase.DONE)}
    assert {uk.logged().encode() for uk, _, _, _ in stuck} == {fr.logged().encode() for _, fr, _, _ in stuck}
    assert [spot.day for spot in stuck[0][0].run.meetings] == [19_997]


def test_every_phase_is_reached_but_the_momentary_one(explored: dict[tuple[object, ...], State]) -> None:
    pair = Pair(terms(TWO_PASSES), *PLANS)
    seen = {phase for nation in (UK, FR) for phase, _ in snapshots(explored, nation)}
    seen |= {Phase.INVITING, Phase.ASKED, pair.seats[UK].end(message.Why.BROKEN_OFF)[0].run.phase}
    assert seen == set(Phase) - {Phase.TALLY}


def samples(explored: dict[tuple[object, ...], State], turn: int) -> dict[Word, bytes]:
    """One good message of each kind from France, of this pass where it belongs to one."""
    done = next(state for state in explored.values() if state[1].run.phase is Phase.DONE)[1]
    found: dict[Word, bytes] = {}
    for said in done.said:
        parsed = message.peek(said.statement)[1]
        if said.nation == FR and getattr(parsed, "turn", turn) == turn:
            found[message.WORDS[type(parsed)]] = said.statement
    digest = done.run.terms.digest()
    invitation = message.Invite(
        replace(done.run.terms, initiator=FR, responder=UK, people=done.run.terms.people[::-1]), digest
    )
    found[Word.INVITE] = message.seal(KEYS[FR], invitation)
    found[Word.END] = message.seal(KEYS[FR], message.End(digest, message.Why.BROKEN_OFF))
    assert set(found) == set(Word)
    return found


def test_what_is_heard_is_taken_where_the_table_has_it_and_nowhere_else(
    explored: dict[tuple[object, ...], State],
) -> None:
    seats = snapshots(explored, UK)
    judged = 0
    for (phase, turn), seat in seats.items():
        for word, data in samples(explored, min(turn, 1)).items():
            before = seat.run
            if HEARS[word] in TRANSITIONS[phase]:
                after, _ = seat.receive(data)
                expected = TRANSITIONS[phase][HEARS[word]]
                assert after.run.phase in ({expected} if expected is not Phase.TALLY else {Phase.BLIND, Phase.CLOSE})
            else:
                with pytest.raises(ProtocolViolation):
                    seat.receive(data)
            assert seat.run is before
            judged += 1
    assert judged == len(seats) * len(Word) >= 13 * 6


def test_what_is_not_due_is_not_sent(explored: dict[tuple[object, ...], State]) -> None:
    for (phase, _), seat in snapshots(explored, UK).items():
        assert seat.is_due == (due(phase) is not None)
        if due(phase) is None:
            with pytest.raises(IllegalStep):
                seat.send()
        if SENDS[Word.END] not in TRANSITIONS[phase]:
            with pytest.raises(IllegalStep):
                seat.end(message.Why.BROKEN_OFF)


# --- the table itself ---------------------------------------------------------------------------------------------


def test_the_table_is_whole() -> None:
    assert set(TRANSITIONS) == set(Phase)
    targets = {after for steps in TRANSITIONS.values() for after in steps.values()}
    assert targets | {Phase.INVITING, Phase.ASKED} == set(Phase)
    assert {phase for phase in Phase if not TRANSITIONS[phase]} == ENDS
    for phase in Phase:
        for word in Word:
            if SENDS[word] in TRANSITIONS[phase]:
                assert sending(phase, word) is TRANSITIONS[phase][SENDS[word]]
            else:
                with pytest.raises(IllegalStep):
                    sending(phase, word)
            if HEARS[word] in TRANSITIONS[phase]:
                assert hearing(phase, word) is TRANSITIONS[phase][HEARS[word]]
            else:
                with pytest.raises(ProtocolViolation):
                    hearing(phase, word)


def paths(phase: Phase, seen: tuple[Step, ...] = ()) -> list[tuple[Step, ...]]:
    """Every way through the table with at most one finer pass."""
    if not TRANSITIONS[phase]:
        return [seen]
    steps = [step for step in TRANSITIONS[phase] if not (step is Step.AGAIN and step in seen)]
    return [path for step in steps for path in paths(TRANSITIONS[phase][step], (*seen, step))]


@pytest.mark.parametrize("start", [Phase.INVITING, Phase.ASKED])
def test_no_way_through_the_table_reveals_before_the_other_has_committed(start: Phase) -> None:
    """Points only after both commitments, tags only after both lists, in every pass; an outcome only after the tags."""
    found = paths(start)
    assert len(found) > 50
    agreed = {Phase.INVITING: Step.HEAR_ACCEPT, Phase.ASKED: Step.SEND_ACCEPT}[start]
    for path in found:
        for at, step in enumerate(path):
            before, turns = path[:at], path[:at].count(Step.AGAIN)
            if step is Step.SEND_BLINDED:
                assert agreed in before
            if step is Step.SEND_DOUBLED:
                assert before.count(Step.HEAR_BLINDED) == before.count(Step.SEND_BLINDED) == turns + 1
            if step is Step.SEND_OUTCOME:
                assert before.count(Step.HEAR_DOUBLED) == before.count(Step.SEND_DOUBLED) == turns + 1
