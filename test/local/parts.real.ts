/**
 * The fleet of this machine with every real part: Postgres, Keycloak, LiteLLM, Prometheus and Caddy. Debian: postgresql
 * openjdk-17-jre-headless maven prometheus caddy openssl python3-venv; LiteLLM comes from PyPI, once.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AgentWorkload } from "../../src/agent/agent-workload";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { typescriptPrograms } from "../../src/local/agent-program";
import type { FleetDescription } from "../../src/local/describe-fleet";
import { freePort } from "../../src/local/free-port";
import { CONSOLE, STRANGER } from "../../src/local/local-clients";
import { localSecret } from "../../src/local/local-secrets";
import { localToken } from "../../src/local/local-token";
import { type RunningFleet, runFleet } from "../../src/local/run-fleet";
import { asAsked } from "../../src/local/with-parts";
import { call } from "../../src/verify/asked-agent";
import { verifyAgent } from "../../src/verify/verify-agent";
import { oneAgent } from "../images/support/one-agent";
import { local } from "../support/fleet/stacks/environments/local";

const ROOT = join(__dirname, "../..");
const LITELLM = "1.106.2";
const secretOf = (name: string) => localSecret(ROOT, name);

let fleet: RunningFleet;
let workload: AgentWorkload;
let port: number;
const said: string[] = [];

/** Folder with LiteLLM's program, installed once a machine; where it is made it stays, because its programs name it. */
function liteLlmFolder(): string {
  const home = join(homedir(), ".cache", "a2a-fleet", `litellm-${LITELLM}`);
  if (existsSync(join(home, "installed"))) return home;
  execFileSync("python3", ["-m", "venv", "--clear", home], { stdio: "pipe" });
  const install = ["-m", "pip", "install", "--quiet", `litellm[proxy]==${LITELLM}`];
  execFileSync(join(home, "bin", "python"), install, { stdio: "pipe" });
  writeFileSync(join(home, "installed"), "");
  return home;
}

beforeAll(async () => {
  port = await freePort();
  process.env.PATH = [process.env.PATH, join(liteLlmFolder(), "bin")].join(delimiter);
  const parts = ["postgres", "keycloak", "litellm", "prometheus", "edge=caddy"];
  const environment = asAsked(local, { with: parts, port, edgePort: await freePort() });
  const { agent } = await typescriptPrograms(join(ROOT, "agents/images/typescript"), () => {});
  const { workloads, problems } = resolveFleet([{ ...oneAgent, model: "gpt-4o" }], environment);
  expect(problems).toEqual([]);
  [workload] = workloads as [AgentWorkload];
  fleet = await runFleet({
    environment,
    workloads,
    programOf: () => agent,
    pauseMs: 1500,
    secretOf,
    hasSecret: () => false,
    onLine: (part, line) => said.push(`${part}: ${line}`),
  }).catch((error: unknown) => {
    throw new Error(`${error}\n${said.slice(-20).join("\n")}`);
  });
  await fleet.ready;
});
afterAll(() => fleet?.stop());

describe("a fleet with every real part", () => {
  const front = () => `http://127.0.0.1:${port}/agents/inventory`;

  test("keeps its promises to callers with tokens of a real Keycloak", async () => {
    const token = await localToken(workload, CONSOLE, secretOf);
    expect(decodeJwt(token)).toMatchObject({
      iss: `http://127.0.0.1:${port}/identity/realms/a2a`,
      aud: workload.route.audience,
      roles: ["inventory"],
    });
    const results = await verifyAgent(front(), {
      token,
      tokenWithoutRole: await localToken(workload, STRANGER, secretOf),
      heartbeatSeconds: 1,
    });
    expect(results.filter(({ verdict }) => verdict === "broken")).toEqual([]);
    const kept = results.filter(({ verdict }) => verdict === "kept").map(({ check }) => check);
    for (const check of ["without-role", "success", "events", "signing-keys", "task-visible"]) {
      expect(kept).toContain(check);
    }
  });

  test("has its tasks in Postgres: they are there when the agent has been started again", async () => {
    const token = await localToken(workload, CONSOLE, secretOf);
    const message = { messageId: "one", role: "ROLE_USER", parts: [{ text: "SKU-12345" }] };
    const sent = await call(`${front()}/`, "SendMessage", { message }, token);
    const { task } = ((await sent.json()) as { result: { task: { id: string } } }).result;
    const pid = await agentProcess();
    process.kill(pid, "SIGKILL");
    await expect.poll(() => fleet.status()[0]?.state).not.toBe("ready");
    await expect.poll(() => fleet.status()[0]?.state).toBe("ready");
    const read = await call(`${front()}/`, "GetTask", { id: task.id }, token);
    expect(await read.text()).toContain("TASK_STATE_COMPLETED");
  });

  test("has a model that answers, and nobody asks it without the agent's key", async () => {
    const ask = async (key: string) => {
      const answer = await fetch(`${fleet.pages.litellm}/v1/chat/completions`, {
        method: "POST",
        headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" },
        body: JSON.stringify({ model: "gpt-4o", messages: [{ role: "user", content: "Hello" }] }),
      });
      return `${answer.status} ${await answer.text()}`;
    };
    expect(await ask(secretOf("litellm-api-key"))).toMatch(/^200 .*There is no key of 'openai' here/);
    expect(await ask("sk-guessed")).toMatch(/^40[013] /);
  });

  test("is seen by a real Prometheus", async () => {
    const query = async () => {
      const url = `${fleet.pages.prometheus}/api/v1/query?query=a2a_requests_total`;
      const { data } = (await (await fetch(url)).json()) as {
        data: { result: { metric: { job: string } }[] };
      };
      return data.result.map(({ metric }) => metric.job);
    };
    await expect.poll(query).toContain("inventory");
  });
});

/** The process that listens on the agent's port. */
async function agentProcess(): Promise<number> {
  const { agents } = (await (
    await fetch(`http://127.0.0.1:${port}/console/fleet.json`)
  ).json()) as FleetDescription;
  const found = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .find((pid) => environmentOf(pid).split("\0").includes(`A2A_PORT=${agents[0]?.port}`));
  if (found === undefined) throw new Error("no process has the agent's port");
  return Number(found);
}

/** Variables of a process, or nothing where it is another user's or gone. */
function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8");
  } catch {
    return "";
  }
}
