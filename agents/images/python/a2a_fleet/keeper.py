"""Keeps this replica's leases, and looks after tasks whose replica is gone."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from a2a_fleet.executor import FleetExecutor, Stop
from a2a_fleet.handler import FleetRequestHandler
from a2a_fleet.leases import Lease
from a2a_fleet.metrics import Metrics
from a2a_fleet.owner import context_of
from a2a_fleet.settings import Settings
from a2a_fleet.states import RESTING
from a2a_fleet.stores import Stores

logger = logging.getLogger(__name__)

# A task that takes its replica down with it must not take them all.
MOST_RUNS = 3
_MOST_SECONDS_BETWEEN_SWEEPS = 2.0
# Of the time that the platform gives a process to end: for writing last states and closing streams.
_SECONDS_TO_CLOSE = 3.0


class Keeper:
    """The rounds that an agent makes as long as it lives, and its end."""

    def __init__(
        self,
        settings: Settings,
        stores: Stores,
        metrics: Metrics,
        executor: FleetExecutor,
        handler: FleetRequestHandler,
    ) -> None:
        self._settings = settings
        self._leases = stores.leases
        self._tasks = stores.tasks
        self._unwritten = stores.tasks.unwritten
        self._stores = stores
        self._metrics = metrics
        self._executor = executor
        self._handler = handler
        self._rounds: list[asyncio.Task[None]] = []
        self.draining = False

    def start(self) -> None:
        lease_seconds = self._settings.lease_seconds
        self._rounds = [
            asyncio.create_task(self._repeat(lease_seconds / 3, self.renew)),
            asyncio.create_task(self._repeat(min(lease_seconds / 2, _MOST_SECONDS_BETWEEN_SWEEPS), self.sweep)),
        ]
        if self._stores.forget is not None:
            forgetting = self._repeat(self._stores.forget_every_seconds, self.forget)
            self._rounds.append(asyncio.create_task(forgetting))

    async def renew(self) -> None:
        """Renews the leases of all tasks that are worked on here, and stops those that are somebody else's now."""
        working = list(self._executor.runs)
        if not working:
            return
        for task_id in await self._leases.renew(working):
            run = self._executor.runs.get(task_id)
            if run is not None and not run.work.done():
                logger.warning("the lease of a task is lost", extra={"taskId": task_id})
                run.stop(Stop.LOST)

    async def sweep(self) -> None:
        """Takes tasks whose replica is gone, and resumes or fails each as the agent's definition says."""
        self._metrics.set("a2a_overdue_tasks", await self._leases.count_overdue())
        if self.draining:
            return
        for lease in await self._leases.take_expired():
            # One that this replica was too busy to renew is held again, and its work goes on.
            if lease.task_id not in self._executor.runs:
                await self._look_after(lease)

    async def forget(self) -> None:
        """Deletes tasks that have been kept for long enough, where the store doesn't do so by itself."""
        if self._stores.forget is not None:
            await self._stores.forget()

    async def drain(self) -> None:
        """Ends or hands over everything that goes on here, within GRACEFUL_TIMEOUT_SECONDS."""
        self.draining = True
        logger.info("draining", extra={"tasks": len(self._executor.runs)})
        grace_seconds = self._settings.number("GRACEFUL_TIMEOUT_SECONDS") or 30
        await self._until(lambda: not self._unwritten, max(grace_seconds - _SECONDS_TO_CLOSE, grace_seconds / 2))
        left = set(self._unwritten)
        for run in list(self._executor.runs.values()):
            run.stop(Stop.HANDED_OVER if self._settings.resumes_tasks else Stop.SHUTDOWN)
        await self._until(lambda: not self._executor.runs, 1)
        if self._settings.resumes_tasks:
            for task_id in left:
                await self._leases.hand_over(task_id)
        await self._until(lambda: not self._unwritten, 1)
        # Streams show what was written a moment later.
        await self._until(lambda: self._handler.open_streams == 0, 0.5)
        self._handler.close_streams()
        for round_ in self._rounds:
            round_.cancel()
        logger.info("drained", extra={"handedOver" if self._settings.resumes_tasks else "failed": len(left)})

    async def _look_after(self, lease: Lease) -> None:
        stored = await self._tasks.get(lease.task_id, context_of(lease.owner))
        if stored is None or stored.task.status.state in RESTING:
            await self._leases.release(lease.task_id)
            return
        if lease.seconds_left <= 0:
            reason = f"the task's deadline of {self._settings.task_timeout_seconds:g} s passed"
        elif not self._settings.resumes_tasks:
            reason = "the replica that worked on it is gone"
        elif lease.runs > MOST_RUNS:
            reason = f"{MOST_RUNS} replicas that worked on it are gone"
        else:
            logger.warning("a task is taken over", extra={"taskId": lease.task_id})
            await self._handler.resume(lease, stored)
            self._metrics.count("a2a_orphaned_tasks_total", outcome="resumed")
            return
        if await self._handler.fail(lease, stored, reason):
            logger.warning("an orphaned task is failed: %s", reason, extra={"taskId": lease.task_id})
            self._metrics.count("a2a_orphaned_tasks_total", outcome="failed")

    async def _repeat(self, seconds: float, round_: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await round_()
            except Exception as error:
                # The store may be away for a while; the next round finds what this one left.
                self._metrics.count("a2a_store_errors_total", operation=round_.__name__)
                logger.warning("a round failed (%s): %s", round_.__name__, error)

    async def _until(self, done: Callable[[], bool], seconds: float) -> None:
        for _ in range(round(seconds * 20)):
            if done():
                return
            await asyncio.sleep(0.05)
