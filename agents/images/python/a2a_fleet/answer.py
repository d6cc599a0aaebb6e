"""Writes what a skill yields to the task, in pieces that are worth a write."""

import asyncio
import time

from a2a.server.events.event_queue import EventQueue
from a2a.server.tasks.task_updater import TaskUpdater
from a2a.types.a2a_pb2 import Part
from google.protobuf.struct_pb2 import Value
from google.protobuf.json_format import ParseDict

from a2a_fleet.skill import AnswerPart

ARTIFACT_ID = "answer"
# A model yields a word at a time, and each write costs the store a whole task: what comes within this time is one.
SECONDS_BETWEEN_WRITES = 0.25


class Answer:
    """The one artifact of a task."""

    def __init__(self, queue: EventQueue, task_id: str, context_id: str) -> None:
        self._updater = TaskUpdater(queue, task_id, context_id)
        self._held: list[Part] = []
        self._begun = False
        self._written = float("-inf")
        self._later: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()

    async def add(self, part: AnswerPart) -> None:
        """Adds to the answer; the caller sees it at once, or with what else comes within the next moment."""
        self._hold(part)
        wait = self._written + SECONDS_BETWEEN_WRITES - time.monotonic()
        if wait <= 0:
            await self.flush()
        elif self._later is None:
            self._later = asyncio.create_task(self._flush_after(wait))

    async def flush(self) -> None:
        """Writes what is held back."""
        async with self._lock:
            if self._later is not None and self._later is not asyncio.current_task():
                self._later.cancel()
            self._later = None
            if not self._held:
                return
            parts, self._held = self._held, []
            # The first piece replaces what a replica that is gone may have written.
            await self._updater.add_artifact(parts, artifact_id=ARTIFACT_ID, name="answer", append=self._begun)
            self._begun = True
            self._written = time.monotonic()

    def discard(self) -> None:
        """Drops what is held back: the task is no longer this replica's."""
        self._held = []
        if self._later is not None:
            self._later.cancel()

    def _hold(self, part: AnswerPart) -> None:
        if isinstance(part, dict):
            self._held.append(Part(data=ParseDict(part, Value())))
        elif self._held and self._held[-1].WhichOneof("content") == "text":
            self._held[-1].text += part
        else:
            self._held.append(Part(text=part))

    async def _flush_after(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self.flush()
