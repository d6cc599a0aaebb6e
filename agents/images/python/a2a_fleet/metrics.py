"""The contract's metrics: each instrument counts for Prometheus and, where nothing scrapes, for the collector."""

import os
import tempfile
import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server
from prometheus_client import multiprocess as shared_files

from a2a_fleet.settings import Settings

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600)

# Name, what it counts, labels. A label never holds an id or what a caller wrote.
_COUNTERS = [
    ("a2a_requests_total", "Requests answered", ("method", "binding", "code")),
    ("a2a_tasks_total", "Tasks that ended, by the state they ended in", ("state",)),
    ("a2a_orphaned_tasks_total", "Tasks whose replica was gone, by what became of them", ("outcome",)),
    ("a2a_streams_total", "Event streams that ended, by how", ("end",)),
    ("a2a_card_requests_total", "Requests for a card", ("code",)),
    ("a2a_auth_rejections_total", "Requests that were not let in", ("code", "reason")),
    ("a2a_rate_limited_total", "Requests beyond the caller's limit", ()),
    ("a2a_store_errors_total", "Calls of the task store that failed", ("operation",)),
]
_HISTOGRAMS = [
    ("a2a_request_duration_seconds", "Time to the end of the answer", ("method", "binding")),
    ("a2a_task_duration_seconds", "Time from a task's start to its end", ("state",)),
    ("a2a_model_request_duration_seconds", "Time that the model took", ("model", "outcome")),
]
# How workers' values make one: added up, or the highest.
_GAUGES = [
    ("a2a_active_tasks", "Tasks that this replica works on", "livesum"),
    ("a2a_overdue_tasks", "Tasks of this agent that are working past their deadline", "livemax"),
    ("a2a_open_streams", "Event streams that are open at this replica", "livesum"),
    ("a2a_startup_seconds", "Time from the process's start until it was ready", "livemax"),
]
# What a counter is born with: an increase from nothing is none to Prometheus, and the first failures would go unseen.
_BORN = {
    "a2a_tasks_total": [{"state": state} for state in ("completed", "failed", "canceled", "rejected")],
    "a2a_streams_total": [{"end": end} for end in ("final", "resumable", "cut")],
    "a2a_auth_rejections_total": [
        {"code": code, "reason": reason}
        for code, reasons in {
            "401": ("missing_token", "invalid_token", "expired", "unknown_key", "wrong_audience", "wrong_issuer"),
            "403": ("missing_role",),
        }.items()
        for reason in reasons
    ],
    "a2a_card_requests_total": [{"code": code} for code in ("200", "304", "404", "500")],
    "a2a_orphaned_tasks_total": [{"outcome": outcome} for outcome in ("resumed", "failed")],
    "a2a_store_errors_total": [
        {"operation": operation} for operation in ("get", "save", "list", "limit", "renew", "sweep")
    ],
}
STARTED = time.time()


def share_metrics_files() -> None:
    """Lets several worker processes write to files that one of them serves. Before any instrument is made."""
    os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", tempfile.mkdtemp(prefix="a2a-metrics-"))


def serve_metrics(settings: Settings, metrics: "Metrics | None" = None) -> None:
    """Serves `/metrics` on the contract's port: for one process, or for the workers whose files are shared."""
    if not settings.flag("ENABLE_METRICS"):
        return
    registry = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        shared_files.MultiProcessCollector(registry)
    elif metrics is not None:
        registry = metrics.registry
    start_http_server(settings.number("METRICS_PORT") or 9090, addr=settings.variables["A2A_HOST"], registry=registry)


class Metrics:
    """All instruments, by the contract's names."""

    def __init__(self, meter: object | None = None) -> None:
        """`meter` is OpenTelemetry's, where metrics go to a collector."""
        self.registry = CollectorRegistry()
        self._counters = {n: Counter(n, d, labels, registry=self.registry) for n, d, labels in _COUNTERS}
        self._histograms = {
            n: Histogram(n, d, labels, registry=self.registry, buckets=_SECONDS) for n, d, labels in _HISTOGRAMS
        }
        self._gauges = {n: Gauge(n, d, multiprocess_mode=m, registry=self.registry) for n, d, m in _GAUGES}
        for name, born in _BORN.items():
            for labels in born:
                self._counters[name].labels(**labels)
        self._levels = {n: 0.0 for n, _, _ in _GAUGES}
        self._sent = {} if meter is None else self._instruments_of(meter)

    def _instruments_of(self, meter) -> dict:
        return (
            {n: meter.create_counter(n, description=d) for n, d, _ in _COUNTERS}
            | {
                n: meter.create_histogram(
                    n, unit="s", description=d, explicit_bucket_boundaries_advisory=list(_SECONDS)
                )
                for n, d, _ in _HISTOGRAMS
            }
            | {n: meter.create_gauge(n, description=d) for n, d, _ in _GAUGES}
        )

    def count(self, name: str, **labels: str) -> None:
        counter = self._counters[name]
        (counter.labels(**labels) if labels else counter).inc()
        if name in self._sent:
            self._sent[name].add(1, labels)

    def begin(self, name: str, **labels: str) -> None:
        """Shows a histogram before it has seen anything, as counters are shown that are born with their labels."""
        self._histograms[name].labels(**labels)

    def observe(self, name: str, seconds: float, **labels: str) -> None:
        self._histograms[name].labels(**labels).observe(seconds)
        if name in self._sent:
            self._sent[name].record(seconds, labels)

    def set(self, name: str, value: float) -> None:
        self._levels[name] = value
        self._gauges[name].set(value)
        if name in self._sent:
            self._sent[name].set(value)

    def add(self, name: str, change: float) -> None:
        self.set(name, self._levels[name] + change)
