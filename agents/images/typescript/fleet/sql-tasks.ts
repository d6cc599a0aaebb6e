/** Tasks on Postgres: the SDK's own tables and stores, with versions, events and leases beside them. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import {
  type ListTasksRequest,
  type ListTasksResponse,
  StreamResponse,
  type Task,
  TaskState,
} from "@a2a-js/sdk";
import { DatabaseTaskStore } from "@a2a-js/sdk/server/database";
import { type Generated, Kysely, PostgresDialect, sql } from "kysely";
import pg from "pg";
import { DEADLINE_MARGIN_MS, HOLDER, type Lease, type LeaseBook, MOST_TAKEN } from "./leases.js";
import { contextOf } from "./memory-tasks.js";
import type { Settings } from "./settings.js";
import { ENDED, StaleWrite, type StoredEvent, type StoredTask, type TaskLog, Watchers } from "./task-log.js";
import { azurePostgresPassword } from "./tokens.js";

/** As the SDK for Python does; a change that this process made is told at once. */
const MS_BETWEEN_READS = 250;
const MOST_FORGOTTEN = 1000;

export interface FleetTables {
  task_versions: { task_id: string; owner: string; version: number };
  task_events: { seq: Generated<string>; task_id: string; version: number; event: string };
  task_leases: {
    task_id: string;
    owner: string;
    holder: string;
    started: Generated<Date>;
    deadline: Date;
    ends: Date;
    runs: number;
  };
}

/** Connects as libpq's variables say; node-postgres reads all of them but the file with authorities. */
export async function connectPostgres(settings: Settings): Promise<Kysely<FleetTables>> {
  const password =
    settings.text("POSTGRES_LOGIN") === "entra" ? azurePostgresPassword() : settings.given("PGPASSWORD");
  const max = settings.number("SQL_POOL_SIZE") ?? 5;
  const pool = new pg.Pool({ password, max, connectionTimeoutMillis: 5000, ...tlsOf(settings) });
  // An idle connection that breaks is replaced; without a listener it would end the process.
  pool.on("error", () => {});
  const db = new Kysely<FleetTables>({ dialect: new PostgresDialect({ pool }) });
  await createTables(db, settings, typeof password === "string" ? password : await password());
  return db;
}

function tlsOf(settings: Settings): pg.PoolConfig {
  const mode = settings.given("PGSSLMODE");
  if (mode === "disable") return { ssl: false };
  const file = settings.text("PGSSLROOTCERT");
  const checks = mode.startsWith("verify");
  return {
    ssl: {
      rejectUnauthorized: checks,
      ...(file === undefined ? {} : { ca: readFileSync(file) }),
      ...(mode === "verify-ca" ? { checkServerIdentity: () => undefined } : {}),
    },
  };
}

async function createTables(db: Kysely<FleetTables>, settings: Settings, password: string): Promise<void> {
  // The SDK makes its own tables only by its command, which takes a URL.
  const url = new URL(`postgresql://${settings.given("PGHOST")}:${settings.given("PGPORT")}`);
  url.pathname = settings.given("PGDATABASE");
  url.username = encodeURIComponent(settings.given("PGUSER"));
  url.password = encodeURIComponent(password);
  const mode = settings.given("PGSSLMODE");
  url.searchParams.set("sslmode", mode);
  if (mode !== "disable") url.searchParams.set("uselibpqcompat", "true");
  const file = settings.text("PGSSLROOTCERT");
  if (file !== undefined) url.searchParams.set("sslrootcert", file);
  const sdk = fileURLToPath(import.meta.resolve("@a2a-js/sdk"));
  const command = sdk.replace(/dist.index\.js$/, "dist/cli/a2a_db.js");
  // In the environment, and not as an argument, which everybody on the machine could read.
  const env = { ...process.env, DATABASE_URL: url.href };
  await promisify(execFile)(process.execPath, [command, "upgrade"], { env });
  await db.transaction().execute(async (transaction) => {
    // Replicas that start together would make the same tables: one does, the others find them.
    await sql`SELECT pg_advisory_xact_lock(hashtext('a2a-fleet'))`.execute(transaction);
    await sql`CREATE TABLE IF NOT EXISTS task_versions (
      task_id text PRIMARY KEY, owner text NOT NULL, version integer NOT NULL)`.execute(transaction);
    await sql`CREATE TABLE IF NOT EXISTS task_events (
      seq bigserial PRIMARY KEY, task_id text NOT NULL, version integer NOT NULL, event text NOT NULL,
      UNIQUE (task_id, version))`.execute(transaction);
    await sql`CREATE TABLE IF NOT EXISTS task_leases (
      task_id text PRIMARY KEY, owner text NOT NULL, holder text NOT NULL,
      started timestamptz NOT NULL DEFAULT now(), deadline timestamptz NOT NULL, ends timestamptz NOT NULL,
      runs integer NOT NULL)`.execute(transaction);
    await sql`CREATE INDEX IF NOT EXISTS task_leases_ends ON task_leases (ends)`.execute(transaction);
  });
}

/** The SDK's task store, with a version on each task and its events in the same transaction. */
export class SqlTaskLog implements TaskLog {
  private readonly tasks: DatabaseTaskStore<FleetTables>;
  private readonly watchers = new Watchers();
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly db: Kysely<FleetTables>) {
    this.tasks = new DatabaseTaskStore(db);
    this.timer = setInterval(() => this.watchers.tellAll(), MS_BETWEEN_READS).unref();
  }

  async load(taskId: string, owner: string): Promise<StoredTask | undefined> {
    // One snapshot: a task that were newer than its version would show an event twice.
    return this.db
      .transaction()
      .setIsolationLevel("repeatable read")
      .execute(async (transaction) => {
        const row = await transaction
          .selectFrom("task_versions")
          .select("version")
          .where("task_id", "=", taskId)
          .where("owner", "=", owner)
          .executeTakeFirst();
        const task = await new DatabaseTaskStore(transaction).load(taskId, contextOf(owner));
        return row === undefined || task === undefined ? undefined : { task, version: row.version };
      });
  }

  async save(task: Task, event: StreamResponse | undefined, version: number, owner: string): Promise<number> {
    const next = await this.db.transaction().execute(async (transaction) => {
      const store = new DatabaseTaskStore(transaction);
      const row = await transaction
        .selectFrom("task_versions")
        .selectAll()
        .where("task_id", "=", task.id)
        .forUpdate()
        .executeTakeFirst();
      const current = row?.version ?? 0;
      if (row !== undefined && row.owner !== owner) throw new StaleWrite();
      const stored = current > 0 ? await store.load(task.id, contextOf(owner)) : undefined;
      // However a task ended, that stays.
      if (ENDED.has(stored?.status?.state)) throw new StaleWrite();
      let written = task;
      if (current !== version) {
        const cancels = task.status?.state === TaskState.TASK_STATE_CANCELED;
        if (!cancels || stored === undefined) throw new StaleWrite();
        written = { ...stored, status: task.status };
      }
      await transaction
        .insertInto("task_versions")
        .values({ task_id: task.id, owner, version: current + 1 })
        .onConflict((conflict) => conflict.column("task_id").doUpdateSet({ version: current + 1 }))
        .execute();
      await store.save(written, contextOf(owner));
      if (event !== undefined) {
        const text = JSON.stringify(StreamResponse.toJSON(event));
        await transaction
          .insertInto("task_events")
          .values({ task_id: task.id, version: current + 1, event: text })
          .execute();
      }
      return current + 1;
    });
    this.watchers.tell(task.id);
    return next;
  }

  list(params: ListTasksRequest, owner: string): Promise<ListTasksResponse> {
    return this.tasks.list(params, contextOf(owner));
  }

  async events(taskId: string, after: number): Promise<StoredEvent[]> {
    const rows = await this.db
      .selectFrom("task_events")
      .select(["version", "event"])
      .where("task_id", "=", taskId)
      .where("version", ">", after)
      .orderBy("version")
      .execute();
    return rows.map(({ version, event }) => ({ version, event: StreamResponse.fromJSON(JSON.parse(event)) }));
  }

  watch(taskId: string, changed: () => void): () => void {
    return this.watchers.watch(taskId, changed);
  }

  /** Deletes tasks that have not changed for so long, with everything that was kept of them. */
  async forget(seconds: number): Promise<void> {
    // A task that is worked on, or that a lost replica left behind, has a lease.
    await sql`
      WITH old AS (
        SELECT id FROM tasks
        WHERE status_last_updated < (EXTRACT(EPOCH FROM now()) - ${seconds}::float) * 1000
          AND NOT EXISTS (SELECT FROM task_leases WHERE task_leases.task_id = tasks.id)
        LIMIT ${MOST_FORGOTTEN}::int
      ),
      versions AS (DELETE FROM task_versions WHERE task_id IN (SELECT id FROM old)),
      events AS (DELETE FROM task_events WHERE task_id IN (SELECT id FROM old)),
      configs AS (DELETE FROM push_notification_configs WHERE task_id IN (SELECT id FROM old))
      DELETE FROM tasks WHERE id IN (SELECT id FROM old)`.execute(this.db);
  }

  close(): void {
    clearInterval(this.timer);
  }
}

interface LeaseRow {
  readonly task_id: string;
  readonly owner: string;
  readonly runs: number;
  readonly ms_left: number;
  readonly age_ms: number;
}

const RETURNED = sql`RETURNING task_id, owner, runs,
  (EXTRACT(EPOCH FROM deadline - now()) * 1000)::float AS ms_left,
  (EXTRACT(EPOCH FROM now() - started) * 1000)::float AS age_ms`;
const MS = sql`interval '1 millisecond'`;

/** The lease book on Postgres. Each call is one statement, and the database's clock the only one. */
export class SqlLeaseBook implements LeaseBook {
  constructor(
    private readonly db: Kysely<FleetTables>,
    private readonly leaseMs: number,
  ) {}

  async claim(taskId: string, owner: string, timeoutMs: number): Promise<Lease | undefined> {
    const { rows } = await sql<LeaseRow>`
      INSERT INTO task_leases (task_id, owner, holder, deadline, ends, runs)
      VALUES (${taskId}, ${owner}, ${HOLDER}, now() + ${timeoutMs}::float * ${MS},
        now() + LEAST(${this.leaseMs}::float, ${timeoutMs}::float) * ${MS}, 1)
      ON CONFLICT (task_id) DO UPDATE SET owner = excluded.owner, holder = excluded.holder, started = now(),
        deadline = excluded.deadline, ends = excluded.ends, runs = 1
        WHERE task_leases.ends <= now()
      ${RETURNED}`.execute(this.db);
    return rows.map(leaseOf)[0];
  }

  async renew(taskIds: readonly string[]): Promise<string[]> {
    const { rows } = await sql<{ task_id: string }>`
      UPDATE task_leases
      SET ends = LEAST(now() + ${this.leaseMs}::float * ${MS}, deadline + ${DEADLINE_MARGIN_MS}::float * ${MS})
      WHERE holder = ${HOLDER} AND task_id = ANY(${taskIds}::text[])
      RETURNING task_id`.execute(this.db);
    const kept = new Set(rows.map(({ task_id }) => task_id));
    return taskIds.filter((taskId) => !kept.has(taskId));
  }

  async release(taskId: string): Promise<number | undefined> {
    const { rows } = await sql<LeaseRow>`
      DELETE FROM task_leases WHERE task_id = ${taskId} ${RETURNED}`.execute(this.db);
    return rows[0]?.age_ms;
  }

  async handOver(taskId: string): Promise<void> {
    await sql`UPDATE task_leases SET ends = now() WHERE task_id = ${taskId} AND holder = ${HOLDER}`.execute(
      this.db,
    );
  }

  async takeExpired(): Promise<Lease[]> {
    // SKIP LOCKED: replicas that sweep at the same moment take different tasks.
    const { rows } = await sql<LeaseRow>`
      UPDATE task_leases SET holder = ${HOLDER}, runs = runs + 1, ends = now() + ${this.leaseMs}::float * ${MS}
      WHERE task_id IN (
        SELECT task_id FROM task_leases WHERE ends <= now() ORDER BY ends LIMIT ${MOST_TAKEN} FOR UPDATE SKIP LOCKED
      ) ${RETURNED}`.execute(this.db);
    return rows.map(leaseOf);
  }

  async countOverdue(): Promise<number> {
    const { rows } = await sql<{
      n: string;
    }>`SELECT count(*) AS n FROM task_leases WHERE deadline < now()`.execute(this.db);
    return Number(rows[0]?.n);
  }
}

function leaseOf({ task_id, owner, runs, ms_left, age_ms }: LeaseRow): Lease {
  return { taskId: task_id, owner, runs, msLeft: ms_left, ageMs: age_ms };
}
