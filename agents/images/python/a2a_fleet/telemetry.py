"""OpenTelemetry: traces, and metrics by OTLP. Its SDK reads the OTEL_ variables itself."""

import os

from opentelemetry import metrics, trace
from opentelemetry.sdk.resources import SERVICE_INSTANCE_ID, Resource

from a2a_fleet.settings import Settings


def start_telemetry(settings: Settings) -> object | None:
    """Starts what the environment has, and returns the meter where metrics go to a collector."""
    if not settings.flag("TRACE_ENABLED"):
        # The SDK of the protocol makes spans of its own as soon as there is a tracer.
        return None
    # Exporters are slow to load, and a process without telemetry does without them.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    # Workers of one replica are told apart, or their metrics would overwrite each other.
    instance = f"{os.environ.get('HOSTNAME', 'local')}-{os.getpid()}"
    resource = Resource.create({SERVICE_INSTANCE_ID: instance})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    HTTPXClientInstrumentor().instrument()
    if settings.text("OTEL_METRICS_EXPORTER") != "otlp":
        return None

    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader

    reader = PeriodicExportingMetricReader(OTLPMetricExporter())
    metrics.set_meter_provider(MeterProvider(metric_readers=[reader], resource=resource))
    return metrics.get_meter("a2a_fleet")


def stop_telemetry() -> None:
    """Sends what is still held back."""
    for provider in (trace.get_tracer_provider(), metrics.get_meter_provider()):
        shutdown = getattr(provider, "shutdown", None)
        if shutdown is not None:
            shutdown()
