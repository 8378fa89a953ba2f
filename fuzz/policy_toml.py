"""Policy and equivalence files: any input gives a usable policy or table, or a `CordialeError`.

A file that is accepted must answer: every level of it is decided on without an exception.
"""

from contextlib import suppress

from cordiale.errors import CordialeError
from cordiale.labels.decision import decide
from cordiale.labels.equivalence import parse_table
from cordiale.labels.label import make_label
from cordiale.labels.marking import marking
from cordiale.labels.policy import parse_policy
from cordiale.labels.shipped import shipped
from cordiale.vocab.moment import Moment
from cordiale.vocab.party import Nation

TABLE = parse_table(shipped("table"))


def TestOneInput(data: bytes) -> None:
    """One input, read as both kinds of file."""
    with suppress(CordialeError):
        parse_table(data)
    try:
        policy = parse_policy(data)
    except CordialeError:
        return
    for classification in policy.classifications:
        label = make_label(policy.id, classification, {}, created=Moment(0), originator=policy.nation)
        decide(label, Nation("fr"), policy, TABLE)
        marking(label, policy, "fr")
