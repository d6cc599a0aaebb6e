"""The agent as an ASGI application: what stands in front of the SDK's routes, and their wiring."""

import asyncio
import logging
import signal
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from a2a.server.context import ServerCallContext
from a2a.server.routes.common import DefaultServerCallContextBuilder
from a2a.server.routes.jsonrpc_routes import create_jsonrpc_routes
from a2a.server.routes.rest_routes import create_rest_routes
from a2a.server.tasks.base_push_notification_sender import BasePushNotificationSender
from a2a.types.a2a_pb2 import AgentCard
from google.protobuf.json_format import ParseDict
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
from sse_starlette.sse import EventSourceResponse
from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from a2a_fleet.answers import AnswerCache
from a2a_fleet.auth import Caller, Gatekeeper
from a2a_fleet.calls import Call, read_call
from a2a_fleet.cards import card_routes
from a2a_fleet.executor import FleetExecutor
from a2a_fleet.handler import FleetRequestHandler
from a2a_fleet.keeper import Keeper
from a2a_fleet.limits import RateLimit
from a2a_fleet.logs import log_context, start_logging
from a2a_fleet.metrics import STARTED, Metrics, serve_metrics
from a2a_fleet.model import Model, open_model
from a2a_fleet.peers import Peers
from a2a_fleet.push import is_push_url_allowed, push_client
from a2a_fleet.refusal import Refused, refuse
from a2a_fleet.settings import Settings, read_settings
from a2a_fleet.skill import Skill
from a2a_fleet.stores import Stores, open_stores
from a2a_fleet.telemetry import start_telemetry, stop_telemetry

logger = logging.getLogger(__name__)

MOST_BODY_BYTES = 4 * 1024 * 1024
_OPEN_PATHS = {"/.well-known/agent-card.json", "/.well-known/agent.json", "/health", "/ready"}


@dataclass(frozen=True)
class Tools:
    """What skills may use beside the request."""

    settings: Settings
    peers: Peers
    model: Model | None
    answers: AnswerCache


class _CallContextBuilder(DefaultServerCallContextBuilder):
    """Hands the caller that was let in to the SDK."""

    def build(self, request: Request) -> ServerCallContext:
        context = super().build(request)
        context.user = request.scope.get("a2a.caller", Caller())
        return context


class Front:
    """Stands in front of the protocol: counts, lets in or refuses, and reads a request's body once for all of it."""

    def __init__(
        self,
        app: ASGIApp,
        settings: Settings,
        metrics: Metrics,
        gatekeeper: Gatekeeper,
        limit: RateLimit,
        running: Mapping[str, Any],
    ) -> None:
        self._app = app
        self._settings = settings
        self._metrics = metrics
        self._gatekeeper = gatekeeper
        self._limit = limit
        self._running = running

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in _OPEN_PATHS:
            await self._app(scope, receive, send)
            return
        started, status = time.monotonic(), 500
        body = await _read_body(receive)
        call = read_call(scope["method"], scope["path"], body or b"")

        async def send_counted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            if body is None:
                raise Refused(413, "too_large", f"a request has at most {MOST_BODY_BYTES} bytes")
            caller = await self._gatekeeper.identify(_header(scope, b"authorization"))
            # Known from here on, in the line of a denial as well.
            log_context.set({"caller": caller.subject})
            self._gatekeeper.admit(caller)
            await self._limit.check(caller.subject if caller.authenticated else _address(scope))
            if call.begins_work:
                skill = await self._skill_of(call, caller)
                if skill is not None:
                    self._gatekeeper.check_skill(caller, skill)
                if self._running["keeper"].draining:
                    raise Refused(503, "draining", "this replica is going; try again", {"Retry-After": "1"})
            scope["a2a.caller"] = caller
            await self._app(scope, _replay(body, receive), send_counted)
        except Refused as refused:
            if refused.status in (401, 403):
                self._metrics.count("a2a_auth_rejections_total", code=str(refused.status), reason=refused.reason)
            denial = {"method": call.method, "status": refused.status, "reason": refused.reason}
            logger.info("refused: %s", refused, extra=denial)
            await refuse(call, refused)(scope, receive, send_counted)
        finally:
            self._metrics.count("a2a_requests_total", method=call.method, binding=call.binding, code=str(status))
            seconds = time.monotonic() - started
            self._metrics.observe("a2a_request_duration_seconds", seconds, method=call.method, binding=call.binding)
            answered = {"method": call.method, "binding": call.binding, "status": status, "seconds": round(seconds, 3)}
            logger.info("answered a request", extra=answered)

    async def _skill_of(self, call: Call, caller: Caller) -> str | None:
        """The skill of the task that a message goes on with, otherwise the one that it names, or the agent's first.

        None if the task isn't one of the caller's: then there is no work, and the protocol says so in its own words.
        """
        if call.task_id is not None:
            stores: Stores = self._running["stores"]
            stored = await stores.tasks.get(call.task_id, ServerCallContext(user=caller))
            if stored is None:
                return None
            if "skill" in stored.task.metadata:
                return str(stored.task.metadata["skill"])
        return call.skill or self._settings.skill_ids[0]


async def _read_body(receive: Receive) -> bytes | None:
    """The whole body, or None if it is too large."""
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > MOST_BODY_BYTES:
            return None
        if not message.get("more_body", False):
            return body


def _replay(body: bytes, receive: Receive) -> Receive:
    """The body once more for the SDK; after it what comes of the connection, such as its end."""
    given = False

    async def replayed() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed


def _header(scope: Scope, name: bytes) -> str | None:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), None)


def _address(scope: Scope) -> str:
    return scope["client"][0] if scope.get("client") else "unknown"


def create_app(make_skills: Callable[[Tools], Mapping[str, Skill]], skill_ids: set[str], pace_ms: int = 0) -> ASGIApp:
    """The application of one worker process.

    Raises:
        SettingsProblems: with everything that is wrong with the variables.
    """
    settings = read_settings(skill_ids)
    start_logging(settings)
    metrics = Metrics(start_telemetry(settings))
    http = httpx.AsyncClient(timeout=5)
    gatekeeper = Gatekeeper(settings, http)
    limit = RateLimit(settings, metrics)
    answers = AnswerCache(settings)
    tools = Tools(settings, Peers(settings, http), open_model(settings, metrics, answers), answers)
    if settings.text("SSE_HEARTBEAT_SECONDS") is not None:
        EventSourceResponse.DEFAULT_PING_INTERVAL = settings.number("SSE_HEARTBEAT_SECONDS")
    running: dict[str, Any] = {}

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        stores = await open_stores(settings, metrics)
        push = push_client()
        sender = BasePushNotificationSender(push, stores.push_configs, push_url_validator=is_push_url_allowed)
        executor = FleetExecutor(settings, make_skills(tools), stores, metrics, pace_ms)
        handler = FleetRequestHandler(
            settings,
            stores,
            metrics,
            executor,
            agent_card=ParseDict(settings.document("AGENT_CARD"), AgentCard(), ignore_unknown_fields=True),
            push_config_store=stores.push_configs,
            push_sender=sender,
            push_url_validator=is_push_url_allowed,
        )
        keeper = Keeper(settings, stores, metrics, executor, handler)
        running.update(stores=stores, keeper=keeper)
        app.router.routes.extend(_protocol_routes(settings, handler))
        keeper.start()
        _drain_on_sigterm(keeper)
        serve_worker_metrics(settings, metrics)
        metrics.set("a2a_startup_seconds", time.time() - STARTED)
        logger.info("ready")
        yield
        running.clear()
        await stores.close()
        await push.aclose()
        await http.aclose()
        stop_telemetry()

    async def health(_: Request) -> JSONResponse:
        problem = await _store_problem(running.get("stores"))
        return JSONResponse({"status": "ok", "checks": {"taskStore": problem or "ok"}})

    async def ready(_: Request) -> JSONResponse:
        keeper = running.get("keeper")
        if keeper is None or keeper.draining:
            return JSONResponse({"status": "draining" if keeper else "starting"}, 503)
        problem = await _store_problem(running.get("stores"))
        if problem is not None:
            return JSONResponse({"status": "unavailable", "checks": {"taskStore": problem}}, 503)
        return JSONResponse({"status": "ok", "checks": {"taskStore": "ok"}})

    routes: list[BaseRoute] = [
        *card_routes(settings, metrics),
        Route("/health", health, methods=["GET"]),
        Route("/ready", ready, methods=["GET"]),
    ]
    app: ASGIApp = Starlette(routes=routes, lifespan=lifespan)
    app = Front(app, settings, metrics, gatekeeper, limit, running)
    if settings.flag("A2A_CORS_ENABLED"):
        origins = [origin.strip() for origin in settings.variables["A2A_CORS_ORIGINS"].split(",")]
        app = CORSMiddleware(
            app, allow_origins=origins, allow_methods=["GET", "POST", "DELETE"], allow_headers=["*"], max_age=600
        )
    if settings.flag("TRACE_ENABLED"):
        # A span for each piece of a stream would be thousands.
        app = OpenTelemetryMiddleware(app, excluded_urls="health,ready", exclude_spans=["receive", "send"])
    return app


def serve_worker_metrics(settings: Settings, metrics: Metrics) -> None:
    """The only worker serves its own metrics; those of several are served by the process that started them."""
    if settings.number("WORKERS") == 1:
        serve_metrics(settings, metrics)


def _protocol_routes(settings: Settings, handler: FleetRequestHandler) -> list[BaseRoute]:
    """The bindings on the card, at the root: the path of the card's URL is cut off in front of the agent."""
    routes: list[BaseRoute] = []
    builder = _CallContextBuilder()
    if "JSONRPC" in settings.card_bindings:
        routes += create_jsonrpc_routes(handler, "/", builder, enable_v0_3_compat=settings.speaks_v03)
    if "HTTP+JSON" in settings.card_bindings:
        routes += create_rest_routes(handler, builder, enable_v0_3_compat=settings.speaks_v03)
    return routes


async def _store_problem(stores: Stores | None) -> str | None:
    if stores is None:
        return "not open yet"
    try:
        await asyncio.wait_for(stores.ping(), 2)
    except Exception as error:
        return f"can't be reached ({type(error).__name__})"
    return None


def _drain_on_sigterm(keeper: Keeper) -> None:
    """Ends or hands over tasks first, and then lets the server end as if it were done, with 0."""
    # uvicorn's handler is a method of its server.
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    if server is None:
        logger.warning("not run by uvicorn: whoever runs the application has to drain it")
        return
    drains: list[asyncio.Task[None]] = []

    async def drain() -> None:
        try:
            await keeper.drain()
        except Exception:
            logger.exception("draining failed")
        # Streams end by themselves after their last event; the server cuts what doesn't.
        await asyncio.sleep(0.5)
        server.should_exit = True

    def begin() -> None:
        if not drains:
            drains.append(asyncio.create_task(drain()))

    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, begin)
