import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { type Client, ClientFactory } from "@a2a-js/sdk/client";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { AgentDefinition } from "../../src/agent/agent-definition";
import { alertingRule } from "../../src/cluster/cluster-alerts";
import { freePort } from "../../src/local/free-port";
import { agentAlerts, podMatchers } from "../../src/signals/prometheus-alert";
import { environment, workloadOf } from "../support/sample-fleet";
import { type AgentProcess, startProcess, startWith } from "./support/agent-process";
import { variablesOf } from "./support/environment";
import { messageOf } from "./support/follower";
import { startIssuer, type TestIssuer } from "./support/issuer";
import { type Prometheus, startPrometheus } from "./support/prometheus";
import { type RealStore, startRedis } from "./support/stores";

/**
 * Real agents, a real Prometheus and the rules as they are written, in a time that runs thirty times as fast: what lasts
 * a minute lasts two seconds. Only how long rules look back and how long something has to last is changed in them.
 */
const SECONDS_A_MINUTE = 2;
const NAMESPACE = "agents";

/** One process each; the agent's own name is the pod's. */
const SUBJECTS = ["well", "failing", "haunted", "besieged", "cut", "cold", "asleep"] as const;
type Subject = (typeof SUBJECTS)[number];

const definition = (name: string): AgentDefinition => ({
  name,
  description: "Has something done to it",
  version: "1.0.0",
  minReplicas: 1,
  maxReplicas: 5,
  // A replica that is ready within ten seconds is no cold start, on however busy a machine.
  startupSeconds: 20,
  skills: [{ id: "low-stock", name: "Low stock", description: "Says what runs low", tags: ["stock"] }],
});

let redis: RealStore;
let issuer: TestIssuer;
let prometheus: Prometheus;
const ports = new Map<Subject, { readonly own: number; readonly metrics: number }>();
const agents = new Map<Subject, AgentProcess>();

/** Variables of a subject: what the sample fleet's inventory has, and something of its own. */
function variables(subject: Subject): Record<string, string> {
  const { own = 0, metrics = 0 } = ports.get(subject) ?? {};
  return variablesOf({
    agent: "inventory",
    port: own,
    store: redis.variablesFor(subject),
    ...(subject === "besieged" ? { issuer: issuer.variablesFor("api://acme.example/agent") } : {}),
    more: {
      ENABLE_METRICS: "true",
      METRICS_PORT: String(metrics),
      ...(subject === "failing" ? { TASK_TIMEOUT_MS: "300", ANSWER_PACE_MS: "2000" } : {}),
      ...(subject === "cut" || subject === "haunted" ? { ANSWER_PACE_MS: "1000" } : {}),
    },
  });
}

const urlOf = (subject: Subject) => `http://127.0.0.1:${ports.get(subject)?.own}/`;
const clientOf = (subject: Subject): Promise<Client> => new ClientFactory().createFromUrl(urlOf(subject));
const ask = async (client: Client) => client.sendMessage(messageOf("What runs low?", "low-stock"));

/** Every alert that fired of a subject within the last seconds. */
async function firedOf(subject: Subject, seconds: number): Promise<string[]> {
  const found = await prometheus.ask(
    `max by (alertname) (max_over_time(ALERTS{alertstate="firing",agent="${subject}"}[${Math.ceil(seconds)}s]))`,
  );
  return found.flatMap(({ labels }) => labels.alertname ?? []).toSorted();
}

/** Does something again and again until the first alert of a subject fires, and says which fired with it. */
async function firstAlerts(
  subject: Subject,
  seconds: number,
  trouble: () => Promise<unknown>,
): Promise<string[]> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    await trouble();
    const fired = await firedOf(subject, 3);
    if (fired.length > 0 || Date.now() > end) return fired;
    await sleep(200);
  }
}

/** Hundredths of a second that a process has worked: by so many it has begun, and so few is no whole start. */
function processorTicks(pid: number): number {
  const [, rest = ""] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ");
  const [user, system] = rest.split(" ").slice(11, 13).map(Number);
  return (user ?? 0) + (system ?? 0);
}

/** A rule whose minutes are shorter. */
function quicker<Rule extends { readonly expr: string; readonly for?: string }>(rule: Rule): Rule {
  const shorter = (text: string, pattern: RegExp) =>
    text.replaceAll(pattern, (_, before: string, minutes: string, after: string) =>
      [before, Number(minutes) * SECONDS_A_MINUTE, "s", after].join(""),
    );
  return {
    ...rule,
    expr: shorter(rule.expr, /(\[|offset )(\d+)m(\]|\))/g),
    ...(rule.for === undefined ? {} : { for: shorter(rule.for, /^()(\d+)m()$/g) }),
  };
}

let working: NodeJS.Timeout;
let began = 0;

beforeAll(async () => {
  [redis, issuer] = await Promise.all([startRedis(), startIssuer()]);
  for (const subject of SUBJECTS) {
    ports.set(subject, { own: await freePort(), metrics: await freePort() });
  }
  const groups = SUBJECTS.map((subject) => {
    const workload = workloadOf(subject, { definitions: [definition(subject)] });
    const alerts = agentAlerts(workload, "kubernetes", podMatchers(NAMESPACE, subject));
    const rules = alerts.map((alert) => quicker(alertingRule(alert, subject, environment)));
    expect(JSON.stringify(rules)).not.toMatch(/\d+m[\])"]/);
    return { name: subject, rules };
  });
  prometheus = await startPrometheus(
    SUBJECTS.map((subject) => ({
      port: ports.get(subject)?.metrics ?? 0,
      labels: { namespace: NAMESPACE, pod: `${subject}-7d9f8c6b5-x2x4z` },
    })),
    groups,
  );
  for (const subject of ["well", "failing", "haunted", "besieged", "cut"] as const) {
    agents.set(subject, await startWith("typescript", variables(subject), ports.get(subject)?.own ?? 0));
  }
  const client = await clientOf("well");
  began = Date.now();
  let busy = false;
  working = setInterval(async () => {
    if (busy) return;
    busy = true;
    await ask(client).catch(() => undefined);
    busy = false;
  }, 500);
});
afterAll(async () => {
  clearInterval(working);
  for (const agent of agents.values()) await agent.stop();
  prometheus?.stop();
  redis?.stop();
  issuer?.stop();
});

it("tasks that fail fire the alert of a budget that goes fast", async () => {
  const client = await clientOf("failing");
  const fired = await firstAlerts("failing", 60, () => ask(client).catch(() => undefined));
  expect(fired).toEqual(["FailedTasksFast"]);
});

it("a task that works past its deadline fires the alert about overdue tasks", async () => {
  const client = await clientOf("haunted");
  const stream = client.sendMessageStream(messageOf("What runs low?", "low-stock"));
  await stream.next();
  // Where leases are is the image's business: there is one while a task is worked on.
  const [leases = ""] = redis.ask("", "KEYS", "*{haunted}*:leases").split("\n");
  expect(leases).not.toBe("");
  const lease = JSON.stringify({ owner: "alice", holder: "nobody", started: 0, deadline: 1, runs: 1 });
  redis.ask("", "HSET", leases, "zombie", lease);
  // Somebody renews it who does not end it.
  redis.ask("", "ZADD", leases.replace(/leases$/, "lease-ends"), String(Date.now() * 2), "zombie");
  const fired = await firstAlerts("haunted", 60, () => sleep(200));
  expect(fired).toEqual(["OverdueTasks"]);
  await stream.return(undefined);
});

it("calls without a token fire the alert about rejected callers", async () => {
  const fired = await firstAlerts("besieged", 90, () =>
    Promise.all(Array.from({ length: 5 }, () => fetch(urlOf("besieged"), { method: "POST", body: "{}" }))),
  );
  expect(fired).toEqual(["RejectedCallers"]);
});

it("streams that are cut fire the alert about cut streams", async () => {
  const fired = await firstAlerts("cut", 90, async () => {
    const abort = new AbortController();
    const { message } = messageOf("What runs low?", "low-stock");
    const answer = await fetch(urlOf("cut"), {
      method: "POST",
      signal: abort.signal,
      headers: { "Content-Type": "application/json", "A2A-Version": "1.0" },
      body: JSON.stringify({
        jsonrpc: "2.0",
        id: 1,
        method: "SendStreamingMessage",
        params: {
          message: {
            messageId: message?.messageId,
            role: "ROLE_USER",
            parts: [{ text: "What runs low?" }],
            metadata: message?.metadata,
          },
        },
      }),
    });
    await answer.body?.getReader().read();
    abort.abort();
    await sleep(300);
  });
  expect(fired).toEqual(["CutStreams"]);
});

it("a replica that takes long to be ready fires the alert about cold starts", async () => {
  const started = startProcess("typescript", variables("cold"));
  // It stands still, early in its start, for longer than half of what its startup probe allows.
  while (processorTicks(started.pid) < 12) await sleep(2);
  started.signal("SIGSTOP");
  await sleep(13_000);
  started.signal("SIGCONT");
  const fired = await firstAlerts("cold", 45, () => sleep(200));
  await started.stop();
  expect(fired).toEqual(["ColdStarts"]);
});

it("an hour in which all is well fires none, and neither does a fleet that sleeps", async () => {
  const hour = 60 * SECONDS_A_MINUTE;
  await sleep(Math.max(0, began + hour * 1000 - Date.now()));
  const [done] = await prometheus.ask('sum(a2a_tasks_total{pod=~"well-.*",state="completed"})');
  expect(done?.value).toBeGreaterThan(20);
  expect(await firedOf("well", (Date.now() - began) / 1000 + 30)).toEqual([]);
  // Scaled to zero: it was there, and is gone.
  clearInterval(working);
  await agents.get("well")?.stop();
  await sleep(20 * SECONDS_A_MINUTE * 1000);
  expect(await firedOf("well", 20 * SECONDS_A_MINUTE)).toEqual([]);
  expect(await firedOf("asleep", 2 * hour)).toEqual([]);
  // The same question has an answer of those that were not well.
  expect(await firedOf("haunted", 2 * hour)).toContain("OverdueTasks");
});
