"""What an operator can count, in a registry of its own (prometheus-client). No label value comes from a message."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SIZES: Final = (1, 2, 4, 8, 16, 32, 64, 128)
_SECONDS: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0)


class NodeMetrics:
    """The node's counters and gauges."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        registry = self._registry
        self.accepted = Counter("cordiale_accepted", "Envelopes accepted from own devices", registry=registry)
        self.refused = Counter("cordiale_refused", "Envelopes refused", ["rule"], registry=registry)
        self.imported = Counter("cordiale_imported", "Entries imported from a peer", ["peer"], registry=registry)
        self.refused_imports = Counter(
            "cordiale_refused_imports", "Imported entries that were not admitted", ["peer", "rule"], registry=registry
        )
        self.strangers = Counter("cordiale_strangers", "Requests that proved no known caller", registry=registry)
        self.limited = Counter("cordiale_rate_limited", "Requests turned away as too many", registry=registry)
        self.queue = Gauge("cordiale_queue_depth", "Jobs waiting for the next commit", registry=registry)
        self.batch = Histogram("cordiale_batch_jobs", "Jobs in one commit", buckets=_SIZES, registry=registry)
        self.commit = Histogram("cordiale_commit_seconds", "Time of one commit", buckets=_SECONDS, registry=registry)
        self.unreachable = Gauge(
            "cordiale_peer_unreachable_seconds", "Since when a peer has not answered", ["peer"], registry=registry
        )

    def committed(self, jobs: int, seconds: float) -> None:
        """For `GroupCommit(observe=…)`."""
        self.batch.observe(jobs)
        self.commit.observe(seconds)

    def text(self) -> bytes:
        """In Prometheus's text format."""
        return generate_latest(self._registry)
