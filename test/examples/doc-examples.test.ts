import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { compile } from "../support/compile";

const ROOT = join(__dirname, "../..");

/** What each of the named constructs' examples takes for granted: what a reader has at hand by then. */
const CONSTRUCTS: Readonly<Record<string, string>> = {
  AgentService: "workload, host",
  RedisTaskStore: "resourceGroup, secrets",
  KeyVaultSecrets: "resourceGroup, tenantId, deployerObjectIds",
  ApimAgentApi: "workload, gateway, identityProvider",
  DaprMesh: "workloads",
  CloudRunAgent: "workload",
};

/** Types of what examples take for granted, by name. Where a file isn't there, nothing of it is taken. */
const GIVEN: Readonly<Record<string, readonly [type: string, file: string | null]>> = {
  workload: ["AgentWorkload", "src/agent/agent-workload"],
  workloads: ["readonly AgentWorkload[]", "src/agent/agent-workload"],
  host: ["AgentHost", "src/parts/agent-host"],
  resourceGroup: ["IResourceGroup", "src/azure/resource-group"],
  secrets: ["IKeyVaultSecrets", "src/azure/key-vault-secrets"],
  tenantId: ["string", null],
  deployerObjectIds: ["readonly string[]", null],
  gateway: ["IApiManagement", "src/azure/api-management/api-management"],
  identityProvider: ["IIdentityProvider<AzureIdentity>", "src/identity/identity-provider"],
};

const sources = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && file !== "index.ts")
  .map((file) => `src/${file}`);

interface Example {
  readonly construct: string;
  readonly file: string;
  /** Null where its doc comment has none. */
  readonly code: string | null;
}

/** The named constructs that exist, each with the example in its doc comment. */
function findExamples(): Example[] {
  return sources.flatMap((file) => {
    const text = readFileSync(join(ROOT, file), "utf8");
    return [...text.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\nexport class (\w+)/g)]
      .filter(([, , construct = ""]) => construct in CONSTRUCTS)
      .map(([, comment = "", construct = ""]) => ({ construct, file, code: exampleIn(comment) }));
  });
}

function exampleIn(comment: string): string | null {
  const lines = comment.split("\n").map((line) => line.replace(/^ \* ?/, ""));
  const start = lines.findIndex((line) => line.startsWith("@example"));
  if (start < 0) return null;
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => line.startsWith("@"));
  return rest
    .slice(0, end < 0 ? undefined : end)
    .join("\n")
    .trim();
}

/** An example as the body of somebody's own stack. */
function stackOf({ construct, code, file }: Example): string {
  const given = (CONSTRUCTS[construct] ?? "").split(", ");
  const types = given.map((name) => {
    const [type, source] = GIVEN[name] ?? ["never", null];
    const named = (/\w+(?=<|\[|$)/.exec(type) ?? [type])[0];
    return {
      parameter: `${name}: ${type}`,
      imported: source === null ? "" : `import type { ${named} } from "../../${source}";`,
    };
  });
  return [
    ...new Set(types.map(({ imported }) => imported)),
    'import type { AzureIdentity } from "../../src/azure/azure-identity";',
    'import { TerraformOutput } from "cdktf";',
    'import { Construct } from "constructs";',
    ...importsOf(code ?? "", construct, file),
    "export class Stack extends Construct {",
    `  build(${types.map(({ parameter }) => parameter).join(", ")}) {`,
    code,
    "  }",
    "}",
  ].join("\n");
}

/** What the code names with a capital, from the construct's own folder or wherever it is exported. */
function importsOf(code: string, construct: string, file: string): string[] {
  const names = new Set([construct, ...[...code.matchAll(/\b([A-Z]\w+)[.(]/g)].map(([, name = ""]) => name)]);
  names.delete("TerraformOutput");
  return [...names].map((name) => {
    const source = name === construct ? file : findExport(name);
    return `import { ${name} } from "../../${source.replace(/\.ts$/, "")}";`;
  });
}

function findExport(name: string): string {
  const exported = new RegExp(`export (?:class|function|const) ${name}\\b`);
  const found = sources.find((file) => exported.test(readFileSync(join(ROOT, file), "utf8")));
  return found ?? `src/nothing-exports-${name}`;
}

const examples = findExamples();

test("the constructs that are looked for are found", () => {
  const found = examples.map(({ construct }) => construct);
  expect(found).toEqual(expect.arrayContaining(["AgentService", "KeyVaultSecrets", "RedisTaskStore"]));
  expect(new Set(found).size).toBe(found.length);
});

test.each(examples)("$construct has an example that shows it", ({ construct, code }) => {
  expect(code).toContain(`new ${construct}(this, `);
});

describe("the compiler", () => {
  const complaints = compile({
    ...Object.fromEntries(examples.map((example) => [`${example.construct}.ts`, stackOf(example)])),
    "broken.ts": stackOf({
      construct: "AgentService",
      file: "src/parts/agent-service.ts",
      code: 'new AgentService(this, "billing", { workload, hots: host });',
    }),
  });

  test.each(examples)("takes the example of $construct", ({ construct }) => {
    expect(complaints.get(`${construct}.ts`)).toEqual([]);
  });

  test("refuses an example with a misspelt property", () => {
    expect(complaints.get("broken.ts")?.join("\n")).toMatch(/'hots' does not exist/);
  });
});
