"""The agent's cards, served byte by byte as they were given: rewriting one would break its signature."""

import hashlib
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from a2a_fleet.metrics import Metrics
from a2a_fleet.settings import Settings

MAX_AGE_SECONDS = 60


def card_routes(settings: Settings, metrics: Metrics) -> list[Route]:
    """The card at its well-known path, and at the one that clients of 0.3 know."""

    def answer(request: Request, text: str | None) -> Response:
        try:
            response = _card_response(request, text)
        except Exception:
            metrics.count("a2a_card_requests_total", code="500")
            raise
        metrics.count("a2a_card_requests_total", code=str(response.status_code))
        return response

    async def card(request: Request) -> Response:
        v03 = request.headers.get("A2A-Version") is None
        return answer(request, _choose_card(settings, _asked_host(request), v03))

    async def legacy_card(request: Request) -> Response:
        return answer(request, _choose_card(settings, _asked_host(request), True, only=True))

    return [
        Route("/.well-known/agent-card.json", card, methods=["GET"]),
        Route("/.well-known/agent.json", legacy_card, methods=["GET"]),
    ]


def _asked_host(request: Request) -> str:
    """The gateway sets X-Forwarded-Host itself; a peer comes without one."""
    host = request.headers.get("X-Forwarded-Host") or request.headers.get("Host") or ""
    return urlsplit(f"//{host}").hostname or ""


def _choose_card(settings: Settings, host: str, v03: bool, only: bool = False) -> str | None:
    public = host == urlsplit(settings.variables["AGENT_URL"]).hostname
    prefix = "AGENT_CARD" if public or "AGENT_PEER_CARD" not in settings.variables else "AGENT_PEER_CARD"
    legacy = settings.text(f"{prefix}_V03")
    if only:
        return legacy
    return legacy if v03 and legacy is not None else settings.text(prefix)


def _card_response(request: Request, text: str | None) -> Response:
    if text is None:
        return Response(status_code=404)
    body = text.encode()
    headers = {
        "Cache-Control": f"public, max-age={MAX_AGE_SECONDS}",
        "ETag": f'"{hashlib.sha256(body).hexdigest()}"',
        "Vary": "A2A-Version, Host, X-Forwarded-Host",
    }
    known = request.headers.get("If-None-Match", "")
    if headers["ETag"] in [tag.strip().removeprefix("W/") for tag in known.split(",")] or known == "*":
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")
