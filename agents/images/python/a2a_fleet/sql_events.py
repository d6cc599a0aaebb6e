"""Events of tasks on Postgres: what the SDK's SQL store writes, read once for all open streams."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

from a2a.server.cluster import DatabaseTaskEventStream, TaskVersion, VersionedEvent
from a2a.server.cluster.database_event_stream import stream_response_to_event
from a2a.types.a2a_pb2 import StreamResponse
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

logger = logging.getLogger(__name__)

_SECONDS_BETWEEN_READS = 0.25
_READ = text("""
    SELECT watched.place, events.task_version, events.event_data
    FROM unnest(CAST(:tasks AS text[]), CAST(:versions AS bigint[])) WITH ORDINALITY
        AS watched (task_id, version, place)
    JOIN task_events AS events
        ON events.task_id = watched.task_id AND events.task_version > watched.version
    ORDER BY events.seq
""")


@dataclass(eq=False)
class _Watch:
    """A stream, and the version that it has seen."""

    task_id: str
    version: int
    events: asyncio.Queue[VersionedEvent] = field(default_factory=asyncio.Queue)


class SqlEventStream(DatabaseTaskEventStream):
    """The SDK's stream asks the database for every open stream by itself, four times a second. Here a process asks
    once for all of them, so that its few connections are left to what it writes."""

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(engine, create_table=False)
        self._watches: list[_Watch] = []
        self._reader: asyncio.Task[None] | None = None

    async def subscribe(self, task_id: str, *, after: TaskVersion) -> AsyncGenerator[VersionedEvent, None]:
        watch = _Watch(task_id, 0 if after.is_missing else int(after._value))
        self._watches.append(watch)
        if self._reader is None or self._reader.done():
            self._reader = asyncio.create_task(self._read_while_watched())
        try:
            while True:
                yield await watch.events.get()
        finally:
            self._watches.remove(watch)

    async def _read_while_watched(self) -> None:
        while self._watches:
            try:
                await self._read()
            except (SQLAlchemyError, OSError) as error:
                # The next read finds what this one missed.
                logger.warning("events can't be read: %s", error)
            await asyncio.sleep(_SECONDS_BETWEEN_READS)

    async def _read(self) -> None:
        watches = list(self._watches)
        wanted = {"tasks": [watch.task_id for watch in watches], "versions": [watch.version for watch in watches]}
        async with self._engine.connect() as connection:
            rows = (await connection.execute(_READ, wanted)).all()
        for place, task_version, event_data in rows:
            response = StreamResponse()
            response.ParseFromString(event_data)
            version = TaskVersion(task_version)
            watch = watches[place - 1]
            watch.version = task_version
            watch.events.put_nowait(VersionedEvent(event=stream_response_to_event(response), version=version))
