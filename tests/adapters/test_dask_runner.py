"""Partitions on a real cluster of two processes with mutual TLS: the same outcomes in the same order, and no stranger."""

import os
import shutil
import signal
import warnings
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from cordiale.adapters.dask_runner import Cluster, DaskRunner
from cordiale.analysis.partition import Here
from cordiale.desks.maritime.detect.profile import shipped
from cordiale.desks.maritime.exercise.make import exercise
from cordiale.desks.maritime.run import detect
from cordiale.errors import LocalMisuse, Unreachable, WorkerLost, WrongUsage
from forge.transport import Pem, pem

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.filterwarnings("ignore")


def square(number: int) -> int:
    return number * number


def fail(number: int) -> int:
    raise ValueError(f"no {number}")


def die(number: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return number


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Pem]]:
    with running(pem(tmp_path_factory.mktemp("tls"))) as found:
        yield found


@contextmanager
def running(files: Pem) -> Generator[tuple[str, Pem]]:
    ca, certificate, key = map(str, files)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        security = distributed.Security(
            require_encryption=True, tls_ca_file=ca,
            tls_scheduler_cert=certificate, tls_scheduler_key=key,
            tls_worker_cert=certificate, tls_worker_key=key,
            tls_client_cert=certificate, tls_client_key=key,
        )  # fmt: skip
        options: dict[str, Any] = {
            "n_workers": 2,
            "threads_per_worker": 1,
            "dashboard_address": None,
            "protocol": "tls",
        }
        with distributed.LocalCluster(**options, security=security, host="127.0.0.1") as local:
            yield local.scheduler_address, files


@pytest.mark.timeout(600)  # the first run compiles the kernels
def test_detect_finds_the_same_bytes_on_a_cluster(cluster: tuple[str, Pem], tmp_path: Path) -> None:
    address, files = cluster
    exercise(tmp_path, seed=5, days=1, vessels=6)
    wanted = detect(tmp_path, shipped("ours"), Here())
    shutil.rmtree(tmp_path / "state")
    with DaskRunner(Cluster(address, *files)) as runner:
        found = detect(tmp_path, shipped("ours"), runner)
    assert len(wanted.events) > 0
    assert found.positions == wanted.positions
    assert (found.events.tobytes(), found.naive.tobytes()) == (wanted.events.tobytes(), wanted.naive.tobytes())


def test_outcomes_come_in_the_order_of_the_tasks(cluster: tuple[str, Pem]) -> None:
    address, files = cluster
    with DaskRunner(Cluster(address, *files)) as runner:
        assert runner.workers == 2
        assert list(runner.run(square, [5, 3, 3, 9])) == [25, 9, 9, 81]
        with pytest.raises(ValueError, match="no 1"):
            list(runner.run(fail, [1, 2]))


def test_a_task_that_kills_its_workers_is_an_error_with_words(tmp_path: Path) -> None:
    import dask

    with dask.config.set({"distributed.scheduler.allowed-failures": 0}), running(pem(tmp_path)) as (address, files):
        runner = DaskRunner(Cluster(address, *files))
        with runner, pytest.raises(WorkerLost, match="on the cluster"):
            list(runner.run(die, [1]))


def test_who_has_no_certificate_of_the_authority_is_not_let_in(cluster: tuple[str, Pem], tmp_path: Path) -> None:
    address, files = cluster
    stranger = pem(tmp_path)
    strange = Cluster(address, files.authority, stranger.certificate, stranger.key)
    with pytest.raises(Unreachable), DaskRunner(strange):
        pass


def test_nothing_goes_without_tls(cluster: tuple[str, Pem]) -> None:
    with pytest.raises(WrongUsage, match="tls://"), DaskRunner(Cluster("tcp://127.0.0.1:1", *cluster[1])):
        pass
    with pytest.raises(LocalMisuse):
        list(DaskRunner(Cluster("tls://127.0.0.1:1", *cluster[1])).run(square, [1]))
