import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { freePort } from "../../../src/local/free-port";
import { PROGRAM_PATH } from "../../support/real-programs";
import { makeCertificate } from "./certificate";

/** A store of this machine that agents may share, with its variables for one agent. */
export interface RealStore {
  readonly kind: "redis" | "postgres";
  /** Variables of an agent with a keyspace or a database of its own. */
  readonly variablesFor: (keyspace: string) => Record<string, string>;
  /** Where it listens, and the file of the authority that signed its certificate. A database gets a login of its name. */
  readonly login: (keyspace: string) => { host: string; port: number; authority: string };
  /** Runs a command of the store's own client, and returns what it prints. */
  readonly ask: (keyspace: string, ...words: string[]) => string;
  readonly stop: () => void;
  /** Stops answering, as if the store were cut off, until `goOn`. */
  readonly freeze: () => void;
  readonly goOn: () => void;
}

/** Of everybody. */
export const STORE_PASSWORD = "not-a-secret";
const PASSWORD = STORE_PASSWORD;

/** Where agents can keep their tasks. */
export const STORES = ["memory", "redis", "postgres"] as const;

/** Both stores for all tests of a file. @returns one of them by its kind; none for memory */
export function startStores(): (kind: (typeof STORES)[number]) => RealStore | undefined {
  const stores: RealStore[] = [];
  beforeAll(async () => {
    stores.push(...(await Promise.all([startRedis(), startPostgres()])));
  });
  afterAll(() => {
    for (const store of stores) store.stop();
  });
  return (kind) => stores.find((store) => store.kind === kind);
}

/** A Redis where each keyspace has a user of its own, which reaches nothing else and may change no settings. */
export async function startRedis({ tls = false } = {}): Promise<RealStore> {
  demand("redis-server", "redis-server");
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "images-redis-"));
  const authority = join(folder, "ca.crt");
  const listen = tls
    ? ["--port", "0", "--tls-port", String(port), ...certificate(folder)]
    : ["--port", String(port)];
  const args = [...listen, "--bind", "127.0.0.1", "--requirepass", PASSWORD, "--save", "", "--dir", folder];
  const server = spawn("redis-server", args, { stdio: "ignore", env: { PATH: PROGRAM_PATH } });
  const ask = (_: string, ...words: string[]) =>
    execFileSync(
      "redis-cli",
      ["-p", String(port), ...(tls ? ["--tls", "--cacert", authority] : []), ...words],
      {
        encoding: "utf8",
        env: { PATH: PROGRAM_PATH, REDISCLI_AUTH: PASSWORD },
        stdio: ["ignore", "pipe", "ignore"],
      },
    ).trim();
  await until(() => ask("", "ping") === "PONG", "redis-server did not start");
  return {
    kind: "redis",
    ask,
    login: () => ({ host: "localhost", port, authority }),
    variablesFor: (keyspace) => {
      const keys = [`~a2a:*:{${keyspace}}*`, `&a2a:events:{${keyspace}}`];
      ask("", "ACL", "SETUSER", keyspace, "on", `>${PASSWORD}`, ...keys, "+@all", "-@dangerous", "-@admin");
      return {
        TASK_STORE: "redis",
        MEMORY_PROVIDER: "redis",
        REDIS_URL: `${tls ? "rediss" : "redis"}://${keyspace}:${PASSWORD}@localhost:${port}`,
        REDIS_USERNAME: keyspace,
        REDIS_HOST: "localhost",
        REDIS_PORT: String(port),
        REDIS_TLS: String(tls),
        ...(tls ? { REDIS_CA_FILE: authority } : {}),
        REDIS_KEY_PREFIX: `a2a:task:{${keyspace}}:`,
        REDIS_EVENTS_CHANNEL: `a2a:events:{${keyspace}}`,
        REDIS_TASK_TTL_SECONDS: "86400",
        REDIS_MAX_CONNECTIONS: "20",
        RESPONSE_CACHE: "redis",
        RESPONSE_CACHE_PREFIX: `a2a:cache:{${keyspace}}:`,
        RATE_LIMIT_PREFIX: `a2a:limit:{${keyspace}}:`,
      };
    },
    freeze: () => server.kill("SIGSTOP"),
    goOn: () => server.kill("SIGCONT"),
    stop: () => {
      server.kill("SIGCONT");
      server.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function startPostgres({ tls = false } = {}): Promise<RealStore> {
  demand("postgres", "postgresql");
  demand("initdb", "postgresql");
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "images-postgres-"));
  const data = join(folder, "data");
  mkdirSync(data);
  writeFileSync(join(folder, "password"), PASSWORD);
  const files = tls ? makeCertificate(folder) : undefined;
  // Postgres does not run as root.
  const owner = process.getuid?.() === 0 ? { uid: idOf("-u"), gid: idOf("-g") } : {};
  if (process.getuid?.() === 0) execFileSync("chown", ["-R", "postgres", folder]);
  const asServer = { ...owner, cwd: folder, env: { PATH: PROGRAM_PATH }, stdio: "ignore" } as const;
  const access = ["-U", "fleet", "-A", "scram-sha-256", `--pwfile=${join(folder, "password")}`];
  execFileSync("initdb", ["-D", data, ...access], asServer);
  const settings = {
    listen_addresses: "127.0.0.1",
    fsync: "off",
    max_connections: "200",
    ...(files && { ssl: "on", ssl_cert_file: files.certificate, ssl_key_file: files.key }),
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const where = ["-D", data, "-p", String(port), "-k", folder];
  const server = spawn("postgres", [...where, ...options], asServer);
  const psql = (database: string, ...words: string[]) =>
    execFileSync("psql", ["--no-align", "--tuples-only", "--quiet", ...words], {
      encoding: "utf8",
      env: { PATH: PROGRAM_PATH, ...login(database) },
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  const login = (database: string) => ({
    PGHOST: "127.0.0.1",
    PGPORT: String(port),
    PGDATABASE: database,
    PGUSER: "fleet",
    PGSSLMODE: "disable",
    PGPASSWORD: PASSWORD,
  });
  const name = (keyspace: string) => keyspace.replaceAll("-", "_");
  const made = new Set<string>();
  const databaseOf = (keyspace: string) => {
    if (!made.has(keyspace)) psql("postgres", "-c", `CREATE DATABASE ${name(keyspace)}`);
    made.add(keyspace);
    return name(keyspace);
  };
  await until(() => psql("postgres", "-c", "SELECT 1") === "1", "postgres did not start");
  /** To the server, and to the processes that it has made for connections: each is a group of its own. */
  const signal = (which: NodeJS.Signals) => {
    if (server.pid === undefined || server.exitCode !== null) return;
    const children = readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, "utf8");
    for (const pid of [server.pid, ...children.split(" ").filter(Boolean).map(Number)]) kill(pid, which);
  };
  return {
    kind: "postgres",
    ask: (keyspace, ...words) => psql(databaseOf(keyspace), ...words),
    login: (keyspace) => {
      if (!made.has(keyspace)) {
        psql("postgres", "-c", `CREATE ROLE ${name(keyspace)} LOGIN PASSWORD '${PASSWORD}'`);
        psql(databaseOf(keyspace), "-c", `ALTER DATABASE ${name(keyspace)} OWNER TO ${name(keyspace)}`);
      }
      return { host: "localhost", port, authority: files?.authority ?? "" };
    },
    variablesFor: (keyspace) => ({
      TASK_STORE: "postgres",
      MEMORY_PROVIDER: "postgres",
      ...login(databaseOf(keyspace)),
    }),
    freeze: () => signal("SIGSTOP"),
    goOn: () => signal("SIGCONT"),
    stop: () => {
      signal("SIGCONT");
      // At once, and its own processes with it.
      server.kill("SIGQUIT");
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Arguments for a server certificate of an authority that only these tests know. */
function certificate(folder: string): string[] {
  const { authority, certificate, key } = makeCertificate(folder);
  const files = ["--tls-cert-file", certificate, "--tls-key-file", key, "--tls-ca-cert-file", authority];
  return [...files, "--tls-auth-clients", "no"];
}

/** Of Debian's user for it. */
function idOf(option: "-u" | "-g"): number {
  return Number(execFileSync("id", [option, "postgres"], { encoding: "utf8" }));
}

/** A process of its may have ended meanwhile. */
function kill(pid: number, which: NodeJS.Signals): void {
  try {
    process.kill(pid, which);
  } catch {
    // It has.
  }
}

/** @throws Error where a program is not on this machine. */
export function demand(program: string, debian: string): void {
  const { status } = spawnSync("sh", ["-c", `command -v ${program}`], { env: { PATH: PROGRAM_PATH } });
  if (status === 0) return;
  throw new Error(
    `these tests run a real ${program}, which is missing; install it (apt-get install ${debian})`,
  );
}

async function until(done: () => boolean, problem: string): Promise<void> {
  for (let tries = 0; tries < 900; tries += 1) {
    try {
      if (done()) return;
    } catch {
      // Not yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(problem);
}
