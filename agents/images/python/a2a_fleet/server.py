"""Starts the agent's process, or its workers."""

import sys

from a2a_fleet.settings import SettingsProblems, read_settings

# What a draining worker may still need once its tasks have ended: its streams end by themselves.
_SECONDS_TO_CLOSE = 5

# How long a connection may be idle: longer than whatever is in front keeps one to send its next request on, which would
# otherwise meet a closed one and be a 502 that nobody can explain. Envoy, and so Container Apps, Istio and Envoy Gateway,
# keeps them for an hour, Google's load balancers for ten minutes, Caddy for two, nginx for one. uvicorn has five seconds.
# https://www.envoyproxy.io/docs/envoy/latest/faq/configuration/timeouts
# https://cloud.google.com/load-balancing/docs/https#timeouts_and_retries
_SECONDS_IDLE = 3620


def serve(app: str, skill_ids: set[str]) -> None:
    """Runs the application factory of this name, `module:function`. Ends with 78 if the variables are wrong."""
    try:
        settings = read_settings(skill_ids)
    except SettingsProblems as error:
        print("The agent can't start:", *(f"- {problem}" for problem in error.problems), sep="\n", file=sys.stderr)
        # EX_CONFIG: whoever starts it again gets the same answer.
        sys.exit(78)

    # Only now, so that a wrong environment is told at once: these take their time to load.
    import uvicorn

    from a2a_fleet.metrics import serve_metrics, share_metrics_files

    workers = settings.number("WORKERS") or 1
    if workers > 1:
        share_metrics_files()
        serve_metrics(settings)
    uvicorn.run(
        app,
        factory=True,
        host=settings.variables["A2A_HOST"],
        port=settings.number("A2A_PORT") or 8000,
        workers=workers,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=_SECONDS_IDLE,
        # Node says so by itself; callers that heed it keep theirs for as long.
        headers=[("Keep-Alive", f"timeout={_SECONDS_IDLE}")],
        timeout_graceful_shutdown=_SECONDS_TO_CLOSE,
        timeout_worker_healthcheck=settings.number("REQUEST_TIMEOUT_SECONDS") or 120,
        h11_max_incomplete_event_size=64 * 1024,
    )
