import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { TaskState } from "@a2a-js/sdk";
import {
  type Client,
  ClientFactory,
  ClientFactoryOptions,
  DefaultAgentCardResolver,
  JsonRpcTransportFactory,
  RestTransportFactory,
} from "@a2a-js/sdk/client";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { freePort } from "../../src/local/free-port";
import { DEFAULT_DOMAIN } from "../support/deployed-agents";
import { type AgentProcess, startWith } from "./support/agent-process";
import { startCollector, type TestCollector } from "./support/collector";
import {
  DEADLINE_SECONDS,
  finishedEnvironments,
  specialRole,
  startable,
  variablesHere,
} from "./support/finished";
import { messageOf, Seen, textOf } from "./support/follower";
import { LANGUAGES, type Language } from "./support/image";
import { startIssuer, type TestIssuer } from "./support/issuer";
import { type RealStore, STORE_PASSWORD, startPostgres, startRedis } from "./support/stores";

const ENVIRONMENTS = Object.keys(finishedEnvironments) as (keyof typeof finishedEnvironments)[];
type EnvironmentName = (typeof ENVIRONMENTS)[number];

const SUBJECT: Record<
  Language,
  { agent: string; skill: string; other: string; text: string; answer: string }
> = {
  python: {
    agent: "research",
    skill: "summarize",
    other: "compare",
    text: "What is redis?",
    answer: "Redis keeps data structures in memory and runs scripts on them atomically. ",
  },
  typescript: {
    agent: "inventory",
    skill: "low-stock",
    other: "stock-level",
    text: "What runs low?",
    answer: "2 of 4 articles are below their reorder point.",
  },
};
/** Pauses after each part of an answer: next to none, and longer than any test waits. */
const PACE_MS = "20";
const SLOW_PACE_MS = "600000";
const REFERENCE = "55555555-5555-4555-8555-555555555555";

let redis: RealStore;
let postgres: RealStore;
let issuer: TestIssuer;
let collector: TestCollector;

beforeAll(async () => {
  [redis, postgres, issuer, collector] = await Promise.all([
    startRedis({ tls: true }),
    startPostgres({ tls: true }),
    startIssuer(),
    startCollector(),
  ]);
});
afterAll(() => {
  for (const each of [redis, postgres, issuer, collector]) each?.stop();
});

/** A started agent, what the finished JSON gives it, and what that is on this machine. */
interface Started {
  readonly process: AgentProcess;
  readonly variables: Readonly<Record<string, string>>;
  readonly metricsPort: number;
}

/** Starts an agent with nothing but the variables of its container, and the two that only images know. */
async function start(name: EnvironmentName, language: Language, paceMs: string): Promise<Started> {
  const { agent } = SUBJECT[language];
  const fleet = finishedEnvironments[name]();
  const container = fleet(agent);
  const given = container.variables;
  const [port, metricsPort] = [await freePort(), await freePort()];
  const store = name === "postgres" ? postgres : redis;
  const at = store.login(given.PGDATABASE ?? name);

  const card = JSON.parse(given.AGENT_PEER_CARD ?? given.AGENT_CARD ?? "{}");
  const peerUrl: string = card.supportedInterfaces[0].url;
  // Whoever calls it in this environment finds it where its card says, or where callers from outside do.
  const registry = JSON.parse(fleet("orchestrator-acme").variables.AGENT_REGISTRY ?? "{}");
  expect([peerUrl, given.AGENT_URL]).toContain(registry[agent]);

  const variables = startable(container, {
    references: {
      default_domain: DEFAULT_DOMAIN,
      client_id: REFERENCE,
      host: at.host,
      hostname: at.host,
      port: String(at.port),
    },
    addresses: [
      [peerUrl.replace(/\$\{[^}]*\}/, DEFAULT_DOMAIN), `http://127.0.0.1:${port}/`],
      ["https://login.microsoftonline.com", issuer.url],
      [`https://keycloak.${DEFAULT_DOMAIN}`, issuer.url],
      [`https://otel-collector.internal.${DEFAULT_DOMAIN}`, collector.url],
      ["http://otel-collector.agents.svc.cluster.local:4318", collector.url],
      ["http://127.0.0.1:4318", collector.url],
    ],
    secrets: {
      "task-store-url": `rediss://:${STORE_PASSWORD}@${at.host}:${at.port}`,
      "task-store-key": STORE_PASSWORD,
      [`task-store-password-${agent}`]: STORE_PASSWORD,
      "inventory-api-token": "an-api-token",
      "openai-api-key": "an-api-key",
    },
    variables: variablesHere({ port, metricsPort }, at),
  });
  const more = {
    ANSWER_PACE_MS: paceMs,
    PUSH_ALLOWED_HOSTS: "127.0.0.1",
    // Cloud Run sets this one itself.
    ...(name === "cloud-run" ? { PORT: String(port) } : {}),
    // The authorities that the machine knows.
    ...(given.REDIS_CA_FILE ? {} : { SSL_CERT_FILE: at.authority, NODE_EXTRA_CA_CERTS: at.authority }),
  };
  const process = await startWith(language, { ...variables, ...more }, port);
  return { process, variables, metricsPort };
}

const cases = LANGUAGES.flatMap((language) => ENVIRONMENTS.map((environment) => ({ language, environment })));

describe.each(cases)("a $language agent in $environment", ({ language, environment }) => {
  const { agent: agentName, skill, other, text, answer } = SUBJECT[language];
  let agent: AgentProcess;
  /** The same agent with a pace at which no task ends by itself. */
  let slow: AgentProcess;
  let given: Readonly<Record<string, string>>;
  let metricsPort: number;
  let slowMetricsPort: number;
  let overdue: Promise<Seen>;
  let tests = 0;

  beforeAll(async () => {
    const [first, second] = await Promise.all([
      start(environment, language, PACE_MS),
      start(environment, language, SLOW_PACE_MS),
    ]);
    ({ process: agent, variables: given, metricsPort } = first);
    ({ process: slow, metricsPort: slowMetricsPort } = second);
    // Begun now, so that its deadline passes while the others run.
    overdue = (async () => {
      const seen = new Seen();
      for await (const event of (await client({ of: slow })).sendMessageStream(messageOf(text, skill)))
        seen.take(event);
      return seen;
    })();
    overdue.catch(() => {});
  });
  afterAll(async () => {
    await Promise.all([agent?.stop(), slow?.stop()]);
  });
  beforeEach(() => {
    tests += 1;
  });

  /** A caller for each test: what one may ask in a minute is limited. */
  const alice = () => `alice-${tests}`;
  const claims = () => ({ aud: given.OIDC_AUDIENCE ?? "", issuer: given.OIDC_ISSUER ?? "" });
  const role = () => given.REQUIRED_ROLE ?? "";
  const token = (roles = [role()], sub = alice()) => issuer.token({ ...claims(), roles, sub });
  /** A client of one binding, with a token. */
  async function client({
    binding = "JSONRPC" as "JSONRPC" | "HTTP+JSON",
    sub = alice(),
    roles = [role()],
    of = agent,
  } = {}) {
    const bearer = await token(roles, sub);
    const fetchImpl: typeof fetch = (input, init) => {
      const headers = new Headers(init?.headers);
      headers.set("Authorization", `Bearer ${bearer}`);
      return fetch(input, { ...init, headers });
    };
    const transports =
      binding === "JSONRPC"
        ? [new JsonRpcTransportFactory({ fetchImpl })]
        : [new RestTransportFactory({ fetchImpl })];
    const card = await new DefaultAgentCardResolver({ fetchImpl }).resolve(of.url);
    const options = ClientFactoryOptions.createFrom(ClientFactoryOptions.default, { transports });
    return new ClientFactory({ ...options, transports, preferredTransports: [binding] }).createFromAgentCard(
      card,
    );
  }

  it("serves its card as it is, by the SDK's own resolver, and once only to who has it", async () => {
    const url = `${agent.url}.well-known/agent-card.json`;
    const expected = given.AGENT_PEER_CARD ?? given.AGENT_CARD;
    const current = await fetch(url, { headers: { "A2A-Version": "1.0" } });
    expect(await current.text()).toBe(expected);
    expect(current.headers.get("cache-control")).toContain("max-age=");
    expect(current.headers.get("vary")).toContain("A2A-Version");
    const etag = current.headers.get("etag") ?? "";
    const again = await fetch(url, { headers: { "A2A-Version": "1.0", "If-None-Match": etag } });
    expect(again.status).toBe(304);
    const legacy = await fetch(url);
    expect(await legacy.text()).toBe(given.AGENT_PEER_CARD_V03 ?? given.AGENT_CARD_V03);
    expect(legacy.headers.get("etag")).not.toBe(etag);
    expect(await (await fetch(`${agent.url}.well-known/agent.json`)).json()).toMatchObject({
      protocolVersion: "0.3.0",
    });

    if (given.AGENT_PEER_CARD === undefined) return;
    // Whatever is in front says which host it was asked for.
    const outside = await fetch(url, {
      headers: { "A2A-Version": "1.0", "X-Forwarded-Host": new URL(given.AGENT_URL ?? "").host },
    });
    expect(await outside.text()).toBe(given.AGENT_CARD);
  });

  it.each(["JSONRPC", "HTTP+JSON"] as const)("sends, streams, gets and lists over %s", async (binding) => {
    const caller = await client({ binding });
    const sent = await caller.sendMessage(messageOf(text, skill));
    if (!("status" in sent)) throw new Error("a message is no task");
    expect(sent.status?.state).toBe(TaskState.TASK_STATE_COMPLETED);
    expect(textOf(sent.artifacts.flatMap(({ parts }) => parts))).toContain(answer);

    const seen = new Seen();
    for await (const event of caller.sendMessageStream(messageOf(text, skill))) seen.take(event);
    expect(seen).toMatchObject({ state: "COMPLETED", text: expect.stringContaining(answer) });

    const got = await caller.getTask({ id: seen.taskId, tenant: "", historyLength: undefined });
    expect(new Seen().takeTask(got).text).toBe(seen.text);
    expect(got.history.map(({ parts }) => textOf(parts))).toContain(text);
    expect(got.metadata).toMatchObject({ skill });

    const [first] = (await list(caller, 1)).tasks;
    expect(first?.id).toBe(seen.taskId);
    const page = await list(caller, 1);
    expect(page.totalSize).toBeGreaterThanOrEqual(2);
    const next = await list(caller, 1, page.nextPageToken);
    expect(next.tasks[0]?.id).not.toBe(seen.taskId);
  });

  it("asks back, and goes on with the answer", async () => {
    if (language !== "typescript") return expectAsksBack();
    const caller = await client({ roles: [role(), specialRole(agentName)] });
    const asked = await caller.sendMessage(messageOf("How many do we have?", "stock-level"));
    if (!("status" in asked)) throw new Error("a message is no task");
    expect(asked.status?.state).toBe(TaskState.TASK_STATE_INPUT_REQUIRED);
    const turn = messageOf("SKU-12345", undefined, { taskId: asked.id, contextId: asked.contextId });
    const done = await caller.sendMessage(turn);
    expect(done).toMatchObject({ id: asked.id, status: { state: TaskState.TASK_STATE_COMPLETED } });
    if ("status" in done) expect(new Seen().takeTask(done).text).toContain("Rotterdam: 180");
  });

  /** The Python subject has no skill that asks: a turn to an ended task is refused there as anywhere. */
  async function expectAsksBack(): Promise<void> {
    const caller = await client();
    const done = await caller.sendMessage(messageOf(text, skill));
    if (!("status" in done)) throw new Error("a message is no task");
    await expect(caller.sendMessage(messageOf("more", undefined, { taskId: done.id }))).rejects.toThrow(
      /terminal/,
    );
  }

  it("cancels a task that is working, once", async () => {
    const caller = await client({ of: slow });
    const seen = new Seen();
    let canceling: Promise<unknown> | undefined;
    for await (const event of caller.sendMessageStream(messageOf(text, skill))) {
      seen.take(event);
      canceling ??= caller.cancelTask({ id: seen.taskId, tenant: "", metadata: undefined });
    }
    expect(await canceling).toMatchObject({ status: { state: TaskState.TASK_STATE_CANCELED } });
    expect(seen.state).toBe("CANCELED");
    const got = await caller.getTask({ id: seen.taskId, tenant: "", historyLength: 0 });
    expect(got.status?.state).toBe(TaskState.TASK_STATE_CANCELED);
    await expect(caller.cancelTask({ id: seen.taskId, tenant: "", metadata: undefined })).rejects.toThrow(
      /cancel/i,
    );
  });

  it("lets a client subscribe to a working task, and not to one that has ended", async () => {
    const caller = await client({ of: slow });
    const [first, second] = [new Seen(), new Seen()];
    let watching: Promise<void> | undefined;
    const cancel = () => caller.cancelTask({ id: first.taskId, tenant: "", metadata: undefined });
    const watch = async () => {
      for await (const event of caller.resubscribeTask({ id: first.taskId, tenant: "" })) {
        if (second.take(event).events === 1) await cancel();
      }
    };
    for await (const event of caller.sendMessageStream(messageOf(text, skill))) {
      // With its first words: nothing more comes of it before it is canceled.
      if (first.take(event).text !== "") watching ??= watch();
    }
    await watching;
    expect(first).toMatchObject({ state: "CANCELED", text: expect.stringMatching(/./) });
    expect(second).toMatchObject({ state: "CANCELED", text: first.text });
    const ended = caller.resubscribeTask({ id: first.taskId, tenant: "" });
    await expect(ended.next()).rejects.toThrow();
  });

  it("gives signs of life on a stream on which nothing happens", async () => {
    const message = { messageId: randomUUID(), role: "ROLE_USER", parts: [{ text }], metadata: { skill } };
    const headers = {
      Authorization: `Bearer ${await token()}`,
      "Content-Type": "application/json",
      "A2A-Version": "1.0",
    };
    const body = JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method: "SendStreamingMessage",
      params: { message },
    });
    const gone = new AbortController();
    const stream = await fetch(slow.url, { method: "POST", headers, body, signal: gone.signal });
    expect(stream.headers.get("content-type")).toContain("text/event-stream");
    let said = "";
    for await (const chunk of stream.body ?? []) {
      said += Buffer.from(chunk).toString();
      if (/^:.*\n.*^:/ms.test(said)) break;
    }
    gone.abort();
    expect(said).toMatch(/^data:/m);
  });

  it("notifies whom a caller names, and nobody inside", async () => {
    const received: {
      headers: Record<string, unknown>;
      body: { statusUpdate?: { status: { state: string } } };
    }[] = [];
    const receiver = createServer(async (request, response) => {
      let body = "";
      for await (const chunk of request) body += chunk;
      received.push({ headers: request.headers, body: JSON.parse(body) });
      response.end();
    });
    await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
    const { port } = receiver.address() as AddressInfo;
    const caller = await client();
    const request = messageOf(text, skill);
    const config = (url: string) => ({
      tenant: "",
      id: "hook",
      taskId: "",
      url,
      token: "the-token",
      authentication: { scheme: "Bearer", credentials: "the-credentials" },
    });
    const configured = (url: string) => ({
      ...request,
      message: { ...request.message, messageId: randomUUID() },
      configuration: {
        acceptedOutputModes: [],
        returnImmediately: false,
        historyLength: undefined,
        taskPushNotificationConfig: config(url),
      },
    });
    await caller.sendMessage(configured(`http://127.0.0.1:${port}/hook`));
    await expect.poll(() => received.at(-1)?.body.statusUpdate?.status.state).toBe("TASK_STATE_COMPLETED");
    expect(received.at(-1)?.headers).toMatchObject({
      "x-a2a-notification-token": "the-token",
      authorization: "Bearer the-credentials",
    });
    receiver.close();
    for (const url of [
      "http://169.254.169.254/latest/meta-data/",
      "https://localhost:8443/",
      "https://10.1.2.3/",
      "https://[::1]/",
      "http://example.com/",
      "file:///etc/passwd",
    ]) {
      await expect(caller.sendMessage(configured(url)), url).rejects.toThrow();
    }
    const done = await caller.sendMessage(messageOf(text, skill));
    if (!("status" in done)) throw new Error("a message is no task");
    const kept = await caller.createTaskPushNotificationConfig({
      ...config(`http://127.0.0.1:${port}/`),
      taskId: done.id,
    });
    expect(kept).toMatchObject({ id: "hook", taskId: done.id });
    const { configs } = await caller.listTaskPushNotificationConfig({
      tenant: "",
      taskId: done.id,
      pageSize: 0,
      pageToken: "",
    });
    expect(configs.map(({ id }) => id)).toEqual(["hook"]);
    await caller.deleteTaskPushNotificationConfig({ tenant: "", taskId: done.id, id: "hook" });
    await expect(
      caller.getTaskPushNotificationConfig({ tenant: "", taskId: done.id, id: "hook" }),
    ).rejects.toThrow();
  });

  it("tells errors in the protocol's own words", async () => {
    const headers = {
      Authorization: `Bearer ${await token()}`,
      "Content-Type": "application/json",
      "A2A-Version": "1.0",
    };
    const call = async (body: string, path = "") =>
      (await fetch(`${agent.url}${path}`, { method: "POST", headers, body })).json();
    const ask = (method: string, params: object) =>
      call(JSON.stringify({ jsonrpc: "2.0", id: 7, method, params }));
    const missing = await ask("GetTask", { id: "no-such-task" });
    expect(missing).toMatchObject({ id: 7, error: { code: -32001 } });
    expect(JSON.stringify(missing.error.data)).toContain("google.rpc.ErrorInfo");
    expect(await ask("NoSuchMethod", {})).toMatchObject({ error: { code: -32601 } });
    expect(await call("{")).toMatchObject({ error: { code: -32700 } });
    const unknown = messageOf(text, "fly").message;
    const message = { messageId: "m", role: "ROLE_USER", parts: [{ text }], metadata: unknown.metadata };
    expect(await ask("SendMessage", { message })).toMatchObject({ error: { code: -32602 } });
    const rest = await fetch(`${agent.url}tasks/no-such-task`, { headers });
    expect(rest.status).toBe(404);
    expect(await rest.json()).toMatchObject({ error: { code: 404, status: "NOT_FOUND" } });
  });

  it("keeps each caller's tasks from every other", async () => {
    const [one, bob] = [await client(), await client({ sub: "bob" })];
    const sent = await one.sendMessage(messageOf(text, skill));
    if (!("status" in sent)) throw new Error("a message is no task");
    const id = { id: sent.id, tenant: "" };
    await expect(bob.getTask({ ...id, historyLength: undefined })).rejects.toThrow(/not found/i);
    await expect(bob.cancelTask({ ...id, metadata: undefined })).rejects.toThrow(/not found/i);
    await expect(bob.resubscribeTask(id).next()).rejects.toThrow(/not found/i);
    expect((await list(bob, 50)).tasks.map((task) => task.id)).not.toContain(sent.id);
    await expect(bob.sendMessage(messageOf("x", undefined, { taskId: sent.id }))).rejects.toThrow(
      /not found/i,
    );
  });

  it("lets in whom it should, and tells the others why in their own words", async () => {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 3, method: "GetTask", params: { id: "x" } });
    const post = (authorization?: string, path = "", content = body) =>
      fetch(`${agent.url}${path}`, {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          "A2A-Version": "1.0",
          ...(authorization === undefined ? {} : { Authorization: authorization }),
        },
        body: content,
      });
    const bearer = async (claims: Parameters<TestIssuer["token"]>[0]) =>
      `Bearer ${await issuer.token(claims)}`;
    const rejected: [string | undefined, number, string][] = [
      [undefined, 401, "missing_token"],
      ["Basic YWxpY2U6c2VjcmV0", 401, "missing_token"],
      ["Bearer not-a-token", 401, "invalid_token"],
      [await bearer({ ...claims(), roles: [role()], expiresIn: -120 }), 401, "expired"],
      [await bearer({ ...claims(), roles: [role()], aud: "api://somebody-else" }), 401, "wrong_audience"],
      [await bearer({ ...claims(), roles: [role()], aud: "" }), 401, "wrong_audience"],
      [
        await bearer({ ...claims(), roles: [role()], issuer: "https://elsewhere.example" }),
        401,
        "wrong_issuer",
      ],
      [`Bearer ${unsigned(claims(), role())}`, 401, "invalid_token"],
      [await bearer({ ...claims(), roles: ["another.role"] }), 403, "missing_role"],
    ];
    for (const [authorization, status, reason] of rejected) {
      const answer = await post(authorization);
      expect([answer.status, (await answer.json()).error], reason).toMatchObject([
        status,
        { code: -32000, data: { status, reason } },
      ]);
      expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer/);
    }
    const rest = await post(undefined, "message:send", JSON.stringify({ message: {} }));
    expect([rest.status, await rest.json()]).toMatchObject([
      401,
      { error: { code: 401, status: "UNAUTHENTICATED" } },
    ]);

    // A skill with a role of its own, named by the message or meant by it.
    const special = await client({ roles: [role(), specialRole(agentName)] });
    const plain = await client();
    await expect(plain.sendMessage(messageOf(text, other))).rejects.toThrow();
    await expect(special.sendMessage(messageOf("SKU-12345 redis postgres", other))).resolves.toBeDefined();
  });

  it("lets a caller ask so often and no more, and others meanwhile", async () => {
    const ask = async (bearer: string) =>
      fetch(agent.url, {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          "A2A-Version": "1.0",
          Authorization: `Bearer ${bearer}`,
        },
        body: JSON.stringify({ jsonrpc: "2.0", id: 3, method: "GetTask", params: { id: "x" } }),
      });
    // Two of these environments are of one name, and count in one place.
    const eager = await token(undefined, `mallory-${environment}`);
    const allowed = Number(given.RATE_LIMIT_REQUESTS);
    let asked = 0;
    let answer = await ask(eager);
    // The window may end in between, and begin anew.
    for (; answer.status === 200 && asked < 3 * allowed; asked += 1) answer = await ask(eager);
    expect(answer.status).toBe(429);
    expect(asked).toBeGreaterThanOrEqual(allowed);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await answer.json()).toMatchObject({
      id: 3,
      error: { code: -32000, data: { status: 429, reason: "rate_limited" } },
    });
    expect((await ask(await token(undefined, "somebody-else"))).status).toBe(200);
  });

  it("fails a task at its deadline, and says so", async () => {
    const seen = await overdue;
    expect(seen).toMatchObject({
      state: "FAILED",
      reason: `the task's deadline of ${DEADLINE_SECONDS} s passed`,
    });
  });

  it("is healthy, ready, and counts what it did", async () => {
    expect(await (await fetch(`${agent.url}health`)).json()).toMatchObject({ status: "ok" });
    expect((await fetch(`${agent.url}ready`)).status).toBe(200);
    const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    for (const line of [
      /^a2a_requests_total\{(?=[^}]*method="SendMessage")(?=[^}]*binding="JSONRPC")(?=[^}]*code="200")[^}]*\} [1-9]/m,
      /^a2a_request_duration_seconds_count\{/m,
      /^a2a_tasks_total\{state="completed"\} [1-9]/m,
      // Born at nothing, or Prometheus would miss the first one.
      /^a2a_streams_total\{end="(?:cut|resumable)"\} \d/m,
      /^a2a_tasks_total\{state="rejected"\} 0(\.0)?$/m,
      /^a2a_task_duration_seconds_bucket\{/m,
      /^a2a_streams_total\{end="final"\} [1-9]/m,
      /^a2a_card_requests_total\{code="304"\} 1(\.0)?$/m,
      /^a2a_active_tasks 0(\.0)?$/m,
      /^a2a_open_streams 0(\.0)?$/m,
      /^a2a_overdue_tasks 0(\.0)?$/m,
      /^a2a_startup_seconds [\d.]+$/m,
      /^a2a_auth_rejections_total\{(?=[^}]*code="403")(?=[^}]*reason="missing_role")[^}]*\} [1-9]/m,
      // Nobody's token had such a key.
      /^a2a_auth_rejections_total\{(?=[^}]*code="401")(?=[^}]*reason="unknown_key")[^}]*\} 0(\.0)?$/m,
      /^a2a_rate_limited_total [1-9]/m,
      /^a2a_card_requests_total\{code="500"\} 0(\.0)?$/m,
      /^a2a_store_errors_total\{operation="save"\} 0(\.0)?$/m,
      /^a2a_orphaned_tasks_total\{outcome="failed"\} \d/m,
    ]) {
      expect(metrics).toMatch(line);
    }
    const ofSlow = await (await fetch(`http://127.0.0.1:${slowMetricsPort}/metrics`)).text();
    expect(ofSlow).toMatch(/^a2a_tasks_total\{state="canceled"\} 2(\.0)?$/m);
    // Whichever replica found first that its deadline had passed.
    expect(`${metrics}\n${ofSlow}`).toMatch(/^a2a_tasks_total\{state="failed"\} [1-9]/m);
    expect(metrics).not.toMatch(/alice|no-such-task|NoSuchMethod/);
  });

  it("logs one JSON object a line", () => {
    const lines = agent.logs();
    expect(lines.filter((line) => typeof line === "string")).toEqual([]);
    expect(lines[0]).toMatchObject({
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      level: expect.stringMatching(/^(debug|info|warning)$/),
      service: agentName,
      version: expect.any(String),
      message: expect.any(String),
    });
    // What the runbook's queries read.
    expect(lines).toContainEqual(
      expect.objectContaining({
        message: "a task ended",
        measured: "a2a_task_duration_seconds",
        seconds: expect.any(Number),
        state: "completed",
        taskId: expect.any(String),
      }),
    );
    expect(agent.errors()).toBe("");
  });

  it("leaves a line for every request, every denial and every state of a task", async () => {
    const [sub, taskId] = [alice(), await taskOf(await client())];
    const ask = (headers: Record<string, string>) =>
      fetch(agent.url, {
        method: "POST",
        headers: { "Content-Type": "application/json", ...headers },
        body: "{}",
      });
    await ask({});
    await ask({ Authorization: `Bearer ${await token(["another.role"], `${sub}-without-role`)}` });
    const lines = () => agent.logs().filter((line) => typeof line === "object");
    const request = { message: "answered a request", method: "SendMessage", binding: "JSONRPC", status: 200 };
    const denial = { message: expect.stringMatching(/^refused: /), method: "other" };
    for (const line of [
      { ...request, caller: sub, seconds: expect.any(Number) },
      { ...denial, status: 401, reason: "missing_token" },
      // Who it was is known where the token is good.
      { ...denial, status: 403, reason: "missing_role", caller: `${sub}-without-role` },
    ]) {
      await expect.poll(lines).toContainEqual(expect.objectContaining(line));
    }
    const states = lines().filter(
      (line) => line.message === "a task is in a state" && line.taskId === taskId,
    );
    expect(states.map(({ state }) => state)).toEqual(["working", "completed"]);
    // What this and the other tests have shown the agent, at whatever level it logs.
    const all = JSON.stringify(agent.logs());
    const [everyToken = ""] = (await token()).split(".");
    for (const secret of [everyToken, "the-credentials", "an-api-token", "an-api-key", STORE_PASSWORD])
      expect(all.includes(secret), secret).toBe(false);
  });

  async function taskOf(caller: Client): Promise<string> {
    const sent = await caller.sendMessage(messageOf(text, skill));
    if (!("status" in sent)) throw new Error("a message is no task");
    return sent.id;
  }

  it("has sent its traces by the time that it ends, and its metrics where nothing scrapes them", async () => {
    agent.signal("SIGTERM");
    expect(await agent.ended).toBe(0);
    // Whose they are stands in each: of this agent in this environment, in this language.
    const own = (signal: "traces" | "metrics") =>
      collector
        .received(signal)
        .filter((sent) =>
          [agentName, given.OTEL_RESOURCE_ATTRIBUTES?.split("=").at(-1) ?? ""].every((its) =>
            sent.includes(its),
          ),
        );
    expect(own("traces").length).toBeGreaterThan(0);
    const counted = own("metrics").filter((sent) => sent.includes("a2a_tasks_total"));
    if (given.OTEL_METRICS_EXPORTER === "otlp") expect(counted.length).toBeGreaterThan(0);
    else expect(counted).toEqual([]);
  });
});

function list(client: Client, pageSize: number, pageToken = "") {
  return client.listTasks({
    tenant: "",
    contextId: "",
    status: TaskState.TASK_STATE_UNSPECIFIED,
    pageSize,
    pageToken,
    historyLength: undefined,
    statusTimestampAfter: undefined,
    includeArtifacts: false,
  });
}

/** A token that says of itself that it needs no signature. */
function unsigned({ aud, issuer: iss }: { aud: string; issuer: string }, role: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const exp = Math.floor(Date.now() / 1000) + 300;
  return `${part({ alg: "none" })}.${part({ aud, iss, exp, sub: "mallory", roles: [role] })}.`;
}
