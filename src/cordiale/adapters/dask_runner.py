"""Partitions on a cluster: a `Runner` (`cordiale.analysis.partition`) on Dask distributed, with mutual TLS.

A task is a whole partition, given to a worker as it is: Dask only carries it there and its outcome back. Workers see the
store under the same path. Scheduler, workers and this client each show a certificate of the same authority, and refuse who has
none. What is pickled is ours on both sides; a cluster is trusted as this machine is.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, TypeVar

import msgspec

from cordiale.errors import LocalMisuse, Unreachable, WorkerLost, WrongUsage

T = TypeVar("T")
R = TypeVar("R")

_CONNECT_SECONDS: Final = 20


class Cluster(msgspec.Struct, frozen=True):
    """Where the scheduler is, and who this client is to it. Files are PEM."""

    scheduler: str
    """tls://host:port"""
    authority: Path
    certificate: Path
    key: Path


class DaskRunner:
    """Runs tasks on a cluster. A context: it holds a connection."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._client: Any = None

    def __enter__(self) -> "DaskRunner":
        """Connect; raises `WrongUsage` without TLS or without the package, `Unreachable` where nobody answers."""
        where = self._cluster
        if not where.scheduler.startswith("tls://"):
            raise WrongUsage(f"the scheduler's address begins with tls://, not {where.scheduler[:20]}")
        try:
            from distributed import Client, Security  # noqa: PLC0415 — an optional extra
        except ImportError:
            raise WrongUsage("a cluster needs the extra `cluster`: pip install 'cordiale[cluster]'") from None
        security = Security(
            require_encryption=True,
            tls_ca_file=str(where.authority),
            tls_client_cert=str(where.certificate),
            tls_client_key=str(where.key),
        )
        try:
            self._client = Client(where.scheduler, security=security, timeout=_CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError) as fault:
            raise Unreachable(str(fault)[:200], what=where.scheduler) from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    @property
    def workers(self) -> int:
        """Threads of all workers that are there now, at least one."""
        threads: dict[str, int] = self._connected().nthreads()
        return max(1, sum(threads.values()))

    def run(self, function: Callable[[T], R], tasks: Sequence[T]) -> Iterator[R]:
        """See `Runner`. A worker that is lost has its tasks run elsewhere, as often as Dask allows; then raises `WorkerLost`,
        and `Unreachable` where the scheduler is lost."""
        from distributed.client import FutureCancelledError  # noqa: PLC0415 — an optional extra
        from distributed.scheduler import KilledWorker  # noqa: PLC0415

        futures: list[Any] = self._connected().map(function, list(tasks), pure=False)
        try:
            for future in futures:
                yield future.result()
        except KilledWorker as fault:
            told = str(fault)[:200]
            raise WorkerLost(f"on the cluster, {told}", detail_fr=f"sur la grappe, {told}") from None
        except FutureCancelledError as fault:
            raise Unreachable(str(fault)[:200], what=self._cluster.scheduler) from None
        finally:
            self._connected().cancel(futures)

    def _connected(self) -> Any:
        if self._client is None:
            raise LocalMisuse("a DaskRunner is used within `with`")
        return self._client
