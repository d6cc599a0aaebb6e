import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { brokenFleets } from "../fleet/broken-fleets";

const SOURCES = join(__dirname, "../../src");

/** Every refusal that a test has seen, word for word, by the rule that it comes from. */
export function refusalsPage(): string {
  const why = reasons();
  const rules = [...new Set(brokenFleets.map(({ rule }) => rule))];
  const sections = rules.toSorted().map((rule) => {
    const fleets = brokenFleets.filter((fleet) => fleet.rule === rule);
    const said = [...new Set(fleets.map(({ says }) => says))].map(
      (message) => `- ${message.replaceAll("<", "&lt;")}`,
    );
    return [`## ${rule}`, "", ...(why.has(rule) ? [why.get(rule), ""] : []), ...said, ""].join("\n");
  });
  return [
    "<!-- Written by `npm run docs`, from the rules and the fleets that break them. -->",
    "",
    "# What is refused, and what to do",
    "",
    "A fleet that would break in production doesn't synthesize. Each refusal below is the message of a fleet that a test",
    "breaks on purpose; after the `;` is what to do. The agents are called `desk` and `billing`, the environment `test`. What",
    "an environment accepts all the same, it says in `exceptions`, with a reason and an end, where the message says so.",
    "",
    ...sections,
  ].join("\n");
}

/** What a rule's own comment says, by its id. */
function reasons(): Map<string, string> {
  const files = readdirSync(SOURCES, { recursive: true, encoding: "utf8" }).filter((file) =>
    /rules\/[\w-]+\.ts$/.test(file),
  );
  return new Map(
    files.flatMap((file) => {
      const text = readFileSync(join(SOURCES, file), "utf8");
      const [, doc] = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*export const \w+: Rule\b/.exec(text) ?? [];
      if (doc === undefined) return [];
      const words = doc
        .replace(/^\s*\*? ?/gm, "")
        .replace(/@see .*$/gm, "")
        .replace(/\s+/g, " ")
        .trim();
      return [[basename(file, ".ts"), words] as const];
    }),
  );
}
