"""The connection to the store that the environment gives."""

from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis

from a2a_fleet.settings import Settings

_SECONDS_TO_ANSWER = 5


def connect(settings: Settings) -> Redis:
    """A client of at most REDIS_MAX_CONNECTIONS connections; who finds none free waits for one."""
    url = settings.variables["REDIS_URL"]
    options: dict[str, Any] = {}
    if url.startswith("rediss://") and settings.text("REDIS_CA_FILE") is not None:
        options["ssl_ca_certs"] = settings.text("REDIS_CA_FILE")
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=settings.number("REDIS_MAX_CONNECTIONS", 20),
        timeout=_SECONDS_TO_ANSWER,
        socket_connect_timeout=_SECONDS_TO_ANSWER,
        health_check_interval=30,
        **options,
    )
    return Redis.from_pool(pool)
