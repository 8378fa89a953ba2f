"""The agent's socket: what is asked is answered, and nothing that is not a request does anything."""

import json
import os
import socket
import stat
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordiale.adapters import agent_socket
from cordiale.adapters.agent_socket import NAME, AgentSocket, connect
from cordiale.errors import (
    CordialeError,
    LimitExceeded,
    Malformed,
    NotReleasable,
    StorageFailed,
    TooBusy,
    Unreachable,
    WrongUsage,
)


class Agent:
    """Answers by the method's name, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Mapping[str, Any]]] = []
        self.faults: list[Exception] = []
        self.hold = threading.Event()

    def handle(self, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        self.asked.append((method, params))
        match method:
            case "echo":
                return dict(params)
            case "refuse":
                raise NotReleasable("no", rule="uk-eyes-only", nation="uk", destination="fr", detail_fr="non")
            case "wait":
                self.hold.wait(10)
                return {}
            case "break":
                raise ZeroDivisionError("a secret")
            case _:
                raise WrongUsage(method)


@pytest.fixture(scope="module")
def agent() -> Agent:
    return Agent()


@pytest.fixture(scope="module")
def folder(agent: Agent, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    directory = tmp_path_factory.mktemp("agent")
    with AgentSocket(directory, agent.handle, agent.faults.append):
        yield directory
    assert not (directory / NAME).exists()


def raw(folder: Path, sent: bytes, *, end: bool = True) -> bytes:
    """Everything that comes back for these bytes."""
    with socket.socket(socket.AF_UNIX) as stream:
        stream.settimeout(10)
        stream.connect(str(folder / NAME))
        try:
            stream.sendall(sent)
            if end:
                stream.shutdown(socket.SHUT_WR)
        except BrokenPipeError:
            pass
        got = b""
        try:
            while chunk := stream.recv(65536):
                got += chunk
        except ConnectionResetError:
            pass
        return got


def test_asks_and_answers_on_one_connection(folder: Path) -> None:
    caller = connect(folder)
    assert caller is not None
    with caller:
        assert caller.call("echo", {"text": "Æther → ☃", "number": 7}) == {"text": "Æther → ☃", "number": 7}
        assert caller.call("echo", {}) == {}


def test_an_error_arrives_as_itself(folder: Path) -> None:
    caller = connect(folder)
    assert caller is not None
    with caller, pytest.raises(NotReleasable) as caught:
        caller.call("refuse", {})
    assert caught.value.rule == "uk-eyes-only"
    assert caught.value.facts["detail_fr"] == "non"
    assert str(caught.value) == "The border of uk refused release to fr: no"


def test_a_fault_is_reported_without_its_words_and_the_connection_lives(folder: Path, agent: Agent) -> None:
    caller = connect(folder)
    assert caller is not None
    with caller:
        with pytest.raises(CordialeError) as caught:
            caller.call("break", {})
        assert "secret" not in str(caught.value)
        assert isinstance(agent.faults[-1], ZeroDivisionError)
        assert caller.call("echo", {}) == {}


def test_the_socket_is_its_owners_only(folder: Path) -> None:
    assert stat.S_IMODE((folder / NAME).stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"status"',
        b"{}",
        b'{"method": 7}',
        b'{"method": ""}',
        b'{"method": "echo", "params": []}',
        b'{"method": "echo", "params": {}, "more": 1}',
        b'{"method": "' + b"x" * 41 + b'"}',
        b'{"method": "echo", "params": {"a": "\xff\xfe"}}',
        b'{"method": "echo", "params": {"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
        b"\x00\x01\x02",
        b"GET / HTTP/1.1\r",
    ],
)
def test_what_is_no_request_is_malformed_and_ends_the_connection(folder: Path, agent: Agent, line: bytes) -> None:
    before = len(agent.asked)
    answers = raw(folder, line + b'\n{"method": "echo"}\n').splitlines()
    assert len(answers) == 1
    assert json.loads(answers[0])["error"]["code"] == Malformed.code
    assert len(agent.asked) == before


def test_a_line_that_breaks_off_is_not_carried_out(folder: Path, agent: Agent) -> None:
    before = len(agent.asked)
    answer = raw(folder, b'{"method": "echo", "params": {}}')
    assert json.loads(answer)["error"]["code"] == Malformed.code
    assert len(agent.asked) == before


def test_a_line_without_end_is_cut_at_the_limit(folder: Path, agent: Agent) -> None:
    before = len(agent.asked)
    answer = raw(folder, b'{"method": "' + b"x" * (agent_socket.REQUEST_BYTES + 200_000), end=False)
    assert not answer or json.loads(answer)["error"]["code"] == LimitExceeded.code
    assert len(agent.asked) == before


@given(st.binary(max_size=400))
def test_no_bytes_bring_it_down(folder: Path, data: bytes) -> None:
    for line in raw(folder, data).splitlines():
        assert "error" in json.loads(line)
    caller = connect(folder)
    assert caller is not None
    with caller:
        assert caller.call("echo", {"a": 1}) == {"a": 1}


def test_too_many_callers_are_told_so(folder: Path, agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    callers = [connect(folder) for _ in range(agent_socket.CONNECTIONS)]
    time.sleep(0.2)
    extra = connect(folder)
    assert extra is not None
    with extra, pytest.raises((TooBusy, Unreachable)):
        extra.call("echo", {})
    for caller in callers:
        assert caller is not None
        caller.__exit__()
    time.sleep(0.2)
    again = connect(folder)
    assert again is not None
    with again:
        assert again.call("echo", {}) == {}


def test_a_caller_that_says_nothing_is_let_go(tmp_path: Path, agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent_socket, "IDLE_SECONDS", 0.1)
    with AgentSocket(tmp_path, agent.handle, agent.faults.append):
        assert raw(tmp_path, b'{"method"', end=False) == b""


def test_nobody_there(tmp_path: Path) -> None:
    assert connect(tmp_path) is None
    assert connect(tmp_path / "nowhere") is None
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(str(tmp_path / NAME))
    assert connect(tmp_path) is None


def test_a_socket_left_behind_is_replaced(tmp_path: Path, agent: Agent) -> None:
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(str(tmp_path / NAME))
    with AgentSocket(tmp_path, agent.handle, agent.faults.append):
        caller = connect(tmp_path)
        assert caller is not None
        with caller:
            assert caller.call("echo", {}) == {}


def test_a_folder_deeper_than_a_socket_address(tmp_path: Path, agent: Agent) -> None:
    deep = tmp_path / ("d" * 90) / ("e" * 90)
    deep.mkdir(parents=True)
    with AgentSocket(deep, agent.handle, agent.faults.append):
        caller = connect(deep)
        assert caller is not None
        with caller:
            assert caller.call("echo", {}) == {}


def test_no_folder_no_socket(tmp_path: Path, agent: Agent) -> None:
    with pytest.raises(StorageFailed):
        AgentSocket(tmp_path / "nowhere", agent.handle, agent.faults.append)


def serve_once(folder: Path, answer: bytes) -> threading.Thread:
    """An agent that answers anything with these bytes and closes."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(folder / NAME))
    listener.listen(1)

    def answering() -> None:
        with listener, listener.accept()[0] as stream:
            stream.recv(65536)
            stream.sendall(answer)

    thread = threading.Thread(target=answering)
    thread.start()
    return thread


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"", Unreachable),
        (b"{", Malformed),
        (b"{}\n", None),
        (b'{"result": 7}\n', Malformed),
        (b'{"error": {"code": "not-found"}}\n', Malformed),
        (b'{"error": {"code": "unheard-of", "rule": "", "facts": {}}}\n', CordialeError),
        (b"\xff\xff\n", Malformed),
    ],
)
def test_a_caller_trusts_no_answer(tmp_path: Path, answer: bytes, kind: type[CordialeError] | None) -> None:
    thread = serve_once(tmp_path, answer)
    caller = connect(tmp_path)
    assert caller is not None
    with caller:
        if kind is None:
            assert caller.call("echo", {}) == {}
        else:
            with pytest.raises(kind):
                caller.call("echo", {})
    thread.join()


def test_a_caller_of_another_user_is_turned_away(tmp_path: Path, agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = os.geteuid()
    monkeypatch.setattr(agent_socket.os, "geteuid", lambda: mine + 1)
    with AgentSocket(tmp_path, agent.handle, agent.faults.append):
        assert raw(tmp_path, b'{"method": "echo"}\n') == b""


def test_an_answer_that_does_not_come(tmp_path: Path, agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent_socket, "GRACE_SECONDS", 0.1)
    with AgentSocket(tmp_path, agent.handle, agent.faults.append):
        caller = connect(tmp_path)
        assert caller is not None
        with caller, pytest.raises(Unreachable):
            caller.call("wait", {})
    agent.hold.set()
