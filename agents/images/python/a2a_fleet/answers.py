"""Answers that may be given again, kept where the environment says."""

import hashlib

from cachetools import TTLCache

from a2a_fleet.settings import Settings

_MOST_KEPT = 1000


class AnswerCache:
    """Keeps texts by what they answer. One version's answers are not another's."""

    def __init__(self, settings: Settings) -> None:
        self._seconds = settings.number("RESPONSE_CACHE_TTL_SECONDS") or 1
        self._version = f"{settings.agent_name}@{settings.variables['AGENT_VERSION']}"
        self._memory: TTLCache[str, str] = TTLCache(_MOST_KEPT, self._seconds)
        self._redis = None
        self._prefix = settings.text("RESPONSE_CACHE_PREFIX") or "a2a:cache:"
        if settings.text("RESPONSE_CACHE") == "redis" and settings.task_store == "redis":
            from a2a_fleet.redis_connection import connect

            self._redis = connect(settings)

    async def get(self, question: str) -> str | None:
        key = self._key(question)
        if self._redis is None:
            return self._memory.get(key)
        kept = await self._redis.get(key)
        return None if kept is None else kept.decode()

    async def put(self, question: str, answer: str) -> None:
        key = self._key(question)
        if self._redis is None:
            self._memory[key] = answer
        else:
            await self._redis.set(key, answer, ex=self._seconds)

    def _key(self, question: str) -> str:
        return self._prefix + hashlib.sha256(f"{self._version}\n{question}".encode()).hexdigest()
