import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AdoptedProject, newProject } from "./adopted-project";

const ID = "3f1b7a52-9d0c-4c1e-8e55-6a2f8f1d2b11";

/** What adoption writes, beside agents. */
const WRITTEN = [
  "stacks/company.json",
  "stacks/environments/index.ts",
  "stacks/environments/production.images.json",
];

let project: AdoptedProject;
beforeAll(() => {
  project = newProject();
});
afterAll(() => project.remove());

const read = (path: string) => readFileSync(join(project.folder, path), "utf8");
const adopt = (...args: string[]) => project.run("adopt", "--no-check", ...args);

/** Every file that is a company's, with what is in it. */
function everything(): Record<string, string> {
  const files = ["agents", "stacks"].flatMap((folder) =>
    readdirSync(join(project.folder, folder), { recursive: true, encoding: "utf8" }).map(
      (file) => `${folder}/${file}`,
    ),
  );
  return Object.fromEntries(files.filter((file) => /\.\w+$/.test(file)).map((file) => [file, read(file)]));
}

test("--help says every option, and an example", async () => {
  const { code, text } = await project.run("adopt", "--help");
  expect(code).toBe(0);
  expect(text).toContain("--no-check");
  expect(text).toContain("npm run adopt -- --from company.yaml --no-check");
});

test("a company's file that is no JSON is named, without the way there", async () => {
  const path = join(project.folder, "stacks/company.json");
  const before = read("stacks/company.json");
  writeFileSync(path, '{ "prefix": "contoso", ');
  const [adopting, synth] = [await adopt("--prefix", "contoso"), await project.run("synth")];
  writeFileSync(path, before);
  for (const { code, text } of [adopting, synth]) {
    expect(code).toBe(1);
    expect(text).toContain("stacks/company.json");
    expect(text).not.toMatch(/^\s+at /m);
  }
  expect(adopting.text).toContain("correct it, or get it back: git checkout stacks/company.json");
});

test("every problem is told at once, and nothing is written", async () => {
  const before = everything();
  const { code, text } = await adopt(
    "--prefix",
    "Contoso",
    "--remove",
    "reserch",
    "--rename",
    "inventory=procurement",
  );
  expect(code).toBe(1);
  expect(text).toContain("nothing is changed: 3 problems");
  expect(text).toMatch(/'Contoso'.*lower case letters and digits/);
  expect(text).toMatch(/there is no agent 'reserch' \(.*\); correct the name to 'research'/);
  expect(text).toContain("two agents would be called 'procurement'; choose another name for one");
  expect(text).not.toMatch(/\n {4}at /);
  expect(everything()).toEqual(before);
});

test.each([
  [
    "a word that it doesn't know",
    "domian: contoso.io\n",
    "unknown property 'domian'; correct the name to 'domain'",
  ],
  ["what nobody would read", "clouds: [azure]\nproject: contoso-agents\n", "project would be read by nobody"],
  ["a fleet that would be refused", "customers: [Northwind!]\n", "Northwind!"],
  [
    "a fleet without agents",
    "agents: { remove: [anomaly, contracts, escalation, inventory, orchestrator, procurement, research] }\n",
    "no agent would be left",
  ],
])("a file with %s is refused, and nothing is written", async (_what, text, said) => {
  const before = everything();
  const file = join(project.folder, "answers.yaml");
  writeFileSync(file, text);
  const refused = await adopt("--from", file);
  expect(refused.code).toBe(1);
  expect(refused.text).toContain(said);
  expect(refused.text).not.toMatch(/\n {4}at /);
  expect(everything()).toEqual(before);
});

describe("a company on Azure alone, that has no use for two agents and renames one", () => {
  const answers = [
    ...["--prefix", "contoso", "--domain", "agents.contoso.io", "--tenant", ID, "--subscription", ID],
    ...["--deployers", ID, "--vault-ranges", "198.18.7.0/24", "--customers", "northwind,fabrikam,tailspin"],
    ...["--clouds", "azure", "--remove", "research,contracts", "--rename", "inventory=stock-desk"],
    ...["--repository", "contoso/agents"],
  ];

  test("has its values in one file, and no agent but its own", async () => {
    const { code, text } = await adopt(...answers);
    expect({ code, text }).toMatchObject({ code: 0 });
    const company = JSON.parse(read("stacks/company.json"));
    expect(company).toMatchObject({
      prefix: "contoso",
      contact: "platform@agents.contoso.io",
      repository: "contoso/agents",
      customers: { dev: ["northwind"], production: ["northwind", "fabrikam", "tailspin"] },
      azure: { state: { storageAccount: "contosostate" }, images: { registry: "contosofleetimages" } },
    });
    expect(company).not.toHaveProperty("google");
    expect(Object.keys(JSON.parse(read("stacks/environments/production.images.json")))).toEqual([
      "orchestrator",
      "stock-desk",
      "procurement",
      "anomaly",
      "escalation",
    ]);
    expect(read("agents/stock-desk.ts")).toMatch(
      /export const stockDesk: AgentDefinition = \{\n {2}name: "stock-desk"/,
    );
    // The digests of images that nobody has built are all that a deploy still refuses.
    expect(text).not.toMatch(/^(?:dev|staging) still has placeholders/m);
    expect(text).toMatch(/^production still has placeholders, which a deploy refuses: sha256:0{64}$/m);
    expect(Object.keys(everything()).filter((file) => /research|contracts|inventory/.test(file))).toEqual([]);
  });

  test("is as the linter and the compiler want it", async () => {
    expect(await project.lint("agents", ...WRITTEN)).toMatchObject({ code: 0 });
    expect(await project.run("typecheck")).toMatchObject({ code: 0, text: "" });
  });

  test("changes nothing the second time", async () => {
    const before = everything();
    const { code, text } = await adopt(...answers);
    expect(code).toBe(0);
    expect(text).toContain("nothing to change");
    expect(everything()).toEqual(before);
  });

  test("goes to Google alone, with an environment of its own", async () => {
    const google = ["--clouds", "google", "--project", "contoso-agents", "--project-number", "123456789012"];
    expect(await adopt(...google, "--region", "europe-west1")).toMatchObject({ code: 0 });
    expect(read("stacks/environments/index.ts")).toContain("= [google];");
    const synth = await project.run("synth");
    expect(synth).toMatchObject({ code: 0 });
    expect(synth.text).toMatch(/^google: \d+ resources/m);
    expect(synth.text).not.toMatch(/^dev:/m);
    expect(await project.lint(...WRITTEN, "stacks/environments/google.ts")).toMatchObject({ code: 0 });
  });

  test("goes to a cluster of its own, without a cloud, and calls an agent what the language keeps to itself", async () => {
    const cluster = ["--clouds", "cluster", "--context", "contoso", "--registry", "registry.contoso.io"];
    const { code, text } = await adopt(...cluster, "--rename", "stock-desk=new");
    expect({ code, text }).toMatchObject({ code: 0 });
    expect(text).toContain("no longer listed, and yours to delete: stacks/environments/google.ts");
    expect(text).not.toContain("placeholders");
    expect(read("agents/index.ts")).toContain('import { newAgent } from "./new";');
    expect(read("stacks/environments/index.ts")).toContain("= [cluster];");
    const synth = await project.run("synth");
    expect(synth).toMatchObject({ code: 0 });
    expect(synth.text).toMatch(/^cluster-cluster: \d+ resources/m);
    expect(synth.text).not.toMatch(/^google|warning/m);
    const written = [...WRITTEN, "agents", "stacks/environments/cluster.ts"];
    expect(await project.lint(...written)).toMatchObject({ code: 0 });
    expect(await project.run("typecheck")).toMatchObject({ code: 0, text: "" });
    expect(await adopt(...cluster)).toMatchObject({ text: expect.stringContaining("nothing to change") });
  });
});
