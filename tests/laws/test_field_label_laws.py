"""No field appears at a nation its label excludes: over random records of three nations, whatever their agents try.

A hostile agent puts any field into any message under any label of its scheme. What happens then is what borders and readers do:
the author's border releases a message to every nation of the room or to none, and each reader's agent checks what it shows.
"""

import re
import secrets
from collections import Counter
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from cordiale.agent.field_labels import check_carried, label_of_field
from cordiale.crypto.certificate import Grant, Identity
from cordiale.crypto.digest import sha256
from cordiale.errors import ProtocolViolation
from cordiale.federation.domain import Domain
from cordiale.labels.decision import decide
from cordiale.labels.equivalence import parse_table
from cordiale.labels.label import Label, encode_label
from cordiale.labels.policy import Policy
from cordiale.labels.shipped import shipped
from cordiale.register.act import Amend, Body, Disclose, Propose
from cordiale.register.record import Head, RecordId, Terms
from cordiale.vocab.moment import LATEST
from cordiale.vocab.party import Address, Nation
from labels.lattice import FR, POLICIES, UK, label
from register.cabinet import digests, opened

TABLE = parse_table(
    re.sub(
        r'(fr = "([a-z-]+)" })',
        r'fr = "\2", it = "\2" }',
        shipped("table")
        .decode()
        .replace('policy = "fr" },', 'policy = "fr" },\n  { nation = "it", policy = "it" },', 1),
    ).encode()
)
"""The shipped table, had Italy the levels of France. EXERCISE."""
ROOM = (Nation("uk"), Nation("fr"), Nation("it"))
SCHEMES: dict[Nation, Policy] = {Nation("uk"): UK, Nation("fr"): FR}
TEXTS = {
    Nation("uk"): (
        "OFFICIAL REL FRA, ITA",
        "OFFICIAL-SENSITIVE REL FRA, ITA",
        "OFFICIAL-SENSITIVE REL FRA",
        "OFFICIAL-SENSITIVE REL ITA",
        "OFFICIAL-SENSITIVE UK EYES ONLY",
        "SECRET REL FRA, ITA",
    ),
    Nation("fr"): (
        "DIFFUSION RESTREINTE REL GBR, ITA",
        "DIFFUSION RESTREINTE REL GBR",
        "DIFFUSION RESTREINTE SPÉCIAL FRANCE",
        "SECRET REL GBR, ITA",
    ),
}
LABELS = {nation: [label(SCHEMES[nation], text) for text in texts] for nation, texts in TEXTS.items()}
FIELDS = ("title", "place", "units", "notes")


def domain(nation: Nation) -> Domain:
    """What a nation's agents judge by; Italy has no policy here, its readers judge by the others'."""
    border = Identity(Address("border", nation), Grant("border"), "", bytes(32), sha256(nation.encode()), LATEST)
    policies = {policy.id: policy for policy in POLICIES.values()}
    policy = SCHEMES.get(nation, UK)
    return Domain(nation=nation, root=b"", border=border, policy=policy, policies=policies, table=TABLE, peers={})


DOMAINS = {nation: domain(nation) for nation in ROOM}


def released(carried: Label, author: Nation) -> bool:
    """By the author's border: to all of the room or to nobody."""
    return all(decide(carried, nation, SCHEMES[author], TABLE).release for nation in ROOM if nation != author)


def accepted(nation: Nation, head: Head, body: Body, carried: Label) -> bool:
    try:
        check_carried(DOMAINS[nation], ROOM, head, body, carried)
    except ProtocolViolation:
        return False
    return True


def played(random: Random, tries: int) -> tuple[Head, dict[Nation, set[str]]]:
    """A record and what each nation but the author's then has of it, by field."""
    owner = random.choice(tuple(SCHEMES))
    labels = {name: encode_label(random.choice(LABELS[owner])) for name in FIELDS if random.random() < 0.6}
    record = RecordId(secrets.token_bytes(16))
    own = encode_label(random.choice(LABELS[owner]))  # also such as keeps a nation of the room out
    head = Head(record, "decision", 1, owner, own, ROOM, Terms("lead", ROOM), labels)
    found: dict[Nation, set[str]] = {nation: set() for nation in ROOM}
    begun = False
    for _ in range(tries):
        author = owner if not begun else random.choice(tuple(SCHEMES))
        openings = opened(dict.fromkeys(random.sample(FIELDS, random.randint(0, 2)), "EXERCISE"))
        kinds = (Amend(digests(openings), openings), Disclose(openings))
        body: Body = random.choice(kinds) if begun else Propose(head, digests(openings), openings)
        carried = random.choice(LABELS[author])
        if not released(carried, author):
            continue
        readers = [nation for nation in ROOM if accepted(nation, head, body, carried)]
        assert readers in ([], list(ROOM)), "agents of different nations judge differently"
        begun = begun or bool(readers)
        for nation in readers:
            if nation != author:
                found[nation] |= set(openings)
    return head, found


@settings(max_examples=2000, deadline=None)
@given(st.integers(0, 2**32))
def test_no_field_appears_at_a_nation_its_label_excludes(seed: int) -> None:
    head, found = played(Random(seed), 24)
    for nation, names in found.items():
        for name in names:
            own = label_of_field(head, name)
            assert decide(own, nation, next(p for p in POLICIES.values() if p.id == own.policy), TABLE).release


def test_the_records_are_worth_their_name() -> None:
    """Fields do appear, some of them under a label of their own; others never."""
    shown: Counter[str] = Counter()
    for seed in range(300):
        head, found = played(Random(seed), 24)
        for name in FIELDS:
            own = "own label" if name in head.labels else "the record's"
            shown[f"{own}, {'there' if any(name in names for names in found.values()) else 'nowhere'}"] += 1
    assert len(shown) == 4
    assert min(shown.values()) > 25
