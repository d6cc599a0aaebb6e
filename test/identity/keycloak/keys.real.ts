import { beforeAll, describe, expect, test } from "vitest";
import { billing, desk } from "../../support/sample-fleet";
import { FleetRealm, type LogLine, saidOf, type Variables } from "./fleet-realm";
import { verifiedClaims } from "./tokens";

const realm = new FleetRealm("keys");
const fleet = [desk, billing];
const KEYS = "org.keycloak.keys.KeyProvider";

const token = async () => (await realm.tokenFor("desk-globex", "billing")).accessToken;
const kidOf = async (accessToken: string | undefined) => (await verifiedClaims(realm.url, accessToken)).kid;
/** How many keys Keycloak has, on the JWKS or not. */
const kept = async () =>
  (await realm.administer<{ name: string }[]>("GET", `/components?type=${KEYS}`)).filter(({ name }) =>
    name.startsWith("a2a-fleet-"),
  ).length;
const keyEvents = (lines: readonly LogLine[]) =>
  lines.flatMap(({ event, message }) => (event === "key" ? [message.replace(/^the key \S+ /, "")] : []));

/** Any key is due; the one before has signed long enough. */
const DUE = { KEY_LIFETIME_DAYS: "0.0000001" };
/** A new key signs at once. */
const AT_ONCE = { KEY_AHEAD_SECONDS: "0.001" };
/** No token needs a key that signs no longer. */
const NO_TOKENS = { KEY_GRACE_SECONDS: "0" };

/** A token of the first key, and one of the second; what was said on the way. */
let old: string | undefined;
let young: string | undefined;
let first: string;
const said: LogLine[] = [];

async function round(change: Variables = {}): Promise<string[]> {
  const lines = await realm.apply(fleet, change);
  said.push(...lines);
  return keyEvents(lines).toSorted();
}

beforeAll(async () => {
  await realm.apply(fleet);
  old = await token();
  first = await kidOf(old);
});

describe("signing keys", () => {
  test("start with one", async () => {
    expect(await realm.kids()).toEqual([first]);
  });

  test("a new one is on the JWKS before it signs", async () => {
    expect(await round(DUE)).toEqual(["is published"]);
    expect(await realm.kids()).toHaveLength(2);
    expect(await kidOf(await token())).toBe(first);
    expect(await round()).toEqual([]);
  });

  test("once it signs, the old one verifies what it signed as long as that lives", async () => {
    expect(await round(AT_ONCE)).toEqual(["signs", "signs no longer, and verifies what it signed"]);
    young = await token();
    expect(await kidOf(young)).not.toBe(first);
    expect(await round(AT_ONCE)).toEqual([]);
    expect(await kidOf(old)).toBe(first);
  });

  test("then the old one leaves the JWKS", async () => {
    expect(await round({ ...AT_ONCE, ...NO_TOKENS })).toEqual(["is disabled: no token needs it"]);
    expect(await realm.kids()).toEqual([await kidOf(young)]);
    await expect(kidOf(old)).rejects.toThrow(`the key ${first} is not on the JWKS`);
    expect(await kept()).toBe(2);
  });

  test("and Keycloak, while the new one signs on, and none of it was anybody's change", async () => {
    expect(await round({ ...AT_ONCE, ...NO_TOKENS })).toEqual(["is removed: no token needs it"]);
    expect(await kept()).toBe(1);
    expect(await kidOf(await token())).toBe(await kidOf(young));
    expect(saidOf(said, "key")).toHaveLength(5);
    expect(saidOf(said, "drift")).toEqual([]);
  });
});
