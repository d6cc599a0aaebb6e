import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AgentWorkload } from "../../src/agent/agent-workload";
import type { Environment } from "../../src/environment/environment";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { describeAgent } from "../../src/local/describe-fleet";
import { freePort } from "../../src/local/free-port";
import { type Front, startFront } from "../../src/local/front";
import { localClients } from "../../src/local/local-clients";
import { localSecretNames, localVariables } from "../../src/local/local-variables";
import { tokenServer } from "../../src/local/token-server";
import { findContractErrors } from "../support/contract-validator";
import { local } from "../support/fleet/stacks/environments/local";
import { definitions, environment as onAzure } from "../support/sample-fleet";
import { tryFleet } from "../support/try-fleet";

const resolve = (environment: Environment = local) => resolveFleet(definitions, environment);
const routesOf = (environment: Environment) =>
  Object.fromEntries(
    resolve(environment).workloads.map(({ name, route }) => [
      name,
      { card: route.publicUrl, peers: route.peerUrl, peerCard: route.peerCardUrl },
    ]),
  );

describe("the environment of one machine", () => {
  test("has every agent below one address, and no other card for peers", () => {
    expect(resolve().problems).toEqual([]);
    const at = (name: string) => `http://127.0.0.1:8080/agents/${name}/`;
    expect(routesOf(local)).toEqual({
      "desk-acme": { card: at("desk-acme"), peers: at("desk-acme"), peerCard: null },
      billing: { card: at("billing"), peers: at("billing"), peerCard: null },
    });
  });

  test("with an edge has it on the cards of what can be reached from outside, and nothing between peers", () => {
    const { billing, "desk-acme": desk } = routesOf({
      ...local,
      local: { port: 9000, edge: { program: "caddy", port: 9443 } },
    });
    const peers = "http://127.0.0.1:9000/agents/desk-acme/";
    expect(desk).toEqual({ card: "https://localhost:9443/agents/desk-acme/", peers, peerCard: peers });
    expect(billing?.card).toBe("http://127.0.0.1:9000/agents/billing/");
  });

  test("gives every agent what the contract asks for", () => {
    const clients = localClients(resolve().workloads, local).map(({ name }) => name);
    for (const workload of resolve().workloads) {
      const isClient = clients.includes(workload.name);
      const secrets = localSecretNames(workload, isClient, undefined).map(({ variable }) => [
        variable,
        "not-a-secret",
      ]);
      const variables = localVariables(workload, { store: {}, isClient, modelGateway: undefined });
      expect(findContractErrors({ ...variables, ...Object.fromEntries(secrets) })).toEqual([]);
    }
  });

  test("takes no part that is elsewhere, and no agent of it is deployed", async () => {
    const messages = resolve({
      ...local,
      vault: { kind: "key-vault" },
      taskStore: { kind: "managed-redis" },
    }).problems.map(({ message }) => message);
    expect(messages.filter((message) => message.includes("not on this machine"))).toHaveLength(2);
    expect(resolve({ ...local, taskStore: { kind: "local-redis" } }).problems).toEqual([]);

    const refusal = "has agents on 'local', which is no place to deploy to; start them with 'npm run local'";
    for (const [environment, isRefused] of [
      [local, true],
      [onAzure, false],
    ] as const) {
      const outcome = await tryFleet({ definitions, environment });
      expect(outcome.kind).toBe(isRefused ? "refused" : "built");
      expect(JSON.stringify(outcome).includes(refusal)).toBe(isRefused);
    }
  });
});

/** A fleet of one agent behind a front, with an issuer whose clients' secret is their name backwards. */
describe("the front", () => {
  let front: Front;
  let url: string;
  let agent: Server;
  let asked: { path: string; headers: IncomingHttpHeaders }[];
  let workloads: readonly AgentWorkload[];
  const secretOf = (client: string) => [...client].toReversed().join("");

  beforeAll(async () => {
    asked = [];
    agent = createServer((request, response) => {
      asked.push({ path: request.url ?? "", headers: request.headers });
      if (request.url !== "/stream") return response.end("{}");
      response.writeHead(200, { "Content-Type": "text/event-stream" });
      response.write("data: 1\n\n");
      setTimeout(() => response.write("data: 2\n\n"), 300);
      setTimeout(() => response.destroy(), 600);
    });
    await new Promise<void>((done) => agent.listen(0, "127.0.0.1", done));
    const port = await freePort();
    const environment = { ...local, local: { port } };
    ({ workloads } = resolve(environment));
    url = `http://127.0.0.1:${port}`;
    const tokens = await tokenServer({
      issuer: `${url}/identity`,
      workloads,
      clients: localClients(workloads, environment),
      secretOf,
    });
    const billing = (agent.address() as AddressInfo).port;
    const portOf = (name: string) => ({ billing, "desk-acme": null })[name];
    const describe = () => ({
      agents: workloads.map((workload) =>
        describeAgent(workload, { port: portOf(workload.name) ?? 0, state: "ready" }),
      ),
      tokenPath: "/identity/token",
    });
    front = await startFront({ port, tokens, portOf, describe, traces: () => [] });
  });
  afterAll(async () => {
    await front?.stop();
    agent?.closeAllConnections();
    agent?.close();
  });

  const token = async (client: string, secret: string, of = "billing") => {
    const scope = workloads.find(({ name }) => name === of)?.route.scope ?? "nobody's";
    const form = { grant_type: "client_credentials", client_id: client, client_secret: secret, scope };
    const answer = await fetch(`${url}/identity/token`, {
      method: "POST",
      body: new URLSearchParams(form),
    });
    return { status: answer.status, ...((await answer.json()) as { access_token?: string; error?: string }) };
  };

  test("gives tokens to who has the secret, with the roles of who calls whom", async () => {
    const keys = createRemoteJWKSet(new URL(`${url}/identity/keys`));
    const claimsOf = async (client: string, of?: string) => {
      const { access_token = "" } = await token(client, secretOf(client), of);
      return (await jwtVerify(access_token, keys, { issuer: `${url}/identity` })).payload;
    };
    expect(await claimsOf("desk-acme")).toMatchObject({
      sub: "desk-acme",
      aud: "api://local/local-billing",
      roles: ["billing"],
    });
    expect(await claimsOf("customer-acme")).toMatchObject({ roles: [] });
    expect(await claimsOf("customer-acme", "desk-acme")).toMatchObject({ roles: ["desk-acme"] });
    expect(await claimsOf("console", "desk-acme")).toMatchObject({ roles: ["desk-acme"] });
    expect(await claimsOf("stranger")).toMatchObject({ roles: [] });
    expect(await token("desk-acme", "guessed")).toEqual({ status: 401, error: "invalid_client" });
    expect(await token("desk-acme", secretOf("desk-acme"), "nobody")).toEqual({
      status: 400,
      error: "invalid_scope",
    });
  });

  test("takes a new key when who sits here asks for it, and keeps the old one published", async () => {
    const before = (await token("console", secretOf("console"))).access_token ?? "";
    const turn = async (client: string, secret: string) => {
      const form = new URLSearchParams({ client_id: client, client_secret: secret });
      return (await fetch(`${url}/identity/keys`, { method: "POST", body: form })).status;
    };
    expect(await turn("stranger", secretOf("stranger"))).toBe(403);
    expect(await turn("console", "guessed")).toBe(401);
    const kidOf = (jwt: string) => decodeProtectedHeader(jwt).kid;
    expect(kidOf((await token("console", secretOf("console"))).access_token ?? "")).toBe(kidOf(before));

    expect(await turn("console", secretOf("console"))).toBe(200);
    const after = (await token("console", secretOf("console"))).access_token ?? "";
    expect(kidOf(after)).not.toBe(kidOf(before));
    const keys = createRemoteJWKSet(new URL(`${url}/identity/keys`));
    for (const jwt of [before, after]) await jwtVerify(jwt, keys);
  });

  test("passes events as they come, and a cut stream as cut", async () => {
    const answer = await fetch(`${url}/agents/billing/stream`);
    const at: number[] = [];
    const read = async () => {
      for await (const _ of answer.body ?? []) at.push(Date.now());
    };
    await expect(read()).rejects.toThrow();
    expect(at).toHaveLength(2);
    expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThan(200);
    expect(front.countsOf("billing")).toMatchObject({ calls: 1, streams: 0 });
  });

  test("drops what a caller claims to be, and says who was asked", async () => {
    asked.length = 0;
    const claims = {
      "X-Forwarded-Host": "evil.example",
      "X-Real-IP": "1.2.3.4",
      "dapr-caller-app-id": "desk",
    };
    await fetch(`${url}/agents/billing/tasks?limit=1`, {
      headers: { ...claims, Authorization: "Bearer kept" },
    });
    expect(asked[0]?.path).toBe("/tasks?limit=1");
    expect(asked[0]?.headers).toMatchObject({
      authorization: "Bearer kept",
      "x-forwarded-host": new URL(url).host,
    });
    expect(JSON.stringify(asked[0]?.headers)).not.toMatch(/evil|1\.2\.3\.4|dapr/);
  });

  test("tells an agent that isn't running from one that isn't there", async () => {
    const absent = await fetch(`${url}/agents/desk-acme/`);
    expect([absent.status, absent.headers.get("retry-after")]).toEqual([503, "1"]);
    expect((await fetch(`${url}/agents/nobody/`)).status).toBe(404);
  });
});
