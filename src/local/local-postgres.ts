import { execFile } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { databaseOf, postgresVariables, secretVariables } from "../agent/agent-variables";
import type { AgentWorkload } from "../agent/agent-workload";
import { freePort } from "./free-port";
import { temporaryFolder } from "./guard";
import { listening } from "./local-redis";
import { startPart } from "./part";
import { programPath } from "./program-path";
import type { RunningStore } from "./running-store";

const run = promisify(execFile);

/** Its own administrator, for as long as it runs. */
const ADMINISTRATOR = "fleet";

/** Starts a Postgres where each agent is a user with a database of its own; what it holds ends with it. */
export async function startPostgres(
  workloads: readonly AgentWorkload[],
  passwordOf: (workload: AgentWorkload) => string,
  administratorPassword: string,
  onLine: (line: string) => void,
): Promise<RunningStore> {
  const { folder, remove } = temporaryFolder("postgres");
  const port = await freePort();
  const data = join(folder, "data");
  const passwordFile = join(folder, "password");
  writeFileSync(passwordFile, administratorPassword, { mode: 0o600 });
  mkdirSync(data);
  const variables = { PATH: programPath(), HOME: folder, LC_ALL: "C.UTF-8" };
  const [program, ...as] = await asItsUser(folder, [passwordFile, data]);
  const start = (words: readonly string[]) =>
    run(program, [...as, ...words], { cwd: folder, env: variables });
  const init = ["initdb", "--pgdata", data, "--username", ADMINISTRATOR, "--auth", "scram-sha-256"];
  await start([...init, "--pwfile", passwordFile, "--encoding", "UTF8"]);
  const settings = ["listen_addresses=127.0.0.1", "max_connections=300", "log_min_messages=warning"];
  const part = startPart({
    name: "postgres",
    program,
    args: [
      ...as,
      ...["postgres", "-D", data, "-p", `${port}`, "-k", folder],
      ...settings.flatMap((setting) => ["-c", setting]),
    ],
    folder,
    variables,
    onLine,
    // Waits for nobody's connection.
    endsOn: "SIGINT",
  });
  await listening(port, part);
  const login = {
    PGHOST: "127.0.0.1",
    PGPORT: `${port}`,
    PGUSER: ADMINISTRATOR,
    PGPASSWORD: administratorPassword,
  };
  const file = join(folder, "agents.sql");
  writeFileSync(file, workloads.flatMap((each) => statementsFor(each, passwordOf(each))).join("\n"), {
    mode: 0o600,
  });
  const ask = ["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--dbname", "postgres", "--file", file];
  // It listens a moment before it lets anybody in.
  await untilItLetsIn(() => run("psql", [...ask], { env: { ...variables, ...login } }));
  return {
    part,
    variablesFor: (workload) => ({
      ...postgresVariables(workload, {
        host: "127.0.0.1",
        port,
        user: databaseOf(workload),
        sslMode: "disable",
      }),
      [secretVariables.databasePassword]: passwordOf(workload),
    }),
    remove,
  };
}

/** A user that owns its own database; nobody else may connect to it. */
function statementsFor(workload: AgentWorkload, password: string): string[] {
  const name = databaseOf(workload);
  return [
    `CREATE ROLE "${name}" LOGIN PASSWORD '${password.replaceAll("'", "''")}';`,
    `CREATE DATABASE "${name}" OWNER "${name}";`,
    `REVOKE CONNECT ON DATABASE "${name}" FROM PUBLIC;`,
  ];
}

/** Postgres refuses to run as root: then it is Debian's own user for it. @returns words before its own */
async function asItsUser(folder: string, files: readonly string[]): Promise<[string, ...string[]]> {
  if (process.getuid?.() !== 0) return ["env"];
  const { stdout } = await run("id", ["-u", "postgres"]);
  const { stdout: group } = await run("id", ["-g", "postgres"]);
  for (const each of [folder, ...files]) chownSync(each, Number(stdout), Number(group));
  chmodSync(folder, 0o700);
  return ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups", "--"];
}

async function untilItLetsIn(act: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await act();
      return;
    } catch (error) {
      const { stderr = "" } = error as { stderr?: string };
      if (!stderr.includes("starting up") || tries === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
