"""Laws of commit with sight, over random histories of three nations with several records that overlap now and then.

order     any order of delivery, with repetitions, ends in the same records, every one of them
sight     nothing holds whose author had read an overlapping record and named neither it nor a later version
fairness  nothing is refused for want of sight that names all that its author had read
"""

import secrets
from random import Random

from hypothesis import example, given, settings
from hypothesis import strategies as st

from cordiale.register.act import Amend, Body, Comment, Disclose, Fulfil, Key, Propose, Supersede, VerifiedAct, Withdraw
from cordiale.register.book import Book
from cordiale.register.fold import Fold
from cordiale.register.record import Head, RecordId, Terms
from cordiale.register.workflow import Status
from cordiale.vocab.identifier import Digest
from laws.test_register_laws import portrait
from register.berths import TYPE, Quay, Stay
from register.cabinet import Cabinet, Person, digests, opened

STEPS = (
    *("read",) * 4,
    *("propose",) * 4,
    *("amend",) * 2,
    *("disclose",) * 2,
    *("key",) * 2,
    "withdraw",
    "fulfil",
    "comment",
    "supersede",
)


def days(random: Random) -> dict[str, object]:
    first = random.randint(0, 12)
    return {"berth": random.choice("ab"), "days": [first, first + random.randint(1, 9)]}


class Harbour:
    """People of three nations who book berths, each with a book of what they have read."""

    def __init__(self, random: Random) -> None:
        self.random, self.cabinet = random, Cabinet(swift=True)
        self.people = [self.cabinet.person(address) for address in ("a@uk", "b@uk", "c@fr", "d@it")]
        self.hidden: dict[RecordId, dict[str, object]] = {}

    def book_of(self, person: Person) -> Book:
        """What a person has read, and wrote."""
        book = Book(Quay())
        for act in self.cabinet.acts:
            mine = act.signer == person.identity.digest
            if mine or act.sequence <= person.heads.get(act.nation, 0):
                book.add(act)
        return book

    def play(self, length: int) -> list[VerifiedAct]:
        for _ in range(length):
            person, step = self.random.choice(self.people), self.random.choice(STEPS)
            if step == "read":
                person.heads = {
                    nation: most
                    if self.random.random() < 0.7
                    else self.random.randint(person.heads.get(nation, 0), most)
                    for nation, most in self.cabinet.counts.items()
                }
            else:
                self._act(person, step, self.book_of(person))
        return self.cabinet.acts

    def _act(self, person: Person, step: str, book: Book) -> None:
        known = [(record, state) for record, state in book.records()]
        openings = opened(days(self.random))
        if step == "propose" or not known:
            record = RecordId(secrets.token_bytes(16))
            head = Head(record, TYPE, 1, person.nation, b"label", (), Terms("single-key", (person.nation,)))
            shown = openings if self.random.random() < 0.7 else {}
            self.hidden[record] = dict(openings)
            self._say(person, book, record, b"", Propose(head, digests(openings), shown))
            return
        record, state = self.random.choice(known)
        bodies: dict[str, Body] = {
            "amend": Amend(digests(openings), openings),
            "disclose": Disclose(self.hidden.get(record, {})),  # type: ignore[arg-type]
            "key": Key(),
            "withdraw": Withdraw(),
            "fulfil": Fulfil(),
            "comment": Comment("hm"),
        }
        if step == "supersede":
            new = RecordId(secrets.token_bytes(16))
            head = Head(new, TYPE, 1, person.nation, b"label", (), Terms("single-key", (person.nation,)))
            body = Supersede(record, head, digests(openings), openings)
            self._say(person, book, new, state.hash, body)
        else:
            self._say(person, book, record, state.hash, bodies[step])

    def _say(self, person: Person, book: Book, record: RecordId, of: bytes, body: Body) -> None:
        """Honest people name everything that they have read; careless ones name some of it."""
        if isinstance(body, Propose | Supersede | Amend | Disclose):
            seen = [state.hash for other, state in book.records() if other != record]
            named = seen if self.random.random() < 0.6 else self.random.sample(seen, len(seen) // 3)
            body = type(body)(
                **{**{name: getattr(body, name) for name in body.__struct_fields__}, "sight": tuple(named)}
            )
        self.cabinet.act(person, record, of, body)


@settings(max_examples=1000, deadline=None)
@given(st.integers(0, 2**32), st.integers(3, 24))
@example(525056, 13)  # heads that are not closed: an act before one that its author says to have read
def test_any_order_of_delivery_gives_the_same_book(seed: int, length: int) -> None:
    random = Random(seed)
    acts = Harbour(random).play(length)
    expected = whole(delivered(sorted(acts, key=lambda act: act.position)), acts)
    for _ in range(3):
        order = [*acts, *random.sample(acts, len(acts) // 2)]
        random.shuffle(order)
        assert whole(delivered(order), acts) == expected


def delivered(acts: list[VerifiedAct]) -> Book:
    book = Book(Quay())
    for act in acts:
        book.add(act)
    return book


def everything(book: Book, acts: list[VerifiedAct]) -> list[tuple[RecordId, Fold]]:
    """Every record that anybody spoke about, those whose proposal doesn't hold too."""
    found = [(record, book.record(record)) for record in sorted({act.record for act in acts})]
    return [(record, state) for record, state in found if state is not None]


def whole(book: Book, acts: list[VerifiedAct]) -> dict[RecordId, tuple[object, ...]]:
    return {record: portrait(state) for record, state in everything(book, acts)}


@settings(max_examples=1000, deadline=None)
@given(st.integers(0, 2**32), st.integers(3, 24))
def test_what_holds_named_what_its_author_had_read(seed: int, length: int) -> None:
    acts = Harbour(Random(seed)).play(length)
    book = delivered(acts)
    for record, state in everything(book, acts):
        refused = {one.act.digest: one.why.text("en") for one in state.refused}
        for act in state.acts:
            body = act.body
            if not isinstance(body, Propose | Supersede | Amend | Disclose):
                continue
            blind = unnamed(book, record, state, act)
            why = refused.get(act.digest, "")
            if not why:
                assert not blind
            elif why.startswith("it does not name"):
                assert blind
                assert all(other[:6].hex() in why for other in blind)


def unnamed(book: Book, record: RecordId, state: Fold, act: VerifiedAct) -> list[RecordId]:
    """By looking at every record in turn, each folded anew from what the act's author had read."""
    own, body = stay_of(book, state, act), act.body
    named: set[Digest] = set(getattr(body, "sight", ()))
    found: list[RecordId] = []
    for other, there in book.records():
        view = there.as_read_by(act)
        if own is None or view.head is None or other in (record, getattr(body, "old", None)):
            continue
        if (
            view.status in (Status.WITHDRAWN, Status.FULFILLED)
            or view.hash in named
            or replaced(book, other, view, act)
        ):
            continue
        stay = Quay().footprint(view.head, view.shown())
        if stay is not None and own.meets(stay):
            found.append(other)
    return found


def stay_of(book: Book, state: Fold, act: VerifiedAct) -> Stay | None:
    """What the act's record is once the act holds: folded with it, as far as its author had read."""
    body, view = act.body, Fold()
    for one in state.as_read_by(act).acts:
        if one.position < act.position and state.held[state.acts.index(one)]:
            view.add(one)
    view.add(act)
    if view.refused and view.refused[-1].act is act:
        return None
    shown = view.shown() if view.head is not None else {}
    assert isinstance(body, Propose | Supersede | Amend | Disclose)
    return Quay().footprint(view.head, shown) if view.head is not None else None


def replaced(book: Book, record: RecordId, view: Fold, act: VerifiedAct) -> bool:
    others = [state.as_read_by(act) for _, state in book.records()]
    begun = [other.begun for other in others if other.begun is not None and other.bound]
    return any(isinstance(one.body, Supersede) and one.body.old == record and one.of in view.bound for one in begun)


def test_the_histories_are_worth_their_name() -> None:
    """Among them there is what holds, what is refused for want of sight, and what names others and holds."""
    blind, held, named = 0, 0, 0
    for seed in range(60):
        acts = Harbour(Random(seed)).play(24)
        for _, state in everything(delivered(acts), acts):
            blind += sum(one.why.rule == "sight" for one in state.refused)
            for act, holds in zip(state.acts, state.held, strict=True):
                held += holds
                named += holds and bool(getattr(act.body, "sight", ()))
    assert blind > 30
    assert held > 200
    assert named > 100
