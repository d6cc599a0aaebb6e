import { randomBytes } from "node:crypto";
import { ClientFactory, ClientFactoryOptions, JsonRpcTransportFactory } from "@a2a-js/sdk/client";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { readImageSources, sourceOf } from "../../../src/images/image-source";
import { freePort } from "../../../src/local/free-port";
import { type AgentProcess, startWith } from "../../images/support/agent-process";
import { startCollector, type TestCollector } from "../../images/support/collector";
import { containerApps, type FinishedFleet, startable } from "../../images/support/finished";
import { messageOf, Seen } from "../../images/support/follower";
import type { Language } from "../../images/support/image";
import { type RealStore, STORE_PASSWORD, startRedis } from "../../images/support/stores";
import { DEFAULT_DOMAIN } from "../../support/deployed-agents";
import { agents } from "../../support/fleet/agents";
import { staging } from "../../support/fleet/stacks/environments/staging";
import { REPOSITORY } from "../../support/rehearsal-project";
import { synthEnvironment } from "../../support/synth";
import { FleetRealm, secretOf } from "./fleet-realm";
import { requestToken } from "./tokens";

/*
 * The fleet as it is shipped, each agent its reference image, started with the variables of staging's finished JSON.
 * What only a cloud has is this machine's: addresses, secrets, the store and the collector of traces.
 */
const realm = new FleetRealm("a2a", {}, { ...staging, domain: "test.acme.example" });

/** Each customer's orchestrator in one of the two languages. */
const CHOSEN = {
  "orchestrator-acme": "python",
  "orchestrator-globex": "typescript",
} satisfies Record<string, Language>;
type Orchestrator = keyof typeof CHOSEN;
const NAMES = [
  ...(Object.keys(CHOSEN) as Orchestrator[]),
  ...agents.filter(({ perCustomer }) => !perCustomer).map(({ name }) => name),
];

let redis: RealStore;
let collector: TestCollector;
const running = new Map<string, AgentProcess>();

beforeAll(async () => {
  [redis, collector] = await Promise.all([startRedis({ tls: true }), startCollector()]);
  await realm.apply(agents);
  const fleet = containerApps(synthEnvironment(realm.environment, agents));
  const ports = new Map<string, number>();
  for (const name of NAMES) ports.set(name, await freePort());
  // One after the other: two cores, and a dozen imports each.
  for (const name of NAMES) running.set(name, await start(name, fleet, ports));
});
afterAll(async () => {
  for (const agent of running.values()) await agent.stop();
  redis?.stop();
  collector?.stop();
});

async function start(name: string, fleet: FinishedFleet, ports: ReadonlyMap<string, number>) {
  const port = ports.get(name) ?? 0;
  const at = redis.login("");
  const variables = startable(fleet(name), {
    references: {
      default_domain: DEFAULT_DOMAIN,
      client_id: "55555555-5555-4555-8555-555555555555",
      hostname: at.host,
      port: String(at.port),
    },
    addresses: [
      ...[...ports].map(
        ([its, here]) => [`https://${its}.${DEFAULT_DOMAIN}`, `http://127.0.0.1:${here}`] as const,
      ),
      [`https://keycloak.${DEFAULT_DOMAIN}`, inject("keycloak").url],
      [`https://otel-collector.internal.${DEFAULT_DOMAIN}`, collector.url],
    ],
    secrets: {
      "task-store-url": `rediss://:${STORE_PASSWORD}@${at.host}:${at.port}`,
      "task-store-key": STORE_PASSWORD,
      [`keycloak-client-${name}`]: secretOf(name),
      // Of systems that nobody asks here.
      "": "not-a-secret",
    },
    variables: {
      A2A_PORT: String(port),
      PORT: String(port),
      METRICS_PORT: String(await freePort()),
      REDIS_HOST: at.host,
      REDIS_PORT: String(at.port),
    },
  });
  const trust = { SSL_CERT_FILE: at.authority, NODE_EXTRA_CA_CERTS: at.authority };
  return startWith(languageOf(name), { ...variables, ...trust, OTEL_BSP_SCHEDULE_DELAY: "200" }, port);
}

function languageOf(name: string): Language {
  if (name in CHOSEN) return CHOSEN[name as Orchestrator];
  const definition = agents.find((agent) => agent.name === name);
  const sources = readImageSources(REPOSITORY, "agents/images");
  const source = definition === undefined ? undefined : sourceOf(definition, sources, new Map());
  if (source?.name === "python" || source?.name === "typescript") return source.name;
  throw new Error(`no image has the skills of ${name}`);
}

/** The customer's own client, as the realm knows it. */
async function callerOf(orchestrator: Orchestrator): Promise<string> {
  type Client = { clientId: string; defaultClientScopes?: string[]; optionalClientScopes?: string[] };
  const clients = await realm.administer<Client[]>("GET", "/clients?max=200");
  const caller = clients.find(
    ({ clientId, optionalClientScopes = [], defaultClientScopes = [] }) =>
      !NAMES.includes(clientId) &&
      [...optionalClientScopes, ...defaultClientScopes].includes(realm.scopeOf(orchestrator)),
  );
  if (caller === undefined) throw new Error(`nobody may call ${orchestrator}`);
  return caller.clientId;
}

async function tokenOf(client: string, orchestrator: Orchestrator): Promise<string> {
  const { accessToken, error } = await realm.tokenFor(client, orchestrator);
  if (accessToken === undefined) throw new Error(`${client} gets no token for ${orchestrator}: ${error}`);
  return accessToken;
}

async function clientFor(orchestrator: Orchestrator, trace: string) {
  const token = await tokenOf(await callerOf(orchestrator), orchestrator);
  const fetchImpl: typeof fetch = (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set("Authorization", `Bearer ${token}`);
    headers.set("traceparent", `00-${trace}-${randomBytes(8).toString("hex")}-01`);
    // Its public URL is where callers find it; here that is its own port.
    const url = String(input).replace(/^https:\/\/api\.[^/]+\/agents\/[^/]+\//, urlOf(orchestrator));
    return fetch(url, { ...init, headers });
  };
  const transports = [new JsonRpcTransportFactory({ fetchImpl })];
  const options = ClientFactoryOptions.createFrom(ClientFactoryOptions.default, { transports });
  return new ClientFactory({ ...options, transports }).createFromUrl(urlOf(orchestrator));
}

const urlOf = (agent: string) => running.get(agent)?.url ?? "";

const REQUEST =
  "What runs low in stock? Order 300 of SKU-20010 by a purchase order. " +
  "Detect anomalies in the series 10 11 9 10 42 11. Find the clause of the contract on late delivery. " +
  "Summarise the topic redis.";

test.each(Object.keys(CHOSEN) as Orchestrator[])(
  "%s delegates with real tokens to five agents in one trace",
  async (name) => {
    const trace = randomBytes(16).toString("hex");
    const seen = new Seen();
    for await (const event of (await clientFor(name, trace)).sendMessageStream(
      messageOf(REQUEST, "delegate"),
    )) {
      seen.take(event);
    }
    expect(seen).toMatchObject({ state: "COMPLETED" });
    const asked = ["inventory", "procurement", "anomaly", "contracts", "research"];
    for (const agent of asked) expect(seen.text).toContain(`## ${agent}\n`);
    expect(seen.text).not.toContain("gave no answer");
    expect(seen.text).toMatch(/Value 5, 42, does not fit/);
    expect(seen.text).toMatch(/Order PO-[0-9A-F]{8}/);

    // Each of them says so in its own log, and nobody else does.
    const saw = () =>
      [...running]
        .filter(([, { logs }]) => logs().some((line) => typeof line === "object" && line.traceId === trace))
        .map(([agent]) => agent)
        .toSorted();
    await expect.poll(saw, { timeout: 15_000 }).toEqual([name, ...asked].toSorted());
    // The collector has the trace from all of them too.
    const id = Buffer.from(trace, "hex");
    const sends = (agent: string) =>
      collector.received("traces").some((sent) => sent.includes(id) && sent.includes(agent));
    await expect
      .poll(() => [name, ...asked].filter((agent) => !sends(agent)), { timeout: 15_000 })
      .toEqual([]);
  },
);

test("a caller without the role is told so in its own words, and one of another customer is nobody here", async () => {
  await addClient("stranger", { optionalClientScopes: [realm.scopeOf("orchestrator-acme")] });
  // Somebody with the console gave it the audience, and nobody the role.
  await addClient("half-known", {
    protocolMappers: [
      {
        name: "audience",
        protocol: "openid-connect",
        protocolMapper: "oidc-audience-mapper",
        config: {
          "included.custom.audience": realm.audienceOf("orchestrator-acme"),
          "access.token.claim": "true",
        },
      },
    ],
  });
  const call = async (token: string) => {
    const answer = await fetch(urlOf("orchestrator-acme"), {
      method: "POST",
      headers: { "Content-Type": "application/json", "A2A-Version": "1.0", Authorization: `Bearer ${token}` },
      body: JSON.stringify({ jsonrpc: "2.0", id: "its-own-id", method: "GetTask", params: { id: "x" } }),
    });
    return [answer.status, await answer.json()];
  };
  // Without the role, the scope carries nothing: not even the audience.
  expect((await call(await tokenOf("stranger", "orchestrator-acme")))[0]).toBe(401);
  const { accessToken } = await requestToken(realm.url, { id: "half-known", secret: secretOf("half-known") });
  expect(await call(accessToken ?? "")).toMatchObject([
    403,
    {
      id: "its-own-id",
      error: { data: { reason: "missing_role" }, message: expect.stringContaining("orchestrator-acme") },
    },
  ]);
  const globex = await tokenOf(await callerOf("orchestrator-globex"), "orchestrator-globex");
  expect(await call(globex)).toMatchObject([401, { error: { data: { reason: "wrong_audience" } } }]);
  // The same call with the role is let in, and finds no such task.
  const acme = await tokenOf(await callerOf("orchestrator-acme"), "orchestrator-acme");
  expect(await call(acme)).toMatchObject([200, { id: "its-own-id", error: { code: -32001 } }]);
});

async function addClient(clientId: string, more: object): Promise<void> {
  await realm.administer("POST", "/clients", {
    clientId,
    secret: secretOf(clientId),
    serviceAccountsEnabled: true,
    publicClient: false,
    standardFlowEnabled: false,
    defaultClientScopes: ["a2a"],
    ...more,
  });
}
