import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";

interface Key {
  readonly name: string;
  readonly providerId: string;
  readonly config: Record<string, string[]>;
}

interface Step {
  readonly step: "create" | "update" | "remove";
  readonly key: Key;
  readonly drift?: boolean;
}

interface Times {
  readonly lifetime: number;
  readonly ahead: number;
  readonly grace: number;
}

const { signingKeySteps } = createRequire(import.meta.url)(
  "../../src/identity/keycloak/signing-keys.cjs",
) as {
  signingKeySteps: (keys: readonly Key[], now: number, times: Times) => Step[];
};

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 0, 1);
const times = { lifetime: 90 * DAY, ahead: 2 * HOUR, grace: 20 * MINUTE };

/** The keys after a round's steps, as Keycloak has them then. */
function applied(keys: readonly Key[], steps: readonly Step[]): Key[] {
  const changed = new Map(steps.map(({ step, key }) => [key.name, step === "remove" ? undefined : key]));
  const kept = keys.flatMap((key) => (changed.has(key.name) ? (changed.get(key.name) ?? []) : key));
  return [...kept, ...steps.flatMap(({ step, key }) => (step === "create" ? key : []))];
}

/** What a key says, or else what Keycloak takes it to be. */
const is = (key: Key, name: string) => (key.config[name]?.[0] ?? "true") === "true";
const priority = ({ config }: Key) => Number(config.priority?.[0]);
/** As Keycloak does: the active key with the highest priority signs; every enabled one verifies. */
const signing = (keys: readonly Key[]) =>
  keys.filter((key) => is(key, "active")).toSorted((one, other) => priority(other) - priority(one))[0]
    ?.name as string;
const published = (keys: readonly Key[]) => keys.filter((key) => is(key, "enabled")).map(({ name }) => name);

/** What was seen at each round. */
interface Seen {
  readonly at: number;
  readonly signs: string;
  readonly onJwks: readonly string[];
  readonly count: number;
}

function rounds(span: number, pause: number, begin: readonly Key[] = []): { seen: Seen[]; drift: Step[] } {
  let keys = [...begin];
  const seen: Seen[] = [];
  const drift: Step[] = [];
  for (let at = START; at < START + span; at += pause) {
    const steps = signingKeySteps(keys, at, times);
    drift.push(...steps.filter((step) => step.drift));
    keys = applied(keys, steps);
    expect(signingKeySteps(keys, at, times).map(({ step }) => step)).toEqual([]);
    seen.push({ at, signs: signing(keys), onJwks: published(keys), count: keys.length });
  }
  return { seen, drift };
}

/** One that Keycloak makes with a realm that brings none. */
const keycloaksOwn: Key = {
  name: "rsa-generated",
  providerId: "rsa-generated",
  config: { priority: ["100"] },
};

describe.each([
  ["a realm of the fleet's", [], 5],
  ["a realm that had Keycloak's own key", [keycloaksOwn], 6],
])("the signing keys of %s in a year", (_name, begin, signingKeys) => {
  const { seen, drift } = rounds(365 * DAY, 10 * MINUTE, begin);

  test("follow one another, and none is taken for somebody's change", () => {
    const signers = [...new Set(seen.map(({ signs }) => signs))];
    expect(signers).toHaveLength(signingKeys);
    expect(drift).toEqual([]);
  });

  test("verify every token while it lives, whatever a verifier's clock says", () => {
    const lived = 15 * MINUTE + 5 * MINUTE;
    const lost = seen.filter(({ at, onJwks }, place) =>
      seen
        .slice(Math.max(0, place - lived / (10 * MINUTE)), place)
        .some((earlier) => at - earlier.at <= lived && !onJwks.includes(earlier.signs)),
    );
    expect(lost).toEqual([]);
  });

  test("are on the JWKS for two hours before they sign, but for the first", () => {
    const first = new Map<string, { published?: number; signs?: number }>();
    for (const { at, onJwks, signs } of seen) {
      for (const name of onJwks) first.set(name, { published: at, ...first.get(name) });
      first.set(signs, { signs: at, ...first.get(signs) });
    }
    const [, ...later] = [...first.values()].filter((each) => each.signs !== undefined);
    expect(later.length).toBeGreaterThan(2);
    const early = later.filter(({ published: since = 0, signs = 0 }) => signs - since < times.ahead);
    expect(early).toEqual([]);
  });

  test("are gone within an hour once no token needs them", () => {
    let signedSince = seen[0]?.at ?? 0;
    for (const [place, { at, signs, count, onJwks }] of seen.entries()) {
      if (place > 0 && seen[place - 1]?.signs !== signs) signedSince = at;
      const isLong = at - signedSince > HOUR;
      const isNextPublished = onJwks.length > 1 && Number(onJwks.at(-1)?.split("-").at(-1)) >= signedSince;
      if (isLong) expect({ at, count }).toEqual({ at, count: isNextPublished ? 2 : 1 });
    }
  });
});

describe("a key that somebody changed", () => {
  const [born] = signingKeySteps([], START, times).map(({ key }) => key) as [Key];
  const changed = (config: Record<string, string[]>, now = START + DAY) =>
    signingKeySteps([{ ...born, config: { ...born.config, ...config } }], now, times);

  test.each([
    ["made passive", { active: ["false"] }],
    ["disabled", { enabled: ["false"] }],
    ["with another algorithm", { algorithm: ["RS512"] }],
    ["with a shorter key", { keySize: ["1024"] }],
    ["that would sign before all others for ever", { priority: ["99999999999"] }],
  ])("is put back as drift: %s", (_what, config) => {
    const [step, ...more] = changed(config as unknown as Record<string, string[]>);
    expect(more).toEqual([]);
    expect(step).toMatchObject({ step: "update", drift: true });
    const restored = step?.key.config;
    expect(restored).toMatchObject({ enabled: ["true"], active: ["true"], keySize: ["2048"] });
    expect(Number(restored?.priority?.[0])).toBeLessThanOrEqual((START + DAY) / 1000);
  });

  test("is left alone as it is", () => {
    expect(changed({})).toEqual([]);
  });
});
