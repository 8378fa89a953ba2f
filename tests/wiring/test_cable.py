"""The cable carries bytes both ways, breaks at once when it is cut, and carries again when it is joined."""

import socket
import threading
from collections.abc import Iterator

import pytest

from cordiale.wiring.cable import HOST, Cable


@pytest.fixture
def echo() -> Iterator[int]:
    """A server that sends back what it gets."""
    listener = socket.create_server((HOST, 0))

    def serve() -> None:
        while True:
            try:
                stream, _ = listener.accept()
            except OSError:
                return
            with stream:
                while data := stream.recv(1000):
                    stream.sendall(data)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


def say(port: int, words: bytes) -> bytes:
    with socket.create_connection((HOST, port), timeout=5) as stream:
        stream.sendall(words)
        return stream.recv(1000)


def test_it_carries_until_it_is_cut_and_again_when_it_is_joined(echo: int) -> None:
    with Cable() as cable:
        end = cable.lay(echo)
        assert say(end, b"EXERCISE") == b"EXERCISE"
        with socket.create_connection((HOST, end), timeout=5) as held:
            held.sendall(b"one")
            assert held.recv(10) == b"one"
            cable.cut()
            assert cable.is_cut
            with pytest.raises(ConnectionError):
                if held.recv(10) == b"":
                    raise ConnectionResetError
        with pytest.raises(ConnectionError):
            if say(end, b"two") == b"":
                raise ConnectionResetError
        cable.join()
        assert say(end, b"three") == b"three"


def test_nobody_at_the_far_end_is_a_broken_line(echo: int) -> None:
    with socket.create_server((HOST, 0)) as gone:
        port = gone.getsockname()[1]
    with Cable() as cable:
        end = cable.lay(port)
        with pytest.raises(ConnectionError):
            if say(end, b"x") == b"":
                raise ConnectionResetError


def test_it_leaves_no_thread(echo: int) -> None:
    with Cable() as cable:
        say(cable.lay(echo), b"x")
    assert not [thread for thread in threading.enumerate() if thread.name == "cable"]
