"""Finding records: every kind of condition, against what a reader would pick by hand."""

import pytest

from cordiale.adapters.record_index import RecordIndex
from cordiale.errors import WrongUsage
from cordiale.register.act import Key
from cordiale.register.fold import fold
from cordiale.register.kind import DEGREE
from cordiale.register.query import parse
from cordiale.register.record import RecordId
from cordiale.register.schema import Field, Phrase, Schema
from cordiale.vocab.moment import DAY
from register.cabinet import ROOM, START, Cabinet, two_keys

WORDS = Phrase("a", "b")


def field(name: str, kind: str, item: str = "") -> Field:
    return Field(name, kind, WORDS, WORDS, item=item)


SCHEMA = Schema(
    "patrol",
    1,
    "two-keys",
    WORDS,
    WORDS,
    "title",
    (
        field("title", "bilingual"),
        field("due", "day"),
        field("lead", "list", "nation"),
        field("when", "span"),
        field("where", "area"),
        field("ships", "integer"),
        field("open", "boolean"),
    ),
)


@pytest.fixture(scope="module")
def found() -> tuple[RecordIndex, dict[str, RecordId]]:
    cabinet, index = Cabinet(), RecordIndex()
    alice, claire = cabinet.person("alice@uk"), cabinet.person("claire@fr")
    names: dict[str, RecordId] = {}

    def square(lon: int, lat: int) -> dict[str, object]:
        corners = [(lon, lat), (lon + 2, lat), (lon + 2, lat + 2), (lon, lat + 2)]
        return {"ring": [[((x + 180) % 360 - 180) * DEGREE, y * DEGREE] for x, y in corners]}

    rows = {
        "channel": ("Cable patrol", "Patrouille de câbles", "2026-05-01", ["uk", "fr"], 0, square(0, 50), 2, True),
        "biscay": ("Biscay survey", "Levé du golfe", "2026-12-01", ["fr"], 10, square(-4, 45), 1, False),
        "pacific": ("Pacific patrol", "Patrouille du Pacifique", "2027-01-01", ["uk"], 20, square(179, -10), 3, True),
    }
    for name, (en, fr, due, lead, day, where, ships, open_) in rows.items():
        when = [START + day * DAY, START + (day + 5) * DAY]
        fields = {"title": {"en": en, "fr": fr}, "due": due, "lead": lead, "when": when, "where": where, "ships": ships}
        names[name], of = cabinet.propose(alice, two_keys(), "patrol", open=open_, **fields)
        if name == "biscay":
            cabinet.read(claire)
            cabinet.act(alice, names[name], of, Key())
            cabinet.act(claire, names[name], of, Key())
    index.put(ROOM, [(record, cabinet.state(record), SCHEMA) for record in names.values()])
    return index, names


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {"channel", "biscay", "pacific"}),
        ("type=patrol status=binding", {"biscay"}),
        ("lead=fr", {"channel", "biscay"}),
        ("lead!=fr", {"pacific"}),
        ("due<2026-06-01", {"channel"}),
        ("ships>1", {"channel", "pacific"}),
        ("open=yes", {"channel", "pacific"}),
        ("patrol", {"channel", "pacific"}),
        ("patrouille cables", {"channel"}),
        ('"cable patrol"', {"channel"}),
        ("within=1,51,5,55", {"channel"}),
        ("within=170,-20,-170,0", {"pacific"}),
        ("within=-180,-20,-179.5,0", {"pacific"}),
        ("within=-60,-60,60,60 patrol", {"channel"}),
        ("during=2027-01-15/2027-01-16", {"channel"}),
        ("during=2027-01-26/2027-01-27", {"biscay"}),
        ("overdue=yes", {"channel"}),
        ("owner=fr", set()),
    ],
)
def test_a_question_finds_what_it_asks_for(
    found: tuple[RecordIndex, dict[str, RecordId]], text: str, expected: set[str]
) -> None:
    index, names = found
    answer = {record for _, record in index.find(parse(text), "2026-11-24")}
    assert answer == {names[name] for name in expected}


def test_a_changed_record_is_found_by_what_it_says_now() -> None:
    cabinet, index = Cabinet(), RecordIndex()
    alice = cabinet.person("alice@uk")
    record, of = cabinet.propose(
        alice, two_keys(), "patrol", title={"en": "old", "fr": "vieux"}, when=[1, 2], where={"ring": [[0, 0]] * 3}
    )
    index.put(ROOM, [(record, cabinet.state(record), SCHEMA)])
    cabinet.amend(alice, record, of, title={"en": "new", "fr": "neuf"})
    index.put(ROOM, [(record, cabinet.state(record), SCHEMA)])
    assert index.find(parse("old"), "2026-01-01") == []
    assert [one for _, one in index.find(parse("neuf"), "2026-01-01")] == [record]
    assert len(index.find(parse("within=-1,-1,1,1"), "2026-01-01")) == 1


def test_rooms_are_apart() -> None:
    cabinet, index = Cabinet(), RecordIndex()
    record, _ = cabinet.propose(cabinet.person("alice@uk"), two_keys(), "patrol", title={"en": "x", "fr": "y"})
    index.put(ROOM, [(record, fold(cabinet.acts), SCHEMA)])
    assert index.find(parse(""), "2026-01-01", room=type(ROOM)(b"o" * 32)) == []


NOT_UNDERSTOOD = (
    "within=1,2,3",
    "within=nan,0,1,1",
    "within=1e999,0,1,1",
    "within=190,0,1,1",
    "during=2026",
    "during=2026-02-30/2026-03-01",
    "during=2026-03-02/2026-03-01",
    '"open',
    "lead=",
    " ".join("x" * 40),
)


@pytest.mark.parametrize("text", NOT_UNDERSTOOD)
def test_a_question_that_is_not_understood_says_so(text: str) -> None:
    with pytest.raises(WrongUsage):
        parse(text)


@pytest.mark.parametrize("text", ["a'b", 'a"*" OR', "NEAR(", "; DROP TABLE record", "ti*tle=1", "AND", "*"])
def test_no_words_break_the_index(text: str) -> None:
    try:
        query = parse(text)
    except WrongUsage:
        return
    assert RecordIndex().find(query, "2026-01-01") == []
