import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Environment, TaskStoreSettings } from "../../src/environment/environment";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { freePort } from "../../src/local/free-port";
import { cloudRunService } from "../support/cloud-run-service";
import { onGoogle } from "../support/fleet-on-google";
import { agentDefinition, kubernetesEnvironment } from "../support/kubernetes-environment";
import { aksEnvironment, synthCluster } from "../support/kubernetes-fleet";
import { readManifests, withNames } from "../support/kubernetes-manifests";
import { canReach, type PolicyPod, podsOf } from "../support/network-policy-evaluator";
import { type ObservedAgent, readContainerApp, readDeployment } from "../support/observed-agent";
import { PROGRAM_PATH, withPrograms } from "../support/real-programs";
import { environment as onContainerApps } from "../support/sample-fleet";
import { synthEnvironment } from "../support/synth";

const server = { kind: "existing-postgres", host: "db.acme.example" } satisfies TaskStoreSettings;
/** As network policies have to be told. */
const taskStore = { ...server, cidr: "10.60.0.0/24" };
const definitions = [{ ...agentDefinition("orchestrator"), perCustomer: true }];
const customers = ["acme", "globex"];
const NAMES = ["orchestrator-acme", "orchestrator-globex"];

const apps = synthEnvironment({ ...onContainerApps, customers, taskStore: server }, definitions);
const aks = synthCluster({ ...aksEnvironment, customers, taskStore }, definitions);
const google = synthEnvironment(
  {
    ...onGoogle,
    customers,
    taskStore: { kind: "memory" },
    cloudRun: { ...onGoogle.cloudRun, taskStore: server },
  },
  definitions,
);
const plainEnvironment: Environment = {
  ...kubernetesEnvironment,
  customers,
  taskStore,
  vault: {
    kind: "kubernetes",
    secrets: ["registry-password", ...NAMES.map((name) => `task-store-password-${name}`)],
  },
};
const plain = synthCluster(plainEnvironment, definitions);

const onCloudRun = (name: string): Pick<ObservedAgent, "variables"> & { secrets: Record<string, unknown> } =>
  cloudRunService(google, name).agent as never;

function onPlainCluster(name: string) {
  const manifests = readManifests(withNames(plain.json));
  const named = (kind: string) =>
    manifests.find((each) => each.kind === kind && each.metadata.name === name) as never as {
      data: Record<string, string>;
      spec: { template: { spec: { containers: { env: { name: string; valueFrom: object }[] }[] } } };
    };
  const { env = [] } = named("Deployment").spec.template.spec.containers[0] ?? {};
  return {
    variables: named("ConfigMap").data,
    secrets: Object.fromEntries(env.map((each) => [each.name, JSON.stringify(each.valueFrom)])),
  };
}

describe.each([
  ["Container Apps", (name: string) => readContainerApp(apps, name)],
  ["AKS", (name: string) => readDeployment(aks, name)],
  ["Cloud Run", onCloudRun],
  ["a cluster without a cloud", onPlainCluster],
])("a Postgres of somebody's own, on %s", (_, read) => {
  test("gives each agent a database and a role of its own, and a password by reference", () => {
    const [acme, globex] = NAMES.map((name) => read(name)) as [
      ReturnType<typeof read>,
      ReturnType<typeof read>,
    ];
    for (const [agent, customer] of [
      [acme, "acme"],
      [globex, "globex"],
    ] as const) {
      const name = `${agent.variables.A2A_CONTRACT_VERSION === "1.1" ? "" : "?"}${
        agent.variables.AGENT_AUDIENCE?.replace(/.*\//, "").replaceAll("-", "_") ?? ""
      }`;
      expect(name).toMatch(new RegExp(`_orchestrator_${customer}$`));
      expect(agent.variables).toMatchObject({
        TASK_STORE: "postgres",
        PGHOST: "db.acme.example",
        PGPORT: "5432",
        PGDATABASE: name,
        PGUSER: name,
        PGSSLMODE: "verify-full",
      });
      expect(JSON.stringify(agent.secrets.PGPASSWORD)).toMatch(
        new RegExp(`task-store-password-orchestrator-${customer}`),
      );
      expect(Object.keys(agent.variables).filter((each) => each.startsWith("REDIS_"))).toEqual([]);
      expect(agent.variables).not.toHaveProperty("POSTGRES_LOGIN");
    }
  });
});

test("lets pods out to where it is, and nowhere else", () => {
  for (const { json } of [aks, plain]) {
    const manifests = readManifests(withNames(json));
    const policies = manifests.filter(({ kind }) => kind === "NetworkPolicy");
    const pod = podsOf(manifests).find(({ name }) => name === "orchestrator-acme") as PolicyPod;
    expect(canReach(policies, pod, { address: "10.60.0.9" }, 5432)).toBe(true);
    expect(canReach(policies, pod, { address: "10.61.0.9" }, 5432)).toBe(false);
    expect(canReach(policies, pod, { address: "10.60.0.9" }, 22)).toBe(false);
  }
});

test("is refused where the password of one agent is missing from a vault that exists", () => {
  const secretsOf = (secrets: readonly string[]) =>
    resolveFleet(definitions, {
      ...plainEnvironment,
      vault: { kind: "kubernetes", secrets: ["registry-password", ...secrets] },
    }).problems.map(({ message }) => message);
  expect(secretsOf(NAMES.map((name) => `task-store-password-${name}`))).toEqual([]);
  const [problem, ...others] = secretsOf(["task-store-password-orchestrator-acme"]);
  expect(problem).toContain(
    "taskStore.passwordSecret reads the secret 'task-store-password-orchestrator-globex'",
  );
  expect(others).toEqual([]);
});

withPrograms(
  "a real one, with the databases and roles that the README says",
  ["postgres", "initdb", "psql"],
  () => {
    const folder = mkdtempSync(join(tmpdir(), "existing-postgres-"));
    let server: ReturnType<typeof spawn> | undefined;
    let port = 0;
    const asServer = (command: string): [string, string[]] =>
      process.getuid?.() === 0
        ? ["su", ["postgres", "-s", "/bin/sh", "-c", command]]
        : ["sh", ["-c", command]];

    function psql(variables: Record<string, string>, sql: string): string {
      try {
        return execFileSync("psql", ["-v", "ON_ERROR_STOP=1", "-Atqc", sql], {
          encoding: "utf8",
          // This server has no certificate: what is tried here is who may do what.
          env: {
            PATH: PROGRAM_PATH,
            ...variables,
            PGHOST: "127.0.0.1",
            PGPORT: String(port),
            PGSSLMODE: "disable",
          },
          stdio: ["ignore", "pipe", "pipe"],
        }).trim();
      } catch (error) {
        return String((error as { stderr: string }).stderr);
      }
    }

    const administrator = { PGUSER: "owner", PGPASSWORD: "of-the-owner", PGDATABASE: "postgres" };
    const variablesOf = (name: string) => ({ ...onPlainCluster(name).variables, PGPASSWORD: `of-${name}` });
    const acme: Record<string, string> = variablesOf("orchestrator-acme");
    const globex: Record<string, string> = variablesOf("orchestrator-globex");

    beforeAll(async () => {
      port = await freePort();
      mkdirSync(join(folder, "data"));
      writeFileSync(join(folder, "password"), "of-the-owner");
      if (process.getuid?.() === 0) execFileSync("chown", ["-R", "postgres", folder]);
      const data = `PATH='${PROGRAM_PATH}' initdb -D '${folder}/data' -U owner -A scram-sha-256 --pwfile='${folder}/password'`;
      execFileSync(...asServer(data), { stdio: "ignore" });
      const start = `PATH='${PROGRAM_PATH}' exec postgres -D '${folder}/data' -p ${port} -k '${folder}' -c listen_addresses=127.0.0.1 -c fsync=off`;
      server = spawn(...asServer(start), { stdio: "ignore", detached: true });
      for (let tries = 0; tries < 200 && psql(administrator, "SELECT 1") !== "1"; tries += 1) {
        await new Promise((done) => setTimeout(done, 100));
      }
      for (const [index, { PGDATABASE, PGUSER }] of [acme, globex].entries()) {
        psql(administrator, `CREATE ROLE ${PGUSER} LOGIN PASSWORD 'of-${NAMES[index]}'`);
        psql(administrator, `CREATE DATABASE ${PGDATABASE} OWNER ${PGUSER}`);
        psql(administrator, `REVOKE CONNECT ON DATABASE ${PGDATABASE} FROM PUBLIC`);
      }
    });

    afterAll(() => {
      if (server?.pid !== undefined) process.kill(-server.pid, "SIGQUIT");
      rmSync(folder, { recursive: true, force: true });
    });

    test("lets each make its tables and read them, and keeps the other out, whatever it tries", () => {
      expect(psql(acme, "CREATE TABLE tasks (id text); INSERT INTO tasks VALUES ('of acme')")).toBe("");
      expect(psql(acme, "SELECT id FROM tasks")).toBe("of acme");
      expect(psql(globex, "SELECT 1")).toBe("1");
      const there = { ...globex, PGDATABASE: acme.PGDATABASE as string };
      expect(psql(there, "SELECT id FROM tasks")).toMatch(/permission denied for database/);
      for (const sql of [
        `SET ROLE ${acme.PGUSER}`,
        `GRANT CONNECT ON DATABASE ${acme.PGDATABASE} TO ${globex.PGUSER}`,
        `DROP DATABASE ${acme.PGDATABASE}`,
        `ALTER ROLE ${acme.PGUSER} PASSWORD 'mine'`,
        "COPY (SELECT 1) TO PROGRAM 'true'",
      ]) {
        const said = psql(globex, sql);
        // A grant of what one doesn't have is a warning.
        if (!sql.startsWith("GRANT")) expect(said, sql).toMatch(/ERROR/);
      }
      expect(psql(there, "SELECT id FROM tasks")).toMatch(/permission denied for database/);
      expect(psql({ ...there, PGUSER: acme.PGUSER as string }, "SELECT 1")).toMatch(
        /password authentication failed/,
      );
      expect(psql(acme, "SELECT id FROM tasks")).toBe("of acme");
    });
  },
);
