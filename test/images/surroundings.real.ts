import { ClientFactory, ClientFactoryOptions, JsonRpcTransportFactory } from "@a2a-js/sdk/client";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../src/local/free-port";
import { type AgentProcess, startAgent, startProcess } from "./support/agent-process";
import { variablesOf } from "./support/environment";
import { clientOf, messageOf, Seen } from "./support/follower";
import { LANGUAGES, type Language } from "./support/image";
import { startIssuer, type TestIssuer } from "./support/issuer";
import { MODEL_QUESTIONS, type Question } from "./support/questions";
import { startStores } from "./support/stores";
import { startKubernetes, startMesh, startMetadata, startModel } from "./support/surroundings";

const AUDIENCE = "api://acme.example/dev-orchestrator";
const PEER_AUDIENCE = "api://acme.example/dev-inventory";

let issuer: TestIssuer;
const stores = startStores();
const started: { stop: () => unknown }[] = [];
const kept = <T extends { stop: () => unknown }>(what: T): T => {
  started.push(what);
  return what;
};

beforeAll(async () => {
  issuer = await startIssuer();
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((each) => each.stop()));
});
afterAll(() => issuer?.stop());

/** Asks an orchestrator, with a token where one is asked for. */
async function delegate(orchestrator: AgentProcess, text: string, bearer = ""): Promise<Seen> {
  const fetchImpl: typeof fetch = (input, init) => {
    const headers = new Headers(init?.headers);
    if (bearer !== "") headers.set("Authorization", `Bearer ${bearer}`);
    return fetch(input, { ...init, headers });
  };
  const transports = [new JsonRpcTransportFactory({ fetchImpl })];
  const options = ClientFactoryOptions.createFrom(ClientFactoryOptions.default, { transports });
  const client = await new ClientFactory({ ...options, transports }).createFromUrl(orchestrator.url);
  const seen = new Seen();
  for await (const event of client.sendMessageStream(messageOf(text, "delegate"))) seen.take(event);
  return seen;
}

describe.each(LANGUAGES)("a %s agent finds its peers", (language) => {
  it("by their label through the Kubernetes API, and calls them through its mesh", async () => {
    const urls = new Map<string, string>();
    const mesh = kept(await startMesh((name) => urls.get(name) ?? "http://127.0.0.1:9/"));
    const behind = (name: string) => `${mesh.url}/${name}.agents/method/`;
    const inventory = kept(
      await startAgent("typescript", { agent: "inventory", more: { AGENT_URL: behind("inventory") } }),
    );
    urls.set("inventory", inventory.url);
    const api = kept(await startKubernetes(["inventory", "orchestrator"]));
    const orchestrator = kept(
      await startAgent(language, {
        agent: "orchestrator",
        more: {
          ...api.variables,
          PEER_DISCOVERY_SELECTOR: "protocol=a2a",
          PEER_DISCOVERY_NAMESPACE: "agents",
          PEER_URL_TEMPLATE: `${mesh.url}/{name}.{namespace}/method/`,
        },
      }),
    );
    api.turnToken("the-second-token");

    const seen = await delegate(orchestrator, "What runs low in stock?");
    expect(seen).toMatchObject({ state: "COMPLETED", text: expect.stringContaining("## inventory\n") });
    expect(api.asked).toEqual([
      {
        path: "/api/v1/namespaces/agents/services?labelSelector=protocol%3Da2a",
        authorization: "Bearer the-second-token",
      },
    ]);
    // Never itself, and a stream asks for nothing but a stream.
    expect(new Set(mesh.calls.map(({ peer }) => peer))).toEqual(new Set(["inventory.agents"]));
    const [stream] = mesh.calls.filter(({ method }) => method === "POST");
    expect(stream?.accept).toBe("text/event-stream");
  });

  it("by what Google says of it, where the issuer is in another cloud, and gets tokens anew", async () => {
    const metadata = kept(await startMetadata((aud) => issuer.token({ aud, sub: "the-service-account" })));
    const inventory = kept(
      await startAgent("typescript", { agent: "inventory", issuer: issuer.variablesFor(PEER_AUDIENCE) }),
    );
    const orchestrator = kept(
      await startAgent(language, {
        agent: "orchestrator",
        peers: { inventory: inventory.url },
        scopes: { [inventory.url]: `${PEER_AUDIENCE}/.default` },
        issuer: issuer.variablesFor(AUDIENCE),
        more: {
          ...metadata.variables,
          A2A_FEDERATED_CLIENT_ID: "the-federated-client",
          A2A_ASSERTION_AUDIENCE: "api://AzureADTokenExchange",
        },
      }),
    );
    const own = await issuer.token({ aud: AUDIENCE });
    const ask = async () => {
      const before = issuer.asked.length;
      expect(await delegate(orchestrator, "What runs low in stock?", own)).toMatchObject({
        state: "COMPLETED",
        text: expect.stringContaining("below their reorder point"),
      });
      return issuer.asked.slice(before);
    };
    // Good for so long that a few more seconds on the way would be too much.
    issuer.lastFor(65);
    const [first, ...more] = await ask();
    expect(more).toEqual([]);
    expect(first).toMatchObject({ client: "the-federated-client", scope: `${PEER_AUDIENCE}/.default` });
    expect(
      JSON.parse(Buffer.from(first?.assertion?.split(".")[1] ?? "", "base64url").toString()),
    ).toMatchObject({
      aud: "api://AzureADTokenExchange",
      sub: "the-service-account",
    });
    expect(metadata.audiences).toEqual(["api://AzureADTokenExchange"]);

    await new Promise((resolve) => setTimeout(resolve, 5500));
    issuer.lastFor(3600);
    expect(await ask()).toHaveLength(1);
    // That one is good for an hour.
    expect(await ask()).toEqual([]);
    issuer.lastFor(300);
  });
});

it.each(LANGUAGES)(
  "a %s agent asks its model through the gateway, once for the same question",
  async (language) => {
    const { agent: name, skill, text, question, before } = MODEL_QUESTIONS[language];
    const model = kept(await startModel(["Redis ", "is ", "quick."]));
    const metricsPort = await freePort();
    const agent = kept(
      await startAgent(language, {
        agent: name,
        more: {
          LITELLM_URL: `${model.url}/`,
          LITELLM_MODEL: "a-small-model",
          LITELLM_API_KEY: "the-key-of-the-agent",
          ENABLE_METRICS: "true",
          METRICS_PORT: String(metricsPort),
        },
      }),
    );
    const client = await clientOf(agent.url);
    const counted = async (outcome: string, count: number) => {
      const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
      const line = `a2a_model_request_duration_seconds_count\\{(?=[^}]*model="a-small-model")(?=[^}]*outcome="${outcome}")[^}]*\\} ${count}(\\.0)?$`;
      expect(metrics).toMatch(new RegExp(line, "m"));
    };
    // Before the first of either, which would be an increase from nothing otherwise: none to Prometheus.
    await counted("ok", 0);
    await counted("error", 0);
    const ask = async (text: string) => {
      const seen = new Seen();
      for await (const event of client.sendMessageStream(messageOf(text, skill))) seen.take(event);
      return seen;
    };
    for (let time = 0; time < 2; time += 1) {
      const seen = await ask(text);
      expect(seen.state).toBe("COMPLETED");
      expect(seen.text.trim()).toMatch(new RegExp(`^${before}.*Redis is quick\\.$`, "s"));
    }
    expect(model.asked).toEqual([
      { authorization: "Bearer the-key-of-the-agent", model: "a-small-model", question },
    ]);
    model.fail(true);
    expect(await ask(text.replace("redis", "postgres").replace("300", "600"))).toMatchObject({
      state: "FAILED",
      reason: "the skill failed (BadRequestError)",
    });
    await counted("ok", 1);
    await counted("error", 1);
    expect(JSON.stringify(agent.logs())).not.toContain("the-key-of-the-agent");
  },
);

describe.each(LANGUAGES)("a %s agent", (language) => {
  const ASKS: Record<Language, Question> = {
    python: { agent: "anomaly", skill: "detect-anomalies", text: "Is that normal?" },
    typescript: { agent: "inventory", skill: "stock-level", text: "How many do we have?" },
  };

  it("ends a stream on which nothing happens for longer than a task may take, and says how it goes on", async () => {
    const { agent, skill, text } = ASKS[language];
    const waiting = kept(
      await startAgent(language, {
        agent,
        store: stores("redis")?.variablesFor(`silent-${agent}`),
        more: { TASK_TIMEOUT_MS: "1000", SSE_HEARTBEAT_SECONDS: "1" },
      }),
    );
    const client = await clientOf(waiting.url);
    const asked = await client.sendMessage(messageOf(text, skill));
    const seen = new Seen();
    if ("status" in asked) seen.takeTask(asked);
    expect(seen.state).toBe("INPUT_REQUIRED");
    for await (const event of client.resubscribeTask({ id: seen.taskId, tenant: "" })) seen.take(event);
    expect(seen).toMatchObject({ events: 2, resubscribe: true });
    // Nothing has become of the task by that.
    const stored = await client.getTask({ id: seen.taskId, tenant: "", historyLength: 0 });
    expect(new Seen().takeTask(stored).state).toBe("INPUT_REQUIRED");
  });

  it("counts what its store refuses", async () => {
    const { agent, skill, text } = ASKS[language];
    const keyspace = `refused-${agent}`;
    const metricsPort = await freePort();
    const running = kept(
      await startAgent(language, {
        agent,
        store: stores("redis")?.variablesFor(keyspace),
        more: { ENABLE_METRICS: "true", METRICS_PORT: String(metricsPort) },
      }),
    );
    const client = await clientOf(running.url);
    const asked = await client.sendMessage(messageOf(text, skill));
    const id = "status" in asked ? asked.id : "";
    const read = () => client.getTask({ id, tenant: "", historyLength: 0 });
    const refused = async () => {
      const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
      return Number(/^a2a_store_errors_total\{operation="(?:get|load)"\} (\d+)/m.exec(metrics)?.[1]);
    };
    await read();
    expect(await refused()).toBe(0);
    stores("redis")?.ask("", "ACL", "SETUSER", keyspace, "resetkeys");
    await expect(read()).rejects.toThrow();
    expect(await refused()).toBeGreaterThan(0);
  });

  it("is ready four times where four replicas start at once on a database without tables", async () => {
    const { agent } = ASKS[language];
    const store = stores("postgres")?.variablesFor(`together-${agent}`);
    const replicas = await Promise.all(
      Array.from({ length: 4 }, async () => kept(await startAgent(language, { agent, store }))),
    );
    for (const replica of replicas) expect((await fetch(`${replica.url}health`)).status).toBe(200);
  });

  it.each(["redis", "postgres"] as const)(
    "is not ready before its %s answers, and by itself as soon as it does",
    async (kind) => {
      const { agent } = ASKS[language];
      const answering = stores(kind);
      const store = answering?.variablesFor(`ready-${agent}`);
      const began = Date.now();
      await (await startAgent(language, { agent, store })).stop();
      const usual = Date.now() - began;

      const port = await freePort();
      answering?.freeze();
      kept(startProcess(language, variablesOf({ agent, store, port })));
      const ready = async () =>
        (await fetch(`http://127.0.0.1:${port}/ready`).catch(() => undefined))?.status;
      try {
        // As long as it usually takes, and longer.
        for (const until = Date.now() + usual + 2000; Date.now() < until; ) {
          expect(await ready()).not.toBe(200);
          await new Promise((resolve) => setTimeout(resolve, 200));
        }
      } finally {
        answering?.goOn();
      }
      await expect.poll(ready).toBe(200);
    },
  );
});
