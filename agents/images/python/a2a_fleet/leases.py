"""Leases: which replica works on a task, until when, and who may take it over afterwards."""

import json
import os
import socket
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from redis.asyncio import Redis

# Of this process, so that workers of one replica hold leases of their own.
HOLDER = f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
# The worker itself fails a task at its deadline; whoever sweeps comes a little later.
DEADLINE_MARGIN_SECONDS = 1.0
# Taken at once by one replica, so that the others get a share of what a lost one left.
MOST_TAKEN = 5


@dataclass(frozen=True)
class Lease:
    """The right to work on a task."""

    task_id: str
    owner: str
    """Caller whose task it is."""
    seconds_left: float
    """Until the task's deadline, which no takeover moves."""
    age_seconds: float
    """Since the task was first worked on."""
    runs: int
    """How many replicas have worked on it, this one included."""


class LeaseBook(Protocol):
    """Where leases are written down. Its clock is the store's, so that replicas' clocks don't matter."""

    async def claim(self, task_id: str, owner: str, timeout_seconds: float) -> Lease | None:
        """The task for this replica, or None while another one works on it."""

    async def renew(self, task_ids: list[str]) -> list[str]:
        """Renews leases, and returns the tasks that this replica has lost."""

    async def release(self, task_id: str) -> float | None:
        """Ends a lease, whoever has it: the task has ended. Returns the seconds since it was first worked on."""

    async def hand_over(self, task_id: str) -> None:
        """Ends this replica's lease so that any other may take the task at once."""

    async def take_expired(self) -> list[Lease]:
        """Tasks whose replica is gone, now this one's."""

    async def count_overdue(self) -> int:
        """Tasks that are worked on past their deadline."""


class RedisLeaseBook:
    """Two keys beside the tasks: when leases end, and what they say."""

    def __init__(self, redis: Redis, key_prefix: str, lease_seconds: int) -> None:
        self._redis = redis
        # No task has a colon in its id, so these can't be the key of one.
        self._keys = [f"{key_prefix}:lease-ends", f"{key_prefix}:leases"]
        self._lease_ms = lease_seconds * 1000
        self._claim = _script(redis, "claim-lease")
        self._renew = _script(redis, "renew-leases")
        self._take = _script(redis, "take-expired")

    async def claim(self, task_id: str, owner: str, timeout_seconds: float) -> Lease | None:
        arguments = [task_id, owner, HOLDER, self._lease_ms, round(timeout_seconds * 1000)]
        stored = await self._claim(keys=self._keys, args=arguments)
        return None if stored is None else await self._read(task_id, stored)

    async def renew(self, task_ids: list[str]) -> list[str]:
        margin_ms = round(DEADLINE_MARGIN_SECONDS * 1000)
        lost = await self._renew(keys=self._keys, args=[HOLDER, self._lease_ms, margin_ms, *task_ids])
        return [task_id.decode() for task_id in lost]

    async def release(self, task_id: str) -> float | None:
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hget(self._keys[1], task_id)
            pipe.hdel(self._keys[1], task_id)
            pipe.zrem(self._keys[0], task_id)
            stored, *_ = await pipe.execute()
        return None if stored is None else (await self._read(task_id, stored)).age_seconds

    async def hand_over(self, task_id: str) -> None:
        await self._redis.zadd(self._keys[0], {task_id: 0}, xx=True)

    async def take_expired(self) -> list[Lease]:
        taken = await self._take(keys=self._keys, args=[HOLDER, self._lease_ms, MOST_TAKEN])
        return [await self._read(taken[i].decode(), taken[i + 1]) for i in range(0, len(taken), 2)]

    async def count_overdue(self) -> int:
        now = await self._now_ms()
        leases = [json.loads(stored) for stored in await self._redis.hvals(self._keys[1])]
        return sum(lease["deadline"] < now for lease in leases)

    async def _read(self, task_id: str, stored: bytes) -> Lease:
        lease = json.loads(stored)
        now = await self._now_ms()
        return Lease(
            task_id=task_id,
            owner=lease["owner"],
            seconds_left=(lease["deadline"] - now) / 1000,
            age_seconds=(now - lease["started"]) / 1000,
            runs=lease["runs"],
        )

    async def _now_ms(self) -> float:
        seconds, microseconds = await self._redis.time()
        return seconds * 1000 + microseconds / 1000


class MemoryLeaseBook:
    """For a process that keeps its tasks to itself: nobody could take one over."""

    def __init__(self) -> None:
        self._started: dict[str, float] = {}

    async def claim(self, task_id: str, owner: str, timeout_seconds: float) -> Lease | None:
        if task_id in self._started:
            return None
        self._started[task_id] = time.monotonic()
        return Lease(task_id, owner, timeout_seconds, 0, 1)

    async def renew(self, task_ids: list[str]) -> list[str]:
        return [task_id for task_id in task_ids if task_id not in self._started]

    async def release(self, task_id: str) -> float | None:
        started = self._started.pop(task_id, None)
        return None if started is None else time.monotonic() - started

    async def hand_over(self, task_id: str) -> None:
        self._started.pop(task_id, None)

    async def take_expired(self) -> list[Lease]:
        return []

    async def count_overdue(self) -> int:
        return 0


def _script(redis: Redis, name: str):
    return redis.register_script(Path(__file__).with_name("redis_scripts").joinpath(f"{name}.lua").read_text())
