import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compile } from "../support/compile";
import { REPOSITORY } from "../support/rehearsal-project";

let project = "";

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "lint-"));
  for (const name of ["biome.json", ".gitignore"]) cpSync(join(REPOSITORY, name), join(project, name));
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

const ROOT_IMPORT =
  'import { containerApp } from "@cdktf/provider-azurerm";\nexport const app = containerApp;\n';
const DEEP_IMPORT =
  'import { ContainerApp } from "@cdktf/provider-azurerm/lib/container-app";\nexport const app = ContainerApp;\n';

/** What the linter says, by the project's settings, about a file in a folder of the project. */
function lint(folder: string, text: string): Promise<string> {
  const file = join(folder, "example.ts");
  mkdirSync(join(project, folder), { recursive: true });
  writeFileSync(join(project, file), text);
  return new Promise((resolve) => {
    const biome = join(REPOSITORY, "node_modules/.bin/biome");
    execFile(biome, ["lint", "--colors=off", file], { cwd: project }, (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    );
  });
}

describe("a provider's root is imported", () => {
  test.each([
    "src",
    "src/azure",
    "src/azure/facts",
    "src/cluster/agent",
    "src/preflight",
    "stacks",
    "test",
    "agents",
    "src/fleet",
  ])("nowhere: not in %s", async (folder) => {
    const said = await lint(folder, ROOT_IMPORT);
    expect(said).toContain("lint/style/noRestrictedImports");
    expect(said).toContain("Found 1 error");
  });
});

describe("one resource of a provider is imported", () => {
  test.each(["src/azure", "src/google/cloud-run", "src/cluster", "stacks", "test"])(
    "in %s",
    async (folder) => {
      const said = await lint(folder, DEEP_IMPORT);
      expect(said).toMatch(/Checked 1 file in .*No fixes applied/s);
      expect(said).not.toContain("Found");
    },
  );

  test.each([
    "agents",
    "src/agent",
    "src/azure/facts",
    "src/choices",
    "src/environment",
    "src/fleet",
    "src/gateway",
    "stacks/environments",
  ])("not in %s, which know no provider", async (folder) => {
    expect(await lint(folder, DEEP_IMPORT)).toMatch(/Definitions, environments.*know no provider/s);
  });
});

describe("a host of one cloud", () => {
  const source = (dependency: string, used: string) => `
    import { agentHost, type IAgentPlatform } from "../../src/parts/agent-host";
    import type { IAgentDependency } from "../../src/parts/agent-dependency";
    import type { AzureIdentity } from "../../src/azure/azure-identity";

    interface GoogleIdentity { readonly email: string; readonly member: string }
    declare const azure: IAgentPlatform<AzureIdentity>;
    declare const google: IAgentPlatform<GoogleIdentity>;
    declare const dependency: IAgentDependency<${dependency}>;
    export const host = agentHost({ platform: ${used}, dependencies: [dependency] });
  `;
  const cases: readonly [dependency: string, platform: string, compiles: boolean][] = [
    ["AzureIdentity", "azure", true],
    ["GoogleIdentity", "google", true],
    ["unknown", "azure", true],
    ["unknown", "google", true],
    ["GoogleIdentity", "azure", false],
    ["AzureIdentity", "google", false],
  ];
  const name = (dependency: string, platform: string) => `${platform}-${dependency}.ts`;
  const complaints = compile(
    Object.fromEntries(
      cases.map(([dependency, platform]) => [name(dependency, platform), source(dependency, platform)]),
    ),
  );

  test.each(cases)(
    "with a dependency that wants %s, on %s: compiles %s",
    (dependency, platform, compiles) => {
      const said = complaints.get(name(dependency, platform)) ?? [];
      expect(said.length === 0, said.join("\n")).toBe(compiles);
      if (!compiles) expect(said.join("\n")).toMatch(/IAgentDependency|is missing in type|not assignable/);
    },
  );
});
