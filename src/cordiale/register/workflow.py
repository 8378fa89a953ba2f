"""When a record binds: transition tables, one for each workflow, fixed by the record's terms when it is proposed.

A step that is not in the table is not possible in that state; diagrams and the exhaustive tests are made from the tables. What
a table can't say is said by three functions: whose keys are needed (`needed`), who may turn one (`fault_of_key`), and when
silence is consent (`fault_of_silence`).

    single-key   the owner's key alone
    two-keys     one key of each of two nations
    quorum       keys of so many of the nations
    silence      as all keys; or the deadline passes, everybody provably read the record before it and spoke after it, and
                 nobody objected. A nation that can't be reached has not consented
    lead         keys of all lead nations, and of the owner where that is an admitted partner within its mandate
"""

from collections.abc import Collection, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from cordiale.crypto.certificate import ROLE_PERSON
from cordiale.register.act import Delegate, Key, Lapse, Object, Receipt, VerifiedAct
from cordiale.register.reason import Reason, because
from cordiale.register.record import Head
from cordiale.vocab.moment import Moment
from cordiale.vocab.party import Nation


class Status(StrEnum):
    """Where a record stands; always derived, never stored."""

    PROPOSED = "proposed"
    PART_KEYED = "part-keyed"
    OBJECTED = "objected"
    WITHDRAWN = "withdrawn"
    BINDING = "binding"
    FULFILLED = "fulfilled"


class Step(StrEnum):
    """What can move a record; the other acts never do."""

    AMEND = "amend"
    KEY = "key"
    LAST_KEY = "last-key"
    OBJECT = "object"
    WITHDRAW = "withdraw"
    LAPSE = "lapse"
    FULFIL = "fulfil"
    SUPERSEDE = "supersede"


Table = Mapping[tuple[Status, Step], Status]

_OPEN: Final = (Status.PROPOSED, Status.PART_KEYED)

_COMMON: Final[Table] = MappingProxyType(
    {
        **{(status, Step.AMEND): Status.PROPOSED for status in (*_OPEN, Status.OBJECTED)},
        **{(status, Step.KEY): Status.PART_KEYED for status in _OPEN},
        **{(status, Step.LAST_KEY): Status.BINDING for status in _OPEN},
        **{(status, Step.OBJECT): Status.OBJECTED for status in _OPEN},
        **{(status, Step.WITHDRAW): Status.WITHDRAWN for status in (*_OPEN, Status.OBJECTED)},
        (Status.OBJECTED, Step.OBJECT): Status.OBJECTED,
        (Status.BINDING, Step.FULFIL): Status.FULFILLED,
        (Status.BINDING, Step.SUPERSEDE): Status.BINDING,
        (Status.FULFILLED, Step.SUPERSEDE): Status.FULFILLED,
    }
)

SINGLE_KEY, TWO_KEYS, QUORUM, SILENCE, LEAD = "single-key", "two-keys", "quorum", "silence", "lead"

TABLES: Final[Mapping[str, Table]] = MappingProxyType(
    {
        SINGLE_KEY: _COMMON,
        TWO_KEYS: _COMMON,
        QUORUM: _COMMON,
        LEAD: _COMMON,
        SILENCE: MappingProxyType({**_COMMON, **{(status, Step.LAPSE): Status.BINDING for status in _OPEN}}),
    }
)


def fault_of_terms(head: Head) -> Reason | None:
    """Why a record can't be proposed under its terms; None where it can."""
    terms = head.terms
    if terms.workflow not in TABLES:
        return because("workflow-unknown", workflow=repr(terms.workflow[:40]))
    if terms.workflow == TWO_KEYS and len(terms.nations) != 2:
        return because("two-nations")
    if terms.workflow == QUORUM and terms.quorum < 2:
        return because("quorum-small")
    if terms.workflow == SILENCE and (len(terms.nations) < 2 or not terms.deadline):
        return because("silence-of-nobody")
    if terms.workflow == LEAD and head.owner not in terms.nations and not _mandated(head, head.owner, Moment(0)):
        return because("partner-beyond")
    if terms.workflow != LEAD and terms.mandates:
        return because("admitted-by-lead")
    if terms.workflow in (SINGLE_KEY, TWO_KEYS, SILENCE) and head.owner not in terms.nations:
        return because("owner-agrees")
    return None


def needed(head: Head) -> tuple[frozenset[Nation], int]:
    """Whose keys count, and how many of them make the record bind."""
    terms, owner = head.terms, head.owner
    match terms.workflow:
        case "single-key":
            return frozenset({owner}), 1
        case "quorum":
            return frozenset(terms.nations), terms.quorum
        case "lead":
            nations = frozenset({*terms.nations, owner})
            return nations, len(nations)
        case _:
            return frozenset(terms.nations), len(terms.nations)


def agreed(head: Head, keyed: Collection[Nation]) -> bool:
    """Whether keys of these nations are enough."""
    nations, count = needed(head)
    return len(nations.intersection(keyed)) >= count


def fault_of_key(head: Head, act: VerifiedAct, delegations: Collection[VerifiedAct]) -> Reason | None:
    """Why a person's key doesn't count, whatever the state; None where it does."""
    author, terms, at = act.author, head.terms, act.released
    if author.grant.role != ROLE_PERSON:
        return because("person-only")
    if act.nation not in needed(head)[0]:
        return because("no-key-asked", nation=act.nation)
    if act.nation not in terms.nations and not _mandated(head, act.nation, at):
        return because("mandate", nation=act.nation)
    allowed = terms.signatories.get(act.nation)
    if allowed is None or str(author.address) in allowed:
        return None
    if any(_delegates(given, act, allowed) for given in delegations):
        return None
    return because("may-not-sign", person=str(author.address), nation=act.nation)


def _mandated(head: Head, nation: Nation, at: Moment) -> bool:
    mandates = head.terms.mandates
    return any(given.nation == nation and head.type in given.types and at <= given.until for given in mandates)


def _delegates(given: VerifiedAct, act: VerifiedAct, allowed: tuple[str, ...]) -> bool:
    body = given.body
    return (
        isinstance(body, Delegate)
        and given.nation == act.nation
        and str(given.author.address) in allowed
        and body.to == str(act.author.address)
        and act.released <= body.until
    )


def fault_of_silence(head: Head, act: VerifiedAct, past: Collection[VerifiedAct]) -> Reason | None:
    """Why the deadline's passing is not consent; None where it is. `past` is what the author of the lapse had read.

    For each nation but the owner's: it keyed this very hash; or something that it said before the deadline shows that it had read
    the record, something that it said at or after the deadline shows that nothing of it was on its way, and between them
    it did not object. All times are those of the nation's own border.
    """
    deadline, begun = head.terms.deadline, _proposal(past)
    if act.released < deadline:
        return because("deadline-ahead")
    for nation in head.terms.nations:
        said = [one for one in past if one.nation == nation]
        if nation == head.owner or any(isinstance(one.body, Key) and one.of == act.of for one in said):
            continue
        if any(isinstance(one.body, Object) and one.released < deadline for one in said):
            return because("objected", nation=nation)
        if begun is None or not any(one.released <= deadline and _read(one, act) for one in said):
            return because("receipt-missing", nation=nation)
        if not any(one.released >= deadline for one in said):
            return because("not-heard", nation=nation)
    return None


def _read(one: VerifiedAct, about: VerifiedAct) -> bool:
    """Whether an act shows that its author had this very version before it."""
    return one.of == about.of and isinstance(one.body, Receipt | Key)


def _proposal(past: Collection[VerifiedAct]) -> VerifiedAct | None:
    return next((one for one in past if not isinstance(one.body, Lapse) and one.of == b""), None)


def diagram(workflow: str) -> str:
    """The workflow's table as a Mermaid state diagram."""
    rows = [f"    {before} --> {after}: {step}" for (before, step), after in TABLES[workflow].items()]
    return "\n".join(["stateDiagram-v2", f"    [*] --> {Status.PROPOSED}: propose", *rows]) + "\n"
