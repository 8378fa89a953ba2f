"""The batch over a store: histories, what is asked about positions, its answers in one pass, and the findings."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from cordiale.analysis.finding import Finding
from cordiale.desks.maritime import arrow
from cordiale.desks.maritime.archive import Archive
from cordiale.desks.maritime.identity.judge import Case, Rule, alone, together
from cordiale.desks.maritime.identity.place import Fix, Where
from cordiale.desks.maritime.identity.spell import History
from cordiale.desks.maritime.identity.telling import finding
from cordiale.desks.maritime.schema import DEGREE
from cordiale.errors import StorageFailed
from cordiale.vocab.moment import DAY

Question = tuple[int, int, int]
"""MMSI, ms, most ms before."""


def findings(store: Path, profile: str, rule: Rule | None, histories: Mapping[int, History]) -> list[Finding]:
    """All findings about identities, by begin and id. Raises `StorageFailed`."""
    if rule is None:
        return []
    asked = dict[Question, None]()

    def remember(mmsi: int, time: int, within: int) -> Fix | None:
        asked[mmsi, time, within] = None
        return None

    for _ in _cases(histories, remember, rule):
        pass
    answers = places(store, list(asked))

    def answer(mmsi: int, time: int, within: int) -> Fix | None:
        return answers.get((mmsi, time, within))

    cases = _cases(histories, answer, rule)
    found = {each.id: each for each in (finding(case, profile, lambda mmsi: histories.get(mmsi, {})) for case in cases)}
    return sorted(found.values(), key=lambda each: (each.begin, each.id))


def _cases(histories: Mapping[int, History], where: Where, rule: Rule) -> Iterator[Case]:
    for mmsi, history in sorted(histories.items()):
        yield from alone(mmsi, history, where, rule)
    yield from together(histories, where, rule)


def places(store: Path, questions: list[Question]) -> dict[Question, Fix]:
    """Where vessels were: row groups are read backwards in time, each once, and only while something is open."""
    archive, found = Archive(store), dict[Question, Fix]()
    waiting = sorted(questions, key=lambda question: question[1])
    for day in reversed(archive.days()):
        begin = _ms(day)
        if not any(time >= begin and time - within < begin + DAY for _, time, within in waiting):
            continue
        path = archive.path(day)
        try:
            with arrow.Groups(path, "positions") as groups:
                for number, (first, last) in reversed(list(enumerate(groups.spans()))):
                    here = [each for each in waiting if each[1] >= first and each[1] - each[2] <= last]
                    if here:
                        found |= _answered(here, groups.of(number, {mmsi for mmsi, _, _ in here}))
                        waiting = [each for each in waiting if each not in found]
        except (OSError, arrow.Fault) as fault:
            raise StorageFailed(f"{path}: {fault}") from None
    return found


def _answered(questions: list[Question], rows: pl.DataFrame) -> dict[Question, Fix]:
    """Those that these rows of a row group, in order, answer."""
    placed = rows.filter(
        (pl.col("lon").abs() <= 180 * DEGREE)
        & (pl.col("lat").abs() <= 90 * DEGREE)
        & ((pl.col("lon") != 0) | (pl.col("lat") != 0))
    )
    by_mmsi = placed.select("mmsi", *Fix._fields).partition_by("mmsi", as_dict=True, include_key=False)
    found: dict[Question, Fix] = {}
    for mmsi, time, within in questions:
        track = by_mmsi.get((mmsi,))
        if track is None:
            continue
        place = int(np.searchsorted(track["time"].to_numpy(), time, side="right")) - 1
        if place >= 0 and int(track["time"][place]) >= time - within:
            found[mmsi, time, within] = Fix(*track.row(place))
    return found


def _ms(day: date) -> int:
    return (datetime(day.year, day.month, day.day, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(
        milliseconds=1
    )
