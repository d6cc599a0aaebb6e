"""Runs skills as tasks: under a lease, up to a deadline, and ended or handed over before the process goes."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from a2a.helpers import get_data_parts, get_message_text, new_text_message
from a2a.server.agent_execution import AgentExecutor, RequestContext
from a2a.server.events.event_queue import EventQueue
from a2a.server.tasks.task_updater import TaskUpdater
from a2a.types.a2a_pb2 import Message, Role, Task, TaskState, TaskStatus
from a2a.utils.errors import InvalidParamsError

from a2a_fleet.answer import Answer
from a2a_fleet.leases import Lease, LeaseBook
from a2a_fleet.logs import log_context
from a2a_fleet.metrics import Metrics
from a2a_fleet.owner import owner_of
from a2a_fleet.settings import Settings
from a2a_fleet.skill import NeedsInput, Rejected, Skill, SkillRequest

logger = logging.getLogger(__name__)


class Stop(Enum):
    """Why a task was stopped before its skill was done."""

    CANCELED = "the caller canceled it"
    DEADLINE = "its deadline passed"
    HANDED_OVER = "another replica takes it over"
    LOST = "another replica has taken it over, or its caller canceled it elsewhere"
    SHUTDOWN = "its replica was stopped before it could end"


@dataclass
class Run:
    """A task that this process works on."""

    lease: Lease
    work: asyncio.Task[None]
    answer: Answer
    stopped: Stop | None = None

    def stop(self, why: Stop) -> None:
        """Ends the work. The first reason counts."""
        self.stopped = self.stopped or why
        self.work.cancel()


class FleetExecutor(AgentExecutor):
    """The SDK's executor around an agent's skills."""

    def __init__(
        self, settings: Settings, skills: Mapping[str, Skill], leases: LeaseBook, metrics: Metrics, pace_ms: int = 0
    ) -> None:
        self._settings = settings
        self._skills = skills
        self._leases = leases
        self._metrics = metrics
        self._pace_seconds = pace_ms / 1000
        self.runs: dict[str, Run] = {}

    async def execute(self, context: RequestContext, event_queue: EventQueue) -> None:
        task_id, context_id = str(context.task_id), str(context.context_id)
        skill = self.skill_of(context)
        # Before the first write: a task that is written has a lease, or nobody would miss its replica.
        lease = await self._take_lease(context, task_id)
        if lease is None:
            logger.warning("another replica works on this task", extra={"taskId": task_id})
            raise asyncio.CancelledError
        log_context.set({**log_context.get(), "taskId": task_id, "contextId": context_id, "skill": skill})
        updater = TaskUpdater(event_queue, task_id, context_id)
        await self._begin(context, updater, event_queue, skill)
        answer = Answer(event_queue, task_id, context_id)
        work = asyncio.create_task(self._answer(context, answer, skill, lease))
        run = self.runs[task_id] = Run(lease, work, answer)
        self._metrics.set("a2a_active_tasks", len(self.runs))
        try:
            await asyncio.wait({work}, timeout=max(lease.seconds_left, 0))
            if not work.done():
                run.stop(Stop.DEADLINE)
                # A skill that doesn't let itself be stopped must not keep its task working.
                await asyncio.wait({work}, timeout=1)
            await self._end(run, updater)
        finally:
            # The SDK ends this coroutine when the task was changed elsewhere.
            run.stop(Stop.LOST)
            answer.discard()
            del self.runs[task_id]
            self._metrics.set("a2a_active_tasks", len(self.runs))

    async def cancel(self, context: RequestContext, event_queue: EventQueue) -> None:
        task_id = str(context.task_id)
        if task_id in self.runs:
            self.runs[task_id].stop(Stop.CANCELED)
        updater = TaskUpdater(event_queue, task_id, str(context.context_id))
        await updater.cancel(_message("canceled by its caller", context))

    def skill_of(self, context: RequestContext) -> str:
        """The skill that the task is for, that the message names, or the agent's first.

        Raises:
            InvalidParamsError: if the message names one that the agent doesn't have.
        """
        known = self._settings.skill_ids
        task, message = context.current_task, context.message
        asked = _metadata_skill(task) or _metadata_skill(message) or known[0]
        if asked not in known:
            raise InvalidParamsError(message=f"skill '{asked}' is not one of this agent's: {', '.join(known)}")
        return asked

    async def _take_lease(self, context: RequestContext, task_id: str) -> Lease | None:
        taken = context.call_context.state.get("lease")
        if isinstance(taken, Lease):
            return taken
        owner = owner_of(context.call_context)
        return await self._leases.claim(task_id, owner, self._settings.task_timeout_seconds)

    async def _begin(self, context: RequestContext, updater: TaskUpdater, queue: EventQueue, skill: str) -> None:
        if context.current_task is not None:
            await updater.start_work()
            return
        status = TaskStatus(state=TaskState.TASK_STATE_WORKING)
        status.timestamp.GetCurrentTime()
        task = Task(id=context.task_id, context_id=context.context_id, status=status, history=[context.message])
        task.metadata["skill"] = skill
        await queue.enqueue_event(task)

    async def _answer(self, context: RequestContext, answer: Answer, skill: str, lease: Lease) -> None:
        history = [] if context.current_task is None else context.current_task.history
        message = context.message or Message()
        said = [m for m in history if m.role == Role.ROLE_USER and m.message_id != message.message_id]
        request = SkillRequest(
            skill=skill,
            text=get_message_text(message),
            data=get_data_parts(message.parts),
            task_id=str(context.task_id),
            context_id=str(context.context_id),
            caller=owner_of(context.call_context),
            resumed=lease.runs > 1,
            earlier=[get_message_text(earlier) for earlier in said],
        )
        try:
            async for part in self._skills[skill](request):
                await answer.add(part)
                if self._pace_seconds > 0:
                    await asyncio.sleep(self._pace_seconds)
        finally:
            if asyncio.current_task().cancelling() == 0:
                await answer.flush()

    async def _end(self, run: Run, updater: TaskUpdater) -> None:
        """Writes the task's last state, unless that is somebody else's to write."""
        if run.stopped in (Stop.HANDED_OVER, Stop.LOST):
            # This is how the SDK learns that nothing more comes from here.
            raise asyncio.CancelledError
        if run.stopped is Stop.CANCELED:
            return
        if run.stopped is Stop.DEADLINE:
            seconds = self._settings.task_timeout_seconds
            await updater.failed(_text(updater, f"the task's deadline of {seconds:g} s passed"))
        elif run.stopped is Stop.SHUTDOWN:
            await updater.failed(_text(updater, "the replica that worked on it was stopped before the task could end"))
        elif (error := run.work.exception()) is None:
            await updater.complete()
        elif isinstance(error, NeedsInput):
            await updater.requires_input(_text(updater, str(error)))
        elif isinstance(error, Rejected):
            await updater.reject(_text(updater, str(error)))
        else:
            # What went wrong inside is for the log; a caller learns that it did.
            logger.error("the skill failed", exc_info=error)
            await updater.failed(_text(updater, f"the skill failed ({type(error).__name__})"))


def _metadata_skill(holder: Task | Message | None) -> str | None:
    if holder is None or "skill" not in holder.metadata:
        return None
    return str(holder.metadata["skill"])


def _text(updater: TaskUpdater, text: str) -> Message:
    return new_text_message(text, context_id=updater.context_id, task_id=updater.task_id)


def _message(text: str, context: RequestContext) -> Message:
    return new_text_message(text, context_id=context.context_id, task_id=context.task_id)
