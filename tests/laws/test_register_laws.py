"""Laws of joint records, over random histories of three nations and over every history of a small one.

order      any order of delivery, with repetitions, ends in the same book
two keys   no history binds a record without a key of each nation for one hash, turned by different persons of these nations
for good   what binds for a reader who has some acts binds with the same hash for whoever has more
silence    no history makes silence consent where a nation was not proven to have read, objected, or was cut off
"""

import itertools
import secrets
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordiale.crypto.certificate import ROLE_SERVICE
from cordiale.register.act import (
    Act,
    Amend,
    Body,
    Comment,
    Crossing,
    Disclose,
    Key,
    Lapse,
    Object,
    Receipt,
    VerifiedAct,
    Withdraw,
    sign,
    verify,
)
from cordiale.register.book import Book
from cordiale.register.fold import Fold, fold
from cordiale.register.record import RecordId, Terms
from cordiale.register.workflow import Status, agreed
from cordiale.vocab.identifier import MessageId
from cordiale.vocab.moment import DAY, Moment
from register.cabinet import FR, IT, ROOM, START, UK, Cabinet, Person, digests, opened, two_keys

STEPS = (
    "read",
    "amend",
    "key",
    "object",
    "withdraw",
    "comment",
    "old",
    "lapse",
    "receipt",
    "disclose",
    "wait",
    "stale",
)


def _body(random: Random, step: str) -> Body:
    openings = opened({random.choice(("title", "place", "new")): secrets.token_hex(4)})
    bodies: dict[str, Body] = {
        "amend": Amend(digests(openings), openings),
        "key": Key(),
        "stale": Key(),
        "object": Object("no"),
        "old": Object("late"),
        "withdraw": Withdraw(),
        "lapse": Lapse(),
        "receipt": Receipt(),
        "disclose": Disclose(opened({"title": "forged"})),
        "comment": Comment("hm"),
    }
    return bodies[step]


def history(random: Random, length: int, terms: Terms) -> tuple[Cabinet, RecordId]:
    """People of three nations doing anything at any time, honest and not: stale hashes, others' powers, claims to have read."""
    cabinet = Cabinet()
    people = [cabinet.person(address) for address in ("a@uk", "b@uk", "c@fr", "d@fr", "e@it")]
    people.append(cabinet.person("desk.x@fr", ROLE_SERVICE))
    record, first = cabinet.propose(people[0], terms, title="t", place="p")
    hashes = [first]
    for _ in range(length):
        person, step = random.choice(people), random.choice(STEPS)
        seen = cabinet.seen(person, record)
        if step == "read":
            person.heads = {
                nation: random.randint(person.heads.get(nation, 0), most) for nation, most in cabinet.counts.items()
            }
        elif step == "wait":
            cabinet.later(random.random() * 2)
        else:
            stale = step in ("stale", "old") or seen.head is None
            cabinet.act(person, record, random.choice(hashes) if stale else seen.hash, _body(random, step))
            hashes.append(cabinet.seen(person, record).hash or first)
    return cabinet, record


def portrait(state: Fold) -> tuple[object, ...]:
    """Everything that a reader can see of a record."""
    return (
        state.hash,
        state.status,
        {name: [write.digest for write in writes] for name, writes in state.fields.items()},
        {of: (bound.last.digest, {key.digest for key in bound.keys}) for of, bound in state.bound.items()},
        [(one.act.digest, one.why) for one in state.refused],
        {of: set(keys) for of, keys in state.keys.items()},
    )


TERMS = st.sampled_from(
    [
        two_keys(),
        Terms("quorum", (UK, FR, IT), 2),
        Terms("silence", (UK, FR), deadline=Moment(START + 2 * DAY)),
        Terms("single-key", (UK, FR)),
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 30), TERMS)
def test_any_order_of_delivery_folds_to_the_same_state(seed: int, length: int, terms: Terms) -> None:
    random = Random(seed)
    cabinet, record = history(random, length, terms)
    expected = portrait(cabinet.state(record))
    for _ in range(3):
        book, delivered = Book(), [*cabinet.acts, *random.sample(cabinet.acts, len(cabinet.acts) // 2)]
        random.shuffle(delivered)
        for act in delivered:
            book.add(act)
        state = book.record(record)
        assert state is not None
        assert portrait(state) == expected


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32), st.integers(5, 40))
def test_nothing_binds_without_a_key_of_each_nation(seed: int, length: int) -> None:
    cabinet, record = history(Random(seed), length, two_keys())
    state = cabinet.state(record)
    for of, bound in state.bound.items():
        assert {key.nation for key in bound.keys} == {UK, FR}
        assert len({key.author.address for key in bound.keys}) == 2
        assert all(isinstance(key.body, Key) and key.of == of for key in bound.keys)
        assert all(key.author.grant.role != ROLE_SERVICE for key in bound.keys)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32), st.integers(5, 40), TERMS)
def test_what_binds_for_one_reader_binds_for_everyone_who_reads_on(seed: int, length: int, terms: Terms) -> None:
    random = Random(seed)
    cabinet, record = history(random, length, terms)
    everything = cabinet.state(record)
    for person in cabinet.people.values():
        seen = cabinet.seen(person, record)
        assert set(seen.bound) <= set(everything.bound)


class Small:
    """Every history of a few acts by one person of each nation: who does what, and what each had read by then."""

    def __init__(self, terms: Terms) -> None:
        self.cabinet = Cabinet()
        self.uk, self.fr = self.cabinet.person("a@uk"), self.cabinet.person("c@fr")
        self.record, self.of = self.cabinet.propose(self.uk, terms, title="t")
        self.openings = opened({"title": "t2"})

    def made(self, moves: tuple[tuple[str, str, bool], ...]) -> list[VerifiedAct]:
        """The acts of one history. A move: who, what, and whether that person reads everything first."""
        acts = [self.cabinet.acts[0]]
        heads: dict[str, dict[str, int]] = {"uk": {"uk": 1}, "fr": {}}
        counts = {"uk": 1, "fr": 0}
        for who, what, reads in moves:
            person: Person = self.uk if who == "uk" else self.fr
            if reads:
                heads[who] = dict(counts)
            counts[who] += 1
            mine = [one for one in acts if self._saw(one, person, heads[who])]
            of = fold(mine).hash or self.of
            body = {
                "key": Key(),
                "stale": Key(),
                "amend": Amend(digests(self.openings), self.openings),
                "object": Object("no"),
                "withdraw": Withdraw(),
            }[what]
            if what == "stale":
                of = self.of
            message = MessageId(secrets.token_bytes(16))
            signed = sign(Act(ROOM, message, self.record, of, heads[who], body), person.identity.digest, person.key)  # type: ignore[arg-type]
            crossing = Crossing(
                ROOM, message, person.identity.digest, person.nation, counts[who], Moment(START + len(acts))
            )
            acts.append(verify(signed, person.identity, crossing))
        return acts

    @staticmethod
    def _saw(one: VerifiedAct, person: Person, heads: dict[str, int]) -> bool:
        return one.sequence <= heads.get(one.nation, 0) or one.signer == person.identity.digest


def test_every_history_of_three_acts_binds_only_with_two_keys_for_one_version() -> None:
    small = Small(two_keys())
    moves = list(itertools.product(("uk", "fr"), ("key", "stale", "amend", "object", "withdraw"), (True, False)))
    bound = 0
    for chosen in itertools.product(moves, repeat=3):
        acts = small.made(chosen)
        state = fold(acts)
        assert len(state.bound) <= 1
        for of in state.bound:
            bound += 1
            keys = [act for act in acts if isinstance(act.body, Key) and act.of == of]
            assert {key.nation for key in keys} == {UK, FR}
            last = state.bound[of].last
            # Whoever turned the last key had read no edit, objection or withdrawal of that version.
            past = fold(act for act in acts if last.saw(act))
            assert past.hash == of
            assert past.status not in (Status.OBJECTED, Status.WITHDRAWN)
        if not state.bound:
            assert state.status not in (Status.BINDING, Status.FULFILLED)
    assert bound > 100


SILENT = ("receipt-before", "receipt-after", "object-before", "object-after", "key-before", "nothing")


@pytest.mark.parametrize("early", [True, False])
def test_silence_is_consent_only_where_it_was_proven(early: bool) -> None:
    """Every sequence of three things that France may do around the deadline, and what London had read of them."""
    deadline = Moment(START + 2 * DAY)
    for done in itertools.product(SILENT, repeat=3):
        for read in range(4):
            cabinet = Cabinet()
            uk, fr = cabinet.person("a@uk"), cabinet.person("c@fr")
            record, of = cabinet.propose(uk, Terms("silence", (UK, FR), deadline=deadline), title="t")
            cabinet.read(fr)
            ordered = sorted(done, key=lambda what: what.endswith("after"))  # a border's clock does not run backwards
            for place, what in enumerate(ordered):
                at = Moment(deadline + 1) if what.endswith("after") else Moment(START + 1)
                body = {"receipt": Receipt(), "object": Object("no"), "key": Key()}.get(what.split("-")[0])
                if body is not None:
                    cabinet.act(fr, record, of, body, at=at)
                if place < read:
                    cabinet.read(uk)
            cabinet.act(uk, record, of, Lapse(), at=Moment(deadline - 1) if early else Moment(deadline + 2))
            state = cabinet.state(record)
            lapse = cabinet.acts[-1]
            known = [act for act in cabinet.acts[:-1] if act.nation == FR and lapse.saw(act)]
            consent = [act for act in known if isinstance(act.body, Key)]
            before = [act for act in known if act.released <= deadline and isinstance(act.body, Receipt | Key)]
            after = [act for act in known if act.released >= deadline]
            against = [act for act in known if isinstance(act.body, Object) and act.released < deadline]
            if lapse.digest in {bound.last.digest for bound in state.bound.values()}:
                assert not early
                assert consent or (before and after and not against)
            elif not early and not state.bound and state.status is Status.PROPOSED:
                assert not (before and after and not against)


def test_tables_and_terms_agree_that_one_nation_is_never_enough() -> None:
    """Over all two-nation terms, no single nation's key is enough but in a workflow that says so."""
    cabinet = Cabinet()
    for workflow in ("two-keys", "quorum", "silence", "lead"):
        terms = Terms(workflow, (UK, FR), 2, Moment(START + DAY))
        record, _ = cabinet.propose(cabinet.person("a@uk"), terms, title="t")
        head = cabinet.state(record).head
        assert head is not None
        assert not agreed(head, {UK})
        assert not agreed(head, {FR})
        assert agreed(head, {UK, FR})
