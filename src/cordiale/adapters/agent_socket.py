"""The agent's local socket: one JSON document per line.

    {"method": …, "params": {…}}    →    {"result": {…}}  or  {"error": {"code", "rule", "facts"}}

It lies in the agent's folder with mode 0600, and a caller of another user is turned away besides. Every line is
bounded as it is read; whatever is no request is answered with a typed error, ends the connection, changes nothing.
"""

import os
import socket
import struct
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, Any, Final, Self, TypeVar

import msgspec

from cordiale.errors import CordialeError, LimitExceeded, Malformed, StorageFailed, TooBusy, Unreachable
from cordiale.federation.api import Problem, error_of, problem_of
from cordiale.wire import typed

NAME: Final = "agent.sock"
REQUEST_BYTES: Final = 2 * 1024 * 1024
ANSWER_BYTES: Final = 64 * 1024 * 1024
CONNECTIONS: Final = 32
IDLE_SECONDS: Final = 30.0
GRACE_SECONDS: Final = 60.0
"""How much longer than the method itself may wait, a caller waits for the answer."""
_PATH_BYTES: Final = 100
_CHUNK: Final = 64 * 1024

Handle = Callable[[str, Mapping[str, Any]], dict[str, Any]]
Fault = Callable[[Exception], None]


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line from a caller."""

    method: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    params: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A line to a caller: exactly one of the two."""

    result: dict[str, Any] | None = None
    error: Problem | None = None


class Lines:
    """Bounded lines over a stream socket."""

    def __init__(self, stream: socket.socket, limit: int) -> None:
        self._stream, self._limit = stream, limit
        self._buffer = bytearray()

    def read(self) -> bytes | None:
        """The next line; None at the end of the stream. `LimitExceeded`, or `Malformed` if a line lacks its end."""
        searched = 0
        while (end := self._buffer.find(b"\n", searched)) < 0:
            searched = len(self._buffer)
            if searched > self._limit:
                raise LimitExceeded(f"a line of more than {self._limit} bytes on the agent's socket")
            if not (chunk := self._stream.recv(_CHUNK)):
                if self._buffer:
                    raise Malformed("the line broke off", what="request")
                return None
            self._buffer += chunk
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return line

    def write(self, document: msgspec.Struct) -> None:
        """Send one document as a line."""
        self._stream.sendall(msgspec.json.encode(document) + b"\n")


# --- the agent's side ---------------------------------------------------------------------------------------------


class AgentSocket:
    """The listening side: a thread that accepts, and one per caller."""

    def __init__(self, directory: Path, handle: Handle, fault: Fault) -> None:
        self._directory, self._handle, self._fault = directory, handle, fault
        self._free = threading.BoundedSemaphore(CONNECTIONS)
        self._listener = _listen(directory)
        self._thread = threading.Thread(target=self._accept, name="agent-socket", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        (self._directory / NAME).unlink(missing_ok=True)
        self._thread.join(timeout=2)

    def _accept(self) -> None:
        while True:
            try:
                stream, _ = self._listener.accept()
            except OSError:
                return
            if not _same_user(stream):
                stream.close()
            elif self._free.acquire(blocking=False):
                threading.Thread(target=self._serve, args=(stream,), name="agent-caller", daemon=True).start()
            else:
                _refuse(stream, TooBusy(f"{CONNECTIONS} callers at once"))

    def _serve(self, stream: socket.socket) -> None:
        try:
            with stream, suppress(OSError):
                stream.settimeout(IDLE_SECONDS)
                serve(stream, self._handle, self._fault)
        finally:
            self._free.release()


def serve(stream: socket.socket, handle: Handle, fault: Fault) -> None:
    """Answer one caller until it goes; whatever is no request ends it."""
    lines = Lines(stream, REQUEST_BYTES)
    while _turn(lines, handle, fault):
        pass


def _turn(lines: Lines, handle: Handle, fault: Fault) -> bool:
    """One request; whether another one may follow on this connection."""
    try:
        line = lines.read()
        if line is None:
            return False
        request = _decode(line, Request)
    except CordialeError as error:
        lines.write(Answer(error=problem_of(error)))
        return False
    lines.write(_answer(request, handle, fault))
    return True


def _answer(request: Request, handle: Handle, fault: Fault) -> Answer:
    try:
        return Answer(result=handle(request.method, request.params))
    except CordialeError as error:
        return Answer(error=problem_of(error))
    except Exception as error:
        fault(error)
        return Answer(error=problem_of(CordialeError(f"{type(error).__name__} in the process that was asked")))


def _listen(directory: Path) -> socket.socket:
    """The store's lock, which the caller holds, says that no other agent lives here: a socket left behind is stale."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    path = directory / NAME
    try:
        path.unlink(missing_ok=True)
        with _short(path) as name:
            listener.bind(name)
        path.chmod(0o600)
        listener.listen(CONNECTIONS)
    except OSError as fault:
        listener.close()
        raise StorageFailed(f"the socket {path}: {fault.strerror}") from None
    return listener


def _refuse(stream: socket.socket, error: CordialeError) -> None:
    with stream, suppress(OSError):
        stream.settimeout(1)
        Lines(stream, REQUEST_BYTES).write(Answer(error=problem_of(error)))


def _same_user(stream: socket.socket) -> bool:
    """Whether the caller runs as this user; where the system cannot say, the socket's mode alone decides."""
    if not hasattr(socket, "SO_PEERCRED"):
        return True
    sent = stream.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return struct.unpack("3i", sent)[1] == os.geteuid()


@contextmanager
def _short(path: Path) -> Generator[str]:
    """A name for a socket whose path is longer than the 108 bytes that the system takes."""
    if len(os.fsencode(path)) <= _PATH_BYTES:
        yield str(path)
        return
    descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}/{path.name}"
    finally:
        os.close(descriptor)


# --- the caller's side --------------------------------------------------------------------------------------------


class Caller:
    """A connection to a running agent."""

    def __init__(self, stream: socket.socket) -> None:
        self._stream = stream
        self._lines = Lines(stream, ANSWER_BYTES)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def call(self, method: str, params: Mapping[str, Any], *, wait: float = 0) -> dict[str, Any]:
        """Ask; the answer, or the error that the agent raised. `wait` is how long the method itself may wait."""
        self._stream.settimeout(wait + GRACE_SECONDS)
        try:
            self._lines.write(Request(method, dict(params)))
            line = self._lines.read()
        except TimeoutError:
            raise Unreachable("no answer in time", what="the running agent") from None
        except OSError as fault:
            raise Unreachable(fault.strerror or "the connection broke", what="the running agent") from None
        if line is None:
            raise Unreachable("the connection ended", what="the running agent")
        answer = _decode(line, Answer)
        if answer.error is not None:
            raise error_of(answer.error)
        return answer.result or {}


def connect(directory: Path) -> Caller | None:
    """A connection to the agent that runs in this folder, or None where none does."""
    path = directory / NAME
    stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    stream.settimeout(GRACE_SECONDS)
    try:
        with _short(path) as name:
            stream.connect(name)
    except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError):
        stream.close()
        return None
    except OSError as fault:
        stream.close()
        raise Unreachable(f"{path}: {fault.strerror}", what="the running agent") from None
    return Caller(stream)


S = TypeVar("S", Request, Answer)


def _decode(line: bytes, kind: type[S]) -> S:
    try:
        return typed.decode_json(line, kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise Malformed(str(fault)[:160], what=kind.__name__.lower()) from None
