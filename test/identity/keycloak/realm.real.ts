import { beforeAll, describe, expect, test } from "vitest";
import type { AgentDefinition } from "../../../src/agent/agent-definition";
import { billing, desk as plainDesk } from "../../support/sample-fleet";
import { FleetRealm, saidOf } from "./fleet-realm";
import { requestToken, verifiedClaims } from "./tokens";

const desk: AgentDefinition = {
  ...plainDesk,
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
/** Called by the new caller below, and by the desk from then on. */
const shipping: AgentDefinition = {
  name: "shipping",
  description: "Sends parcels",
  version: "1.0.0",
  calls: ["billing"],
  skills: [{ id: "send", name: "Send", description: "Sends a parcel", tags: ["parcel"] }],
};

const realm = new FleetRealm("made", { skillRoles: { "customer-globex": ["answer.urgent"] } });

beforeAll(async () => {
  expect((await realm.apply([desk, billing])).map(({ message }) => message)).toContain("the realm is made");
});

describe("the generated realm in a real Keycloak", () => {
  test("gives a caller a token with the flat role, the audience and the public issuer, for 15 minutes at most", async () => {
    const answer = await realm.tokenFor("desk-globex", "billing");
    expect(answer.expiresIn).toBeLessThanOrEqual(900);
    const claims = await verifiedClaims(realm.url, answer.accessToken);
    expect(claims).toMatchObject({
      iss: "https://api.test.acme.example/identity/realms/made",
      aud: realm.audienceOf("billing"),
      roles: ["billing"],
    });
    expect(Number(claims.exp) - Number(claims.iat)).toBeLessThanOrEqual(900);
    expect(claims.sub).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("gives a customer the role of its own agent, and of the skills that it was granted", async () => {
    const { roles } = await realm.claimsFor("customer-globex", "desk-globex");
    expect((roles as string[]).toSorted()).toEqual(["answer.urgent", "desk-globex"]);
  });

  test("refuses a scope to a client that doesn't call that agent", async () => {
    expect(await realm.tokenFor("customer-globex", "billing")).toMatchObject({
      status: 400,
      error: "invalid_scope",
    });
  });

  test("gives a client without the role a token without it, even where the scope is open to it", async () => {
    await realm.administer("POST", "/clients", {
      clientId: "stranger",
      secret: "a stranger's own",
      serviceAccountsEnabled: true,
      standardFlowEnabled: false,
      fullScopeAllowed: false,
      optionalClientScopes: [realm.scopeOf("billing")],
    });
    const { accessToken } = await requestToken(realm.url, {
      id: "stranger",
      secret: "a stranger's own",
      scope: realm.scopeOf("billing"),
    });
    const claims = await verifiedClaims(realm.url, accessToken);
    expect(claims.roles).toBeUndefined();
    expect(claims.aud).toBeUndefined();
    await realm.apply([desk, billing]);
  });

  test("refuses a wrong secret", async () => {
    const answer = await requestToken(realm.url, {
      id: "desk-globex",
      secret: "wrong",
      scope: realm.scopeOf("billing"),
    });
    expect(answer).toMatchObject({ status: 401, accessToken: undefined });
  });

  test("tells who asks from the inside addresses of the inside, under the public issuer", async () => {
    const discovery = await fetch(`${realm.url}/.well-known/openid-configuration`).then((answer) =>
      answer.json(),
    );
    expect(discovery).toMatchObject({
      issuer: "https://api.test.acme.example/identity/realms/made",
      jwks_uri: `${realm.url}/protocol/openid-connect/certs`,
      token_endpoint: `${realm.url}/protocol/openid-connect/token`,
    });
  });
});

/** Words of the last line. */
const outcome = (lines: readonly { message: string }[]) => lines.at(-1)?.message;

describe("the realm follows the fleet", () => {
  const grown = [{ ...desk, calls: ["billing", "shipping"] }, billing, shipping];

  test("applying it again changes nothing", async () => {
    expect(outcome(await realm.apply([desk, billing]))).toBe("the realm is as it should be");
  });

  test("an agent and a caller are added; keys, clients and tokens from before still work", async () => {
    const before = await realm.tokenFor("desk-globex", "billing");
    const { sub, kid } = await verifiedClaims(realm.url, before.accessToken);
    const keys = await realm.kids();
    const lines = await realm.apply(grown, { GENERATION: "2000" });
    expect(saidOf(lines, "change")).toContain("clients > shipping");
    expect(saidOf(lines, "drift")).toEqual([]);
    expect(lines.map(({ message }) => message).filter((text) => /is removed/.test(text))).toEqual([]);

    expect(await realm.kids()).toEqual(keys);
    expect((await verifiedClaims(realm.url, before.accessToken)).roles).toEqual(["billing"]);
    expect(await realm.claimsFor("desk-globex", "billing")).toMatchObject({ sub, kid, roles: ["billing"] });
    expect((await realm.claimsFor("customer-globex", "desk-globex")).aud).toBe(
      realm.audienceOf("desk-globex"),
    );
    expect(await realm.claimsFor("desk-globex", "shipping")).toMatchObject({
      roles: ["shipping"],
      aud: realm.audienceOf("shipping"),
    });
    expect(await realm.claimsFor("shipping", "billing")).toMatchObject({ roles: ["billing"] });
    expect(outcome(await realm.apply(grown, { GENERATION: "2000" }))).toBe("the realm is as it should be");
  });

  test("an agent is taken away: its client, scope and role go, and nothing of the others", async () => {
    const { sub } = await realm.claimsFor("desk-globex", "billing");
    const lines = await realm.apply([desk, billing], { GENERATION: "3000" });
    expect(saidOf(lines, "change")).toEqual(
      expect.arrayContaining([
        "clients > shipping",
        "roles > realm > shipping",
        `clientScopes > ${realm.scopeOf("shipping")}`,
      ]),
    );
    expect((await realm.tokenFor("shipping", "billing")).status).toBe(401);
    expect((await realm.tokenFor("desk-globex", "shipping")).status).toBe(400);
    expect(await realm.claimsFor("desk-globex", "billing")).toMatchObject({ sub, roles: ["billing"] });
    expect(outcome(await realm.apply([desk, billing], { GENERATION: "3000" }))).toBe(
      "the realm is as it should be",
    );
  });
});

describe("the app that applies the realm", () => {
  async function readiness(change: Readonly<Record<string, string>>, wanted: number): Promise<number> {
    const app = await realm.keep([desk, billing], { GENERATION: "3000", ...change });
    let status = 0;
    for (let tries = 0; tries < 100 && status !== wanted; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      status = await fetch(`${app.url}/ready`).then(
        (answer) => answer.status,
        () => 0,
      );
    }
    expect(await app.stop()).toBe(0);
    return status;
  }

  test("is ready once the realm is applied, and ends when it is told to", async () => {
    expect(await readiness({}, 200)).toBe(200);
  });

  test("is not ready while Keycloak doesn't answer", async () => {
    expect(await readiness({ KEYCLOAK_URL: "http://127.0.0.1:1" }, 503)).toBe(503);
  });

  test("is not ready where a later deployment keeps the realm", async () => {
    expect(await readiness({ GENERATION: "2999" }, 200)).toBe(503);
  });

  test("names a missing secret and leaves the realm alone", async () => {
    await expect(realm.apply([desk, billing], { CLIENT_SECRET_DESK_GLOBEX: "" })).rejects.toThrow(
      /CLIENT_SECRET_DESK_GLOBEX/,
    );
  });

  test("names the administrator's client that Keycloak refuses", async () => {
    await expect(realm.apply([desk, billing], { ADMIN_CLIENT_ID: "nobody" })).rejects.toThrow(
      /Keycloak refused the administrator's client 'nobody': 401/,
    );
  });
});
