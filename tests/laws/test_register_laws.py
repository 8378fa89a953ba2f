"""Laws of joint records, over random histories of three nations and over every history of a small one.

order      any order of delivery, with repetitions, ends in the same book
two keys   no history binds a record without a key of each nation for one hash, turned by different persons of these nations
for good   what binds for a reader who has some acts binds with the same hash for whoever has more
silence    no history makes silence consent where a nation was not proven to have read, objected, or was cut off
"""

import itertools
import secrets
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordiale.crypto.certificate import ROLE_PERSON, ROLE_SERVICE
from cordiale.errors import CordialeError
from cordiale.register.act import (
    Amend,
    Body,
    Comment,
    Disclose,
    Key,
    Lapse,
    Object,
    Receipt,
    VerifiedAct,
    Withdraw,
)
from cordiale.register.book import Book
from cordiale.register.fold import Fold, fold
from cordiale.register.record import Mandate, RecordId, Terms
from cordiale.register.workflow import TABLES, Status, agreed
from cordiale.vocab.moment import DAY, Moment
from register.cabinet import FR, IT, START, UK, Cabinet, Person, digests, opened, two_keys

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
    cabinet = Cabinet(swift=True)
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
            if step == "amend":
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


SEEDS = st.integers(0, 2**62)
RAN: dict[str, set[tuple[int, int, str]]] = {}
"""The histories that each law was tried on, to see that they are as many as it says: a third of what Hypothesis tries, it tries
again."""


def count(law: str, seed: int, length: int, terms: Terms) -> Random:
    RAN.setdefault(law, set()).add((seed, length, terms.workflow))
    return Random(f"{seed} {length}")


@settings(max_examples=1500, deadline=None)
@given(SEEDS, st.integers(0, 30), TERMS)
def any_order_of_delivery_folds_to_the_same_state(seed: int, length: int, terms: Terms) -> None:
    random = count("order", seed, length, terms)
    cabinet, record = history(random, length, terms)
    expected = portrait(cabinet.state(record))
    for _ in range(2):
        book, delivered = Book(), [*cabinet.acts, *random.sample(cabinet.acts, len(cabinet.acts) // 2)]
        random.shuffle(delivered)
        for act in delivered:
            book.add(act)
        state = book.record(record)
        assert state is not None
        assert portrait(state) == expected


@settings(max_examples=1500, deadline=None)
@given(SEEDS, st.integers(5, 30))
def nothing_binds_without_a_key_of_each_nation(seed: int, length: int) -> None:
    cabinet, record = history(count("two keys", seed, length, two_keys()), length, two_keys())
    state = cabinet.state(record)
    for of, bound in state.bound.items():
        assert {key.nation for key in bound.keys} == {UK, FR}
        assert len({key.author.address for key in bound.keys}) == 2
        assert all(isinstance(key.body, Key) and key.of == of for key in bound.keys)
        assert all(key.author.grant.role != ROLE_SERVICE for key in bound.keys)


@settings(max_examples=1500, deadline=None)
@given(SEEDS, st.integers(5, 30), TERMS)
def what_binds_binds_for_everyone_who_reads_on_and_is_never_changed(seed: int, length: int, terms: Terms) -> None:
    cabinet, record = history(count("for good", seed, length, terms), length, terms)
    everything = cabinet.state(record)
    for person in cabinet.people.values():
        seen = cabinet.seen(person, record)
        assert set(seen.bound) <= set(everything.bound)
        for of in seen.bound:
            assert fields_of(seen, of) == fields_of(everything, of)
    grown = Fold()
    for act in everything.acts:
        before = {of: fields_of(grown, of) for of in grown.bound}
        grown.add(act)
        assert {of: fields_of(grown, of) for of in before} == before


def fields_of(state: Fold, of: bytes) -> dict[str, list[bytes]]:
    return {name: [bytes(one.digest) for one in writes] for name, writes in state.versions[of].items()}


@pytest.mark.parametrize(
    ("name", "law"),
    [
        ("order", any_order_of_delivery_folds_to_the_same_state),
        ("two keys", nothing_binds_without_a_key_of_each_nation),
        ("for good", what_binds_binds_for_everyone_who_reads_on_and_is_never_changed),
    ],
)
def test_a_law_holds_on_more_than_a_thousand_different_histories(name: str, law: Callable[[], None]) -> None:
    law()
    assert len(RAN[name]) > 1000


MOVES = tuple(
    (who, what, reads)
    for who, can in (
        ("a@uk", ("key", "stale", "amend", "object", "withdraw")),
        ("c@fr", ("key", "stale", "amend", "object", "withdraw")),
        ("b@uk", ("key", "stale")),
        ("desk@fr", ("key", "stale")),
    )
    for what in can
    for reads in (True, False)
)
"""Who does what, having read everything or nothing more: a signatory of each nation, a second person of one, a service of the
other. `stale` keys the first version whatever came since."""


class Small:
    """Every history of a few acts about one record."""

    def __init__(self, terms: Terms) -> None:
        self.cabinet = Cabinet(swift=True)
        people = ("a@uk", "b@uk", "c@fr")
        self.people = {name: self.cabinet.person(name) for name in people}
        self.people["desk@fr"] = self.cabinet.person("desk@fr", ROLE_SERVICE)
        self.record, self.of = self.cabinet.propose(self.people["a@uk"], terms, title="t")
        self.openings = opened({"title": "t2"})
        self.begun = self.cabinet.acts[0]

    def made(self, moves: tuple[tuple[str, str, bool], ...]) -> list[VerifiedAct]:
        """The acts of one history."""
        cabinet = self.cabinet
        cabinet.acts, cabinet.counts, cabinet.now = [self.begun], {UK: 1}, Moment(START + 1)
        for person in self.people.values():
            person.heads = {}
        for who, what, reads in moves:
            person = self.people[who]
            if reads:
                cabinet.read(person)
            mine = [one for one in cabinet.acts if saw(person, one)]
            of = self.of if what == "stale" else fold(mine).hash or self.of
            bodies: dict[str, Body] = {
                "key": Key(),
                "stale": Key(),
                "amend": Amend(digests(self.openings), self.openings),
                "object": Object("no"),
                "withdraw": Withdraw(),
            }
            cabinet.act(person, self.record, of, bodies[what])
        return cabinet.acts


def saw(person: Person, one: VerifiedAct) -> bool:
    return one.sequence <= person.heads.get(one.nation, 0) or one.signer == person.identity.digest


def test_every_history_of_three_acts_binds_only_with_two_keys_for_one_version() -> None:
    small, bound = Small(two_keys()), 0
    for chosen in itertools.product(MOVES, repeat=3):
        acts = small.made(chosen)
        state = fold(acts)
        assert len(state.bound) <= 1
        for of in state.bound:
            bound += 1
            keys = [act for act in acts if isinstance(act.body, Key) and act.of == of]
            assert {key.nation for key in keys if key.author.grant.role != ROLE_SERVICE} == {UK, FR}
            last = state.bound[of].last
            # Whoever turned the last key had read no edit, objection or withdrawal of that version.
            past = fold(act for act in acts if last.saw(act))
            assert past.hash == of
            assert past.status not in (Status.OBJECTED, Status.WITHDRAWN)
        if not state.bound:
            assert state.status not in (Status.BINDING, Status.FULFILLED)
    assert bound > 100


PARTNERS = tuple(itertools.product(("a@uk", "c@fr", "e@it", "f@it"), ("in time", "late"), (True, False)))
"""Keys of both leads, of the admitted partner that owns the record, and of a second person of it; with what they had read."""


@pytest.mark.parametrize("kind", ["decision", "statement"])
def test_every_history_of_three_keys_under_a_mandate_ends_with_it(kind: str) -> None:
    """Leads and an admitted partner: the partner's key counts within its mandate (type and time) alone, and all are needed."""
    until = Moment(START + DAY)
    terms = Terms("lead", (UK, FR), mandates=(Mandate(IT, ("decision",), until),))
    cabinet = Cabinet(swift=True)
    people = {name: cabinet.person(name) for name in ("a@uk", "c@fr", "e@it", "f@it")}
    record, of = cabinet.propose(people["e@it"], terms, kind, title="t")
    begun, bound = cabinet.acts[0], 0
    of = of or begun.digest  # a proposal outside the mandate does not hold, and has no hash
    for chosen in itertools.product(PARTNERS, repeat=3):
        cabinet.acts, cabinet.counts = [begun], {IT: 1}
        for person in people.values():
            person.heads = {}
        for who, when, reads in chosen:
            if reads:
                cabinet.read(people[who])
            at = until if when == "in time" else Moment(until + 1)
            cabinet.act(people[who], record, of if reads or who == "e@it" else begun.digest, Key(), at=at)
        state = fold(cabinet.acts)
        if state.bound:
            bound += 1
            keys = state.bound[of].keys
            assert {key.nation for key in keys} == {UK, FR, IT}
            assert all(key.released <= until for key in keys if key.nation == IT)
            assert kind == "decision"
    assert (bound > 0) == (kind == "decision")


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


@pytest.mark.parametrize("who", ["a@uk", "b@uk", "c@fr", "desk@fr", "e@it"])
@pytest.mark.parametrize("amended", ["never", "before the receipt", "after the receipt"])
@pytest.mark.parametrize("of", ["first", "present"])
def test_a_lapse_holds_for_the_version_that_was_read_alone(who: str, amended: str, of: str) -> None:
    """Whoever establishes it: a party's person or service, nobody else, for the version that France's receipt speaks of."""
    deadline = Moment(START + 2 * DAY)
    cabinet = Cabinet(swift=True)
    uk, fr = cabinet.person("a@uk"), cabinet.person("c@fr")
    author = cabinet.person(who, ROLE_SERVICE if who.startswith("desk") else ROLE_PERSON)
    record, first = cabinet.propose(uk, Terms("silence", (UK, FR), deadline=deadline), title="t")
    present = first
    if amended == "before the receipt":
        present = cabinet.amend(uk, record, first, title="t2")
    cabinet.read(fr)
    cabinet.act(fr, record, present, Receipt(), at=Moment(START + 1))
    if amended == "after the receipt":
        cabinet.read(uk)
        present = cabinet.amend(uk, record, first, title="t2")
    cabinet.read(fr)
    cabinet.act(fr, record, present, Comment("EXERCISE"), at=Moment(deadline + 1))
    cabinet.read(author)
    chosen = first if of == "first" else present
    cabinet.act(author, record, chosen, Lapse(), at=Moment(deadline + 2))
    holds = bool(cabinet.state(record).bound)
    assert holds == (chosen == present and amended != "after the receipt" and author.nation in (UK, FR))


WRITTEN = ((), (UK,), (FR,), (UK, FR), (FR, UK), (UK, UK), (UK, FR, IT), (UK, UK, FR))
PARTNERED = ((), (Mandate(UK, ("decision",), Moment(START + DAY)),), (Mandate(FR, ("decision",), Moment(START + DAY)),))


@pytest.mark.parametrize("workflow", sorted(TABLES))
def test_whatever_terms_a_nation_writes_its_own_keys_bind_nobody_else(workflow: str) -> None:
    """All that people and a service of one nation can do under every kind of terms that readers do not refuse outright."""
    cabinet, sound = Cabinet(), 0
    people = [cabinet.person("a@uk"), cabinet.person("b@uk"), cabinet.person("desk@uk", ROLE_SERVICE)]
    for nations, quorum, days, mandates in itertools.product(WRITTEN, range(4), (None, -1, 1), PARTNERED):
        deadline = Moment(0 if days is None else START + days * DAY)
        try:
            record, of = cabinet.propose(
                people[0], Terms(workflow, nations, quorum, deadline, mandates=mandates), title="t"
            )
        except CordialeError:
            continue
        of = of or cabinet.acts[-1].digest  # where readers do not take it as a proposal
        for person, body in itertools.product(people, (Receipt(), Key(), Comment("EXERCISE"), Lapse(), Key())):
            cabinet.read(person)
            cabinet.act(person, record, of, body, at=Moment(START + 2 * DAY))
        state = cabinet.state(record)
        sound += state.head is not None
        assert not state.bound or workflow == "single-key" or set(nations) == {UK}
    assert sound > 4


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
