"""What a request asks for, read once from its path or body: every check in front of the SDK goes by it."""

import json
import re
from dataclasses import dataclass
from typing import Any

# Method names of 0.3 by their names in 1.0.
_V03_METHODS = {
    "message/send": "SendMessage",
    "message/stream": "SendStreamingMessage",
    "tasks/get": "GetTask",
    "tasks/cancel": "CancelTask",
    "tasks/resubscribe": "SubscribeToTask",
    "tasks/pushNotificationConfig/set": "CreateTaskPushNotificationConfig",
    "tasks/pushNotificationConfig/get": "GetTaskPushNotificationConfig",
    "tasks/pushNotificationConfig/list": "ListTaskPushNotificationConfigs",
    "tasks/pushNotificationConfig/delete": "DeleteTaskPushNotificationConfig",
    "agent/getAuthenticatedExtendedCard": "GetExtendedAgentCard",
}
_METHODS = {*_V03_METHODS.values(), "ListTasks"}
_REST = [
    ("POST", r"/message:send", "SendMessage"),
    ("POST", r"/message:stream", "SendStreamingMessage"),
    ("GET", r"/tasks", "ListTasks"),
    ("GET", r"/tasks/[^/]+", "GetTask"),
    ("POST", r"/tasks/[^/]+:cancel", "CancelTask"),
    ("(?:GET|POST)", r"/tasks/[^/]+:subscribe", "SubscribeToTask"),
    ("POST", r"/tasks/[^/]+/pushNotificationConfigs", "CreateTaskPushNotificationConfig"),
    ("GET", r"/tasks/[^/]+/pushNotificationConfigs", "ListTaskPushNotificationConfigs"),
    ("GET", r"/tasks/[^/]+/pushNotificationConfigs/[^/]+", "GetTaskPushNotificationConfig"),
    ("DELETE", r"/tasks/[^/]+/pushNotificationConfigs/[^/]+", "DeleteTaskPushNotificationConfig"),
    ("GET", r"/(?:extendedAgentCard|card)", "GetExtendedAgentCard"),
]
_REST_PATTERNS = [(re.compile(f"{verb} (?:/v1)?{path}$"), method) for verb, path, method in _REST]


@dataclass(frozen=True)
class Call:
    """A request in the protocol's terms."""

    binding: str
    """`JSONRPC` or `HTTP+JSON`, as on the card."""
    method: str
    """Name in A2A 1.0, or `other`: a label of metrics, so callers can't make new ones up."""
    skill: str | None
    """The skill that the message names."""
    task_id: str | None
    """The task that the message goes on with."""
    request_id: Any = None
    """Of JSON-RPC."""

    @property
    def begins_work(self) -> bool:
        return self.method in ("SendMessage", "SendStreamingMessage")


def read_call(verb: str, path: str, body: bytes) -> Call:
    """What a request asks for. Nothing is refused here: what isn't understood is `other`."""
    document = _read(body)
    if path == "/":
        method = str(document.get("method"))
        method = _V03_METHODS.get(method, method)
        request_id = document.get("id")
        message = _object(_object(document.get("params")).get("message"))
        return Call(
            "JSONRPC",
            method if method in _METHODS else "other",
            _text(_object(message.get("metadata")).get("skill")),
            _text(message.get("taskId", message.get("task_id"))),
            request_id if isinstance(request_id, str | int) else None,
        )
    message = _object(document.get("message"))
    found = (method for pattern, method in _REST_PATTERNS if pattern.match(f"{verb} {path}"))
    return Call(
        "HTTP+JSON",
        next(found, "other"),
        _text(_object(message.get("metadata")).get("skill")),
        _text(message.get("taskId", message.get("task_id"))),
    )


def _read(body: bytes) -> dict[str, Any]:
    try:
        return _object(json.loads(body))
    except ValueError:
        return {}


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
