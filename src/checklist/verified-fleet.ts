import { z } from "zod";

const schema = z.strictObject({
  environment: z.string(),
  on: z.iso.date(),
  passed: z.array(z.string()),
  failed: z.record(z.string(), z.string()),
});

/** What somebody found who asked the running fleet: ids of items, and of those that failed also what was seen. */
export type VerifiedFleet = z.infer<typeof schema>;

/** @throws Error that names the file and shows its shape, when it has another one */
export function readVerifiedFleet(text: string, file: string): VerifiedFleet {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Error(`${file} is no JSON; ${SHAPE}`);
  }
  const { success, data } = schema.safeParse(json);
  if (!success) throw new Error(`${file} is not what a check of a running fleet writes; ${SHAPE}`);
  return data;
}

/**
 * What several looks at the same fleet found, from outside and from inside: what failed for one of them failed. Null where
 * nobody looked; the day is that of the first look.
 *
 * @throws Error when they are of several environments
 */
export function joinVerifiedFleets(found: readonly VerifiedFleet[]): VerifiedFleet | null {
  const names = new Set(found.map(({ environment }) => environment));
  if (names.size > 1)
    throw new Error(
      `what was verified is of several environments (${[...names].join(", ")}); give those of one`,
    );
  const [environment] = names;
  const [on] = found.map((each) => each.on).toSorted();
  if (environment === undefined || on === undefined) return null;
  const failed = Object.assign({}, ...found.map((each) => each.failed));
  const passed = new Set(found.flatMap((each) => each.passed));
  return { environment, on, passed: [...passed].filter((item) => !(item in failed)), failed };
}

const SHAPE =
  'write { "environment": "staging", "on": "2026-11-21", "passed": ["agent/card-url"], "failed": { "azure/card-is-public": "401" } }';
