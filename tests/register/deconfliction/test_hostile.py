"""A dishonest counterpart: what is refused at once, what the outcome shows, what only the audit shows."""

import os
from collections.abc import Callable

import pytest
from msgspec.structs import replace
from tests.register.deconfliction.pair import FR, KEYS, PUBLIC, TWO_PASSES, UK, Pair, admitted, codes, terms

from cordiale.crypto.curve25519 import PRIME, on_curve
from cordiale.errors import (
    BadSignature,
    CordialeError,
    IllegalStep,
    LimitExceeded,
    Malformed,
    ProofInvalid,
    ProtocolViolation,
)
from cordiale.register.deconfliction import message
from cordiale.register.deconfliction import seat as seats
from cordiale.register.deconfliction.audit import Opening, audit
from cordiale.register.deconfliction.blinding import LOW_ORDER, TAG_BYTES, check_elements, parts, result
from cordiale.register.deconfliction.grid import Codes, spell
from cordiale.register.deconfliction.log import Ended
from cordiale.register.deconfliction.message import Blinded, Doubled, Message, Outcome, Why
from cordiale.register.deconfliction.run import Secret
from cordiale.register.deconfliction.terms import ELEMENTS
from cordiale.vocab.identifier import Digest
from cordiale.vocab.party import Nation
from cordiale.wire import canonical

SHARED, UK_PLAN, FR_PLAN = codes(5, 6), codes(1, 2, 5, 6), codes(5, 6, 8, 9)


def accepted(run: bytes = b"run 1".ljust(16, b".")) -> Pair:
    """A run in which both have committed and nobody has sent a list."""
    found = Pair(terms(run=run), UK_PLAN, FR_PLAN)
    found.step(FR)
    return found


@pytest.fixture
def pair() -> Pair:
    return accepted()


def changing(change: Callable[[Message], Message]) -> Callable[[bytes], bytes]:
    """France's message, changed and signed again: what a dishonest holder of the key can do."""
    return lambda data: message.seal(KEYS[FR], change(message.peek(data)[1]))


def forged(pair: Pair, change: Callable[[Message], Message]) -> None:
    pair.step(FR, changing(change))


def refused(pair: Pair, kind: type[CordialeError], change: Callable[[Message], Message], words: str = "pass") -> None:
    """France's next message, changed, is refused and changes nothing; unchanged it is still taken."""
    before = pair.seats[UK]
    honest = pair.seats[FR]
    with pytest.raises(kind, match=words):
        forged(pair, change)
    assert pair.seats[UK] is before
    pair.seats[FR] = honest
    pair.step(FR)


def listing(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[Message], Message]:
    """A blinded list with other elements."""

    def changed(said: Message) -> Message:
        assert isinstance(said, Blinded)
        return replace(said, elements=b"".join(change(parts(said.elements, 32))))

    return changed


def tagging(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[Message], Message]:
    """Other tags."""

    def changed(said: Message) -> Message:
        assert isinstance(said, Doubled)
        return replace(said, tags=b"".join(change(parts(said.tags, TAG_BYTES))))

    return changed


def lies(nation: str, pair: Pair, *, opened: Secret | None = None, what: str = " of ") -> None:
    """The audit of `nation` fails, with this opening and on both sides' records of the run."""
    audited = FR if nation == FR else UK
    for seen in (UK, FR):
        with pytest.raises(ProofInvalid, match=what):
            audit(pair.seats[seen].said, PUBLIC, audited, Opening.of(opened or pair.secrets[audited]))


# --- refused when it arrives --------------------------------------------------------------------------------------


@pytest.mark.parametrize("point", sorted(LOW_ORDER))
def test_points_of_low_order(pair: Pair, point: bytes) -> None:
    refused(pair, Malformed, listing(lambda each: sorted([point, *each[1:]])), "low order")


def test_the_list_of_low_order_is_the_librarys() -> None:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

    assert len(LOW_ORDER) == 5
    for point in LOW_ORDER:
        with pytest.raises(ValueError, match="shared key"):
            X25519PrivateKey.generate().exchange(X25519PublicKey.from_public_bytes(point))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda each: each[:-1], "size class"),
        (lambda each: [*each, b"\xee" * 31 + b"\x00"], "size class"),
        (lambda each: [], "size class"),
        (lambda each: [*each[:-1], each[-1][:-1]], "size class"),
        (lambda each: [each[1], each[0], *each[2:]], "ascending"),
        (lambda each: [each[0], each[0], *each[2:]], "ascending"),
        (lambda each: [*each[:-1], b"\xff" * 32], "reduced"),
        (lambda each: [*each[:-1], b"\xff" * 31 + b"\x7f"], "reduced"),
    ],
)
def test_lists_that_no_honest_side_sends(pair: Pair, change: Callable[[list[bytes]], list[bytes]], words: str) -> None:
    refused(pair, Malformed, listing(change), words)


def test_a_list_over_the_cap(pair: Pair) -> None:
    more = sorted(os.urandom(31) + b"\x00" for _ in range(272))
    refused(pair, LimitExceeded, listing(lambda each: more), "272")


def test_coordinates_up_to_the_prime_are_told_apart() -> None:
    points = [(1000 + n).to_bytes(32, "big")[::-1] for n in range(63)]
    last = PRIME - 2
    good = sorted([*points, last.to_bytes(32, "little")])
    check_elements(b"".join(good), ELEMENTS)
    with pytest.raises(Malformed, match="reduced"):
        check_elements(b"".join(sorted([*points, PRIME.to_bytes(32, "little")])), ELEMENTS)


def test_an_echo_of_the_own_elements(pair: Pair) -> None:
    """Returned elements would make everything seem to meet, dummies included."""
    pair.step(UK)
    echo = parts(pair.seats[UK].run.now.own.elements, 32)  # type: ignore[union-attr]
    refused(pair, ProtocolViolation, listing(lambda each: echo), "own list")
    again = accepted()
    again.step(UK)
    refused(again, ProtocolViolation, listing(lambda each: sorted([echo[7], *each[1:]])), "own list")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda each: each[:-1], "one tag"),
        (lambda each: [*each, bytes(TAG_BYTES)], "one tag"),
        (lambda each: [*each[:-1], each[0]], "repeated"),
    ],
)
def test_tags_that_no_honest_side_sends(pair: Pair, change: Callable[[list[bytes]], list[bytes]], words: str) -> None:
    pair.until(UK, "double-sent")
    refused(pair, Malformed, tagging(change), words)


def test_another_pass(pair: Pair) -> None:
    refused(pair, ProtocolViolation, lambda said: replace(said, turn=1), "pass 2")
    refused(accepted(), LimitExceeded, lambda said: replace(said, turn=4))
    refused(accepted(), LimitExceeded, lambda said: replace(said, turn=-1))


def test_a_message_of_another_run(pair: Pair) -> None:
    """Replayed from a run on other terms, signed by the right person: refused in every phase."""
    other = accepted(b"run 0".ljust(16, b"."))
    other.run()
    replayed = [said.statement for said in other.seats[UK].said if said.nation == FR]
    assert len(replayed) == 4
    while pair.seats[UK].run.phase != "done":
        for data in replayed:
            with pytest.raises(ProtocolViolation):
                pair.seats[UK].receive(data)
        pair.step(UK if pair.seats[UK].is_due else FR)


def test_a_repeated_message() -> None:
    """Every message of France's, once more after it was taken."""
    pair = Pair(terms(), UK_PLAN, FR_PLAN)
    taken = 0
    while pair.seats[UK].run.phase != "done" or pair.seats[FR].is_due:
        pair.step(FR if pair.seats[FR].is_due else UK)
        for said in pair.seats[UK].said:
            if said.nation == FR:
                with pytest.raises(ProtocolViolation):
                    pair.seats[UK].receive(said.statement)
                taken += 1
    assert taken > 4


def test_another_signer_and_altered_bytes(pair: Pair) -> None:
    stranger = seats.SigningKey.generate()
    before = pair.seats[FR]
    with pytest.raises(BadSignature):
        pair.step(FR, lambda data: message.seal(stranger, message.peek(data)[1]))
    pair.seats[FR] = before
    _, data, _ = before.send()
    for at in range(0, len(data), 7):
        spoilt = data[:at] + bytes((data[at] ^ 1,)) + data[at + 1 :]
        with pytest.raises(CordialeError):
            pair.seats[UK].receive(spoilt)


def test_an_invitation_to_somebody_else(pair: Pair) -> None:
    with pytest.raises(ProtocolViolation):
        seats.asked(pair.wire[0], UK, KEYS[UK], PUBLIC[UK])
    with pytest.raises(ProtocolViolation):
        seats.asked(pair.wire[1], FR, KEYS[FR], PUBLIC[FR])


def test_terms_other_than_those_asked() -> None:
    asked = seats.asked(Pair(terms(), SHARED, SHARED).wire[0], FR, KEYS[FR], PUBLIC[UK])
    with pytest.raises(IllegalStep):
        asked.accept(admitted(FR, terms(most=64)), Secret(bytes(32), SHARED))
    accepted = asked.accept(admitted(FR, terms()), Secret(bytes(32), SHARED))
    after, _, _ = accepted.send()
    with pytest.raises(IllegalStep):
        after.accept(admitted(FR, terms()), Secret(bytes(32), SHARED))


# --- lies about meetings ------------------------------------------------------------------------------------------


def test_a_claimed_meeting_fails_at_a_dummy_or_at_the_outcome(pair: Pair) -> None:
    """France waits for the UK's tags and deals them out to the UK's elements: whatever it hits, it can't prove."""
    pair.until(UK, "double-sent")
    before, honest = pair.seats[UK], pair.seats[FR]
    now = before.run.now
    assert now is not None
    assert now.own is not None
    given = message.peek(before.said[-1].statement)[1]
    assert isinstance(given, Doubled)
    stolen = parts(given.tags, TAG_BYTES)
    for place, owner in enumerate(now.own.owners):
        pair.seats[UK], pair.seats[FR] = before, honest

        def claim(each: list[bytes], place: int = place) -> list[bytes]:
            fresh = next(tag for tag in stolen if tag not in each)
            return [*each[:place], fresh, *each[place + 1 :]]

        if owner == -1:
            with pytest.raises(ProtocolViolation, match="dummy"):
                forged(pair, tagging(claim))
            continue
        forged(pair, tagging(claim))
        with pytest.raises(ProtocolViolation, match="different outcomes"):
            pair.step(FR)
        knows = pair.seats[UK].run.found[-1].doubles
        assert result(pair.terms, FR, [knows]) != result(pair.terms, UK, [knows])


def test_the_uks_own_proof_does_not_serve_france(pair: Pair) -> None:
    pair.until(UK, "close")
    pair.step(UK)
    proof = message.peek(pair.wire[-1])[1]
    assert isinstance(proof, Outcome)
    refused(pair, ProtocolViolation, lambda said: replace(said, result=proof.result), "different outcomes")


@pytest.mark.parametrize("field", ["transcript", "sizes", "met", "result"])
def test_an_outcome_that_differs_in_anything(pair: Pair, field: str) -> None:
    pair.until(UK, "close")
    value = {"transcript": bytes(32), "sizes": ((64, 128),), "met": (3,), "result": bytes(32)}[field]
    refused(pair, ProtocolViolation, lambda said: replace(said, **{field: value}), "different outcomes")


def test_a_dispute_is_logged(pair: Pair) -> None:
    pair.until(UK, "close")
    with pytest.raises(ProtocolViolation):
        forged(pair, lambda said: replace(said, met=(0,)))
    ended, _ = pair.seats[UK].end(Why.DISPUTED)
    assert ended.logged().ended is Ended.DISPUTED
    assert ended.logged().commitments == pair.seats[FR].logged().commitments


def test_elements_on_the_twist_gain_nothing(pair: Pair) -> None:
    """They aren't refused: X25519 stays on the twist, whose order is as hard, and their tags match nothing."""
    pool = [os.urandom(31) + b"\x01" for _ in range(300)]
    twisted = [each for each, good in zip(pool, on_curve(pool).tolist(), strict=True) if not good]
    pair.step(UK)
    forged(pair, listing(lambda each: sorted(twisted[:64])))
    pair.step(UK)
    pair.step(FR)
    assert pair.met(UK) == []


# --- what the audit shows -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seen", [UK, FR])
@pytest.mark.parametrize("audited", [UK, FR])
def test_honest_sides_pass_the_audit_on_either_sides_record(seen: str, audited: str) -> None:
    uk, fr = codes(20_000, 1 << 20 | 20_000, 900 << 20 | 20_000), codes(20_000, 2 << 20 | 20_000)
    pair = Pair(terms(TWO_PASSES), uk, fr)
    pair.run(first=FR)
    nation = UK if audited == UK else FR
    opening = Opening.decode(Opening.of(pair.secrets[nation]).encode())
    said = pair.seats[UK if seen == UK else FR].said
    assert audit(said, PUBLIC, nation, opening).plan == spell(uk if nation == UK else fr, TWO_PASSES[-1])


def test_concealment_succeeds_unaudited_and_is_caught_by_the_audit(pair: Pair) -> None:
    """France hides every meeting: random tags, and the outcome that the UK then expects. What a run can't prove by itself."""
    pair.until(UK, "double-sent")
    forged(pair, tagging(lambda each: [os.urandom(TAG_BYTES) for _ in each]))
    run = pair.seats[UK].run
    assert pair.met(UK) == []
    assert pair.met(FR) == SHARED.tolist()
    expected = Outcome(run.terms.digest(), run.transcript, ((64, 64),), (0,), result(run.terms, FR, [()]))
    deceived, _, _ = pair.seats[UK].send()
    deceived, events = deceived.receive(message.seal(KEYS[FR], expected))
    assert events == (seats.Done(()),)
    with pytest.raises(ProofInvalid, match="Doubled of fr"):
        audit(deceived.said, PUBLIC, FR, Opening.of(pair.secrets[FR]))


def test_another_set_than_committed() -> None:
    """Committed to one plan, asked with another: no opening fits, neither the one nor the other."""
    pair = accepted()
    curious = Secret(pair.secrets[FR].seed, codes(*range(60)))
    pair.dishonest(curious)
    pair.run()
    assert pair.met(FR) == UK_PLAN.tolist()  # it worked …
    lies(FR, pair, what="Blinded of fr")  # … and shows
    lies(FR, pair, opened=curious, what="Accept of fr")


def test_a_finer_pass_about_cells_never_committed() -> None:
    uk, fr = codes(*(n << 20 | 20_000 for n in range(8))), codes(20_000)
    pair = Pair(terms(TWO_PASSES), uk, fr)
    pair.until(FR, "double")
    while pair.seats[FR].run.turn == 0:
        pair.step(UK if pair.seats[UK].is_due else FR)
    pair.dishonest(Secret(pair.secrets[FR].seed, uk))
    pair.run()
    assert pair.met(FR) == uk.tolist()
    lies(FR, pair, what="Blinded of fr")


def test_an_altered_commitment() -> None:
    pair = Pair(terms(), UK_PLAN, FR_PLAN)
    pair.step(FR, changing(lambda said: replace(said, commitment=bytes(32))))
    with pytest.raises(ProofInvalid, match="Accept of fr"):
        audit(pair.seats[UK].said, PUBLIC, FR, Opening.of(pair.secrets[FR]))


@pytest.mark.parametrize("plan", [codes(), codes(5), codes(5, 6, 8, 9, 10)])
def test_an_opening_of_another_plan(pair: Pair, plan: Codes) -> None:
    pair.run()
    lies(FR, pair, opened=Secret(pair.secrets[FR].seed, plan))
    lies(UK, pair, opened=Secret(pair.secrets[UK].seed, plan))
    lies(FR, pair, opened=Secret(os.urandom(32), FR_PLAN))


def test_an_audit_needs_both_sides_true_messages(pair: Pair) -> None:
    pair.run()
    said = pair.seats[UK].said
    opening = Opening.of(pair.secrets[FR])
    with pytest.raises(ProofInvalid):
        audit((), PUBLIC, FR, opening)
    with pytest.raises(ProofInvalid):
        audit(said[1:], PUBLIC, FR, opening)
    with pytest.raises(ProofInvalid):
        audit((*said[:2], *said[3:]), PUBLIC, FR, opening)
    with pytest.raises(BadSignature):
        audit(said, {UK: PUBLIC[FR], FR: PUBLIC[UK]}, FR, opening)
    swapped = [replace(each, nation=FR if each.nation == UK else UK) for each in said]
    with pytest.raises(BadSignature):
        audit(swapped, PUBLIC, FR, opening)


def test_an_audit_names_the_two_nations_of_the_run(pair: Pair) -> None:
    pair.run()
    said, opening = pair.seats[UK].said, Opening.of(pair.secrets[FR])
    third = Nation("de")
    with pytest.raises(ProofInvalid):
        audit(said, PUBLIC, third, opening)
    with pytest.raises(ProofInvalid):
        audit(said, {**PUBLIC, third: PUBLIC[UK]}, third, opening)
    with pytest.raises(ProofInvalid):
        audit((replace(said[0], nation=third), *said[1:]), {FR: PUBLIC[FR], third: PUBLIC[UK]}, FR, opening)


def test_a_run_broken_off_is_audited_as_far_as_it_came(pair: Pair) -> None:
    pair.until(UK, "double")
    ended, _ = pair.seats[UK].end(Why.BROKEN_OFF)
    for nation in (UK, FR):
        found = audit(ended.said, PUBLIC, nation, Opening.of(pair.secrets[nation]))
        assert found.logged == ended.logged()


def test_what_could_not_have_been_sent(pair: Pair) -> None:
    """A plan over the cap, and a tag before its time."""
    early = message.seal(KEYS[FR], Doubled(pair.terms.digest(), 0, bytes(12)))
    with pytest.raises(ProofInvalid, match="with these inputs"):
        audit(pair.seats[UK].said, PUBLIC, FR, Opening.of(Secret(bytes(32), codes(*range(300)))))
    pair.step(FR)
    said = (*pair.seats[UK].said, seats.Said(FR, early))
    with pytest.raises(ProofInvalid, match="which it could not"):
        audit(said, PUBLIC, FR, Opening.of(pair.secrets[FR]))


@pytest.mark.parametrize(
    "wrong",
    [
        message.Invite(terms(), Digest(b"x")),
        message.Accept(Digest(b"x"), Digest(bytes(32))),
        Blinded(Digest(b"x"), 0, b""),
        message.End(Digest(b"x"), Why.DECLINED),
    ],
)
def test_digests_have_their_length(wrong: Message) -> None:
    with pytest.raises(Malformed):
        message.peek(message.seal(KEYS[FR], wrong))


def test_kinds_of_statement_are_not_mixed_up(pair: Pair) -> None:
    """A payload signed as one kind is not taken as another, nor a statement of another part of the system."""
    sealed, _ = message.peek(pair.wire[1])
    with pytest.raises(Malformed):
        message.parse("label-binding/1", sealed.payload)
    for word in message.Word:
        if word.value != sealed.kind:
            with pytest.raises(CordialeError):
                pair.seats[UK].receive(canonical.encode(replace(sealed, kind=word.value)))


def test_openings_are_parsed_strictly(pair: Pair) -> None:
    good = Opening.of(pair.secrets[UK])
    assert "seed" not in repr(good)
    for bad in (
        replace(good, seed=b"short"),
        replace(good, codes=good.codes[:-1]),
        replace(good, codes=good.codes * 2),
    ):
        with pytest.raises(Malformed):
            Opening.decode(bad.encode())
