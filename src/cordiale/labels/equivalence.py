"""The table of equivalent classifications that nations agreed, as signed data.

A row names the levels of two or more policies that are protected alike. `only_from` makes a row one-way: the level of
that policy is protected as the others', but not the other way round. No row is inferred from two others: an agreement
binds those who made it.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import permutations
from types import MappingProxyType
from typing import Annotated, Final, Literal

import msgspec

from cordiale.errors import PolicyInvalid
from cordiale.labels.label import Label
from cordiale.labels.policy import Policy, midnight
from cordiale.labels.scheme import Id, Line, NationCode, Short
from cordiale.labels.toml_file import read_toml
from cordiale.vocab.moment import DAY, Moment
from cordiale.wire.canonical import Record

PARTIES: Final = 32
ROWS: Final = 4096


class Party(Record, frozen=True):
    """A nation and the policy that it labels by."""

    nation: NationCode
    policy: Id


class Row(Record, frozen=True):
    """Levels by policy; `source` is the agreement that says so."""

    id: Id
    classifications: dict[Id, Id]
    source: Line
    only_from: str = ""


class TableFile(Record, frozen=True):
    """A table file, field by field."""

    format: Literal[1]
    status: Line
    id: Id
    version: Short
    source: Line
    valid_from: date
    valid_until: date
    party: Annotated[tuple[Party, ...], msgspec.Meta(max_length=PARTIES)]
    row: Annotated[tuple[Row, ...], msgspec.Meta(max_length=ROWS)]


class EquivalenceTable(Record, frozen=True):
    """A table, indexed. `policies` is each nation's policy; `levels` maps (from policy, to policy) to their levels."""

    id: str
    version: str
    status: str
    source: str
    valid_from: Moment
    valid_until: Moment
    parties: tuple[Party, ...]
    rows: tuple[Row, ...]
    policies: Mapping[str, str]
    levels: Mapping[tuple[str, str], Mapping[str, Row]]

    @property
    def edition(self) -> str:
        """What a decision cites: `id/version`."""
        return f"{self.id}/{self.version}"

    def valid_at(self, moment: Moment) -> bool:
        """Whether the file says that it applies at `moment`."""
        return self.valid_from <= moment < self.valid_until

    def translate(self, label: Label, from_policy: str, to_policy: str) -> str | None:
        """The level of `to_policy` (an id) that protects `label` alike; `None` where no row says so."""
        if label.policy != from_policy:
            return None
        if from_policy == to_policy:
            return label.classification
        row = self.levels.get((from_policy, to_policy), _NO_ROWS).get(label.classification)
        return None if row is None else row.classifications[to_policy]

    def covers(self, policy: Policy, classification: str, destination: str) -> bool:
        """Whether `destination` agreed to protect this level and every one below it.

        The levels below count, so that a table with a hole can never release more at a higher level than at a lower
        one.
        """
        if destination == policy.nation or destination in policy.members:
            return True
        target = self.policies.get(destination)
        if target is None:
            return False
        rows = self.levels.get((policy.id, target), _NO_ROWS)
        for level in policy.classifications:
            if level not in rows and target != policy.id:
                return False
            if level == classification:
                return True
        return False

    def check(self, policies: Mapping[str, Policy]) -> None:
        """Raise `PolicyInvalid` unless the rows name levels that `policies` have, and keep their order."""
        wrong = [*self._dangling(policies), *self._disorder(policies)]
        if wrong:
            raise PolicyInvalid(f"table {self.id}: {'; '.join(wrong[:5])}")

    def _dangling(self, policies: Mapping[str, Policy]) -> Iterator[str]:
        for row in self.rows:
            for name, level in row.classifications.items():
                if name in policies and level not in policies[name].classifications:
                    yield f"row {row.id}: {level!r} is no classification of {name}"

    def _disorder(self, policies: Mapping[str, Policy]) -> Iterator[str]:
        for (source, target), rows in self.levels.items():
            if source not in policies or target not in policies:
                continue
            found = [rows[level] for level in policies[source].classifications if level in rows]
            ranks = [policies[target].rank(row.classifications[target]) or 0 for row in found]
            if ranks != sorted(ranks):
                yield f"{source} to {target}: a higher level is equivalent to a lower one"


_NO_ROWS: Mapping[str, Row] = MappingProxyType({})


def parse_table(payload: bytes) -> EquivalenceTable:
    """A table from its verified TOML; `PolicyInvalid` names the line, field or row that is wrong."""
    file = read_toml(payload, TableFile, what="equivalence table")
    wrong = list(_faults(file))
    if wrong:
        raise PolicyInvalid(f"table {file.id}: {'; '.join(wrong[:5])}")
    return EquivalenceTable(
        id=file.id,
        version=file.version,
        status=file.status,
        source=file.source,
        valid_from=midnight(file.valid_from),
        valid_until=Moment(midnight(file.valid_until) + DAY),
        parties=file.party,
        rows=file.row,
        policies=MappingProxyType({party.nation: party.policy for party in file.party}),
        levels=_index(file),
    )


def _faults(file: TableFile) -> Iterator[str]:
    if file.valid_until < file.valid_from:
        yield "valid_until is before valid_from"
    yield from _repeated("party", (party.nation for party in file.party))
    yield from _repeated("row", (row.id for row in file.row))
    known = {party.policy for party in file.party}
    for row in file.row:
        if len(row.classifications) < 2:
            yield f"row {row.id}: an equivalence has two sides"
        for name in row.classifications:
            if name not in known:
                yield f"row {row.id}: {name!r} is no party's policy"
        if row.only_from and row.only_from not in row.classifications:
            yield f"row {row.id}: only_from {row.only_from!r} is not in it"


def _repeated(what: str, names: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            yield f"{what} {name!r} occurs twice"
        seen.add(name)


def _index(file: TableFile) -> Mapping[tuple[str, str], Mapping[str, Row]]:
    levels: dict[tuple[str, str], dict[str, Row]] = {}
    for row in file.row:
        for source, target in permutations(row.classifications, 2):
            if row.only_from not in ("", source):
                continue
            rows = levels.setdefault((source, target), {})
            other = rows.setdefault(row.classifications[source], row)
            if other.classifications[target] != row.classifications[target]:
                raise PolicyInvalid(f"table {file.id}: rows {other.id} and {row.id} contradict each other")
    return MappingProxyType({pair: MappingProxyType(rows) for pair, rows in levels.items()})
