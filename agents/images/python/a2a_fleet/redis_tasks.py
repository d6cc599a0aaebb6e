"""Tasks, their events and push configurations on Redis, behind the SDK's own interfaces for several replicas.

A task is a hash: its version, owner, state, context, `status`, and the rest in `task`, both as JSON of A2A 1.0. Its
events are a Redis stream whose entry ids are the versions that the events led to. A message on the channel only says
that a task has a new version: whoever follows the task reads the stream, so a message that is lost loses no event.
"""

# A store's method is called list, and annotations below it mean the type.
from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from a2a.server.cluster import (
    ConcurrentTaskModificationError,
    StoredTask,
    TaskEventStream,
    TaskVersion,
    VersionedEvent,
    VersionedTaskStore,
)
from a2a.server.cluster.database_event_stream import stream_response_to_event
from a2a.server.context import ServerCallContext
from a2a.server.events.event_queue import Event
from a2a.server.tasks.push_notification_config_store import (
    PushNotificationConfigStore,
    normalize_push_notification_config,
)
from a2a.types.a2a_pb2 import (
    ListTasksRequest,
    ListTasksResponse,
    StreamResponse,
    Task,
    TaskPushNotificationConfig,
    TaskState,
)
from a2a.utils.constants import DEFAULT_LIST_TASKS_PAGE_SIZE
from a2a.utils.errors import InvalidParamsError
from a2a.utils.proto_utils import to_stream_response
from google.protobuf.json_format import MessageToDict, MessageToJson, Parse, ParseDict
from google.protobuf.timestamp_pb2 import Timestamp
from redis.asyncio import Redis
from redis.exceptions import RedisError

from a2a_fleet.owner import owner_of

logger = logging.getLogger(__name__)

# A message of the channel may be lost while a connection is made anew; the stream is read anyway after so long.
_SECONDS_BETWEEN_READS = 2.0


class RedisKeys:
    """Names of keys. Ids with a colon are nobody's, so that no task's key can be another kind's."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    def task(self, task_id: str) -> str:
        return f"{self.prefix}{task_id}"

    def events(self, task_id: str) -> str:
        return f"{self.prefix}{task_id}:events"

    def push(self, task_id: str) -> str:
        return f"{self.prefix}{task_id}:push"

    def tasks_of(self, owner: str) -> str:
        return f"{self.prefix}:tasks-of:{hashlib.sha256(owner.encode()).hexdigest()[:32]}"


class RedisTaskStore(VersionedTaskStore):
    """The SDK's store for several replicas, on Redis. Compare-and-set and event are one script, so neither is alone."""

    def __init__(self, redis: Redis, key_prefix: str, channel: str, ttl_seconds: int) -> None:
        self._redis = redis
        self._keys = RedisKeys(key_prefix)
        self._channel = channel
        self._ttl_seconds = ttl_seconds
        script = Path(__file__).with_name("redis_scripts").joinpath("save-task.lua")
        self._save = redis.register_script(script.read_text())

    async def save(
        self,
        task: Task,
        *,
        event: Event | None = None,
        prev: Task | None = None,
        prev_version: TaskVersion,
        context: ServerCallContext,
    ) -> TaskVersion:
        del prev
        owner = owner_of(context)
        rest = MessageToDict(task)
        status = rest.pop("status", {})
        version = await self._save(
            keys=[self._keys.task(task.id), self._keys.events(task.id), self._keys.tasks_of(owner)],
            args=[
                task.id,
                owner,
                prev_version._value,
                TaskState.Name(task.status.state),
                task.context_id,
                json.dumps(status),
                json.dumps(rest),
                "" if event is None else MessageToJson(to_stream_response(event), indent=None),
                self._ttl_seconds,
                self._channel,
            ],
        )
        if version < 0:
            raise ConcurrentTaskModificationError(task.id)
        return TaskVersion(version)

    async def get(self, task_id: str, context: ServerCallContext) -> StoredTask | None:
        if ":" in task_id:
            return None
        fields = ["owner", "version", "status", "task"]
        owner, version, status, rest = await self._redis.hmget(self._keys.task(task_id), fields)
        if owner is None or owner.decode() != owner_of(context):
            return None
        return StoredTask(_read_task(status, rest), TaskVersion(int(version)))

    async def list(self, params: ListTasksRequest, context: ServerCallContext) -> ListTasksResponse:
        """Latest change first. A page's token is the position of its last task: when it changed, and its id."""
        index = self._keys.tasks_of(owner_of(context))
        entries = await self._redis.zrange(index, 0, -1, desc=True, withscores=True)
        positions = sorted(((int(changed), task_id.decode()) for task_id, changed in entries), reverse=True)
        heads = await self._heads([task_id for _, task_id in positions])
        matching = [
            (changed, task_id)
            for (changed, task_id), head in zip(positions, heads, strict=True)
            if head is not None and _matches(head, params)
        ]
        after = _read_page_token(params.page_token) if params.page_token else None
        rest = [position for position in matching if after is None or position < after]
        size = params.page_size or DEFAULT_LIST_TASKS_PAGE_SIZE
        page = rest[:size]
        stored = [await self.get(task_id, context) for _, task_id in page]
        return ListTasksResponse(
            tasks=[found.task for found in stored if found is not None],
            next_page_token=f"{page[-1][0]}|{page[-1][1]}" if len(rest) > size else "",
            page_size=size,
            total_size=len(matching),
        )

    async def delete(self, task_id: str, context: ServerCallContext) -> None:
        if await self.get(task_id, context) is None:
            return
        await self._redis.delete(self._keys.task(task_id), self._keys.events(task_id), self._keys.push(task_id))
        await self._redis.zrem(self._keys.tasks_of(owner_of(context)), task_id)

    async def _heads(self, task_ids: list[str]) -> list[list[bytes] | None]:
        """State, context and status of each task; None for what has been forgotten since."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for task_id in task_ids:
                pipe.hmget(self._keys.task(task_id), ["state", "contextId", "status"])
            heads = await pipe.execute()
        return [None if head[0] is None else head for head in heads]


def _read_task(status: bytes, rest: bytes) -> Task:
    return ParseDict({**json.loads(rest), "status": json.loads(status)}, Task(), ignore_unknown_fields=True)


def _matches(head: list[bytes], params: ListTasksRequest) -> bool:
    state, context_id, status = head
    if params.context_id and params.context_id != context_id.decode():
        return False
    if params.status and TaskState.Name(params.status) != state.decode():
        return False
    if params.HasField("status_timestamp_after"):
        changed = Timestamp()
        changed.FromJsonString(json.loads(status).get("timestamp", "1970-01-01T00:00:00Z"))
        return changed.ToNanoseconds() >= params.status_timestamp_after.ToNanoseconds()
    return True


def _read_page_token(token: str) -> tuple[int, str]:
    changed, _, task_id = token.partition("|")
    if not changed.isdigit() or not task_id:
        raise InvalidParamsError(message=f"Invalid page token: {token}")
    return int(changed), task_id


class RedisEventStream(TaskEventStream):
    """Follows tasks of other replicas. One connection listens, however many streams are open."""

    def __init__(self, redis: Redis, key_prefix: str, channel: str) -> None:
        self._redis = redis
        self._keys = RedisKeys(key_prefix)
        self._channel = channel
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self._listener: asyncio.Task[None] | None = None

    async def publish(self, task_id: str, event: VersionedEvent) -> None:
        """Nothing to do: the store wrote the event together with the task."""

    async def subscribe(self, task_id: str, *, after: TaskVersion) -> AsyncGenerator[VersionedEvent, None]:
        last = int(after._value)
        async with self._changes_of(task_id) as changed:
            while True:
                changed.clear()
                entries = await self._redis.xrange(self._keys.events(task_id), min=f"({last}-0")
                for entry_id, fields in entries:
                    last = int(entry_id.decode().split("-")[0])
                    response = Parse(fields[b"event"], StreamResponse(), ignore_unknown_fields=True)
                    yield VersionedEvent(event=stream_response_to_event(response), version=TaskVersion(last))
                try:
                    await asyncio.wait_for(changed.wait(), _SECONDS_BETWEEN_READS)
                except TimeoutError:
                    pass

    async def destroy(self, task_id: str) -> None:
        """Nothing to do: the events are forgotten together with the task."""

    async def close(self) -> None:
        if self._listener is not None:
            self._listener.cancel()

    @asynccontextmanager
    async def _changes_of(self, task_id: str) -> AsyncIterator[asyncio.Event]:
        if self._listener is None or self._listener.done():
            self._listener = asyncio.create_task(self._listen())
        changed = asyncio.Event()
        self._waiting.setdefault(task_id, set()).add(changed)
        try:
            yield changed
        finally:
            self._waiting[task_id].discard(changed)
            if not self._waiting[task_id]:
                del self._waiting[task_id]

    async def _listen(self) -> None:
        while True:
            try:
                async with self._redis.pubsub(ignore_subscribe_messages=True) as pubsub:
                    await pubsub.subscribe(self._channel)
                    async for message in pubsub.listen():
                        for changed in self._waiting.get(json.loads(message["data"])["taskId"], ()):
                            changed.set()
            except (RedisError, OSError, ValueError) as error:
                logger.warning("the channel of events is interrupted: %s", error)
                await asyncio.sleep(1)


class RedisPushConfigStore(PushNotificationConfigStore):
    """Push configurations: a hash beside each task, forgotten with it."""

    def __init__(self, redis: Redis, key_prefix: str, ttl_seconds: int) -> None:
        self._redis = redis
        self._keys = RedisKeys(key_prefix)
        self._ttl_seconds = ttl_seconds

    async def set_info(
        self, task_id: str, notification_config: TaskPushNotificationConfig, context: ServerCallContext
    ) -> TaskPushNotificationConfig:
        config = normalize_push_notification_config(task_id, notification_config)
        entry = json.dumps({"owner": owner_of(context), "config": MessageToDict(config)})
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hset(self._keys.push(task_id), config.id, entry)
            pipe.expire(self._keys.push(task_id), self._ttl_seconds)
            await pipe.execute()
        return config

    async def get_info(self, task_id: str, context: ServerCallContext) -> list[TaskPushNotificationConfig]:
        entries = await self._entries(task_id)
        return [_read_config(entry) for entry in entries if entry["owner"] == owner_of(context)]

    async def get_info_for_dispatch(self, task_id: str) -> list[TaskPushNotificationConfig]:
        return [_read_config(entry) for entry in await self._entries(task_id)]

    async def delete_info(self, task_id: str, context: ServerCallContext, config_id: str | None = None) -> None:
        own = await self.get_info(task_id, context)
        ids = [config.id for config in own if config_id is None or config.id == config_id]
        if ids:
            await self._redis.hdel(self._keys.push(task_id), *ids)

    async def _entries(self, task_id: str) -> list[dict[str, Any]]:
        return [json.loads(entry) for entry in await self._redis.hvals(self._keys.push(task_id))]


def _read_config(entry: dict[str, Any]) -> TaskPushNotificationConfig:
    return ParseDict(entry["config"], TaskPushNotificationConfig(), ignore_unknown_fields=True)
