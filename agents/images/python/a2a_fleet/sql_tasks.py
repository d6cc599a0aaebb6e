"""Tasks on Postgres: the SDK's own store and tables."""

from a2a.server.cluster import ConcurrentTaskModificationError, TaskVersion, VersionedDatabaseTaskStore
from a2a.server.context import ServerCallContext
from a2a.server.events.event_queue import Event
from a2a.types.a2a_pb2 import Task, TaskState
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from a2a_fleet.owner import owner_of
from a2a_fleet.states import ENDED

_MOST_FORGOTTEN = 1000
# A task that is worked on, or that a lost replica left behind, has a lease.
_FORGET = text("""
    WITH old AS (
        SELECT id FROM tasks
        WHERE last_updated < (now() AT TIME ZONE 'utc') - :seconds * interval '1 second'
            AND NOT EXISTS (SELECT FROM task_leases WHERE task_leases.task_id = tasks.id)
        LIMIT :most
    ),
    versions AS (DELETE FROM task_versions WHERE task_id IN (SELECT id FROM old)),
    events AS (DELETE FROM task_events WHERE task_id IN (SELECT id FROM old)),
    configs AS (DELETE FROM push_notification_configs WHERE task_id IN (SELECT id FROM old))
    DELETE FROM tasks WHERE id IN (SELECT id FROM old)
""")


class SqlTaskStore(VersionedDatabaseTaskStore):
    """The SDK's store lets whoever knows a task's version write to it after its end. Here an end is for good."""

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(engine, create_table=False, owner_resolver=owner_of)
        self._engine = engine

    async def forget(self, seconds: float) -> None:
        """Deletes tasks that have not changed for so long, with everything that was kept of them."""
        async with self._engine.begin() as connection:
            await connection.execute(_FORGET, {"seconds": seconds, "most": _MOST_FORGOTTEN})

    async def save(
        self,
        task: Task,
        *,
        event: Event | None = None,
        prev: Task | None = None,
        prev_version: TaskVersion,
        context: ServerCallContext,
    ) -> TaskVersion:
        # A write that cancels is checked by the SDK, and the first one has nothing before it.
        if task.status.state != TaskState.TASK_STATE_CANCELED and not prev_version.is_missing:
            stored = await self.get(task.id, context)
            # What has not ended here and is written at this very version has not ended when it is written either.
            if stored is None or stored.version != prev_version or stored.task.status.state in ENDED:
                raise ConcurrentTaskModificationError(task.id)
        return await super().save(task, event=event, prev=prev, prev_version=prev_version, context=context)
