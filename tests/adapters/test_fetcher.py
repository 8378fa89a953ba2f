"""Fetching from a server that breaks off, changes its file in between, lies about it, or is slow."""

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
import pytest

from cordiale.adapters import fetcher as fetchers
from cordiale.adapters.fetcher import Fetcher
from cordiale.errors import LimitExceeded, Malformed, NotFound, StorageFailed, Unreachable, WrongUsage

DATA = bytes(range(256)) * 4_000


class Server(ThreadingHTTPServer):
    """Serves one file, badly where a test says so."""

    data, tag = DATA, '"v1"'
    cut: list[int | None]
    """For each answer to come: after how many bytes it breaks off."""
    statuses: list[int]
    headers: list[dict[str, str]]
    """What was asked."""
    paths: dict[str, bytes | str]
    ranges = True
    slow = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/file.bin"


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None: ...

    def do_GET(self) -> None:
        server = self.server
        server.headers.append(dict(self.headers))
        other = server.paths.get(self.path)
        if isinstance(other, str):
            self.send_response(302)
            self.send_header("Location", other)
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif other is not None:
            self._whole(200, other)
        elif self.path != "/file.bin" or (server.statuses and server.statuses[0] != 200):
            self._whole(server.statuses.pop(0) if server.statuses else 404, b"no")
        else:
            if server.statuses:
                server.statuses.pop(0)
            self._file()

    def _whole(self, status: int, data: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _file(self) -> None:
        server, data, begin = self.server, self.server.data, 0
        asked = self.headers.get("Range")
        if asked and server.ranges and self.headers.get("If-Range") == server.tag:
            begin = int(asked.removeprefix("bytes=").rstrip("-"))
            if begin >= len(data):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(data)}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {begin}-{len(data) - 1}/{len(data)}")
        else:
            self.send_response(200)
        self.send_header("ETag", server.tag)
        self.send_header("Content-Length", str(len(data) - begin))
        self.end_headers()
        cut = server.cut.pop(0) if server.cut else None
        self.wfile.write(data[begin:] if cut is None else data[begin : begin + cut])
        if cut == 0:
            self.wfile.flush()
            server.slow.wait(5)
        if cut is not None:
            self.close_connection = True


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server(("127.0.0.1", 0), Handler)
    found.cut, found.statuses, found.headers, found.paths = [], [], [], {}
    found.slow = threading.Event()
    thread = threading.Thread(target=found.serve_forever, args=(0.02,))
    thread.start()
    yield found
    found.slow.set()
    found.shutdown()
    thread.join()
    found.server_close()


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    found = Fetcher(pause=lambda _: None, timeout=httpx2.Timeout(5.0, read=0.5))
    yield found
    found.close()


def nobody(*_: object) -> None:
    """Progress that nobody looks at."""


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_comes_whole(server: Server, fetcher: Fetcher, tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    got = fetcher.fetch(server.url, tmp_path / "sub" / "a", lambda *each: seen.append(each))
    assert got.path.read_bytes() == DATA
    assert (got.size, got.sha256, got.checked, got.resumed) == (
        len(DATA),
        hashlib.sha256(DATA).hexdigest(),
        False,
        False,
    )
    assert seen[-1] == (len(DATA), len(DATA))
    assert left(tmp_path / "sub") == ["a"]


def test_what_breaks_off_is_gone_on_with(server: Server, fetcher: Fetcher, tmp_path: Path) -> None:
    server.cut = [100_000, 50_000, None]
    assert fetcher.fetch(server.url, tmp_path / "a", nobody).path.read_bytes() == DATA
    assert [each.get("Range") for each in server.headers] == [None, "bytes=100000-", "bytes=150000-"]


def test_what_broke_off_yesterday_is_gone_on_with(server: Server, fetcher: Fetcher, tmp_path: Path) -> None:
    server.cut = [100_000]
    server.statuses = [200] + [503] * 10
    with pytest.raises(Unreachable, match="100000 bytes are kept"):
        fetcher.fetch(server.url, tmp_path / "a", nobody)
    assert left(tmp_path) == ["a.part", "a.part.json"]
    server.statuses, server.headers = [], []
    got = fetcher.fetch(server.url, tmp_path / "a", nobody)
    assert got.path.read_bytes() == DATA
    assert got.resumed
    assert server.headers[0]["Range"] == "bytes=100000-"


def test_a_file_that_changed_in_between_begins_anew(server: Server, fetcher: Fetcher, tmp_path: Path) -> None:
    server.cut = [100_000]
    server.statuses = [200] + [503] * 10
    with pytest.raises(Unreachable):
        fetcher.fetch(server.url, tmp_path / "a", nobody)
    server.statuses, server.data, server.tag = [], b"other" * 50_000, '"v2"'
    assert fetcher.fetch(server.url, tmp_path / "a", nobody).path.read_bytes() == server.data


def test_without_a_strong_version_nothing_is_gone_on_with(server: Server, fetcher: Fetcher, tmp_path: Path) -> None:
    server.tag, server.cut = 'W/"weak"', [100_000]
    assert fetcher.fetch(server.url, tmp_path / "a", nobody).path.read_bytes() == DATA
    assert [each.get("Range") for each in server.headers] == [None, None]


def test_a_server_without_ranges(server: Server, fetcher: Fetcher, tmp_path: Path) -> None:
    server.ranges, server.cut = False, [100_000]
    assert fetcher.fetch(server.url, tmp_path / "a", nobody).path.read_bytes() == DATA


def test_a_part_that_is_whole_already(server: Server, fetcher: Fetcher, tmp_path: Path) -> None:
    (tmp_path / "a.part").write_bytes(DATA)
    (tmp_path / "a.part.json").write_text(f'{{"url": "{server.url}", "version": "\\"v1\\""}}')
    assert fetcher.fetch(server.url, tmp_path / "a", nobody).path.read_bytes() == DATA
    (tmp_path / "b.part").write_bytes(DATA + b"more")
    (tmp_path / "b.part.json").write_text(f'{{"url": "{server.url}", "version": "\\"v1\\""}}')
    assert fetcher.fetch(server.url, tmp_path / "b", nobody).path.read_bytes() == DATA


def test_a_checksum_is_compared(server: Server, fetcher: Fetcher, tmp_path: Path) -> None:
    right = hashlib.sha256(DATA).hexdigest()
    server.paths = {"/sums": f"{'0' * 64}  b\n{right}  a\n".encode(), "/none": b"nothing"}
    assert fetcher.fetch(server.url, tmp_path / "a", nobody, checksum=right.upper()).checked
    assert fetcher.fetch(server.url, tmp_path / "a", nobody, checksum=server.url.replace("file.bin", "sums")).checked
    with pytest.raises(Malformed, match="published 0000"):
        fetcher.fetch(server.url, tmp_path / "b", nobody, checksum="0" * 64)
    assert left(tmp_path) == ["a"]
    with pytest.raises(Malformed, match="no SHA-256"):
        fetcher.fetch(server.url, tmp_path / "b", nobody, checksum=server.url.replace("file.bin", "none"))


def test_a_slow_server_is_given_up_with_what_came(server: Server, fetcher: Fetcher, tmp_path: Path) -> None:
    server.cut = [100_000, *[0] * 10]
    with pytest.raises(Unreachable, match="100000 bytes are kept"):
        fetcher.fetch(server.url, tmp_path / "a", nobody)


def test_too_large_a_file(server: Server, fetcher: Fetcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LimitExceeded):
        fetcher.fetch(server.url, tmp_path / "a", nobody, most=1_000)
    assert left(tmp_path) == []
    monkeypatch.setattr(fetchers, "_extent", lambda *_: (0, None))
    with pytest.raises(LimitExceeded):
        fetcher.fetch(server.url, tmp_path / "a", nobody, most=1_000)
    assert left(tmp_path) == []


def test_where_redirections_may_lead(server: Server, fetcher: Fetcher, tmp_path: Path) -> None:
    base = server.url.replace("file.bin", "")
    server.paths = {
        "/here": "/file.bin",
        "/away": "http://example.invalid/x",
        "/round": "/round",
        "/odd": "ftp://127.0.0.1/x",
    }
    assert fetcher.fetch(base + "here", tmp_path / "a", nobody).address == server.url
    for path in ("away", "odd"):
        with pytest.raises(WrongUsage, match="only https"):
            fetcher.fetch(base + path, tmp_path / "b", nobody)
    with pytest.raises(Unreachable, match="redirections"):
        fetcher.fetch(base + "round", tmp_path / "b", nobody)


def test_what_is_not_there(server: Server, fetcher: Fetcher, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        fetcher.fetch(server.url + "x", tmp_path / "a", nobody)
    server.statuses = [403]
    with pytest.raises(Unreachable, match="403"):
        fetcher.fetch(server.url, tmp_path / "a", nobody)


def test_a_folder_that_cannot_be_written(server: Server, fetcher: Fetcher, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageFailed):
        fetcher.fetch(server.url, tmp_path / "file" / "a", nobody)
