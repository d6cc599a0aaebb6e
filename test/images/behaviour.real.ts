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
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../support/real-programs";
import { type AgentProcess, startAgent } from "./support/agent-process";
import { peerCards, variablesOf } from "./support/environment";
import { messageOf, Seen, textOf } from "./support/follower";
import { LANGUAGES, type Language } from "./support/image";
import { REQUIRED_ROLE, startIssuer, type TestIssuer } from "./support/issuer";
import { type RealStore, startPostgres, startRedis } from "./support/stores";

/** What environments give an agent, as far as it differs for the agent. */
const ENVIRONMENTS = ["dev", "staging", "production-cluster", "cloud-run", "postgres"] as const;
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
const AUDIENCE = "api://acme.example/staging-agent";

let redis: RealStore;
let secureRedis: RealStore;
let postgres: RealStore;
let issuer: TestIssuer;

beforeAll(async () => {
  [redis, secureRedis, postgres, issuer] = await Promise.all([
    startRedis(),
    startRedis({ tls: true }),
    startPostgres(),
    startIssuer(),
  ]);
});
afterAll(() => {
  for (const each of [redis, secureRedis, postgres, issuer]) each.stop();
});

function environmentOf(name: EnvironmentName, language: Language, port: number, metricsPort: number) {
  const { agent, other } = SUBJECT[language];
  const keyspace = `${name}-${language}`;
  const more: Record<string, string> = {
    SSE_HEARTBEAT_SECONDS: "1",
    ENABLE_METRICS: "true",
    METRICS_PORT: String(metricsPort),
    PUSH_ALLOWED_HOSTS: "127.0.0.1",
    ANSWER_PACE_MS: "20",
    AGENT_SKILL_ROLES: JSON.stringify({ [other]: "agent.special" }),
  };
  if (name === "dev") return { agent, port, more };
  const tokens = issuer.variablesFor(AUDIENCE);
  if (name === "staging") {
    // Behind a gateway with a path: callers from outside use another URL than peers.
    const publicUrl = `https://api.acme.example/agents/${agent}/`;
    const cards = peerCards(
      variablesOf({ agent, port, more: { AGENT_URL: publicUrl } }),
      `http://127.0.0.1:${port}/`,
    );
    const store = redis.variablesFor(keyspace);
    return { agent, port, store, issuer: tokens, more: { ...more, ...cards, AGENT_URL: publicUrl } };
  }
  if (name === "production-cluster") {
    return {
      agent,
      port,
      store: redis.variablesFor(keyspace),
      issuer: tokens,
      more: { ...more, WORKERS: "2" },
    };
  }
  const store = name === "cloud-run" ? secureRedis.variablesFor(keyspace) : postgres.variablesFor(keyspace);
  return { agent, port, store, issuer: tokens, more };
}

const cases = LANGUAGES.flatMap((language) => ENVIRONMENTS.map((environment) => ({ language, environment })));

describe.each(cases)("a $language agent in $environment", ({ language, environment }) => {
  const { skill, other, text, answer } = SUBJECT[language];
  let agent: AgentProcess;
  let metricsPort: number;

  beforeAll(async () => {
    metricsPort = await freePort();
    agent = await startAgent(language, environmentOf(environment, language, await freePort(), metricsPort));
  });
  afterAll(async () => {
    await agent?.stop();
  });

  const asks = environment !== "dev";
  const token = (roles = [REQUIRED_ROLE], sub = "alice") => issuer.token({ aud: AUDIENCE, roles, sub });
  /** A client of one binding, with a token where one is asked for. */
  async function client(
    binding: "JSONRPC" | "HTTP+JSON" = "JSONRPC",
    sub = "alice",
    roles = [REQUIRED_ROLE],
  ) {
    const bearer = await token(roles, sub);
    const fetchImpl: typeof fetch = (input, init) => {
      const headers = new Headers(init?.headers);
      if (asks) headers.set("Authorization", `Bearer ${bearer}`);
      return fetch(input, { ...init, headers });
    };
    const transports =
      binding === "JSONRPC"
        ? [new JsonRpcTransportFactory({ fetchImpl })]
        : [new RestTransportFactory({ fetchImpl })];
    const card = await new DefaultAgentCardResolver({ fetchImpl }).resolve(agent.url);
    const options = ClientFactoryOptions.createFrom(ClientFactoryOptions.default, { transports });
    return new ClientFactory({ ...options, transports, preferredTransports: [binding] }).createFromAgentCard(
      card,
    );
  }

  it("serves its card as it is, by the SDK's own resolver, and once only to who has it", async () => {
    const url = `${agent.url}.well-known/agent-card.json`;
    const given = variablesOf(environmentOf(environment, language, agent.port, metricsPort));
    const expected = environment === "staging" ? given.AGENT_PEER_CARD : given.AGENT_CARD;
    const current = await fetch(url, { headers: { "A2A-Version": "1.0" } });
    expect(await current.text()).toBe(expected);
    expect(current.headers.get("cache-control")).toContain("max-age=");
    expect(current.headers.get("vary")).toContain("A2A-Version");
    const etag = current.headers.get("etag") ?? "";
    const again = await fetch(url, { headers: { "A2A-Version": "1.0", "If-None-Match": etag } });
    expect(again.status).toBe(304);
    const legacy = await fetch(url);
    expect(await legacy.text()).toBe(
      environment === "staging" ? given.AGENT_PEER_CARD_V03 : given.AGENT_CARD_V03,
    );
    expect(legacy.headers.get("etag")).not.toBe(etag);
    expect(await (await fetch(`${agent.url}.well-known/agent.json`)).json()).toMatchObject({
      protocolVersion: "0.3.0",
    });

    if (environment !== "staging") return;
    // The gateway says which host it was asked for.
    const outside = await fetch(url, {
      headers: { "A2A-Version": "1.0", "X-Forwarded-Host": "api.acme.example" },
    });
    expect(await outside.text()).toBe(given.AGENT_CARD);
  });

  it.each(["JSONRPC", "HTTP+JSON"] as const)("sends, streams, gets and lists over %s", async (binding) => {
    const caller = await client(binding);
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
    const caller = await client("JSONRPC", "alice", [REQUIRED_ROLE, "agent.special"]);
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
    const caller = await client();
    const states: string[] = [];
    const seen = new Seen();
    for await (const event of caller.sendMessageStream(messageOf(SLOW[language], slowSkill(language)))) {
      states.push(seen.take(event).state);
      if (states.length === 2) await caller.cancelTask({ id: seen.taskId, tenant: "", metadata: undefined });
    }
    expect(states.at(-1)).toBe("CANCELED");
    const got = await caller.getTask({ id: seen.taskId, tenant: "", historyLength: 0 });
    expect(got.status?.state).toBe(TaskState.TASK_STATE_CANCELED);
    await expect(caller.cancelTask({ id: seen.taskId, tenant: "", metadata: undefined })).rejects.toThrow(
      /cancel/i,
    );
  });

  it("lets a client subscribe to a working task, and not to one that has ended", async () => {
    const caller = await client();
    const [first, second] = [new Seen(), new Seen()];
    let watching: Promise<void> | undefined;
    for await (const event of caller.sendMessageStream(messageOf(SLOW[language], slowSkill(language)))) {
      first.take(event);
      watching ??= (async () => {
        for await (const other of caller.resubscribeTask({ id: first.taskId, tenant: "" }))
          second.take(other);
      })();
    }
    await watching;
    expect(first.state).toBe("COMPLETED");
    expect(second).toMatchObject({ state: "COMPLETED", text: first.text });
    const ended = caller.resubscribeTask({ id: first.taskId, tenant: "" });
    await expect(ended.next()).rejects.toThrow();
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
    const authorization: Record<string, string> = asks ? { Authorization: `Bearer ${await token()}` } : {};
    const headers = { ...authorization, "Content-Type": "application/json", "A2A-Version": "1.0" };
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
    if (!asks) return;
    const [alice, bob] = [await client(), await client("JSONRPC", "bob")];
    const sent = await alice.sendMessage(messageOf(text, skill));
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
    if (!asks) return;
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
      [await bearer({ aud: AUDIENCE, expiresIn: -120 }), 401, "expired"],
      [await bearer({ aud: "api://somebody-else" }), 401, "wrong_audience"],
      [await bearer({ aud: AUDIENCE, issuer: "https://elsewhere.example" }), 401, "wrong_issuer"],
      [`Bearer ${unsigned(AUDIENCE, issuer.url)}`, 401, "invalid_token"],
      [await bearer({ aud: AUDIENCE, roles: ["another.role"] }), 403, "missing_role"],
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
    const special = await client("JSONRPC", "alice", [REQUIRED_ROLE, "agent.special"]);
    const plain = await client();
    await expect(plain.sendMessage(messageOf(text, other))).rejects.toThrow();
    await expect(special.sendMessage(messageOf("SKU-12345 redis postgres", other))).resolves.toBeDefined();
  });

  it("is healthy, ready, and counts what it did", async () => {
    expect(await (await fetch(`${agent.url}health`)).json()).toMatchObject({ status: "ok" });
    expect((await fetch(`${agent.url}ready`)).status).toBe(200);
    const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    for (const line of [
      /^a2a_requests_total\{(?=[^}]*method="SendMessage")(?=[^}]*binding="JSONRPC")(?=[^}]*code="200")[^}]*\} [1-9]/m,
      /^a2a_request_duration_seconds_count\{/m,
      /^a2a_tasks_total\{state="completed"\} [1-9]/m,
      /^a2a_tasks_total\{state="canceled"\} 1(\.0)?$/m,
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
      ...(asks
        ? [/^a2a_auth_rejections_total\{(?=[^}]*code="403")(?=[^}]*reason="missing_role")[^}]*\} [1-9]/m]
        : []),
    ]) {
      expect(metrics).toMatch(line);
    }
    expect(metrics).not.toMatch(/alice|no-such-task|NoSuchMethod/);
  });

  it("logs one JSON object a line", () => {
    const lines = agent.logs();
    expect(lines.filter((line) => typeof line === "string")).toEqual([]);
    expect(lines[0]).toMatchObject({
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      level: expect.stringMatching(/^(info|warning)$/),
      service: SUBJECT[language].agent,
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
});

const SLOW: Record<Language, string> = {
  python: "Redis keeps data. Postgres keeps rows. Kubernetes keeps pods. Nobody keeps promises.",
  typescript: "What runs low?",
};

/** A skill that needs no role of its own, and takes a moment at the pace of these tests. */
function slowSkill(language: Language): string {
  return SUBJECT[language].skill;
}

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
function unsigned(aud: string, iss: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const exp = Math.floor(Date.now() / 1000) + 300;
  return `${part({ alg: "none" })}.${part({ aud, iss, exp, sub: "mallory", roles: [REQUIRED_ROLE] })}.`;
}
