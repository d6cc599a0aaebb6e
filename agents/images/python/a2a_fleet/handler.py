"""The SDK's request handler, with what several replicas need: streams that any of them serves, and takeovers."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

from a2a.server.agent_execution import RequestContext
from a2a.server.cluster import ConcurrentTaskModificationError, StoredTask
from a2a.server.context import ServerCallContext
from a2a.server.events.event_queue import Event
from a2a.server.request_handlers.default_request_handler_v2 import DefaultRequestHandlerV2
from a2a.types.a2a_pb2 import (
    CancelTaskRequest,
    Message,
    Role,
    SendMessageRequest,
    SubscribeToTaskRequest,
    Task,
    TaskState,
    TaskStatus,
    TaskStatusUpdateEvent,
)
from a2a.utils.errors import (
    InvalidParamsError,
    TaskNotCancelableError,
    TaskNotFoundError,
    UnsupportedOperationError,
)
from a2a.helpers import new_text_message

from a2a_fleet.executor import FleetExecutor
from a2a_fleet.leases import Lease
from a2a_fleet.metrics import Metrics
from a2a_fleet.owner import context_of
from a2a_fleet.settings import Settings
from a2a_fleet.states import ENDED, RESTING
from a2a_fleet.stores import Stores

logger = logging.getLogger(__name__)

# Who works on a task, or takes it over, ends it a moment after its deadline.
_SPARE_SECONDS = 5


class FleetRequestHandler(DefaultRequestHandlerV2):
    """Serves every stream of a shared task from the store's events, so that it is complete wherever it is open."""

    def __init__(self, settings: Settings, stores: Stores, metrics: Metrics, executor: FleetExecutor, **sdk: Any) -> None:
        super().__init__(executor, stores.tasks, event_stream=stores.events, **sdk)
        self._settings = settings
        self._stores = stores
        self._metrics = metrics
        self._closing = asyncio.Event()
        self.open_streams = 0

    async def on_message_send(self, params: SendMessageRequest, context: ServerCallContext) -> Message | Task:
        await self._check_message(params.message, context)
        return await super().on_message_send(params, context)

    async def on_message_send_stream(
        self, params: SendMessageRequest, context: ServerCallContext
    ) -> AsyncGenerator[Event, None]:
        await self._check_message(params.message, context)
        async with aclosing(self._until_closing(super().on_message_send_stream(params, context))) as events:
            async for event in events:
                yield event

    async def on_subscribe_to_task(
        self, params: SubscribeToTaskRequest, context: ServerCallContext
    ) -> AsyncGenerator[Event, None]:
        stream = self._follow(params, context) if self._event_stream else super().on_subscribe_to_task(params, context)
        async with aclosing(self._until_closing(stream)) as events:
            async for event in events:
                yield event

    async def on_cancel_task(self, params: CancelTaskRequest, context: ServerCallContext) -> Task | None:
        """As the SDK does it, but a task that ended otherwise meanwhile was not canceled."""
        try:
            task = await super().on_cancel_task(params, context)
        except ConcurrentTaskModificationError:
            task = None
        if task is None or task.status.state != TaskState.TASK_STATE_CANCELED:
            raise TaskNotCancelableError(message=f"Task {params.id} had ended before it could be canceled")
        return task

    async def resume(self, lease: Lease, stored: StoredTask) -> None:
        """Works on a task that another replica began."""
        context = context_of(lease.owner)
        context.state["lease"] = lease
        said = [message for message in stored.task.history if message.role == Role.ROLE_USER]
        request = RequestContext(
            call_context=context,
            request=SendMessageRequest(message=said[-1] if said else Message(role=Role.ROLE_USER)),
            task_id=lease.task_id,
            context_id=stored.task.context_id,
        )
        active = await self._active_task_registry.get_or_create(lease.task_id, call_context=context)
        await active.enqueue_request(request)

    async def fail(self, lease: Lease, stored: StoredTask, reason: str) -> bool:
        """Ends a task that nobody works on any more. False if it was changed meanwhile."""
        task = Task()
        task.CopyFrom(stored.task)
        message = new_text_message(reason, context_id=task.context_id, task_id=task.id)
        status = TaskStatus(state=TaskState.TASK_STATE_FAILED, message=message)
        status.timestamp.GetCurrentTime()
        task.status.CopyFrom(status)
        task.history.append(message)
        event = TaskStatusUpdateEvent(task_id=task.id, context_id=task.context_id, status=status)
        try:
            await self._versioned_store.save(
                task, event=event, prev=stored.task, prev_version=stored.version, context=context_of(lease.owner)
            )
        except ConcurrentTaskModificationError:
            return False
        if self._push_sender is not None:
            await self._push_sender.send_notification(task.id, event)
        return True

    def close_streams(self) -> None:
        """Ends every open stream with an event after which its client can subscribe to the task elsewhere."""
        self._closing.set()

    async def _check_message(self, message: Message, context: ServerCallContext) -> None:
        """Refuses what must not become a task, or a second run of one."""
        known = self._settings.skill_ids
        asked = message.metadata["skill"] if "skill" in message.metadata else None
        if asked is not None and asked not in known:
            raise InvalidParamsError(message=f"skill '{asked}' is not one of this agent's: {', '.join(known)}")
        if not message.task_id:
            return
        stored = await self._stores.tasks.get(message.task_id, context)
        if stored is None:
            raise TaskNotFoundError(message=f"Task {message.task_id} not found")
        if stored.task.status.state not in RESTING:
            raise UnsupportedOperationError(message="the task is being worked on; subscribe to it, or cancel it")

    async def _follow(self, params: SubscribeToTaskRequest, context: ServerCallContext) -> AsyncGenerator[Event, None]:
        """The task as it is stored, then every event after that: nothing twice, nothing lost."""
        stored = await self._versioned_store.get(params.id, context)
        if stored is None:
            raise TaskNotFoundError(message=f"Task {params.id} not found")
        if stored.task.status.state in ENDED:
            state = TaskState.Name(stored.task.status.state)
            raise UnsupportedOperationError(message=f"Task {params.id} is in terminal state: {state}")
        events = self._subscribe_remote(params.id, stored.task, stored.version, self._event_stream)
        async with aclosing(events):
            async for event in events:
                yield event

    async def _until_closing(self, stream: AsyncGenerator[Event, None]) -> AsyncIterator[Event]:
        """Passes events on. A stream that ends without a last state of its task ends with an event that says so, and one
        on which nothing happens for as long as a task may take is ended."""
        self.open_streams += 1
        self._metrics.set("a2a_open_streams", self.open_streams)
        end, latest = "cut", None
        closing = asyncio.create_task(self._closing.wait())
        following: asyncio.Task[Event] | None = None
        try:
            while True:
                following = asyncio.create_task(anext(stream))
                longest = self._settings.task_timeout_seconds + _SPARE_SECONDS
                await asyncio.wait({following, closing}, timeout=longest, return_when=asyncio.FIRST_COMPLETED)
                if not following.done():
                    break
                try:
                    event = following.result()
                except StopAsyncIteration:
                    break
                latest = event
                if _is_last(event):
                    end = "final"
                yield event
                if end == "final":
                    return
            if latest is not None:
                end = "resumable"
                yield _resumable(latest)
        finally:
            closing.cancel()
            if following is not None and not following.done():
                following.cancel()
                await asyncio.wait({following})
            await stream.aclose()
            self.open_streams -= 1
            self._metrics.set("a2a_open_streams", self.open_streams)
            self._metrics.count("a2a_streams_total", end=end)


def _is_last(event: Event) -> bool:
    if isinstance(event, Task):
        # The snapshot of a task that waits for its caller is where a stream begins.
        return event.status.state in ENDED
    return isinstance(event, Message) or (
        isinstance(event, TaskStatusUpdateEvent) and event.status.state in RESTING
    )


def _resumable(latest: Event) -> TaskStatusUpdateEvent:
    """Says that the task goes on, and that its events are to be had by subscribing again."""
    status = TaskStatus(state=TaskState.TASK_STATE_WORKING)
    status.timestamp.GetCurrentTime()
    event = TaskStatusUpdateEvent(
        task_id=latest.id if isinstance(latest, Task) else latest.task_id, context_id=latest.context_id, status=status
    )
    event.metadata["resubscribe"] = True
    return event
