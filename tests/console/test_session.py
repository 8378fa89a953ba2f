"""A launch token is good once and not for long; a session ends when nobody uses it."""

from dataclasses import dataclass

from cordiale.console.session import IDLE_FOR, LAUNCH_FOR, SESSIONS, Sessions
from cordiale.vocab.moment import Moment


@dataclass
class Clock:
    now: int = 1_000_000

    def __call__(self) -> Moment:
        return Moment(self.now)


def test_a_token_opens_one_session_once() -> None:
    sessions = Sessions(Clock())
    token = sessions.launch()
    session = sessions.redeem(token)
    assert session is not None
    assert session != token
    assert sessions.holds(session)
    assert sessions.redeem(token) is None
    assert not sessions.holds(token)


def test_what_was_never_given_opens_nothing() -> None:
    sessions = Sessions(Clock())
    sessions.launch()
    for guess in ("", "x", "\udcff", "é" * 100):
        assert sessions.redeem(guess) is None
        assert not sessions.holds(guess)


def test_a_token_grows_old() -> None:
    clock = Clock()
    sessions = Sessions(clock)
    token = sessions.launch()
    clock.now += LAUNCH_FOR + 1
    assert sessions.redeem(token) is None
    clock.now -= LAUNCH_FOR + 1
    assert sessions.redeem(token) is None, "it was used up"


def test_a_session_lives_while_it_is_used() -> None:
    clock = Clock()
    sessions = Sessions(clock)
    session = sessions.redeem(sessions.launch()) or ""
    for _ in range(3):
        clock.now += IDLE_FOR - 1
        assert sessions.holds(session)
    clock.now += IDLE_FOR + 1
    assert not sessions.holds(session)


def test_signing_out_ends_it() -> None:
    sessions = Sessions(Clock())
    session = sessions.redeem(sessions.launch()) or ""
    sessions.end("another")
    assert sessions.holds(session)
    sessions.end(session)
    assert not sessions.holds(session)


def test_the_one_that_was_idle_longest_makes_room() -> None:
    clock = Clock()
    sessions = Sessions(clock)
    held: list[str] = []
    for _ in range(SESSIONS + 1):
        clock.now += 1
        held.append(sessions.redeem(sessions.launch()) or "")
    assert [sessions.holds(session) for session in held] == [False] + [True] * SESSIONS
