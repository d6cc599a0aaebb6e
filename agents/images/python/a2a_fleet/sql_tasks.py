"""Tasks on Postgres: the SDK's own store and tables."""

from a2a.server.cluster import ConcurrentTaskModificationError, TaskVersion, VersionedDatabaseTaskStore
from a2a.server.context import ServerCallContext
from a2a.server.events.event_queue import Event
from a2a.types.a2a_pb2 import Task, TaskState
from sqlalchemy.ext.asyncio import AsyncEngine

from a2a_fleet.owner import owner_of
from a2a_fleet.states import ENDED


class SqlTaskStore(VersionedDatabaseTaskStore):
    """The SDK's store lets whoever knows a task's version write to it after its end. Here an end is for good."""

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(engine, create_table=False, owner_resolver=owner_of)

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
