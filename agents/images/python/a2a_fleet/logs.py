"""Logs: one JSON object a line on stdout."""

import logging
import sys
import time
from contextvars import ContextVar
from typing import Any

from opentelemetry import trace
from pythonjsonlogger.json import JsonFormatter

from a2a_fleet.settings import Settings

# What is known of the request or task that is worked on: taskId, contextId, caller.
log_context: ContextVar[dict[str, str]] = ContextVar("log_context", default={})


class _ContractFormatter(JsonFormatter):
    """The contract's fields, each only where it is known."""

    def __init__(self, settings: Settings) -> None:
        super().__init__("%(message)s", timestamp=False)
        self._service = {"service": settings.text("SERVICE_NAME"), "version": settings.text("SERVICE_VERSION")}

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        super().add_fields(log_data, record, message_dict)
        log_data["timestamp"] = self.formatTime(record, "%Y-%m-%dT%H:%M:%S") + f".{int(record.msecs):03d}Z"
        log_data["level"] = record.levelname.lower()
        log_data["logger"] = record.name
        # uvicorn's own message once more, for terminals.
        log_data.pop("color_message", None)
        log_data.update(self._service)
        log_data.update(log_context.get())
        span = trace.get_current_span().get_span_context()
        if span.is_valid:
            log_data["traceId"] = trace.format_trace_id(span.trace_id)
            log_data["spanId"] = trace.format_span_id(span.span_id)


def start_logging(settings: Settings) -> None:
    """Sends everything that is logged to stdout, the SDK's and the server's lines too."""
    formatter = _ContractFormatter(settings)
    formatter.converter = time.gmtime
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(formatter)
    level = (settings.text("LOG_LEVEL") or "info").upper()
    logging.basicConfig(handlers=[handler], level=level, force=True)
    logging.captureWarnings(True)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    # A request has a line of our own, which knows its caller; these repeat it, or what spans and metrics say.
    for name in ("uvicorn.access", "httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # At debug the SDK writes requests down as they are: tokens, and credentials for push notifications.
    logging.getLogger("a2a").setLevel(max(logging.INFO, logging.getLogger().level))
