import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { clouds } from "../../src/choices/clouds";
import { clusters } from "../../src/choices/clusters";
import { issuers } from "../../src/choices/issuers";
import { platforms } from "../../src/choices/platforms";
import { registries } from "../../src/choices/registries";
import { taskStores } from "../../src/choices/task-stores";
import { vaults } from "../../src/choices/vaults";
import { edges } from "../../src/cluster/facts/edges";
import { roomOf } from "../support/room-imports";

const ROOT = join(__dirname, "../..");

interface Source {
  readonly file: string;
  readonly text: string;
}

/** Every source but those of the rehearsal, which simulates clouds and knows nothing of the lists. */
const sources: readonly Source[] = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => ({ file: `src/${name}`, text: readFileSync(join(ROOT, "src", name), "utf8") }))
  .filter(({ file }) => roomOf(file) !== "rehearsal");

const kinds = new Set(
  [clouds, clusters, edges, issuers, platforms, registries, taskStores, vaults].flatMap((list) =>
    list.map(({ kind }): string => kind),
  ),
);

/** Whose file it is: facts and what is made from them have one owner. */
const ownerOf = (file: string) => roomOf(file).replace("/facts", "");

/** Rooms that say what settings or traits of that kind are. */
function ownersOf(kind: string): Set<string> {
  const declares = ({ text }: Source) =>
    text.includes(`z.literal("${kind}")`) || text.includes(`Traits<"${kind}">`);
  return new Set(sources.filter(declares).map(({ file }) => ownerOf(file)));
}

const owners = new Map([...kinds].map((kind) => [kind, ownersOf(kind)]));

/** Whether a definition of an agent says it as well, in words of its own that everybody may ask for. */
function isAgentsWord(kind: string): boolean {
  const said = new RegExp(`z\\.enum\\(\\[[^\\]]*"${kind}"`);
  return sources.some(({ file, text }) => roomOf(file) === "agent" && said.test(text));
}

/** Lines that ask for the name of a kind that is another room's. */
function asksForNames({ file, text }: Source): string[] {
  return text.split("\n").flatMap((line, index) => {
    const asked = line.matchAll(/(?:[!=]==?\s*|\bcase\s+)"([^"]+)"|"([^"]+)"\s*[!=]==?/g);
    const foreign = [...asked]
      .map(([, right, left]) => right ?? left ?? "")
      .filter((kind) => owners.get(kind)?.has(ownerOf(file)) === false && !isAgentsWord(kind));
    return foreign.map((kind) => `${file}:${index + 1} asks for '${kind}'; ask for a trait of it`);
  });
}

test("every kind of something that an environment chooses is some room's own", () => {
  // Sides of an environment aren't told apart by a `kind` of theirs.
  const chosen = [...kinds].filter((kind) => !clouds.some((cloud) => cloud.kind === kind));
  expect(chosen.filter((kind) => owners.get(kind)?.size === 0)).toEqual([]);
});

test("nobody asks for the name of what is another room's", () => {
  expect(sources.flatMap(asksForNames)).toEqual([]);
});

describe("a name is asked for", () => {
  const text = (line: string) => `const answer = 1;\n${line}\n`;

  test.each([
    ["a platform's", 'if (platform === "container-apps") return;'],
    ["all but a platform's", 'const onAzure = platform !== "cloud-run";'],
    ["a store's, the other way around", 'return "managed-redis" === taskStore.kind;'],
    ["an issuer's, in a switch", '  case "keycloak":'],
  ])("%s: not by the fleet", (_what, line) => {
    const said = asksForNames({ file: "src/fleet/rules/example.ts", text: text(line) });
    expect(said).toEqual([expect.stringMatching(/^src\/fleet\/rules\/example\.ts:2 asks for '/)]);
  });

  test("by the other cloud: not either", () => {
    const line = 'if (platform === "cloud-run") return;';
    expect(asksForNames({ file: "src/azure/network.ts", text: text(line) })).toHaveLength(1);
    expect(asksForNames({ file: "src/google/google-network.ts", text: text(line) })).toEqual([]);
    expect(asksForNames({ file: "src/google/facts/google-facts.ts", text: text(line) })).toEqual([]);
  });
});
