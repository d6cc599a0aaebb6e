import { describe, expect, test } from "vitest";
import type { AgentDefinition } from "../../../src/agent/agent-definition";
import { billing, desk } from "../../support/sample-fleet";
import { FleetRealm, type LogLine, saidOf } from "./fleet-realm";

const shipping: AgentDefinition = {
  name: "shipping",
  description: "Sends parcels",
  version: "1.0.0",
  calls: ["billing"],
  skills: [{ id: "send", name: "Send", description: "Sends a parcel", tags: ["parcel"] }],
};
const before = [desk, billing];
const after = [desk, billing, shipping];

/** Waits until something holds. @throws Error after a minute */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("it didn't come to that within a minute");
}

/** Lets two deployments keep one realm for a while, the second joining the first, and looks at the clients meanwhile. */
async function roll(name: string, generations: { readonly before: string; readonly after: string }) {
  const realm = new FleetRealm(name);
  const old = await realm.keep(before, { GENERATION: generations.before });
  await until(() => saidOf(old.lines, "round").length > 1);
  const young = await realm.keep(after, { GENERATION: generations.after });
  await until(() => saidOf(young.lines, "round").length > 0);
  const seen = new Set<string>();
  const ids = new Set<string>();
  const end = Date.now() + 8_000;
  while (Date.now() < end) {
    const clients = await realm.administer<{ clientId: string; id: string }[]>("GET", "/clients?max=100");
    seen.add(clients.some(({ clientId }) => clientId === "shipping") ? "kept" : "lost");
    for (const { clientId, id } of clients) if (clientId === "shipping") ids.add(id);
  }
  await Promise.all([old.stop(), young.stop()]);
  return { realm, old: old.lines, young: young.lines, seen: [...seen], ids };
}

const isSettled = ({ message }: LogLine) => message === "the realm is as it should be";

describe("two deployments of a fleet, side by side in a rollout", () => {
  test("every client of the new one stays, and the old one says that it leaves the realm alone", async () => {
    const { realm, old, young, seen, ids } = await roll("rollout", { before: "1000", after: "2000" });
    expect(seen).toEqual(["kept"]);
    expect(ids.size).toBe(1);
    expect(saidOf(old, "left-to-newer").length).toBeGreaterThan(3);
    expect(saidOf(old, "drift")).toEqual([]);
    expect(saidOf(young, "drift")).toEqual([]);
    expect(young.filter(isSettled).length).toBeGreaterThan(3);
    expect(await realm.claimsFor("shipping", "billing")).toMatchObject({ roles: ["billing"] });
  });

  test("without an order between them they undo each other", async () => {
    const { seen } = await roll("no-order", { before: "1000", after: "1000" });
    expect(seen).toContain("lost");
  });

  test("an order that somebody types into the realm is none", async () => {
    const realm = new FleetRealm("typed-order");
    await realm.apply(before);
    const { attributes } = await realm.administer<{ attributes: Record<string, string> }>("GET", "");
    const follows = { "a2a-fleet.follows": `9999 ${"0".repeat(64)}` };
    await realm.administer("PUT", "", { attributes: { ...attributes, ...follows } });
    const lines = await realm.apply(before);
    expect(saidOf(lines, "left-to-newer")).toEqual([]);
    expect(saidOf(lines, "drift")).toEqual(["attributes > a2a-fleet.follows"]);
    const restored = await realm.administer<{ attributes: Record<string, string> }>("GET", "");
    expect(restored.attributes["a2a-fleet.follows"]).toBe(attributes["a2a-fleet.follows"]);
  });

  test("one that was killed while it wrote keeps nobody waiting for longer than its lease", async () => {
    const realm = new FleetRealm("killed");
    await realm.apply(before);
    const until = Date.now() + 10_000;
    await realm.administer("POST", "/roles", {
      name: "a2a-fleet-lease",
      attributes: { holder: ["who was killed"], until: [String(until)] },
    });
    const lines = await realm.apply(after, { GENERATION: "2000" });
    expect(saidOf(lines, "waited").length).toBeGreaterThan(0);
    const written = lines.find(({ event }) => event === "change");
    expect(Date.parse(written?.time ?? "")).toBeGreaterThanOrEqual(until);
    expect(saidOf(lines, "change")).toContain("clients > shipping");
    const roles = await realm.administer<{ name: string }[]>("GET", "/roles?max=100");
    expect(roles.map(({ name }) => name)).not.toContain("a2a-fleet-lease");
  });
});
