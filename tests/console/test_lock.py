"""The lock: nothing but its own page is answered while it is shut, guessing is slow and ends, and the passphrase is nowhere."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest

from console.visitor import COOKIE, HOST, ORIGIN, Visitor
from cordiale.console.app import Console
from cordiale.console.lock import ATTEMPTS, FREE, LEAST, Attempt, Lock
from cordiale.console.session import Sessions
from cordiale.crypto.passphrase import Cost
from cordiale.errors import Malformed, Unreachable, WrongUsage
from cordiale.vocab.moment import MINUTE, SECOND, Moment

CHEAP = Cost(memory=64, passes=1, lanes=1)
WORDS = "EXERCISE passphrase"


@dataclass
class Clock:
    now: int = 1_000_000_000

    def __call__(self) -> Moment:
        return Moment(self.now)


class NoAgent:
    async def call(self, method: str, params: object, *, wait: float = 0) -> dict[str, object]:
        raise Unreachable("none", what="the agent")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lock(clock: Clock, tmp_path: Path) -> Lock:
    return Lock(clock, tmp_path / "lock.json", cost=CHEAP)


def visit(sessions: Sessions) -> Visitor:
    console = Console(NoAgent(), sessions, frozenset((HOST,)), COOKIE, "en")
    visitor = Visitor(console.asgi)
    cookie = visitor.get(f"/launch?token={sessions.launch()}").headers["set-cookie"].partition(";")[0]
    visitor.headers["cookie"] = cookie
    return visitor


def test_what_is_kept_opens_nothing_else_and_is_private(lock: Lock, clock: Clock, tmp_path: Path) -> None:
    lock.set(WORDS, 5)
    path = tmp_path / "lock.json"
    assert WORDS not in path.read_text()
    assert not path.stat().st_mode & 0o077
    again = Lock(clock, path, cost=CHEAP)
    assert (again.is_set, again.minutes) == (True, 5)
    assert again.attempt(WORDS) is Attempt.OPENED
    assert again.attempt(WORDS + "x") is Attempt.WRONG


@pytest.mark.parametrize("words", ["", "x" * (LEAST - 1), "x" * 257])
def test_a_passphrase_has_a_length(lock: Lock, words: str) -> None:
    with pytest.raises(WrongUsage):
        lock.set(words, 5)
    assert not lock.is_set


def test_guessing_becomes_slow_and_ends(lock: Lock, clock: Clock) -> None:
    lock.set(WORDS, 5)
    for _ in range(FREE):
        assert lock.attempt("guess") is Attempt.WRONG
    assert lock.wait() == 1
    assert lock.attempt(WORDS) is Attempt.TOO_SOON, "even the right one waits"
    waits: list[int] = []
    for _ in range(ATTEMPTS - FREE - 1):
        clock.now += lock.wait() * SECOND
        assert lock.attempt("guess") is Attempt.WRONG
        waits.append(lock.wait())
    assert waits == [2, 4, 8, 16, 32, 64]
    clock.now += lock.wait() * SECOND
    assert lock.attempt("guess") is Attempt.ENDED


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"version": 2}', b"[" * 5000])
def test_a_spoiled_file_is_said_and_never_an_open_door(clock: Clock, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "lock.json").write_bytes(content)
    with pytest.raises(Malformed):
        Lock(clock, tmp_path / "lock.json")


def test_an_idle_session_is_shut_and_what_pages_ask_keeps_none_open(lock: Lock, clock: Clock) -> None:
    lock.set(WORDS, 5)
    visitor = visit(Sessions(clock, lock))
    quiet = {"sec_fetch_mode": "cors"}
    for _ in range(6):
        clock.now += MINUTE
        assert visitor.get("/frame/links", **quiet).status == (200 if clock.now <= 1_000_000_000 + 5 * MINUTE else 423)
    page = visitor.get("/border?room=secret")
    assert page.status == 423
    assert "Passphrase of the lock" in page.text
    assert page.headers["cache-control"] == "no-store"
    for method, path in (("POST", "/lock"), ("POST", "/rooms"), ("POST", "/awake"), ("POST", "/settings/lock")):
        assert visitor.ask(method, path, origin=ORIGIN).status == 423
    wrong = visitor.post("/unlock", urlencode({"passphrase": "guess", "back": "/border"}))
    assert (wrong.status, "not the passphrase" in wrong.text) == (423, True)
    right = visitor.post("/unlock", urlencode({"passphrase": WORDS, "back": "/border?room=secret"}))
    assert (right.status, right.headers["location"]) == (303, "/border?room=secret")
    assert visitor.get("/border").status == 200


def test_a_person_who_is_there_is_not_locked_out(lock: Lock, clock: Clock) -> None:
    lock.set(WORDS, 5)
    visitor = visit(Sessions(clock, lock))
    for _ in range(4):
        clock.now += 4 * MINUTE
        assert visitor.post("/awake", "", sec_fetch_mode="cors").status == 204


def test_it_is_shut_at_once_and_the_way_back_stays_here(lock: Lock, clock: Clock) -> None:
    lock.set(WORDS, 5)
    visitor = visit(Sessions(clock, lock))
    assert visitor.post("/lock", "").status == 204
    assert visitor.get("/").status == 423
    for back in ("https://evil.example", "//evil.example", "/\\evil.example", "evil"):
        answer = visitor.post("/unlock", urlencode({"passphrase": WORDS, "back": back}))
        assert answer.headers["location"] == "/"
        visitor.post("/lock", "")


def test_without_a_passphrase_the_session_ends(clock: Clock, tmp_path: Path) -> None:
    visitor = visit(Sessions(clock, Lock(clock, tmp_path / "lock.json", minutes=10)))
    clock.now += 11 * MINUTE
    page = visitor.get("/")
    assert page.status == 401
    assert "cordiale console" in page.text


def test_too_many_guesses_end_every_session(lock: Lock, clock: Clock) -> None:
    lock.set(WORDS, 5)
    sessions = Sessions(clock, lock)
    first, second = visit(sessions), visit(sessions)
    first.post("/lock", "")
    for _ in range(ATTEMPTS):
        clock.now += lock.wait() * SECOND
        answer = first.post("/unlock", urlencode({"passphrase": "guess", "back": "/"}))
    assert answer.status == 401
    assert second.get("/").status == 401


def test_the_passphrase_is_set_and_changed_with_the_old_one(lock: Lock, clock: Clock) -> None:
    visitor = visit(Sessions(clock, lock))
    assert "Set a passphrase" in visitor.get("/settings").text
    form = {"new": WORDS, "again": WORDS, "minutes": "3"}
    assert visitor.post("/settings/lock", urlencode({**form, "again": "other"})).status == 400
    assert not lock.is_set
    assert visitor.post("/settings/lock", urlencode(form)).status == 303
    assert lock.minutes == 3
    other = {"new": "EXERCISE another", "again": "EXERCISE another", "minutes": "4"}
    assert visitor.post("/settings/lock", urlencode({**other, "old": "guess"})).status == 400
    assert lock.attempt(WORDS) is Attempt.OPENED
    assert visitor.post("/settings/lock", urlencode({**other, "old": WORDS})).status == 303
    assert lock.attempt("EXERCISE another") is Attempt.OPENED
    assert visitor.post("/settings/lock", urlencode({"old": "EXERCISE another", "minutes": "7"})).status == 303
    assert lock.minutes == 7
    for minutes in ("-1", "x", "99999", "721"):
        assert visitor.post("/settings/lock", urlencode({"old": "EXERCISE another", "minutes": minutes})).status == 400
