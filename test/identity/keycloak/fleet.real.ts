import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { ClientFactory, ClientFactoryOptions, JsonRpcTransportFactory } from "@a2a-js/sdk/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { agents } from "../../../agents";
import { clientSecretVariable } from "../../../src/identity/keycloak/keycloak-realm";
import { readImageSources, sourceOf } from "../../../src/images/image-source";
import { staging } from "../../../stacks/environments/staging";
import { type AgentProcess, startWith } from "../../images/support/agent-process";
import { messageOf, Seen } from "../../images/support/follower";
import type { Language } from "../../images/support/image";
import { type RealStore, startRedis } from "../../images/support/stores";
import { DEFAULT_DOMAIN, type DeployedAgent, deployedAgents } from "../../support/deployed-agents";
import { freePort } from "../../support/real-programs";
import { REPOSITORY } from "../../support/rehearsal-project";
import { type FinishedStack, synthEnvironment } from "../../support/synth";
import { type RealKeycloak, startKeycloak } from "./real-keycloak";
import { requestToken } from "./tokens";

/*
 * The fleet as it is shipped, each agent its reference image, started with the variables of staging's finished JSON.
 * What only a cloud has is this machine's: addresses, secrets, the store and the collector of traces.
 */
const PUBLIC = `https://api.${staging.domain}`;
const REALM_PATH = "/realms/a2a";
const secretOf = (client: string) => `the-secret-of-${client}`;
const audienceOf = (agent: string) => `api://${staging.tenant}/staging-${agent}`;
const scopeOf = (agent: string) => `${audienceOf(agent)}/.default`;

/** Each customer's orchestrator in one of the two languages. */
const chosen: Record<string, Language> = {
  "orchestrator-acme": "python",
  "orchestrator-globex": "typescript",
};
const TRACE = randomBytes(16).toString("hex");

let keycloak: RealKeycloak;
let redis: RealStore;
let collector: Server;
const traced: Buffer[] = [];
const running = new Map<string, AgentProcess>();
let clients: { clientId: string; defaultClientScopes?: string[]; optionalClientScopes?: string[] }[];

beforeAll(async () => {
  const stack = synthEnvironment(staging);
  [keycloak, redis] = await Promise.all([startKeycloak(`${PUBLIC}/identity`), startRedis()]);
  collector = createServer(async (request, response) => {
    for await (const chunk of request) traced.push(chunk as Buffer);
    response.end();
  });
  await new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve));
  await applyRealm(stack);

  const deployed = deployedAgents(stack);
  const ports = new Map<string, number>();
  for (const { name } of deployed) ports.set(name, await freePort());
  // One after the other: two cores, and a dozen imports each.
  for (const agent of deployed) running.set(agent.name, await start(agent, ports));
});
afterAll(async () => {
  for (const agent of running.values()) await agent.stop();
  redis?.stop();
  collector?.close();
  await keycloak?.stop();
});

async function start(agent: DeployedAgent, ports: ReadonlyMap<string, number>): Promise<AgentProcess> {
  const port = ports.get(agent.name) ?? 0;
  const address = collector.address() as AddressInfo;
  const local: [string, string][] = [...ports].flatMap(([name, its]) =>
    [
      `https://${name}.internal.${DEFAULT_DOMAIN}`,
      `https://${name}.${DEFAULT_DOMAIN}`,
      `${PUBLIC}/agents/${name}`,
    ].map((url): [string, string] => [url, `http://127.0.0.1:${its}`]),
  );
  const addresses: [string, string][] = [
    ...local,
    [`https://keycloak.${DEFAULT_DOMAIN}`, keycloak.url],
    [`https://otel-collector.internal.${DEFAULT_DOMAIN}`, `http://127.0.0.1:${address.port}`],
  ];
  const here = (text: string) => addresses.reduce((found, [from, to]) => found.replaceAll(from, to), text);
  const variables = Object.fromEntries(
    Object.entries(agent.variables).map(([name, value]) => [name, here(value)]),
  );
  const secrets = Object.fromEntries(Object.keys(agent.secrets).map((name) => [name, `a-value-of-${name}`]));
  const { REDIS_HOST = "", REDIS_PORT = "", REDIS_URL = "" } = redis.variablesFor("everybody");
  const language = chosen[agent.name] ?? languageOf(agent.name);
  const given: Record<string, string> = {
    ...variables,
    ...secrets,
    REDIS_HOST,
    REDIS_PORT,
    REDIS_TLS: "false",
    // Its keys are the fleet's: contract 1.0 has one store for all agents.
    REDIS_URL: REDIS_URL.replace("//everybody:", "//default:"),
    REDIS_PASSWORD: new URL(REDIS_URL).password,
    A2A_HOST: "127.0.0.1",
    A2A_PORT: String(port),
    PORT: String(port),
    METRICS_PORT: String(await freePort()),
    OTEL_BSP_SCHEDULE_DELAY: "200",
  };
  if ("A2A_CLIENT_SECRET" in secrets) given.A2A_CLIENT_SECRET = secretOf(agent.name);
  return startWith(language, given, port);
}

function languageOf(name: string): Language {
  const definition = agents.find((agent) => agent.name === name);
  const sources = readImageSources(REPOSITORY, "agents/images");
  const source = definition === undefined ? undefined : sourceOf(definition, sources, new Map());
  if (source?.name === "python" || source?.name === "typescript") return source.name;
  throw new Error(`no image has the skills of ${name}`);
}

/** One round of the app that keeps the realm, with its own command and variables. */
async function applyRealm(stack: FinishedStack): Promise<void> {
  const { arguments: app } = stack.at("shared/identity-provider/realm/resource");
  const [container] = app.template.container;
  const asTerraformReads = (text: string) => text.replace(/([$%])\1\{/g, "$1{");
  const plain = Object.fromEntries(
    (container.env as { name: string; value?: string }[]).flatMap(({ name, value }) =>
      value === undefined ? [] : [[name, asTerraformReads(value)]],
    ),
  );
  clients = JSON.parse(plain.REALM as string).clients;
  const child = spawn(container.command[0], container.args.map(asTerraformReads), {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      PATH: process.env.PATH,
      ...plain,
      ...Object.fromEntries(
        clients.map(({ clientId }) => [clientSecretVariable(clientId), secretOf(clientId)]),
      ),
      KEYCLOAK_URL: keycloak.url,
      ADMIN_CLIENT_ID: keycloak.administrator.clientId,
      ADMIN_CLIENT_SECRET: keycloak.administrator.clientSecret,
      PORT: String(await freePort()),
      INTERVAL_SECONDS: "0",
    },
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  expect(code).toBe(0);
}

/** The customer's own client, as the realm knows it. */
function callerOf(orchestrator: string): string {
  const names = new Set(running.keys());
  const caller = clients.find(
    ({ clientId, optionalClientScopes = [], defaultClientScopes = [] }) =>
      !names.has(clientId) &&
      [...optionalClientScopes, ...defaultClientScopes].includes(scopeOf(orchestrator)),
  );
  if (caller === undefined) throw new Error(`nobody may call ${orchestrator}`);
  return caller.clientId;
}

async function tokenFor(client: string, agent: string): Promise<string | undefined> {
  const realmUrl = `${keycloak.url}${REALM_PATH}`;
  return (await requestToken(realmUrl, { id: client, secret: secretOf(client), scope: scopeOf(agent) }))
    .accessToken;
}

async function clientFor(orchestrator: string, trace: string) {
  const token = await tokenFor(callerOf(orchestrator), orchestrator);
  const fetchImpl: typeof fetch = (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set("Authorization", `Bearer ${token}`);
    headers.set("traceparent", `00-${trace}-${randomBytes(8).toString("hex")}-01`);
    return fetch(input, { ...init, headers });
  };
  const transports = [new JsonRpcTransportFactory({ fetchImpl })];
  const options = ClientFactoryOptions.createFrom(ClientFactoryOptions.default, { transports });
  return new ClientFactory({ ...options, transports }).createFromUrl(running.get(orchestrator)?.url ?? "");
}

const REQUEST =
  "What runs low in stock? Order 300 of SKU-20010 by a purchase order. " +
  "Detect anomalies in the series 10 11 9 10 42 11. Find the clause of the contract on late delivery. " +
  "Summarise the topic redis.";

test.each(Object.entries(chosen))(
  "%s, in %s, delegates with real tokens to five agents in one trace",
  async (name) => {
    const trace = name === "orchestrator-acme" ? TRACE : randomBytes(16).toString("hex");
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
    const saw = [...running].flatMap(([agent, { logs }]) =>
      logs().some((line) => typeof line === "object" && line.traceId === trace) ? [agent] : [],
    );
    expect(saw.toSorted()).toEqual([name, ...asked].toSorted());
    // The collector has the trace from all of them too.
    const id = Buffer.from(trace, "hex");
    const sends = (agent: string) => traced.some((sent) => sent.includes(id) && sent.includes(agent));
    await expect
      .poll(() => [name, ...asked].filter((agent) => !sends(agent)), { timeout: 15_000 })
      .toEqual([]);
  },
);

test("a caller without the role is told so in its own words, and one of another customer is nobody here", async () => {
  await addClient("stranger", "orchestrator-acme");
  const call = async (token: string | undefined) => {
    const answer = await fetch(running.get("orchestrator-acme")?.url ?? "", {
      method: "POST",
      headers: { "Content-Type": "application/json", "A2A-Version": "1.0", Authorization: `Bearer ${token}` },
      body: JSON.stringify({ jsonrpc: "2.0", id: "its-own-id", method: "GetTask", params: { id: "x" } }),
    });
    return [answer.status, await answer.json()];
  };
  expect(await call(await tokenFor("stranger", "orchestrator-acme"))).toMatchObject([
    403,
    {
      id: "its-own-id",
      error: { data: { reason: "missing_role" }, message: expect.stringContaining("orchestrator-acme") },
    },
  ]);
  const globex = await tokenFor(callerOf("orchestrator-globex"), "orchestrator-globex");
  expect(globex).toBeDefined();
  expect(await call(globex)).toMatchObject([401, { error: { data: { reason: "wrong_audience" } } }]);
  // The same call with the role is let in, and finds no such task.
  const acme = await tokenFor(callerOf("orchestrator-acme"), "orchestrator-acme");
  expect(await call(acme)).toMatchObject([200, { id: "its-own-id", error: { code: -32001 } }]);
});

/** A client that gets tokens for an agent, and has no role there. */
async function addClient(clientId: string, agent: string): Promise<void> {
  const { url, administrator } = keycloak;
  const { accessToken } = await requestToken(`${url}/realms/master`, {
    id: administrator.clientId,
    secret: administrator.clientSecret,
  });
  const answer = await fetch(`${url}/admin/realms/a2a/clients`, {
    method: "POST",
    headers: { authorization: `Bearer ${accessToken}`, "content-type": "application/json" },
    body: JSON.stringify({
      clientId,
      secret: secretOf(clientId),
      serviceAccountsEnabled: true,
      publicClient: false,
      standardFlowEnabled: false,
      defaultClientScopes: ["a2a"],
      optionalClientScopes: [scopeOf(agent)],
    }),
  });
  expect(answer.status).toBe(201);
}
