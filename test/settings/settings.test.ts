import { expect, test } from "vitest";
import type { Environment } from "../../src/environment/environment";
import { homes } from "./changed-fleet";
import { type Changes, settingChanges } from "./setting-changes";
import { settingPlaces } from "./setting-places";
import { finishFleet, walkSettings } from "./walk-settings";

// `npm run test:settings` walks them; this is what it walks, and that it finds what it looks for.

const places = settingPlaces();
const leaves = places.filter((place) => !places.some((other) => isInside(other, place)));

function isInside(other: string, place: string): boolean {
  return other.startsWith(place) && /^[.([]/.test(other.slice(place.length));
}

/** Settings that are changed in a home. */
function changed(home: string): string[] {
  return settingChanges
    .filter(({ only }) => only?.includes(home) ?? true)
    .flatMap(({ at, is, to }) => [
      ...Object.keys(to).map((setting) => `${at}.${setting}`),
      ...["kind", "access"].filter((tag) => tag in Object(is)).map((tag) => `${at}.${tag}`),
    ]);
}

test.each(Object.keys(homes))("every setting of the types is changed in the fleet on %s", (home) => {
  expect(leaves.length).toBeGreaterThan(300);
  const walked = new Set(changed(home));
  expect(leaves.filter((leaf) => !walked.has(leaf))).toEqual([]);
});

test("nothing is changed that is no setting", () => {
  const known = new Set(places);
  const all = Object.keys(homes).flatMap(changed);
  expect([...new Set(all)].filter((setting) => !known.has(setting))).toEqual([]);
});

test.each([
  ["container-apps", "environment", { logLevel: "debug" }, "bound"],
  ["container-apps", "definition", { egress: [{ host: "erp.acme.example" }] }, "said"],
  ["container-apps", "environment", { kubernetes: { runAsUser: 2000 } }, "refused"],
])("on %s a change of %s, %o, is %s, and dropped where nothing binds it", async (home, at, to, outcome) => {
  const list: Changes[] = [{ at, to }];
  const [setting] = Object.keys(to) as [string];
  expect(await walkSettings(home, list)).toEqual([{ setting: `${at}.${setting}`, outcome }]);
  // The same fleet, made by something that never looks at the setting.
  const blind = await walkSettings(home, list, ({ definitions, environment }) =>
    finishFleet({
      definitions: definitions.map((definition) => without(definition, setting)),
      environment: without(environment, setting) as Environment,
    }),
  );
  expect(blind).toEqual([{ setting: `${at}.${setting}`, outcome: "dropped" }]);
});

function without<Whole extends object>(whole: Whole, key: string): Whole {
  return Object.fromEntries(Object.entries(whole).filter(([name]) => name !== key)) as Whole;
}
