"""Whatever stops `ingest` and `detect` in the middle (Ctrl-C, a kill, a full disk) is told in words, and leaves all whole."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from cordiale.desks.maritime.alerts import Alerts
from cordiale.desks.maritime.exercise.make import exercise
from desks.maritime.kit import everything, plain

pytestmark = pytest.mark.timeout(600)  # the first run compiles the kernels
ROOT = os.geteuid() == 0
PATIENCE = 120.0
"""s: as long as a busy machine may take to come to a point."""


@pytest.fixture(scope="module")
def sea(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = tmp_path_factory.mktemp("sea")
    exercise(store, seed=12, days=2, vessels=12)
    return store


@pytest.fixture
def store(sea: Path, tmp_path: Path) -> Path:
    found = tmp_path / "sea"
    found.mkdir()
    for kind in ("positions", "statics"):
        (found / kind).symlink_to(sea / kind)
    return found


@pytest.fixture(scope="module")
def wanted(sea: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("wanted")
    for kind in ("positions", "statics"):
        (folder / kind).symlink_to(sea / kind)
    return detected(folder)


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "cordiale", "maritime", *map(str, arguments)]


def detected(store: Path) -> list[dict[str, Any]]:
    done = subprocess.run(
        command("detect", "--store", store, "--workers", 2, "--json"), capture_output=True, check=True
    )
    return json.loads(done.stdout)["alerts"]


def stopped(
    arguments: Sequence[str], when: Callable[[int], bool], how: Callable[[int], None], **more: Any
) -> tuple[int, str]:
    """Begin, wait for that moment, and stop it: how it ended, and what it said."""
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more) as process:
        until = time.monotonic() + PATIENCE
        while not when(process.pid):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < until, "it did not come to that point"
            time.sleep(0.01)
        how(process.pid)
        _, errors = process.communicate(timeout=PATIENCE)
    return process.returncode, errors.decode()


def workers(pid: int) -> list[int]:
    """Processes of the pool that this one has started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(each) for each in children if b"spawn_main" in Path(f"/proc/{each}/cmdline").read_bytes()]


def begun(store: Path) -> Callable[[int], bool]:
    """Shards are at work."""
    return lambda _pid: any((store / "state").glob("detect/run-*/progress-*"))


def everybody(pid: int) -> None:
    """As a terminal does at Ctrl-C."""
    os.killpg(pid, signal.SIGINT)


@pytest.mark.parametrize(
    "how", [everybody, lambda pid: os.kill(pid, signal.SIGINT), lambda pid: os.kill(pid, signal.SIGTERM)]
)
def test_detect_stopped_by_a_person(how: Callable[[int], None], store: Path, wanted: list[dict[str, Any]]) -> None:
    arguments = command("detect", "--store", store, "--workers", 2)
    status, errors = stopped(arguments, begun(store), how, start_new_session=True)
    assert status in (130, 143)
    assert "Traceback" not in errors
    assert not list((store / "state" / "detect").glob("run-*"))
    assert Alerts(store).findings("ours") == ()
    assert detected(store) == wanted


@pytest.mark.parametrize(("language", "words"), [("en", "Run it again"), ("fr", "Relancez")])
def test_a_worker_of_detect_is_killed(language: str, words: str, store: Path, wanted: list[dict[str, Any]]) -> None:
    arguments = command("detect", "--store", store, "--workers", 2, "--lang", language)
    status, errors = stopped(arguments, begun(store), lambda pid: os.kill(workers(pid)[-1], signal.SIGKILL))
    assert (status, "Traceback" in errors) == (1, False)
    assert words in errors
    assert Alerts(store).findings("ours") == ()
    assert detected(store) == wanted


@pytest.mark.parametrize("most", [0, 100_000])
def test_a_disk_that_is_full_at_one_point_or_another(most: int, store: Path, wanted: list[dict[str, Any]]) -> None:
    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    arguments = command("detect", "--store", store, "--workers", 2, "--json")
    done = subprocess.run(arguments, capture_output=True, check=False, preexec_fn=limited)
    assert (done.returncode, b"Traceback" in done.stderr) == (1, False)
    assert json.loads(done.stdout)["error"]["code"] == "storage-failed"
    assert Alerts(store).findings("ours") == ()
    assert detected(store) == wanted


def test_ingest_stopped_by_a_person(tmp_path: Path) -> None:
    rows = [
        f"2024-07-07 {n // 3600:02}:{n // 60 % 60:02}:{n % 60:02},{227_000_000 + m},50.9,1.2,10,3"
        for m in range(8)
        for n in range(86_400)
    ]
    path, store = plain(tmp_path / "a.csv", rows), tmp_path / "sea"
    arguments = command("ingest", path, "--store", store)
    status, errors = stopped(
        arguments, lambda _pid: any(store.glob("incoming/*")), lambda pid: os.kill(pid, signal.SIGINT)
    )
    assert (status, "Traceback" in errors) == (130, False)
    assert not (store / "incoming").exists()
    again = subprocess.run([*arguments, "--json"], capture_output=True, check=True)
    assert json.loads(again.stdout)["files"][0]["read_before"] is False
    assert len(everything(store)) == len(rows)


@pytest.mark.skipif(ROOT and shutil.which("setpriv") is None, reason="setpriv is not here")
def test_a_store_that_may_only_be_read(sea: Path, tmp_path: Path) -> None:
    """By whoever is not allowed all, as root is: what only reads goes, what writes says that it can't."""
    store, path = tmp_path / "sea", plain(tmp_path / "a.csv", ["2024-07-07 12:00:00,227000001,50.9,1.2,10,3"])
    shutil.copytree(sea, store)
    for folder in (store, *filter(Path.is_dir, store.iterdir())):
        folder.chmod(0o500)
    plainly = ["setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner"] if ROOT else []
    vessel = str(everything(store)["mmsi"][0])

    def asked(*words: object) -> tuple[int, str]:
        done = subprocess.run(
            [*plainly, *command(*words, "--store", store)], capture_output=True, check=False, text=True
        )
        return done.returncode, done.stderr

    for reading in (("alerts",), ("picture",), ("identity", vessel), ("track", "--mmsi", vessel)):
        assert asked(*reading)[0] == 0, asked(*reading)
    for writing in (("ingest", path), ("detect", "--workers", 1), ("watch", "--replay", path)):
        status, errors = asked(*writing)
        assert (status, "Permission denied" in errors, str(store) in errors.replace("\n", "")) == (1, True, True), (
            errors
        )
    for folder in (store, *filter(Path.is_dir, store.iterdir())):
        folder.chmod(0o700)


@pytest.mark.parametrize("name", ["positions", "incoming", "state", "findings.json"])
def test_a_store_with_something_in_the_way_is_named(name: str, tmp_path: Path) -> None:
    path, store = plain(tmp_path / "a.csv", ["2024-07-07 12:00:00,227000001,50.9,1.2,10,3"]), tmp_path / "sea"
    store.mkdir()
    if name == "findings.json":
        (store / name).mkdir()
    else:
        (store / name).write_text("in the way")
    ended = [
        subprocess.run(command(*words, "--store", store), capture_output=True, check=False)
        for words in (("ingest", path), ("detect", "--workers", 1), ("watch", "--replay", path))
    ]
    assert any(done.returncode == 1 and name.encode() in done.stderr for done in ended)
    assert all(done.returncode in (0, 1) and b"Traceback" not in done.stderr for done in ended)
    assert all(b"fault in the program" not in done.stderr for done in ended)
