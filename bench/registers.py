"""Registers: what it costs to fold a room's acts to its records, to take one act more, and to ask a question.

The acts are in memory and verified before the clock starts; the index is filled before questions are asked. Questions are the
kinds that people ask: by status and nation, by words, by time and by place, each over all records; the slowest kind counts.
Beside the index stands a plain look at every record in turn, which gives the same answers.
"""

import argparse
import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any, Final

from bench.history import ROOM, UK, Writer
from bench.table import Benchmark, Effort, Report, Work
from cordiale.adapters.record_index import RecordIndex
from cordiale.register.act import Propose
from cordiale.register.fold import Fold, fold
from cordiale.register.query import Query, parse
from cordiale.register.record import Head, Opening, RecordId, Terms, field_digest
from cordiale.register.schema import Field, Phrase, Schema
from cordiale.vocab.party import Nation
from cordiale.wire import limits

ACTS: Final = 1_000_000
RECORDS: Final = 100_000
QUICK: Final = 20
"""A quick run has that many times fewer; its rows say how many."""
QUESTIONS: Final = {
    "by status and nation": "status=proposed lead=fr",
    "by words": "patrol cable",
    "by time": "during=2027-03-01/2027-03-08",
    "by place": "within=0,50,2,52",
}
_WORDS: Final = Phrase("–", "–")
_KINDS: Final = (
    ("title", "bilingual", ""),
    ("lead", "list", "nation"),
    ("when", "span", ""),
    ("where", "position", ""),
)
SCHEMA: Final = Schema(
    "patrol", 1, "two-keys", _WORDS, _WORDS, "title",
    tuple(Field(name, kind, _WORDS, _WORDS, item=item) for name, kind, item in _KINDS),
)  # fmt: skip
_DAY: Final = 86_400_000
_BEGUN: Final = 1_798_761_600_000  # 1 January 2027


def _record(writer: Writer, noise: random.Random) -> tuple[RecordId, Fold]:
    start = _BEGUN + noise.randrange(365) * _DAY
    words = noise.sample(("cable", "patrol", "survey", "port", "escort", "drill", "radar", "buoy"), 3)
    body: dict[str, Any] = {
        "title": {"en": f"EXERCISE {' '.join(words)}", "fr": "EXERCICE"},
        "lead": noise.choice((["uk"], ["fr"], ["uk", "fr"])),
        "when": [start, start + 3 * _DAY],
        "where": [noise.randrange(-1_800_000_000, 1_800_000_000), noise.randrange(-800_000_000, 800_000_000)],
    }
    openings = {name: Opening(noise.randbytes(16), value) for name, value in body.items()}
    digests = {name: field_digest(name, opening) for name, opening in openings.items()}
    record = RecordId(noise.randbytes(16))
    head = Head(record, "patrol", 1, UK, bytes(120), (UK, Nation("fr")), Terms("two-keys", (UK, Nation("fr"))))
    return record, fold([writer.act(UK, record, b"", Propose(head, digests, openings))])


def _plainly(states: list[tuple[RecordId, Fold]], kind: str) -> int:
    """How many records answer, by looking at each."""
    shown = ({name: opening.value for name, opening in state.shown().items()} for _, state in states)
    tests: dict[str, Callable[[dict[str, Any]], bool]] = {
        "by status and nation": lambda one: "fr" in one["lead"],
        "by words": lambda one: all(word in one["title"]["en"].split() for word in ("patrol", "cable")),
        "by time": lambda one: one["when"][0] < _BEGUN + 67 * _DAY and one["when"][1] > _BEGUN + 59 * _DAY,
        "by place": lambda one: 0 <= one["where"][0] <= 20_000_000 and 500_000_000 <= one["where"][1] <= 520_000_000,
    }
    return sum(map(tests[kind], shown))


def _questions(count: int) -> tuple[float, float, float, dict[str, int]]:
    """CPU milliseconds of the slowest kind of question: a page of answers, all answers, by looking; and how many there were."""
    noise, writer, index = random.Random(7), Writer(), RecordIndex()
    states = [_record(writer, noise) for _ in range(count)]
    index.put(ROOM, [(record, state, SCHEMA) for record, state in states])
    page, slowest, plainest, answers = 0.0, 0.0, 0.0, dict[str, int]()
    for kind, text in QUESTIONS.items():
        query = parse(text)
        first, _ = _timed(index, query, limits.LIST_ITEMS)
        whole, found = _timed(index, query, count)
        begun = time.process_time()
        plain = _plainly(states, kind)
        plainest = max(plainest, time.process_time() - begun)
        if plain != found:
            raise AssertionError(f"{kind}: {found} by the index, {plain} by looking")
        answers[kind] = plain
        page, slowest = max(page, first), max(slowest, whole)
    return 1000 * page, 1000 * slowest, 1000 * plainest, answers


def _timed(index: RecordIndex, query: Query, limit: int) -> tuple[float, int]:
    """CPU seconds of a question, the median of five, and how many answers it had."""
    spent, found = list[float](), 0
    for _ in range(5):
        begun = time.process_time()
        found = len(index.find(query, "2027-01-01", limit=limit))
        spent.append(time.process_time() - begun)
    return statistics.median(spent), found


def measure(effort: Effort, given: argparse.Namespace) -> Report:
    """All rows."""
    del effort
    less = QUICK if given.quick else 1
    acts, count = ACTS // less, RECORDS // less
    command = [sys.executable, "-m", "bench.history", str(acts)]
    folded = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    page, slowest, plainest, answers = _questions(count)
    rows = [
        Work(f"fold {acts:,} acts", "CPU s", "less", 20.0 / less).row(folded["fold"]),
        Work(f"fold {acts:,} acts: memory", "MiB", "less", 1024.0).row(folded["peak_mib"]),
        Work("one act more", "CPU ms", "less", 1.0).row(1000 * folded["one"]),
        Work(f"a question over {count:,} records, a page of answers", "CPU ms", "less", 50.0).row(page),
        Work("the same, every answer", "CPU ms", "less", 50.0).row(slowest, "looking at each", plainest),
    ]
    facts = {
        "acts": folded["acts"],
        "bound": folded["bound"],
        **{f"answers {kind}": each for kind, each in answers.items()},
    }
    return Report("registers", BENCHMARK.title, rows, facts, NOTES)


NOTES: Final = [
    "Ten acts a record: proposed, commented, amended by the other nation, commented, keyed by both; all bind.",
    f"A page is what the agent answers at most at once: {limits.LIST_ITEMS:,} records.",
    "The slowest of four kinds of question (status and nation, words, time, place); answers are compared with a look at each.",
]
BENCHMARK: Final = Benchmark("registers", "Registers: records of two nations", measure, Effort(1.0, 1), Effort(1.0, 1))

if __name__ == "__main__":
    sys.exit(BENCHMARK.run())
