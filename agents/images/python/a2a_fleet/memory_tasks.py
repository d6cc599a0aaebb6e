"""Tasks of a process that keeps them to itself."""

import asyncio

from a2a.server.cluster import ConcurrentTaskModificationError, LegacyTaskStoreAdapter, TaskVersion
from a2a.server.context import ServerCallContext
from a2a.server.events.event_queue import Event
from a2a.server.tasks.inmemory_task_store import InMemoryTaskStore
from a2a.types.a2a_pb2 import Task

from a2a_fleet.owner import owner_of
from a2a_fleet.states import ENDED


class MemoryTaskStore(LegacyTaskStoreAdapter):
    """The SDK's store in memory takes any write, so a cancellation could undo a completion. Here an end is for good."""

    def __init__(self) -> None:
        super().__init__(InMemoryTaskStore(owner_resolver=owner_of))
        self._lock = asyncio.Lock()

    async def save(
        self,
        task: Task,
        *,
        event: Event | None = None,
        prev: Task | None = None,
        prev_version: TaskVersion,
        context: ServerCallContext,
    ) -> TaskVersion:
        async with self._lock:
            stored = await self.get(task.id, context)
            if stored is not None and stored.task.status.state in ENDED:
                raise ConcurrentTaskModificationError(task.id)
            return await super().save(task, event=event, prev=prev, prev_version=prev_version, context=context)
