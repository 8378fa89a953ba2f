"""Files from public sources over HTTPS: gone on with where it broke off, checked, and there whole or not at all.

What came so far stands in `NAME.part`, and beside it, in `NAME.part.json`, which version of which address it is of. It is
gone on with by Range and If-Range (RFC 9110, 13.1.5 and 14.2), so that a file that was changed in between begins anew. No
proxy is taken from the environment; redirections go to https alone (http is only ever asked on this machine itself).
"""

import hashlib
import os
import re
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx2
import msgspec

from cordiale.errors import LimitExceeded, Malformed, NotFound, StorageFailed, Unreachable, WrongUsage
from cordiale.wire import limits

FILE_BYTES: Final = 16 * 1024 * limits.MIB
"""The most that a file may have, if nothing else is asked."""
ATTEMPTS: Final = 5
"""How often in a row a transfer may break off without a byte more."""
REDIRECTIONS: Final = 5
_PAUSE_SECONDS: Final = (0.5, 1.0, 2.0, 4.0)
_TIMEOUT: Final = httpx2.Timeout(30.0, connect=15.0)
_CHECKSUM_BYTES: Final = 64 * limits.KIB
_HERE: Final = frozenset(("127.0.0.1", "::1", "localhost"))
_SHA256: Final = re.compile(r"\b[0-9a-fA-F]{64}\b")
_RANGE: Final = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")

Progress = Callable[[int, int | None], None]
"""Bytes so far, and of how many where that is known."""


class _Known(msgspec.Struct):
    """Which version of what a part is of."""

    url: str
    version: str
    """A strong ETag or Last-Modified; without either nothing can be gone on with."""


@dataclass(frozen=True)
class Fetched:
    """A whole file. `checked` says whether its publisher's checksum was there and right."""

    path: Path
    size: int
    sha256: str
    checked: bool
    resumed: bool
    address: str
    """Where redirections led."""


class _BrokenOff(Exception):
    """A transfer ended too early."""


class _Useless(_BrokenOff):
    """What came so far can't be gone on with."""


class Fetcher:
    """One file at a time. `pause` waits between two attempts."""

    def __init__(self, *, pause: Callable[[float], None] = time.sleep, timeout: httpx2.Timeout = _TIMEOUT) -> None:
        self._http = httpx2.Client(trust_env=False, follow_redirects=False, timeout=timeout)
        self._pause = pause

    def fetch(self, url: str, path: Path, progress: Progress, *, checksum: str = "", most: int = FILE_BYTES) -> Fetched:
        """Bring `url` to `path`; `checksum` is a SHA-256, or the address of a file that has it.

        Raises `Unreachable` (what came is kept), `NotFound`, `LimitExceeded`, `Malformed` for a wrong checksum.
        """
        wanted = self._checksum(checksum, path.name)
        part = path.with_name(path.name + ".part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            resumed, redirected = self._whole(url, part, progress, most)
            digest = _digest(part)
            if wanted and digest != wanted:
                _forget(part)
                raise Malformed(f"{url}: SHA-256 {digest}, published {wanted}", what="published file")
            size = part.stat().st_size
            part.replace(path)
            _forget(part)
        except OSError as fault:
            raise StorageFailed(f"{path}: {fault.strerror}; what came so far is kept") from None
        return Fetched(path.resolve(), size, digest, bool(wanted), resumed, redirected)

    def close(self) -> None:
        """Give up connections."""
        self._http.close()

    def _checksum(self, given: str, name: str) -> str:
        if not given or _SHA256.fullmatch(given):
            return given.lower()
        with self._opened(given, {}) as answer:
            data = b""
            for piece in answer.iter_raw():
                data += piece
                if len(data) > _CHECKSUM_BYTES:
                    raise LimitExceeded(f"{given} has more than {_CHECKSUM_BYTES} bytes")
        lines = data.decode("utf-8", "replace").splitlines()
        found = [_SHA256.search(line) for line in [line for line in lines if name in line] or lines]
        digests = [match.group().lower() for match in found if match]
        if len(digests) != 1:
            raise Malformed(f"{given}: no SHA-256 of {name}", what="published file")
        return digests[0]

    def _whole(self, url: str, part: Path, progress: Progress, most: int) -> tuple[bool, str]:
        """Attempts until all is there: whether an earlier part was used, and where the last redirection led."""
        resumed, failures = part.is_file() and _known(part, url) is not None, 0
        while True:
            before = part.stat().st_size if part.is_file() else 0
            try:
                return resumed, self._some(url, part, progress, most)
            except (httpx2.TransportError, _BrokenOff) as fault:
                if isinstance(fault, _Useless):
                    _forget(part)
                now = part.stat().st_size if part.is_file() else 0
                failures = 0 if now > before else failures + 1
                if failures >= ATTEMPTS:
                    raise Unreachable(f"{fault or type(fault).__name__}; {now} bytes are kept", what=url) from None
                self._pause(_PAUSE_SECONDS[min(failures, len(_PAUSE_SECONDS) - 1)])

    def _some(self, url: str, part: Path, progress: Progress, most: int) -> str:
        """One attempt; where it was led."""
        known = _known(part, url)
        have = part.stat().st_size if known is not None and part.is_file() else 0
        headers = {"Range": f"bytes={have}-", "If-Range": known.version} if known is not None and have else {}
        with self._opened(url, headers) as answer:
            begin, size = _extent(answer, have)
            if size is not None and size > most:
                _forget(part)
                raise LimitExceeded(f"{url} has {size} bytes, more than {most}")
            if begin == size:
                return str(answer.url)
            _remember(part, url, answer)
            with part.open("r+b" if begin else "wb") as file:
                file.seek(begin)
                file.truncate()
                done = begin
                for piece in answer.iter_raw():
                    done += len(piece)
                    if done > most:
                        break
                    file.write(piece)
                    progress(done, size)
                file.flush()
                os.fsync(file.fileno())
            if done > most:
                _forget(part)
                raise LimitExceeded(f"{url} has more than {most} bytes")
            if size is not None and done != size:
                raise _BrokenOff(f"{done} of {size} bytes came")
            return str(answer.url)

    @contextmanager
    def _opened(self, url: str, headers: dict[str, str]) -> Generator[httpx2.Response]:
        """The answer after redirections, its content not read yet."""
        for _ in range(REDIRECTIONS + 1):
            found = _allowed(url)
            request = self._http.build_request("GET", found, headers={"Accept-Encoding": "identity", **headers})
            answer = self._http.send(request, stream=True)
            try:
                if not answer.has_redirect_location:
                    _check(answer, url)
                    yield answer
                    return
                url = str(found.join(answer.headers["Location"]))
            finally:
                answer.close()
        raise Unreachable("too many redirections", what=url)


def _allowed(url: str) -> httpx2.URL:
    """Https, or http to this machine itself."""
    try:
        found = httpx2.URL(url)
    except httpx2.InvalidURL as fault:
        raise WrongUsage(f"{url[:200]}: {fault}") from None
    if found.scheme != "https" and not (found.scheme == "http" and found.host in _HERE):
        raise WrongUsage(f"{url[:200]}: only https is asked")
    return found


def _check(answer: httpx2.Response, url: str) -> None:
    status = answer.status_code
    if status in (404, 410):
        raise NotFound(url, what="published file")
    if status >= 500 or status == 429:
        raise _BrokenOff(f"status {status}")
    if status not in (200, 206, 416):
        raise Unreachable(f"status {status}", what=url)


def _extent(answer: httpx2.Response, have: int) -> tuple[int, int | None]:
    """Where the content begins in the file, and the file's size if it is told."""
    told = answer.headers.get("Content-Range", "")
    if answer.status_code == 416:
        size = told.removeprefix("bytes */")
        if size.isdecimal() and int(size) == have:
            return have, have
        raise _Useless(f"what came is not part of the file: {told[:80]}")
    if answer.status_code == 206:
        match = _RANGE.fullmatch(told)
        if match is None or int(match[1]) != have:
            raise _BrokenOff(f"another part than asked: {told[:80]}")
        return have, int(match[2]) if match[2].isdecimal() else None
    length = answer.headers.get("Content-Length", "")
    return 0, int(length) if length.isdecimal() else None


def _beside(part: Path) -> Path:
    return part.with_name(part.name + ".json")


def _known(part: Path, url: str) -> _Known | None:
    """What the part is of; None where it can't be gone on with."""
    try:
        found = msgspec.json.decode(_beside(part).read_bytes(), type=_Known)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None
    return found if found.url == url and found.version else None


def _remember(part: Path, url: str, answer: httpx2.Response) -> None:
    tag = answer.headers.get("ETag", "")
    version = tag if tag and not tag.startswith("W/") else answer.headers.get("Last-Modified", "")
    _beside(part).write_bytes(msgspec.json.encode(_Known(url, version)))


def _forget(part: Path) -> None:
    for path in (part, _beside(part)):
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
