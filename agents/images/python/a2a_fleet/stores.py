"""Everything that an agent's replicas share, opened as the environment says."""

import logging
import os
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from a2a.server.cluster import (
    ConcurrentTaskModificationError,
    StoredTask,
    TaskEventStream,
    TaskVersion,
    VersionedTaskStore,
)
from a2a.server.context import ServerCallContext
from a2a.server.events.event_queue import Event
from a2a.server.tasks.inmemory_push_notification_config_store import InMemoryPushNotificationConfigStore
from a2a.server.tasks.push_notification_config_store import PushNotificationConfigStore
from a2a.types.a2a_pb2 import ListTasksRequest, ListTasksResponse, Task, TaskState, TaskStatusUpdateEvent

from a2a_fleet.leases import LeaseBook, MemoryLeaseBook, RedisLeaseBook
from a2a_fleet.memory_tasks import MemoryTaskStore
from a2a_fleet.metrics import Metrics
from a2a_fleet.owner import owner_of
from a2a_fleet.settings import Settings
from a2a_fleet.states import ENDED, RESTING
from a2a_fleet.tokens import azure_postgres_password

logger = logging.getLogger(__name__)

@dataclass
class Stores:
    """What `open_stores` opened."""

    tasks: "LeasedTaskStore"
    events: TaskEventStream | None
    """None in a process that keeps its tasks to itself."""
    push_configs: PushNotificationConfigStore
    leases: LeaseBook
    ping: Callable[[], Awaitable[None]]
    """Raises if the store can't be reached."""
    close: Callable[[], Awaitable[None]]
    forget: Callable[[], Awaitable[None]] | None = None
    """Deletes what has been kept for long enough. None where the store does so by itself, or for good."""
    forget_every_seconds: float = 60


class LeasedTaskStore(VersionedTaskStore):
    """A task store that ends a task's lease once its last state is written, and not before: a replica that dies in
    between leaves a lease behind, never a task that nobody looks for."""

    def __init__(self, store: VersionedTaskStore, leases: LeaseBook, metrics: Metrics) -> None:
        self._store = store
        self._leases = leases
        self._metrics = metrics
        self.unwritten: set[str] = set()
        """Tasks that this process works on and whose last state it has yet to write."""

    async def save(
        self,
        task: Task,
        *,
        event: Event | None = None,
        prev: Task | None = None,
        prev_version: TaskVersion,
        context: ServerCallContext,
    ) -> TaskVersion:
        try:
            version = await self._store.save(
                task, event=event, prev=prev, prev_version=prev_version, context=context
            )
        except ConcurrentTaskModificationError:
            # Somebody else has written it, and goes on with it.
            self.unwritten.discard(task.id)
            raise
        except Exception:
            self._metrics.count("a2a_store_errors_total", operation="save")
            raise
        state = TaskState.Name(task.status.state).removeprefix("TASK_STATE_").lower()
        if isinstance(event, Task | TaskStatusUpdateEvent):
            logger.info("a task is in a state", extra={"taskId": task.id, "state": state, "caller": owner_of(context)})
        if task.status.state in RESTING:
            self.unwritten.discard(task.id)
            age_seconds = await self._leases.release(task.id)
            if task.status.state in ENDED:
                self._metrics.count("a2a_tasks_total", state=state)
                if age_seconds is not None:
                    self._metrics.observe("a2a_task_duration_seconds", age_seconds, state=state)
                    measured = {"measured": "a2a_task_duration_seconds", "seconds": age_seconds, "state": state}
                    logger.info("a task ended", extra={"taskId": task.id, **measured})
        return version

    async def get(self, task_id: str, context: ServerCallContext) -> StoredTask | None:
        try:
            return await self._store.get(task_id, context)
        except Exception:
            self._metrics.count("a2a_store_errors_total", operation="get")
            raise

    async def list(self, params: ListTasksRequest, context: ServerCallContext) -> ListTasksResponse:
        try:
            return await self._store.list(params, context)
        except Exception:
            self._metrics.count("a2a_store_errors_total", operation="list")
            raise

    async def delete(self, task_id: str, context: ServerCallContext) -> None:
        await self._store.delete(task_id, context)


async def open_stores(settings: Settings, metrics: Metrics) -> Stores:
    """Opens the task store that the environment names.

    Raises:
        Exception: of the store's client, if its tables can't be made.
    """
    if settings.task_store == "redis":
        return _open_redis(settings, metrics)
    if settings.task_store == "postgres":
        return await _open_postgres(settings, metrics)
    leases = MemoryLeaseBook()
    tasks = LeasedTaskStore(MemoryTaskStore(), leases, metrics)
    push_configs = InMemoryPushNotificationConfigStore(owner_resolver=owner_of)
    return Stores(tasks, None, push_configs, leases, _nothing, _nothing)


async def _nothing() -> None:
    """There is nothing to reach or to close in memory."""


def _open_redis(settings: Settings, metrics: Metrics) -> Stores:
    from a2a_fleet.redis_connection import connect
    from a2a_fleet.redis_tasks import RedisEventStream, RedisPushConfigStore, RedisTaskStore

    redis = connect(settings)
    prefix = settings.variables["REDIS_KEY_PREFIX"]
    channel = settings.variables["REDIS_EVENTS_CHANNEL"]
    ttl_seconds = int(settings.variables["REDIS_TASK_TTL_SECONDS"])
    leases = RedisLeaseBook(redis, prefix, settings.lease_seconds)
    events = RedisEventStream(redis, prefix, channel)

    async def ping() -> None:
        await redis.ping()

    async def close() -> None:
        await events.close()
        await redis.aclose()

    return Stores(
        tasks=LeasedTaskStore(RedisTaskStore(redis, prefix, channel, ttl_seconds), leases, metrics),
        events=events,
        push_configs=RedisPushConfigStore(redis, prefix, ttl_seconds),
        leases=leases,
        ping=ping,
        close=close,
    )


async def _open_postgres(settings: Settings, metrics: Metrics) -> Stores:
    from a2a.server.models import Base
    from a2a.server.tasks.database_push_notification_config_store import DatabasePushNotificationConfigStore
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

    from a2a_fleet.sql_events import SqlEventStream
    from a2a_fleet.sql_leases import SqlLeaseBook
    from a2a_fleet.sql_tasks import SqlTaskStore

    # asyncpg reads the rest from libpq's variables itself.
    password = azure_postgres_password() if settings.text("POSTGRES_LOGIN") == "entra" else os.environ["PGPASSWORD"]

    trust = _public_trust(settings)

    def connect(connections: int) -> AsyncEngine:
        return create_async_engine(
            "postgresql+asyncpg://",
            pool_size=connections,
            max_overflow=0,
            pool_pre_ping=True,
            connect_args={"password": password, **trust},
        )

    # Leases and readiness have one of the connections to themselves: however many tasks write, none is taken for dead.
    engine = connect(max((settings.number("SQL_POOL_SIZE") or 5) - 1, 1))
    own = connect(1)
    leases = SqlLeaseBook(own, settings.lease_seconds)
    tasks = SqlTaskStore(engine)
    events = SqlEventStream(engine)
    push_configs = DatabasePushNotificationConfigStore(engine, create_table=False, owner_resolver=owner_of)
    async with engine.begin() as connection:
        # Replicas that start together would make the same tables: one does, the others find them.
        await connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('a2a-fleet'))"))
        await connection.run_sync(Base.metadata.create_all)
        await connection.run_sync(leases.create_table)

    async def ping() -> None:
        async with own.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def close() -> None:
        await engine.dispose()
        await own.dispose()

    stores = Stores(LeasedTaskStore(tasks, leases, metrics), events, push_configs, leases, ping, close)
    ttl_seconds = settings.number("POSTGRES_TASK_TTL_SECONDS")
    if ttl_seconds is not None:
        stores.forget = lambda: tasks.forget(float(ttl_seconds))
        stores.forget_every_seconds = min(stores.forget_every_seconds, ttl_seconds / 2)
    return stores


def _public_trust(settings: Settings) -> dict[str, ssl.SSLContext]:
    """The authorities that the image knows, where no file names others: asyncpg looks for one in a home folder."""
    mode = settings.variables["PGSSLMODE"]
    if not mode.startswith("verify") or settings.text("PGSSLROOTCERT") is not None:
        return {}
    context = ssl.create_default_context()
    context.check_hostname = mode == "verify-full"
    return {"ssl": context}
