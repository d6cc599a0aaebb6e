/** Leases: which replica works on a task, until when, and who may take it over afterwards. */
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { Redis } from "ioredis";
import { script } from "./redis-scripts.js";

/** Of this process, so that workers of one replica hold leases of their own. */
export const HOLDER = `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`;
/** The worker itself fails a task at its deadline; whoever sweeps comes a little later. */
export const DEADLINE_MARGIN_MS = 1000;
/** Taken at once by one replica, so that the others get a share of what a lost one left. */
export const MOST_TAKEN = 5;

/** The right to work on a task. */
export interface Lease {
  readonly taskId: string;
  /** Caller whose task it is. */
  readonly owner: string;
  /** Until the task's deadline, which no takeover moves. */
  readonly msLeft: number;
  /** Since the task was first worked on. */
  readonly ageMs: number;
  /** How many replicas have worked on it, this one included. */
  readonly runs: number;
}

/** Where leases are written down. Its clock is the store's, so that replicas' clocks don't matter. */
export interface LeaseBook {
  /** The task for this replica, or undefined while another one works on it. */
  claim(taskId: string, owner: string, timeoutMs: number): Promise<Lease | undefined>;
  /** Renews leases, and returns the tasks that this replica has lost. */
  renew(taskIds: readonly string[]): Promise<string[]>;
  /** Ends a lease, whoever has it: the task has ended. Returns the time since it was first worked on, in ms. */
  release(taskId: string): Promise<number | undefined>;
  /** Ends this replica's lease so that any other may take the task at once. */
  handOver(taskId: string): Promise<void>;
  /** Tasks whose replica is gone, now this one's. */
  takeExpired(): Promise<Lease[]>;
  /** Tasks that are worked on past their deadline. */
  countOverdue(): Promise<number>;
}

interface StoredLease {
  readonly owner: string;
  readonly started: number;
  readonly deadline: number;
  readonly runs: number;
}

/** Two keys beside the tasks: when leases end, and what they say. */
export class RedisLeaseBook implements LeaseBook {
  private readonly keys: [ends: string, leases: string];
  private readonly scripts: Record<"claim" | "renew" | "take", ReturnType<typeof script>>;

  constructor(
    private readonly redis: Redis,
    prefix: string,
    private readonly leaseMs: number,
  ) {
    // No task has a colon in its id, so these can't be the key of one.
    this.keys = [`${prefix}:lease-ends`, `${prefix}:leases`];
    this.scripts = {
      claim: script(redis, "claim-lease"),
      renew: script(redis, "renew-leases"),
      take: script(redis, "take-expired"),
    };
  }

  async claim(taskId: string, owner: string, timeoutMs: number): Promise<Lease | undefined> {
    const stored = await this.scripts.claim(this.keys, [taskId, owner, HOLDER, this.leaseMs, timeoutMs]);
    return stored === null ? undefined : read(taskId, String(stored), await this.now());
  }

  async renew(taskIds: readonly string[]): Promise<string[]> {
    const lost = await this.scripts.renew(this.keys, [HOLDER, this.leaseMs, DEADLINE_MARGIN_MS, ...taskIds]);
    return (lost as unknown[]).map(String);
  }

  async release(taskId: string): Promise<number | undefined> {
    const [ends, leases] = this.keys;
    const answers = await this.redis
      .multi()
      .hget(leases, taskId)
      .hdel(leases, taskId)
      .zrem(ends, taskId)
      .exec();
    const stored = answers?.[0]?.[1];
    return typeof stored === "string" ? read(taskId, stored, await this.now()).ageMs : undefined;
  }

  async handOver(taskId: string): Promise<void> {
    await this.redis.zadd(this.keys[0], "XX", 0, taskId);
  }

  async takeExpired(): Promise<Lease[]> {
    const taken = (await this.scripts.take(this.keys, [HOLDER, this.leaseMs, MOST_TAKEN])) as string[];
    const now = await this.now();
    return taken.flatMap((taskId, i) => (i % 2 === 0 ? [read(taskId, String(taken[i + 1]), now)] : []));
  }

  async countOverdue(): Promise<number> {
    const now = await this.now();
    const leases = await this.redis.hvals(this.keys[1]);
    return leases.filter((text) => (JSON.parse(text) as StoredLease).deadline < now).length;
  }

  private async now(): Promise<number> {
    const [seconds, microseconds] = await this.redis.time();
    return Number(seconds) * 1000 + Number(microseconds) / 1000;
  }
}

function read(taskId: string, text: string, now: number): Lease {
  const { owner, started, deadline, runs } = JSON.parse(text) as StoredLease;
  return { taskId, owner, runs, msLeft: deadline - now, ageMs: now - started };
}

/** For a process that keeps its tasks to itself: nobody could take one over. */
export class MemoryLeaseBook implements LeaseBook {
  private readonly started = new Map<string, number>();

  async claim(taskId: string, owner: string, timeoutMs: number): Promise<Lease | undefined> {
    if (this.started.has(taskId)) return undefined;
    this.started.set(taskId, Date.now());
    return { taskId, owner, msLeft: timeoutMs, ageMs: 0, runs: 1 };
  }

  async renew(taskIds: readonly string[]): Promise<string[]> {
    return taskIds.filter((taskId) => !this.started.has(taskId));
  }

  async release(taskId: string): Promise<number | undefined> {
    const started = this.started.get(taskId);
    this.started.delete(taskId);
    return started === undefined ? undefined : Date.now() - started;
  }

  async handOver(taskId: string): Promise<void> {
    this.started.delete(taskId);
  }

  async takeExpired(): Promise<Lease[]> {
    return [];
  }

  async countOverdue(): Promise<number> {
    return 0;
  }
}
