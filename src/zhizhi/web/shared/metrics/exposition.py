"""The metrics in the Prometheus format, through OpenTelemetry."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from threading import Lock

from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.sdk.metrics import MeterProvider
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from zhizhi.web.shared.metrics.catalogue import METRICS, Metric
from zhizhi.web.shared.metrics.snapshot import Snapshot

CONTENT_TYPE = CONTENT_TYPE_LATEST


class Exposition:
    """The metrics in the Prometheus format; one snapshot is shown at a time."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._lock = Lock()
        self._now: Snapshot | None = None
        reader = PrometheusMetricReader(disable_target_info=True, scope_info_enabled=False, registry=self._registry)
        meter = MeterProvider(metric_readers=[reader], shutdown_on_exit=False).get_meter("zhizhi")
        create = {"counter": meter.create_observable_counter, "gauge": meter.create_observable_gauge}
        for metric in METRICS:
            create[metric.kind](metric.name, [self._callback(metric)], description=metric.text.en)

    def _callback(self, metric: Metric) -> Callable[[CallbackOptions], Iterable[Observation]]:
        def observe(_options: CallbackOptions) -> Iterable[Observation]:
            if self._now is not None:
                yield from (Observation(value, dict(labels)) for value, labels in metric.observe(self._now))

        return observe

    def write(self, snapshot: Snapshot) -> bytes:
        """The text that a scraper reads."""
        with self._lock:
            self._now = snapshot
            return generate_latest(self._registry)


@lru_cache(maxsize=1)
def exposition() -> Exposition:
    """The one of this process, made when it is first asked for."""
    return Exposition()
