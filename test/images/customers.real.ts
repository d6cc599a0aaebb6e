/** Two customers' agents on one store, with what the finished JSON gives each: nothing of one's shows at the other. */
import type { Client } from "@a2a-js/sdk/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AgentDefinition } from "../../src/agent/agent-definition";
import type { Environment } from "../../src/environment/environment";
import { freePort } from "../../src/local/free-port";
import { agents } from "../support/fleet/agents";
import { kubernetesEnvironment } from "../support/kubernetes-environment";
import { synthCluster } from "../support/kubernetes-fleet";
import type { FinishedStack } from "../support/synth";
import { type AgentProcess, startWith } from "./support/agent-process";
import { cluster, startable, variablesHere } from "./support/finished";
import { clientOf, messageOf, Seen } from "./support/follower";
import { LANGUAGES, type Language } from "./support/image";
import { LONG_QUESTIONS, MODEL_QUESTIONS } from "./support/questions";
import { type RealStore, STORE_PASSWORD, startPostgres, startRedis } from "./support/stores";
import { startModel, type TestModel } from "./support/surroundings";

const CUSTOMERS = ["acme", "globex"];
const STORE_HOST = "db.acme.example";
const MODEL_HOST = "http://litellm.models.svc.cluster.local:4000";

const names = new Set(
  [LONG_QUESTIONS, MODEL_QUESTIONS].flatMap((each) => LANGUAGES.map((l) => each[l].agent)),
);
const definitions: AgentDefinition[] = agents
  .filter(({ name }) => names.has(name))
  // Each customer has one of its own, and nobody else's secrets are this test's matter.
  .map(({ secrets: _, calls: __, ...agent }) => ({ ...agent, perCustomer: true, model: "a-small-model" }));

const secrets = ["registry-password", "litellm-api-key"];
const onRedis: Environment = {
  ...kubernetesEnvironment,
  vault: { kind: "kubernetes", secrets },
  customers: CUSTOMERS,
  modelGateway: { url: MODEL_HOST },
};
const onPostgres: Environment = {
  ...onRedis,
  taskStore: { kind: "existing-postgres", host: STORE_HOST, cidr: "10.60.0.0/24" },
  vault: {
    kind: "kubernetes",
    secrets: [
      ...secrets,
      ...CUSTOMERS.flatMap((customer) =>
        definitions.map(({ name }) => `task-store-password-${name}-${customer}`),
      ),
    ],
  },
};
const STACKS = {
  redis: synthCluster(onRedis, definitions),
  postgres: synthCluster(onPostgres, definitions),
} satisfies Record<RealStore["kind"], FinishedStack>;

let stores: Record<RealStore["kind"], RealStore>;
let model: TestModel;
beforeAll(async () => {
  const [redis, postgres] = await Promise.all([startRedis({ tls: true }), startPostgres({ tls: true })]);
  stores = { redis, postgres };
  model = await startModel(["Quick ", "enough."]);
  // The users as the fleet's own file for Redis says.
  for (const { type, arguments: its } of STACKS.redis.resources()) {
    const user: string | undefined = type === "kubernetes_secret_v1" ? its.data_wo?.["user.conf"] : undefined;
    if (user === undefined) continue;
    const [, ...words] = user
      .trim()
      .replace(/\$\{ephemeral\.[^}]*\}/, STORE_PASSWORD)
      .split(" ");
    redis.ask("", "ACL", "SETUSER", ...words);
  }
});
afterAll(() => {
  for (const each of [...Object.values(stores ?? {}), model]) each?.stop();
});

/** Starts a customer's agent with the variables of its container, on this machine's store. */
async function start(language: Language, kind: RealStore["kind"], agent: string): Promise<AgentProcess> {
  const container = cluster(STACKS[kind])(agent);
  const given = container.variables;
  const at = stores[kind].login(given.PGDATABASE ?? agent);
  const [port, metricsPort] = [await freePort(), await freePort()];
  const variables = startable(container, {
    references: {},
    addresses: [
      [`http://127.0.0.1:3500/v1.0/invoke/${agent}.agents/method/`, `http://127.0.0.1:${port}/`],
      [given.AGENT_URL ?? "", `http://127.0.0.1:${port}/`],
      [MODEL_HOST, model.url],
    ],
    secrets: {
      url: `rediss://${given.REDIS_USERNAME}:${STORE_PASSWORD}@${at.host}:${at.port}`,
      password: STORE_PASSWORD,
      value: STORE_PASSWORD,
    },
    variables: { A2A_HOST: "127.0.0.1", ...variablesHere({ port, metricsPort }, at) },
  });
  const authorities = { SSL_CERT_FILE: at.authority, NODE_EXTRA_CA_CERTS: at.authority };
  return startWith(language, { ...variables, ...authorities, ANSWER_PACE_MS: "400" }, port);
}

const cases = LANGUAGES.flatMap((language) =>
  (["redis", "postgres"] as const).map((store) => ({ language, store })),
);

describe.each(cases)("two customers' $language agents on one $store", ({ language, store }) => {
  const running: AgentProcess[] = [];
  const both = async (name: string): Promise<[Client, Client]> => {
    const started = await Promise.all(
      CUSTOMERS.map((customer) => start(language, store, `${name}-${customer}`)),
    );
    running.push(...started);
    const [acme, globex] = await Promise.all(started.map(({ url }) => clientOf(url)));
    return [acme as Client, globex as Client];
  };
  afterAll(async () => {
    await Promise.all(running.map((each) => each.stop()));
  });

  it("read, list, follow, continue and cancel no task of each other", async () => {
    const { agent, skill, text } = LONG_QUESTIONS[language];
    const [acme, globex] = await both(agent);
    const owner = new Seen();
    let contextId = "";
    let tried = 0;
    for await (const event of acme.sendMessageStream(messageOf(text, skill))) {
      owner.take(event);
      if (event.payload?.$case === "task") ({ contextId } = event.payload.value);
      if (owner.taskId === "" || owner.state !== "WORKING" || tried > 0) continue;
      tried += 1;
      const id = { id: owner.taskId, tenant: "" };
      // Its own customer finds it, by the same calls.
      expect((await acme.getTask({ ...id, historyLength: undefined })).id).toBe(owner.taskId);
      expect(await listed(acme, "")).toEqual([owner.taskId]);
      expect(await listed(acme, contextId)).toEqual([owner.taskId]);

      await expect(globex.getTask({ ...id, historyLength: undefined })).rejects.toThrow(/not found/i);
      expect(await listed(globex, "")).toEqual([]);
      expect(await listed(globex, contextId)).toEqual([]);
      await expect(globex.resubscribeTask(id).next()).rejects.toThrow(/not found/i);
      await expect(
        globex.sendMessage(messageOf("x", skill, { taskId: owner.taskId, contextId })),
      ).rejects.toThrow(/not found/i);
      await expect(globex.cancelTask({ ...id, metadata: undefined })).rejects.toThrow(/not found/i);
    }
    expect(tried).toBe(1);
    expect(owner.state).toBe("COMPLETED");
  });

  it("get no answer that was kept for the other", async () => {
    const { agent, skill, text } = MODEL_QUESTIONS[language];
    const [acme, globex] = await both(agent);
    const before = model.asked.length;
    const asked = async (client: Client) => {
      const seen = new Seen();
      for await (const event of client.sendMessageStream(messageOf(text, skill))) seen.take(event);
      expect(seen.state).toBe("COMPLETED");
      return model.asked.length - before;
    };
    expect(await asked(acme)).toBe(1);
    expect(await asked(acme)).toBe(1);
    expect(await asked(globex)).toBe(2);
  });
});

async function listed(client: Client, contextId: string): Promise<string[]> {
  const { tasks } = await client.listTasks({
    tenant: "",
    contextId,
    status: 0,
    pageSize: 50,
    pageToken: "",
    historyLength: undefined,
    statusTimestampAfter: undefined,
    includeArtifacts: false,
  });
  return tasks.map(({ id }) => id);
}
