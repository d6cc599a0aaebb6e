"""Answers to requests that don't reach the SDK, in the words of the binding that the caller speaks."""

from starlette.responses import JSONResponse

from a2a_fleet.calls import Call

# The protocol has no code for these; the gateway in front of the fleet uses the same one.
_JSON_RPC_CODE = -32000
_STATUS_NAMES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    413: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    503: "UNAVAILABLE",
}


class Refused(Exception):
    """A request that is not let through, with what to tell the caller."""

    def __init__(self, status: int, reason: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.headers = headers or {}


def refuse(call: Call, refused: Refused) -> JSONResponse:
    """A JSON-RPC error for JSON-RPC, a google.rpc.Status for HTTP+JSON."""
    if call.binding == "JSONRPC":
        error = {
            "code": _JSON_RPC_CODE,
            "message": str(refused),
            "data": {"status": refused.status, "reason": refused.reason},
        }
        body = {"jsonrpc": "2.0", "id": call.request_id, "error": error}
    else:
        detail = {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": refused.reason.upper(),
            "domain": "a2a-fleet",
        }
        status = _STATUS_NAMES.get(refused.status, "UNKNOWN")
        body = {
            "error": {
                "code": refused.status,
                "status": status,
                "message": str(refused),
                "details": [detail],
            }
        }
    return JSONResponse(body, status_code=refused.status, headers=refused.headers)
