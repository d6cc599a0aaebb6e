import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { z } from "zod";
import { providerOfType, providerVersions, SchemaStore } from "../provider/schema/schema-store";
import type { ExistingThing } from "../scenario";
import { RehearsalFailure } from "./failure";

const things = z.array(
  z.strictObject({
    type: z.string(),
    attributes: z.record(z.string(), z.unknown()),
    scope: z.string().optional(),
  }),
);

/** A state of Terraform, as its files are. */
const state = z.object({
  version: z.literal(4),
  resources: z.array(
    z.object({
      mode: z.string(),
      type: z.string(),
      instances: z.array(z.object({ attributes: z.record(z.string(), z.unknown()).optional() })),
    }),
  ),
});

const FORMS =
  "give a list of { type, attributes } in JSON or YAML, or a state that `terraform state pull` wrote (version 4)";

/**
 * Reads what exists before Terraform comes: a list of things, or a state that somebody else's Terraform has written. Of
 * a state, data sources and what no simulated cloud has are left out.
 *
 * @throws RehearsalFailure with everything that is wrong with the file
 */
export async function readExistingThings(path: string): Promise<ExistingThing[]> {
  const content = await readContent(path);
  const asState = state.safeParse(content);
  if (asState.success) {
    return asState.data.resources
      .filter(({ mode, type }) => mode === "managed" && typeProblem(type) === undefined)
      .flatMap(({ type, instances }) => instances.map(({ attributes = {} }) => ({ type, attributes })));
  }
  const asThings = things.safeParse(content);
  if (!asThings.success) {
    const problems = asThings.error.issues.map(
      (issue) => `${issue.path.length === 0 ? "" : `${placeOf(issue.path)}: `}${issue.message}`,
    );
    throw new RehearsalFailure({ what: `${path} doesn't say what exists; ${FORMS}`, details: problems });
  }
  const details = asThings.data.flatMap(({ type, attributes }, index) =>
    findProblems(type, attributes).map((problem) => `${placeOf([index])}: ${problem}`),
  );
  if (details.length > 0) {
    throw new RehearsalFailure({ what: `${path} names what can't exist`, details });
  }
  return asThings.data;
}

async function readContent(path: string): Promise<unknown> {
  try {
    // JSON is YAML, too.
    return parse(await readFile(path, "utf8"));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "isn't there" : `can't be read: ${message.split("\n")[0]}`;
    throw new RehearsalFailure({ what: `${path} ${why}; ${FORMS}` });
  }
}

/** Entries are counted as people count: from one. */
function placeOf([index, ...rest]: readonly PropertyKey[]): string {
  return [`entry ${Number(index) + 1}`, ...rest.map(String)].join(" › ");
}

function findProblems(type: string, attributes: Readonly<Record<string, unknown>>): string[] {
  const problem = typeProblem(type);
  if (problem !== undefined) return [problem];
  const block = schemasOf(type)?.find("resource", type)?.block;
  const known = new Set([...Object.keys(block?.attributes ?? {}), ...Object.keys(block?.block_types ?? {})]);
  return Object.keys(attributes)
    .filter((name) => !known.has(name))
    .map((name) => `${type} has no argument '${name}' (${[...known].sort().join(", ")})`);
}

function typeProblem(type: string): string | undefined {
  const schemas = schemasOf(type);
  if (schemas === undefined) {
    return `no simulated cloud has '${type}' (${Object.keys(providerVersions).sort().join(", ")})`;
  }
  return schemas.find("resource", type) === undefined
    ? `${schemas.provider} has no resource type '${type}'`
    : undefined;
}

const stores = new Map<string, SchemaStore>();

function schemasOf(type: string): SchemaStore | undefined {
  const provider = providerOfType(type);
  if (!Object.hasOwn(providerVersions, provider)) return undefined;
  const schemas = stores.get(provider) ?? new SchemaStore(provider);
  stores.set(provider, schemas);
  return schemas;
}
