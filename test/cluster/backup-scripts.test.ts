import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freePort } from "../../src/local/free-port";
import { PROGRAM_PATH as PATH, withPrograms as real } from "../support/real-programs";

const SCRIPTS = join(__dirname, "../../src/cluster/backups/scripts");
/** Runs a script as a job's container would: its own variables only. */
function run(script: string, env: Record<string, string>) {
  const result = spawnSync("sh", [join(SCRIPTS, script)], { env: { PATH, ...env }, encoding: "utf8" });
  return { code: result.status, output: `${result.stdout}${result.stderr}` };
}

/** Object storage: rclone's own, on a folder. */
function storage(root: string) {
  return {
    DESTINATION: join(root, "storage", "task-store"),
    RETENTION_DAYS: "30",
    RCLONE_CONFIG: "",
    RCLONE_CONFIG_BACKUP_TYPE: "local",
    CONFIGURATION: join(root, "configuration"),
  };
}

real("Redis to object storage and back", ["redis-server", "redis-cli", "rclone", "openssl"], () => {
  const root = mkdtempSync(join(tmpdir(), "redis-backup-"));
  const tls = join(root, "tls");
  let port = 0;
  let server: ReturnType<typeof spawn> | undefined;
  const environment = () => ({
    REDIS_HOST: "localhost",
    REDIS_PORT: String(port),
    REDIS_CA_FILE: join(tls, "ca.crt"),
    REDISCLI_AUTH: "not-a-secret",
    BACKUP: join(root, "backup"),
    WORK: join(root, "work"),
    ...storage(root),
  });
  const redis = (...args: string[]) =>
    execFileSync(
      "redis-cli",
      [
        "-h",
        "localhost",
        "-p",
        String(port),
        "--tls",
        "--cacert",
        join(tls, "ca.crt"),
        "--no-auth-warning",
        ...args,
      ],
      { env: { PATH, REDISCLI_AUTH: "not-a-secret" }, encoding: "utf8" },
    ).trim();

  beforeAll(async () => {
    for (const folder of ["tls", "data", "configuration"]) mkdirSync(join(root, folder));
    writeFileSync(join(root, "configuration", "fleet.json"), '{"agents":[]}');
    const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: tls, stdio: "ignore" });
    openssl(
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-days",
      "2",
      "-keyout",
      "ca.key",
      "-out",
      "ca.crt",
      "-subj",
      "/CN=authority",
    );
    openssl(
      "req",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-keyout",
      "tls.key",
      "-out",
      "tls.csr",
      "-subj",
      "/CN=localhost",
    );
    openssl(
      "x509",
      "-req",
      "-in",
      "tls.csr",
      "-CA",
      "ca.crt",
      "-CAkey",
      "ca.key",
      "-CAcreateserial",
      "-days",
      "2",
      "-out",
      "tls.crt",
    );
    port = await freePort();
    // As the store in the cluster is set: encrypted, with a password, appending.
    server = spawn(
      "redis-server",
      [
        ...[
          "--port",
          "0",
          "--tls-port",
          String(port),
          "--tls-auth-clients",
          "no",
          "--requirepass",
          "not-a-secret",
        ],
        ...["--tls-cert-file", join(tls, "tls.crt"), "--tls-key-file", join(tls, "tls.key")],
        ...[
          "--tls-ca-cert-file",
          join(tls, "ca.crt"),
          "--appendonly",
          "yes",
          "--save",
          "",
          "--dir",
          join(root, "data"),
        ],
      ],
      { stdio: "ignore", env: { PATH } },
    );
    for (let tries = 0; tries < 100; tries += 1) {
      try {
        if (redis("PING") === "PONG") return;
      } catch {
        await new Promise((done) => setTimeout(done, 50));
      }
    }
    throw new Error("redis-server did not start");
  });
  afterAll(() => {
    server?.kill("SIGKILL");
    rmSync(root, { recursive: true, force: true });
  });

  it("brings back every kind of value, with its time to live, into a store that appends", () => {
    redis("SET", "a2a:task:1", 'a "task"\nof two lines', "EX", "86400");
    redis("HSET", "a2a:task:2", "state", "working", "context", "42");
    redis("XADD", "a2a:events", "*", "kind", "status");
    expect(run("redis-backup.sh", environment())).toMatchObject({ code: 0 });
    expect(run("upload.sh", environment())).toMatchObject({ code: 0 });

    redis("FLUSHALL");
    redis("SET", "written", "since");
    rmSync(join(root, "backup"), { recursive: true });
    expect(run("fetch.sh", environment())).toMatchObject({ code: 0 });
    const refused = run("redis-restore.sh", environment());
    expect(refused).toMatchObject({
      code: 1,
      output: expect.stringContaining("the store holds 1 keys; say --replace"),
    });
    expect(redis("GET", "written")).toBe("since");

    const restored = run("redis-restore.sh", { ...environment(), REPLACE: "yes" });
    expect(restored).toMatchObject({ code: 0, output: expect.stringContaining("3 keys of 3") });
    expect(redis("GET", "written")).toBe("");
    expect(redis("GET", "a2a:task:1")).toBe('a "task"\nof two lines');
    expect(Number(redis("TTL", "a2a:task:1"))).toBeGreaterThan(86_000);
    expect(redis("HGETALL", "a2a:task:2")).toBe("state\nworking\ncontext\n42");
    expect(redis("XLEN", "a2a:events")).toBe("1");
  });

  it("keeps the configuration beside the data", () => {
    const [backup] = readdirSync(environment().DESTINATION);
    expect(readdirSync(join(environment().DESTINATION, backup ?? ""), { recursive: true }).sort()).toEqual([
      "SHA256SUMS",
      "configuration",
      "configuration/fleet.json",
      "redis.rdb",
    ]);
  });

  it("restores no backup that is damaged, or did not get there whole", () => {
    const [backup = ""] = readdirSync(environment().DESTINATION);
    const folder = join(environment().DESTINATION, backup);
    writeFileSync(join(folder, "redis.rdb"), "damaged");
    rmSync(join(root, "backup"), { recursive: true, force: true });
    expect(run("fetch.sh", environment())).toMatchObject({
      code: 1,
      output: expect.stringContaining("FAILED"),
    });
    rmSync(join(folder, "SHA256SUMS"));
    rmSync(join(root, "backup"), { recursive: true, force: true });
    expect(run("fetch.sh", environment())).toMatchObject({
      code: 1,
      output: expect.stringContaining("there is no whole backup"),
    });
  });

  it("makes no backup of a store that does not answer", () => {
    const wrong = { ...environment(), REDISCLI_AUTH: "another", BACKUP: join(root, "wrong") };
    expect(run("redis-backup.sh", wrong).code).not.toBe(0);
  });
});

real("Postgres to object storage and back", ["postgres", "initdb", "pg_dump", "psql", "rclone"], () => {
  const root = mkdtempSync(join(tmpdir(), "postgres-backup-"));
  const asRoot = process.getuid?.() === 0;
  let port = 0;
  let server: ReturnType<typeof spawn> | undefined;
  const environment = () => ({
    PGHOST: "127.0.0.1",
    PGPORT: String(port),
    PGUSER: "fleet",
    PGDATABASE: "postgres",
    PGSSLMODE: "disable",
    PGPASSWORD: "not-a-secret",
    BACKUP: join(root, "backup"),
    ...storage(root),
  });
  const psql = (command: string) =>
    execFileSync("psql", ["--no-align", "--tuples-only", "--command", command], {
      env: { PATH, ...environment() },
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  /** Postgres does not run as root. */
  const asServer = (command: string) =>
    asRoot ? ["su", ["postgres", "-s", "/bin/sh", "-c", command]] : ["sh", ["-c", command]];

  beforeAll(async () => {
    port = await freePort();
    const data = join(root, "data");
    mkdirSync(data);
    writeFileSync(join(root, "password"), "not-a-secret");
    if (asRoot) execFileSync("chown", ["-R", "postgres", root]);
    const [initCommand, initArgs] = asServer(
      `PATH='${PATH}' initdb -D '${data}' -U fleet -A scram-sha-256 --pwfile='${join(root, "password")}'`,
    );
    execFileSync(initCommand as string, initArgs as string[], { stdio: "ignore" });
    const [command, args] = asServer(
      `PATH='${PATH}' exec postgres -D '${data}' -p ${port} -k '${root}' -c listen_addresses=127.0.0.1`,
    );
    server = spawn(command as string, args as string[], { stdio: "ignore", detached: true });
    for (let tries = 0; tries < 100; tries += 1) {
      try {
        if (psql("select 1") === "1") return;
      } catch {
        await new Promise((done) => setTimeout(done, 100));
      }
    }
    throw new Error("postgres did not start");
  });
  afterAll(() => {
    if (server?.pid !== undefined) process.kill(-server.pid, "SIGQUIT");
    rmSync(root, { recursive: true, force: true });
  });

  it("brings back tables and rows in one transaction, and refuses a database that is in use", () => {
    psql("create table keys (name text primary key, spend numeric)");
    psql("insert into keys values ('a', 1.5), ('b', 2)");
    expect(run("postgres-backup.sh", environment())).toMatchObject({ code: 0 });
    expect(run("upload.sh", environment())).toMatchObject({ code: 0 });
    psql("insert into keys values ('c', 3)");
    rmSync(join(root, "backup"), { recursive: true });
    expect(run("fetch.sh", environment())).toMatchObject({ code: 0 });
    expect(run("postgres-restore.sh", environment())).toMatchObject({
      code: 1,
      output: expect.stringContaining("holds 1 tables; say --replace"),
    });
    expect(psql("select count(*) from keys")).toBe("3");
    expect(run("postgres-restore.sh", { ...environment(), REPLACE: "yes" })).toMatchObject({ code: 0 });
    expect(psql("select name, spend from keys order by name")).toBe("a|1.5\nb|2");
  });
});
