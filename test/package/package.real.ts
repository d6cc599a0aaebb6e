import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { publint } from "publint";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findCodeBlocks } from "../support/pages";
import { makeStrangerProject, readStacks, type StrangerProject } from "./stranger-project";

const ROOT = join(__dirname, "../..");
const { exports: entries, version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
const MODULES = Object.keys(entries).filter((entry) => !entry.endsWith(".json"));

/** The constructs that a stack is made of, each of which the project's stack has. */
const CONSTRUCTS = [
  "AgentService",
  "ApimAgentApi",
  "CloudRunAgent",
  "DaprMesh",
  "KeyVaultSecrets",
  "RedisTaskStore",
];

let project: StrangerProject;
beforeAll(() => {
  project = makeStrangerProject();
});
afterAll(() => project.remove());

/** Runs a program given as text, and reads the JSON that it prints. */
function evaluate(program: string, file = "program.cjs"): unknown {
  writeFileSync(join(project.folder, file), program);
  const { code, stdout, stderr } = project.run(`node ${file}`);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout);
}

describe("what is packed", () => {
  test("is what package.json promises", async () => {
    const { buffer } = new Uint8Array(readFileSync(project.tarball));
    expect((await publint({ pack: { tarball: buffer } })).messages).toEqual([]);
  });

  test("is compiled code with types, and no tests, agents, environments or sources", () => {
    const installed = join(project.folder, "node_modules/a2a-fleet");
    const tops = readdirSync(installed).filter((name) => name !== "node_modules");
    expect(tops.toSorted()).toEqual(["LICENSE", "README.md", "dist", "docs", "package.json"]);
    const files = readdirSync(join(installed, "dist"), { recursive: true, encoding: "utf8" });
    expect(files.filter((file) => /(?<!\.d)\.ts$|\.test\./.test(file))).toEqual([]);
    expect(files).toContain("rehearsal/schemas/azurerm.schemas.gz");
  });
});

describe("what is exported", () => {
  test("is what docs/exports.txt lists, so that nobody removes a name without seeing it", async () => {
    const reference = join(project.folder, "node_modules/a2a-fleet/docs/api");
    const pages = readdirSync(reference).filter((page) => page !== "README.md");
    expect(pages.length).toBe(MODULES.length);
    const lists = pages.toSorted().map((page) => {
      const names = readFileSync(join(reference, page), "utf8").matchAll(/^### (\w+)(?:\(\))?$/gm);
      return [page.replace(".md", ""), ...[...names].map(([, name]) => `  ${name}`).toSorted()].join("\n");
    });
    await expect(`${lists.join("\n")}\n`).toMatchFileSnapshot(join(ROOT, "docs/exports.txt"));
  });

  test.each(MODULES)("%s loads, each name of it", (entry) => {
    const name = JSON.stringify(join("a2a-fleet", entry));
    const program = `const all = require(${name});
      console.log(JSON.stringify(Object.keys(all).map((key) => [key, typeof all[key]])));`;
    const names = evaluate(program) as [string, string][];
    expect(names.length).toBeGreaterThan(3);
    expect(names.filter(([, type]) => type === "undefined")).toEqual([]);
  });

  test.each(MODULES)("%s gives an ES module the same names", (entry) => {
    const name = JSON.stringify(join("a2a-fleet", entry));
    const program = `import { createRequire } from "node:module";
      import * as imported from ${name};
      const required = createRequire(import.meta.url)(${name});
      const { default: _whole, "module.exports": _exports, ...names } = imported;
      const missing = Object.keys(required).filter((key) => names[key] !== required[key]);
      console.log(JSON.stringify([Object.keys(names).length, missing]));`;
    const [count, missing] = evaluate(program, "program.mjs") as [number, string[]];
    expect(count).toBeGreaterThan(3);
    expect(missing).toEqual([]);
  });

  const providersLoadedBy = (name: string) =>
    evaluate(`require("a2a-fleet").${name};
      const loaded = Object.keys(require.cache).flatMap((file) => /@cdktf.provider-(\\w+)/.exec(file)?.[1] ?? []);
      console.log(JSON.stringify([...new Set(loaded)]));`);

  test("the root loads a cloud only with a construct of it", () => {
    expect(providersLoadedBy("AgentService")).toEqual([]);
    expect(providersLoadedBy("resolveFleet")).toEqual([]);
    expect(providersLoadedBy("CloudRunAgent")).toContain("google");
    expect(providersLoadedBy("CloudRunAgent")).not.toContain("azurerm");
    expect(providersLoadedBy("RedisTaskStore")).not.toContain("google");
  });
});

describe("one stack of the six constructs", () => {
  /** What node writes, from what the template's compiler makes: the others must write the same. */
  let stacks: Record<string, unknown>;
  beforeAll(() => {
    expect(project.run("npx tsc").stdout).toBe("");
    expect(project.run("node main.js")).toMatchObject({ code: 0, stderr: "" });
    stacks = readStacks(project.folder);
  });

  test("has them all in at most fifty lines", () => {
    const text = readFileSync(join(project.folder, "main.ts"), "utf8");
    expect(text.trimEnd().split("\n").length).toBeLessThanOrEqual(50);
    const made = [...text.matchAll(/new fleet\.(\w+)\(stack,/g)].map(([, name]) => name);
    expect(made.toSorted()).toEqual(CONSTRUCTS);
    expect(Object.keys(stacks)).toEqual(["agents", "landing-zone"]);
  });

  test("is type-checked by the template's settings, and a mistake is found", () => {
    const text = readFileSync(join(project.folder, "main.ts"), "utf8");
    writeFileSync(join(project.folder, "mistaken.ts"), text.replace(', name: "redis-acme", secrets', ""));
    const { stdout } = project.run("npx tsc --noEmit");
    rmSync(join(project.folder, "mistaken.ts"));
    expect(stdout).toContain("mistaken.ts(");
    expect(stdout).toContain("missing the following properties from type 'RedisTaskStoreProps'");
  });

  test.each(["ts-node", "tsx"])("is synthesized by %s as by node", (runner) => {
    rmSync(join(project.folder, "cdktf.out"), { recursive: true });
    expect(project.run(`npx ${runner} main.ts`)).toMatchObject({ code: 0, stderr: "" });
    expect(readStacks(project.folder)).toEqual(stacks);
  });

  test("is checked and synthesized as an ES module", () => {
    for (const name of ["main", "fleet", "landing-zone"]) {
      const text = readFileSync(join(project.folder, `${name}.ts`), "utf8")
        .replaceAll(/from "(\.\/[\w-]+)"/g, 'from "$1.mjs"')
        // The providers' packages list no exports, so that Node wants their files by name.
        .replaceAll(/from "(@cdktf\/[^"]+)"/g, 'from "$1/index.js"');
      writeFileSync(join(project.folder, `${name}.mts`), text);
    }
    const settings = "--strict --skipLibCheck --module nodenext --target es2022";
    expect(project.run(`npx tsc ${settings} main.mts`).stdout).toBe("");
    rmSync(join(project.folder, "cdktf.out"), { recursive: true });
    expect(project.run("node main.mjs")).toMatchObject({ code: 0, stderr: "" });
    expect(readStacks(project.folder)).toEqual(stacks);
  });

  test("is rehearsed by the package's command, from the project's own app", () => {
    const { code, stdout, stderr } = project.run("npx a2a-fleet rehearse");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/✔ deploy landing-zone \(.*\n[\s\S]*✔ deploy agents \(.*\) 40 resources/);
    expect(stdout).toMatch(/✔ second plan agents \(.*\) no changes/);
    expect(stdout).toMatch(/✔ nothing is left \(.*\) 0 in the cloud/);
  });
});

describe("the command says what to do", () => {
  test.each(["", " rehears"])("to 'a2a-fleet%s'", (words) => {
    const { code, stderr } = project.run(`npx a2a-fleet${words}`);
    expect(code).toBe(1);
    expect(stderr).toContain("npx a2a-fleet rehearse --folder .");
  });

  test("where a cdktf project has no cdktf-cli", () => {
    const cli = join(project.folder, "node_modules/cdktf-cli");
    renameSync(cli, `${cli}-away`);
    const { code, stderr } = project.run("npx a2a-fleet rehearse --cdktf-out cdktf.out");
    renameSync(`${cli}-away`, cli);
    expect(code).toBe(1);
    expect(stderr).toContain("add it with `npm install --save-dev cdktf-cli@0.21`");
    expect(stderr).not.toContain("    at ");
  });
});

test("the newest version of the changelog, below what is unreleased, is the one that is packed", () => {
  const [, first] = /^## (\d\S*)/m.exec(readFileSync(join(ROOT, "docs/CHANGELOG.md"), "utf8")) ?? [];
  expect(first).toBe(version);
});

describe("the page of the rehearsal alone", () => {
  const page = readFileSync(join(ROOT, "docs/rehearsal-alone.md"), "utf8");
  const blocks = findCodeBlocks(page);
  const commands = blocks.flatMap((block, index) =>
    block.language === "sh" ? [{ lines: block.text, shown: blocks[index + 1]?.text ?? "" }] : [],
  );
  let folder = "";
  beforeAll(() => {
    folder = join(project.folder, "shop");
    mkdirSync(folder);
    const terraform = blocks.find(({ language }) => language === "hcl");
    writeFileSync(join(folder, "main.tf"), terraform?.text ?? "");
  });

  test("installs what is packed now", () => {
    expect(page).toContain(`npm install --save-dev ./a2a-fleet-${version}.tgz`);
  });

  test("has commands with outputs", () => {
    expect(commands.length).toBeGreaterThan(3);
    expect(commands.filter(({ shown }) => shown === "")).toEqual([]);
  });

  test.each(commands)("$lines", ({ lines, shown }) => {
    const runs = lines
      .trim()
      .split("\n")
      .map((line) => project.run(line, folder));
    const said = runs.flatMap(({ stdout, stderr }) => withoutTimes(`${stdout}\n${stderr}`));
    expect(said).toEqual(expect.arrayContaining(withoutTimes(shown)));
  });
});

/** Lines of an output that are the same on every machine. */
function withoutTimes(output: string): string[] {
  const lines = output.split("\n").map((line) => line.replace(/\(\d+\.\d s\)/, "(time)").trimEnd());
  return lines.filter((line) => line !== "");
}
