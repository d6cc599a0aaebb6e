"""How much one caller may ask in a while, counted by all replicas together where they share a store."""

import logging
import time

from limits import RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter

from a2a_fleet.metrics import Metrics
from a2a_fleet.refusal import Refused
from a2a_fleet.settings import Settings

logger = logging.getLogger(__name__)


class RateLimit:
    """The contract's limit of requests in a window."""

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        self._enabled = settings.flag("RATE_LIMIT_ENABLED")
        self._metrics = metrics
        requests = settings.number("RATE_LIMIT_REQUESTS") or 1
        self._limit = RateLimitItemPerSecond(requests, settings.number("RATE_LIMIT_WINDOW") or 1)
        self._limiter = FixedWindowRateLimiter(_storage(settings))

    async def check(self, caller: str) -> None:
        """
        Raises:
            Refused: 429 if the caller is beyond its limit.
        """
        if not self._enabled:
            return
        try:
            if await self._limiter.hit(self._limit, caller):
                return
            window = await self._limiter.get_window_stats(self._limit, caller)
        except Exception as error:
            # A store that is away must not shut callers out: what protects the agent then is the gateway's limit.
            self._metrics.count("a2a_store_errors_total", operation="limit")
            logger.warning("the rate limit can't be counted: %s", error)
            return
        self._metrics.count("a2a_rate_limited_total")
        seconds = max(1, round(window.reset_time - time.time()))
        raise Refused(429, "rate_limited", f"too many requests; try again in {seconds} s", {"Retry-After": str(seconds)})


def _storage(settings: Settings) -> MemoryStorage | RedisStorage:
    prefix = settings.text("RATE_LIMIT_PREFIX")
    if settings.task_store != "redis" or prefix is None:
        return MemoryStorage()
    from a2a_fleet.redis_connection import connect

    pool = connect(settings).connection_pool
    url = f"async+{settings.variables['REDIS_URL']}"
    return RedisStorage(url, connection_pool=pool, implementation="redispy", key_prefix=prefix.removesuffix(":"))
