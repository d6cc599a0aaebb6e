import { type ChildProcess, spawn } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AgentDefinition } from "../../../src/agent/agent-definition";
import type { Environment } from "../../../src/environment/environment";
import { clientSecretVariable } from "../../../src/identity/keycloak/keycloak-realm";
import { definitions, environment as sample } from "../../support/sample-fleet";
import { synthEnvironment } from "../../support/synth";
import { type RealKeycloak, startKeycloak } from "./real-keycloak";
import { publishedKeys, requestToken, verifiedClaims } from "./tokens";

const environment: Environment = {
  ...sample,
  gateway: {},
  identityProvider: { kind: "keycloak", skillRoles: { "customer-globex": ["answer.urgent"] } },
};
const desk: AgentDefinition = {
  ...(definitions[0] as AgentDefinition),
  skills: [
    { id: "answer", name: "Answer", description: "Answers a question", tags: ["support"] },
    {
      id: "urgent",
      name: "Urgent",
      description: "Answers at once",
      tags: ["support"],
      requiredRole: "answer.urgent",
    },
  ],
};
const [, billing] = definitions as [AgentDefinition, AgentDefinition];
/** Called by the new caller below, and by the desk from then on. */
const shipping: AgentDefinition = {
  name: "shipping",
  description: "Sends parcels",
  version: "1.0.0",
  calls: ["billing"],
  skills: [{ id: "send", name: "Send", description: "Sends a parcel", tags: ["parcel"] }],
};

const audienceOf = (agent: string) => `api://${environment.tenant}/${environment.name}-${agent}`;
const scopeOf = (agent: string) => `${audienceOf(agent)}/.default`;
const secretOf = (client: string) => `the-secret-of-${client}`;

let keycloak: RealKeycloak;
let realmUrl: string;

/**
 * Runs the very process that the app in Container Apps runs, taken from the finished stack: its command, its arguments
 * and its variables. Only addresses and secrets, which the cloud would fill in, are ours.
 */
function realmProcess(
  agents: readonly AgentDefinition[],
  change: Readonly<Record<string, string>> = {},
): { readonly child: ChildProcess; readonly port: number } {
  const { arguments: app } = synthEnvironment(environment, agents).at(
    "shared/identity-provider/realm/resource",
  );
  const [container] = app.template.container;
  // Terraform reads `$${` as `${`.
  const asTerraformReads = (text: string) => text.replace(/([$%])\1\{/g, "$1{");
  const plain = Object.fromEntries(
    (container.env as { name: string; value?: string }[]).flatMap(({ name, value }) =>
      value === undefined ? [] : [[name, asTerraformReads(value)]],
    ),
  );
  const realm = JSON.parse(plain.REALM as string) as { clients: { clientId: string }[] };
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const child = spawn(container.command[0], container.args.map(asTerraformReads), {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      PATH: process.env.PATH,
      ...plain,
      ...Object.fromEntries(
        realm.clients.map(({ clientId }) => [clientSecretVariable(clientId), secretOf(clientId)]),
      ),
      KEYCLOAK_URL: keycloak.url,
      ADMIN_CLIENT_ID: keycloak.administrator.clientId,
      ADMIN_CLIENT_SECRET: keycloak.administrator.clientSecret,
      PORT: String(port),
      ...change,
    },
  });
  return { child, port };
}

/** One round, and what it says that it changed. */
async function applyRealm(
  agents: readonly AgentDefinition[],
  change: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { child } = realmProcess(agents, { INTERVAL_SECONDS: "0", ...change });
  let output = "";
  child.stdout?.on("data", (chunk) => {
    output += chunk;
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  if (code !== 0) throw new Error(output);
  return (JSON.parse(output) as { message: string }).message;
}

async function administer(method: string, path: string, body?: object): Promise<unknown> {
  const { url, administrator } = keycloak;
  const { accessToken } = await requestToken(`${url}/realms/master`, {
    id: administrator.clientId,
    secret: administrator.clientSecret,
  });
  const response = await fetch(`${url}/admin/realms${path}`, {
    method,
    headers: { authorization: `Bearer ${accessToken}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text === "" ? undefined : JSON.parse(text);
}

const tokenFor = (client: string, agent: string) =>
  requestToken(realmUrl, { id: client, secret: secretOf(client), scope: scopeOf(agent) });
const claimsFor = async (client: string, agent: string) =>
  verifiedClaims(realmUrl, (await tokenFor(client, agent)).accessToken);
const kids = async () => (await publishedKeys(realmUrl)).map(({ kid }) => kid);

/** Days that a signing key may live so that the fleet's only one is due, and not yet to be removed. */
async function lifetimeThatIsDue(): Promise<string> {
  const components = (await administer("GET", "/a2a/components?type=org.keycloak.keys.KeyProvider")) as {
    name: string;
  }[];
  const born = components.flatMap(({ name }) =>
    name.startsWith("a2a-fleet-") ? [Number(name.slice("a2a-fleet-".length))] : [],
  );
  return String((Date.now() - Math.max(...born)) / 1.4 / 86_400_000);
}

beforeAll(async () => {
  keycloak = await startKeycloak("https://api.test.acme.example/identity");
  realmUrl = `${keycloak.url}/realms/a2a`;
  expect(await applyRealm([desk, billing])).toContain("realm created");
});

afterAll(() => keycloak?.stop());

describe("the generated realm in a real Keycloak", () => {
  test("gives a caller a token with the flat role, the audience and the public issuer, for 15 minutes at most", async () => {
    const answer = await tokenFor("desk-globex", "billing");
    expect(answer.expiresIn).toBeLessThanOrEqual(900);
    const claims = await verifiedClaims(realmUrl, answer.accessToken);
    expect(claims).toMatchObject({
      iss: "https://api.test.acme.example/identity/realms/a2a",
      aud: audienceOf("billing"),
      roles: ["billing"],
    });
    expect(Number(claims.exp) - Number(claims.iat)).toBeLessThanOrEqual(900);
    expect(claims.sub).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("gives a customer the role of its own agent, and of the skills that it was granted", async () => {
    const { roles } = await claimsFor("customer-globex", "desk-globex");
    expect((roles as string[]).toSorted()).toEqual(["answer.urgent", "desk-globex"]);
  });

  test("refuses a scope to a client that doesn't call that agent", async () => {
    expect(await tokenFor("customer-globex", "billing")).toMatchObject({
      status: 400,
      error: "invalid_scope",
    });
  });

  test("gives a client without the role a token without it, even where the scope is open to it", async () => {
    await administer("POST", "/a2a/clients", {
      clientId: "stranger",
      secret: secretOf("stranger"),
      serviceAccountsEnabled: true,
      standardFlowEnabled: false,
      fullScopeAllowed: false,
      optionalClientScopes: [scopeOf("billing")],
    });
    const claims = await claimsFor("stranger", "billing");
    expect(claims.roles).toBeUndefined();
    expect(claims.aud).toBeUndefined();
  });

  test("refuses a wrong secret", async () => {
    const answer = await requestToken(realmUrl, {
      id: "desk-globex",
      secret: "wrong",
      scope: scopeOf("billing"),
    });
    expect(answer).toMatchObject({ status: 401, accessToken: undefined });
  });

  test("tells who asks from the inside addresses of the inside, under the public issuer", async () => {
    const discovery = await fetch(`${realmUrl}/.well-known/openid-configuration`).then((answer) =>
      answer.json(),
    );
    expect(discovery).toMatchObject({
      issuer: "https://api.test.acme.example/identity/realms/a2a",
      jwks_uri: `${realmUrl}/protocol/openid-connect/certs`,
      token_endpoint: `${realmUrl}/protocol/openid-connect/token`,
    });
  });
});

describe("the realm follows the fleet", () => {
  test("applying it again changes nothing", async () => {
    expect(await applyRealm([desk, billing])).toBe("the realm is as it should be");
  });

  test("an agent and a caller are added; keys, clients and tokens from before still work", async () => {
    const before = await tokenFor("desk-globex", "billing");
    const { sub, kid } = await verifiedClaims(realmUrl, before.accessToken);
    const keys = await kids();
    const fleet = [{ ...desk, calls: ["billing", "shipping"] }, billing, shipping];
    const changed = await applyRealm(fleet);
    expect(changed).toContain("client shipping");
    expect(changed).not.toMatch(/removed|secret/);

    expect(await kids()).toEqual(keys);
    expect((await verifiedClaims(realmUrl, before.accessToken)).roles).toEqual(["billing"]);
    expect(await claimsFor("desk-globex", "billing")).toMatchObject({ sub, kid, roles: ["billing"] });
    expect((await claimsFor("customer-globex", "desk-globex")).aud).toBe(audienceOf("desk-globex"));
    expect(await claimsFor("desk-globex", "shipping")).toMatchObject({
      roles: ["shipping"],
      aud: audienceOf("shipping"),
    });
    expect(await claimsFor("shipping", "billing")).toMatchObject({ roles: ["billing"] });
    expect(await applyRealm(fleet)).toBe("the realm is as it should be");
  });

  test("an agent is taken away: its client and role go, what people added stays", async () => {
    await applyRealm([desk, billing]);
    expect((await tokenFor("shipping", "billing")).status).toBe(401);
    expect((await tokenFor("desk-globex", "shipping")).status).toBe(400);
    expect((await tokenFor("stranger", "billing")).status).toBe(200);
    expect((await tokenFor("desk-globex", "billing")).status).toBe(200);
  });

  test("what people change by hand goes back", async () => {
    await administer("PUT", "/a2a", { accessTokenLifespan: 3600 });
    const [client] = (await administer("GET", "/a2a/clients?clientId=desk-globex")) as { id: string }[];
    await administer("PUT", `/a2a/clients/${client?.id}`, {
      clientId: "desk-globex",
      fullScopeAllowed: true,
    });
    expect((await tokenFor("desk-globex", "billing")).expiresIn).toBe(3600);
    expect(await applyRealm([desk, billing])).toBe("changed: settings; client desk-globex");
    expect((await tokenFor("desk-globex", "billing")).expiresIn).toBe(900);
  });
});

describe("signing keys", () => {
  test("a new key is on the JWKS before it signs, and then signs; tokens of the old one still verify", async () => {
    const old = await tokenFor("desk-globex", "billing");
    const { kid } = await verifiedClaims(realmUrl, old.accessToken);
    const before = await kids();
    await applyRealm([desk, billing], { KEY_LIFETIME_DAYS: await lifetimeThatIsDue() });
    const published = (await kids()).filter((each) => !before.includes(each));
    expect(published).toHaveLength(1);
    expect((await claimsFor("desk-globex", "billing")).kid).toBe(kid);

    expect(await applyRealm([desk, billing], { KEY_AHEAD_SECONDS: "0" })).toContain("signs");
    expect((await claimsFor("desk-globex", "billing")).kid).toBe(published[0]);
    expect((await verifiedClaims(realmUrl, old.accessToken)).kid).toBe(kid);
  });
});

describe("the app that applies the realm", () => {
  async function readiness(change: Readonly<Record<string, string>>, wanted: number): Promise<number> {
    const { child, port } = realmProcess([desk, billing], change);
    child.stdout?.resume();
    let status = 0;
    for (let tries = 0; tries < 100 && status !== wanted; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      status = await fetch(`http://127.0.0.1:${port}/ready`).then(
        (answer) => answer.status,
        () => 0,
      );
    }
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    expect(await ended).toBe(0);
    return status;
  }

  test("is ready once the realm is applied, and ends when it is told to", async () => {
    expect(await readiness({}, 200)).toBe(200);
  });

  test("is not ready while Keycloak doesn't answer", async () => {
    expect(await readiness({ KEYCLOAK_URL: "http://127.0.0.1:1" }, 503)).toBe(503);
  });

  test("names a missing secret and leaves the realm alone", async () => {
    await expect(applyRealm([desk, billing], { CLIENT_SECRET_DESK_GLOBEX: "" })).rejects.toThrow(
      /CLIENT_SECRET_DESK_GLOBEX/,
    );
  });
});
