import { beforeAll, describe, expect, test, vi } from "vitest";
import type { AgentDefinition } from "../../../src/agent/agent-definition";
import { billing, desk } from "../../support/sample-fleet";
import { FleetRealm, saidOf } from "./fleet-realm";
import { manualChanges } from "./manual-changes";

const shipping: AgentDefinition = {
  name: "shipping",
  description: "Sends parcels",
  version: "1.0.0",
  calls: ["billing"],
  skills: [{ id: "send", name: "Send", description: "Sends a parcel", tags: ["parcel"] }],
};
const fleet = [{ ...desk, calls: ["billing", "shipping"] }, billing, shipping];
const realm = new FleetRealm("drift");

/** All things that the changes are about, as they are now. */
async function look(): Promise<Map<string, unknown>> {
  const seen = new Map<string, unknown>();
  for (const { what, see } of manualChanges) seen.set(what, await see(realm));
  return seen;
}

/** What the log says, with words for what is another at every run. */
function readably(text: string): string {
  return fleet
    .flatMap(({ name }) => [name, `${name}-globex`])
    .reduce((rest, agent) => rest.replaceAll(realm.scopeOf(agent), `<${agent}>`), text)
    .replace(/a2a-fleet-\d+/, "a2a-fleet-<time>")
    .replace(/(initialAccess > ).*/, "$1<id>");
}

beforeAll(async () => {
  await realm.apply(fleet);
});

describe("what somebody changes by hand", () => {
  test("each kind is put right in one round, whatever else was changed, and logged", async () => {
    const before = await look();
    const own = { sub: (await realm.claimsFor("desk-globex", "billing")).sub, keys: await realm.kids() };
    expect(saidOf(await realm.apply(fleet), "drift")).toEqual([]);

    for (const { make } of manualChanges) await make(realm);
    const spoilt = await look();
    const unseen = manualChanges.filter(({ what }) => same(spoilt.get(what), before.get(what)));
    expect(unseen.map(({ what }) => what)).toEqual([]);

    const lines = await realm.apply(fleet);
    const restored = await look();
    for (const { what } of manualChanges) {
      expect({ what, is: restored.get(what) }).toEqual({ what, is: before.get(what) });
    }
    const logged = saidOf(lines, "drift").map(readably);
    expect(manualChanges.filter((change) => !logged.includes(change.logged)).map(({ what }) => what)).toEqual(
      [],
    );
    expect(saidOf(lines, "uncorrected").concat(saidOf(lines, "refused"), saidOf(lines, "change"))).toEqual(
      [],
    );

    expect(await realm.claimsFor("desk-globex", "billing")).toMatchObject({
      sub: own.sub,
      roles: ["billing"],
    });
    expect(await realm.kids()).toEqual(own.keys);
    expect(saidOf(await realm.apply(fleet), "drift")).toEqual([]);
  });

  test("a client's tokens don't live longer meanwhile either, for all that somebody set", async () => {
    const [client] = await realm.administer<{ id: string; attributes: object }[]>(
      "GET",
      "/clients?clientId=desk-globex",
    );
    const attributes = { ...client?.attributes, "access.token.lifespan": "36000" };
    await realm.administer("PUT", `/clients/${client?.id}`, { ...client, attributes });
    expect((await realm.tokenFor("desk-globex", "billing")).expiresIn).toBeLessThanOrEqual(900);
    await realm.administer("PUT", "", { ssoSessionMaxLifespan: 36_000 });
    expect((await realm.tokenFor("desk-globex", "billing")).expiresIn).toBeGreaterThan(35_000);
    await realm.apply(fleet);
    expect((await realm.tokenFor("desk-globex", "billing")).expiresIn).toBe(900);
  });

  test("what is taken away comes back", async () => {
    const roles = await realm.administer<{ id: string; name: string }[]>("GET", "/roles?max=100");
    const clients = await realm.administer<{ id: string; clientId: string }[]>("GET", "/clients?max=100");
    await realm.administer("DELETE", `/roles-by-id/${roles.find(({ name }) => name === "billing")?.id}`);
    await realm.administer(
      "DELETE",
      `/clients/${clients.find(({ clientId }) => clientId === "shipping")?.id}`,
    );
    expect((await realm.tokenFor("shipping", "billing")).status).toBe(401);
    expect((await realm.claimsFor("desk-globex", "billing")).roles).toBeUndefined();

    const lines = await realm.apply(fleet);
    expect(saidOf(lines, "drift")).toEqual(
      expect.arrayContaining(["clients > shipping", "roles > realm > billing"]),
    );
    expect(await realm.claimsFor("shipping", "billing")).toMatchObject({ roles: ["billing"] });
    expect(await realm.claimsFor("desk-globex", "billing")).toMatchObject({ roles: ["billing"] });
    expect(saidOf(await realm.apply(fleet), "drift")).toEqual([]);
  });

  test("is counted, where a scraper finds it", async () => {
    const app = await realm.keep(fleet);
    const metrics = () => fetch(`${app.url}/metrics`).then((answer) => answer.text());
    const lineOf = (text: string, name: string) => text.split("\n").filter((line) => line.startsWith(name));
    await vi.waitUntil(() => saidOf(app.lines, "round").length > 0, { timeout: 60_000 });
    expect(lineOf(await metrics(), "a2a_realm_drift_total")).toEqual([]);

    await realm.administer("POST", "/roles", { name: "boss" });
    await vi.waitUntil(() => saidOf(app.lines, "drift").length > 0, { timeout: 60_000 });
    await vi.waitUntil(() => app.lines.at(-1)?.message === "the realm is as it should be", {
      timeout: 60_000,
    });
    const counted = await metrics();
    expect(lineOf(counted, "a2a_realm_drift_total")).toEqual([
      'a2a_realm_drift_total{realm="drift",part="roles"} 1',
    ]);
    expect(lineOf(counted, "a2a_realm_uncorrected")).toEqual(['a2a_realm_uncorrected{realm="drift"} 0']);
    const [applied] = lineOf(counted, "a2a_realm_applied_timestamp_seconds");
    expect(Date.now() / 1000 - Number(applied?.split(" ")[1])).toBeLessThan(60);
    expect(await app.stop()).toBe(0);
  });
});

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
