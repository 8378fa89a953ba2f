"""Records to export, as the agent gives them: a decision, and a made-up register that has every kind of field."""

from collections.abc import Mapping
from typing import Any, Final

from cordiale.adapters.exchange.extract import Extract, Row
from cordiale.register.schema import Schema, parse, shipped
from cordiale.vocab.moment import Moment

MARKING: Final = "OFFICIAL-SENSITIVE – RELEASABLE TO FRANCE"
LOWER: Final = "OFFICIAL – RELEASABLE TO FRANCE"
HOSTILE: Final = '=HYPERLINK("http://x","y") #read("/etc/passwd") #panic() *b* $x$ <a> `r` \\ "q"; [l] @SUM(A1)'
CHANGED: Final = Moment(1_772_000_000_123)

_FIELDS: Final = {
    "name": 'kind = "bilingual"\nrequired = true',
    "when": 'kind = "span"',
    "shifts": 'kind = "list"\nitem = "span"',
    "from_day": 'kind = "day"',
    "at": 'kind = "moment"',
    "point": 'kind = "position"',
    "box": 'kind = "area"',
    "lane": 'kind = "corridor"',
    "heights": 'kind = "band"',
    "cost": 'kind = "decimal"\nscale = 2\nunit = "EUR"',
    "ships": 'kind = "integer"',
    "open": 'kind = "boolean"',
    "sort": 'kind = "choice"\nchoices = [{ value = "sea", title = { en = "At sea", fr = "En mer" } }]',
    "lead": 'kind = "list"\nitem = "nation"',
    "notes": 'kind = "list"\nitem = "text"',
    "remark": 'kind = "text"',
    "of": 'kind = "reference"\nto = "decision"',
}
_HEAD: Final = """type = "passage"
version = 1
workflow = "two-keys"
key = "name"
title = { en = "Passage", fr = "Passage" }
help = { en = "H", fr = "A" }
"""


def _field(name: str, more: str) -> str:
    words = f'title = {{ en = "T {name}", fr = "F {name}" }}\nhelp = {{ en = "h", fr = "a" }}'
    return f'[[field]]\nname = "{name}"\n{more}\n{words}'


PASSAGE: Final[Schema] = parse("\n".join([_HEAD, *(_field(name, more) for name, more in _FIELDS.items())]).encode())
EVERYTHING: Final[Mapping[str, Any]] = {
    "name": {"en": "EXERCISE Night passage", "fr": "EXERCICE Passage de nuit"},
    "when": ["2026-06-01T08:00:00.250Z", "2026-06-02T08:00:00.000Z"],
    "shifts": [
        ["2026-06-01T08:00:00.000Z", "2026-06-01T16:00:00.000Z"],
        ["2026-06-01T16:00:00.000Z", "2026-06-02T00:00:00.000Z"],
    ],
    "from_day": "2026-05-31",
    "at": "2026-06-01T08:00:00.007Z",
    "point": [-1.5, 50.25],
    "box": {"ring": [[179.0, 1.0], [-179.0, 1.0], [-179.0, 2.0], [179.0, 2.0]]},
    "lane": {"line": [[-1.0, 50.0], [0.1234567, 50.5]], "half_width": 900},
    "heights": [-10, 300],
    "cost": "-12.50",
    "ships": 3,
    "open": True,
    "sort": "sea",
    "lead": ["fr", "uk"],
    "notes": ["one; two", "=three"],
    "remark": HOSTILE,
    "of": "ab" * 16,
}
DECISION: Final[Mapping[str, Any]] = {
    "title": {"en": "EXERCISE Cable patrols", "fr": "EXERCICE Patrouilles câbles"},
    "text": {"en": "Patrols alternate weekly.\nThe log is shared.", "fr": "Les patrouilles alternent chaque semaine."},
    "body": "EXERCISE Steering group",
    "met": "2026-03-01",
    "lead": ["fr", "uk"],
}


def row(schema: Schema, values: Mapping[str, Any], number: int = 1, marking: str = MARKING, **changes: Any) -> Row:
    """A record as `register show --json` prints it."""
    document = {
        "id": f"{number:032x}",
        "room": "cd" * 32,
        "type": schema.type,
        "version": 1,
        "owner": "uk",
        "marking": {
            "text": marking,
            "original": f"UK {marking}",
            "colour": "#0b4f8a",
            "classification": "official-sensitive",
            "equivalent": False,
        },
        "hash": f"{number:064x}",
        "status": "part-keyed",
        "superseded_by": None,
        "workflow": "two-keys",
        "deadline": None,
        "keys": [{"nation": "uk", "person": "alice@uk", "at": "2026-03-02T09:00:00.000Z"}],
        "keys_needed": {"of": ["fr", "uk"], "count": 2},
        "values": dict(values),
        "withheld": [],
        "conflicts": {},
        **changes,
    }
    return Row(document, schema, CHANGED)


def extract(*rows: Row, language: str = "en", markings: tuple[str, ...] = (MARKING, LOWER), **changes: Any) -> Extract:
    """An extract of these, or of a decision and a passage."""
    found = rows or (row(shipped()["decision"], DECISION, 1, LOWER), row(PASSAGE, EVERYTHING, 2))
    given = {"title": "EXERCISE Channel watch", "question": "cable", "colour": "#0b4f8a", **changes}
    return Extract(language=language, markings=markings, rows=found, **given)
