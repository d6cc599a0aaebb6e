/** Keeps this replica's leases, and looks after tasks whose replica is gone. */
import type { FleetRequestHandler } from "./handler.js";
import type { Lease, LeaseBook } from "./leases.js";
import { log } from "./logs.js";
import type { Metrics } from "./metrics.js";
import type { Settings } from "./settings.js";
import type { Stores } from "./stores.js";
import { RESTING, type TaskLog } from "./task-log.js";

/** A task that takes its replica down with it must not take them all. */
const MOST_RUNS = 3;
const MOST_MS_BETWEEN_SWEEPS = 2000;
/** Of the time that the platform gives a process to end: for writing last states and closing streams. */
const MS_TO_CLOSE = 3000;

/** The rounds that an agent makes as long as it lives, and its end. */
export class Keeper {
  draining = false;
  private readonly timers: NodeJS.Timeout[] = [];

  constructor(
    private readonly settings: Settings,
    private readonly leases: LeaseBook,
    private readonly tasks: TaskLog,
    private readonly handler: FleetRequestHandler,
    private readonly metrics: Metrics,
    private readonly forget: Stores["forget"],
  ) {}

  start(): void {
    const { leaseMs } = this.settings;
    this.repeat("renew", leaseMs / 3, () => this.renew());
    this.repeat("sweep", Math.min(leaseMs / 2, MOST_MS_BETWEEN_SWEEPS), () => this.sweep());
    if (this.forget !== undefined) this.repeat("forget", this.forget.everyMs, this.forget.run);
  }

  /** Renews the leases of all tasks that are worked on here, and stops those that are somebody else's now. */
  async renew(): Promise<void> {
    const working = [...this.handler.runs.keys()];
    if (working.length === 0) return;
    for (const taskId of await this.leases.renew(working)) {
      log.warn({ taskId }, "the lease of a task is lost");
      this.handler.runs.get(taskId)?.stop("lost");
    }
  }

  /** Takes tasks whose replica is gone, and resumes or fails each as the agent's definition says. */
  async sweep(): Promise<void> {
    this.metrics.set("a2a_overdue_tasks", await this.leases.countOverdue());
    if (this.draining) return;
    for (const lease of await this.leases.takeExpired()) {
      // One that this replica was too busy to renew is held again, and its work goes on.
      if (!this.handler.runs.has(lease.taskId)) await this.lookAfter(lease);
    }
  }

  /** Ends or hands over everything that goes on here, within GRACEFUL_TIMEOUT_SECONDS. */
  async drain(): Promise<void> {
    this.draining = true;
    const { runs } = this.handler;
    log.info({ tasks: runs.size }, "draining");
    const graceMs = Number(this.settings.given("GRACEFUL_TIMEOUT_SECONDS")) * 1000;
    await within(Math.max(graceMs - MS_TO_CLOSE, graceMs / 2), allDone(runs.values()));
    const left = new Map(runs);
    const { resumesTasks } = this.settings;
    for (const run of left.values()) run.stop(resumesTasks ? "handed over" : "shutdown");
    await within(MS_TO_CLOSE / 2, allDone(left.values()));
    if (resumesTasks) await Promise.all([...left.keys()].map((taskId) => this.leases.handOver(taskId)));
    this.handler.closeStreams();
    for (const timer of this.timers) clearInterval(timer);
    log.info({ [resumesTasks ? "handedOver" : "failed"]: left.size }, "drained");
  }

  private async lookAfter(lease: Lease): Promise<void> {
    const { taskId } = lease;
    const stored = await this.tasks.load(taskId, lease.owner);
    if (stored === undefined || RESTING.has(stored.task.status?.state)) {
      await this.leases.release(taskId);
      return;
    }
    const reason = this.reasonToFail(lease);
    if (reason === undefined) {
      log.warn({ taskId }, "a task is taken over");
      this.handler.resume(lease, stored);
      this.metrics.count("a2a_orphaned_tasks_total", { outcome: "resumed" });
    } else if (await this.handler.fail(lease, stored, reason)) {
      log.warn({ taskId }, `an orphaned task is failed: ${reason}`);
      this.metrics.count("a2a_orphaned_tasks_total", { outcome: "failed" });
    }
  }

  private reasonToFail({ msLeft, runs }: Lease): string | undefined {
    if (msLeft <= 0) return `the task's deadline of ${this.settings.taskTimeoutMs / 1000} s passed`;
    if (!this.settings.resumesTasks) return "the replica that worked on it is gone";
    return runs > MOST_RUNS ? `${MOST_RUNS} replicas that worked on it are gone` : undefined;
  }

  private repeat(operation: string, ms: number, round: () => Promise<void>): void {
    let busy = false;
    const timer = setInterval(async () => {
      if (busy) return;
      busy = true;
      try {
        await round();
      } catch (error) {
        // The store may be away for a while; the next round finds what this one left.
        this.metrics.count("a2a_store_errors_total", { operation });
        log.warn(`a round failed (${operation}): ${String(error)}`);
      } finally {
        busy = false;
      }
    }, ms);
    this.timers.push(timer);
  }
}

async function allDone(runs: Iterable<{ readonly done: Promise<void> }>): Promise<void> {
  await Promise.allSettled([...runs].map(({ done }) => done));
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, timeout]);
  clearTimeout(timer);
}
