import { beforeAll, describe, expect, test } from "vitest";
import type { AgentDefinition } from "../../../src/agent/agent-definition";
import { desk } from "../../support/sample-fleet";
import { FleetRealm, saidOf } from "./fleet-realm";
import { verifiedClaims } from "./tokens";

/** Five, so that no two of them are told apart by one policy alone. */
const names = ["billing", "inventory", "orders", "shipping", "weather"];
const agents: AgentDefinition[] = names.map((name) => ({
  name,
  description: `Knows of ${name}`,
  version: "1.0.0",
  skills: [{ id: "tell", name: "Tell", description: "Tells", tags: ["facts"] }],
}));
const fleet = [{ ...desk, calls: names }, ...agents];
const pairs = names.flatMap((one, place) => names.slice(place + 1).map((other) => [one, other] as const));

const realm = new FleetRealm("one-agent");
const ask = (...asked: string[]) => realm.tokenFor("desk-globex", ...asked);

beforeAll(async () => {
  await realm.apply(fleet);
});

describe("one token, one agent", () => {
  test.each(names)("a caller of all gets a token for %s alone", async (name) => {
    const { aud, roles } = await realm.claimsFor("desk-globex", name);
    expect({ aud, roles }).toEqual({ aud: realm.audienceOf(name), roles: [name] });
  });

  test("a request for two, whichever, is refused, and so is one for all", async () => {
    for (const pair of [...pairs, names, ["billing", "billing", "orders"]]) {
      const { status, error, accessToken } = await ask(...pair);
      expect({ pair, status, error, accessToken }).toEqual({
        pair,
        status: 400,
        error: "invalid_request",
        accessToken: undefined,
      });
    }
  });

  test("a request for the same one twice is one for it", async () => {
    const { accessToken } = await ask("billing", "billing");
    expect((await verifiedClaims(realm.url, accessToken)).aud).toBe(realm.audienceOf("billing"));
  });

  test("not even for a client that somebody gives one scope for good", async () => {
    const [client] = await realm.administer<{ id: string }[]>("GET", "/clients?clientId=desk-globex");
    const scopes = await realm.administer<{ id: string; name: string }[]>("GET", "/client-scopes");
    const orders = scopes.find(({ name }) => name === realm.scopeOf("orders"));
    await realm.administer("DELETE", `/clients/${client?.id}/optional-client-scopes/${orders?.id}`);
    await realm.administer("PUT", `/clients/${client?.id}/default-client-scopes/${orders?.id}`);
    expect(await ask("billing")).toMatchObject({ status: 400, error: "invalid_request" });
    await realm.apply(fleet);
    expect((await ask("billing")).status).toBe(200);
  });

  test("without the policies one token is for two, until the next round", async () => {
    await realm.administer("PUT", "/client-policies/policies", { policies: [] });
    const { aud } = await realm.claimsFor("desk-globex", "billing", "orders");
    expect(aud).toEqual(expect.arrayContaining([realm.audienceOf("billing"), realm.audienceOf("orders")]));
    const lines = await realm.apply(fleet);
    expect(saidOf(lines, "drift")).toContain("clientPolicies > policies > one agent a token, 1");
    expect((await ask("billing", "orders")).status).toBe(400);
  });
});
