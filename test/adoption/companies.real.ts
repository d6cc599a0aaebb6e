import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { inCode } from "../../src/adoption/list-file";
import { type AdoptedProject, newProject } from "./adopted-project";

/** How many companies are tried; each takes about a minute. */
const COMPANIES = Number(process.env.COMPANIES ?? 20);

/** What they are drawn from: another one, other companies. */
const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31);

const SAMPLES = [
  "orchestrator",
  "inventory",
  "procurement",
  "anomaly",
  "contracts",
  "escalation",
  "research",
];

const letters = (minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(..."abcdefghijklmnoprstuvwz"), minLength, maxLength });
const names = (count: { minLength: number; maxLength: number }) =>
  fc.uniqueArray(letters(3, 9), count).filter((all) => all.every((name) => !SAMPLES.includes(name)));

/** An agent of the company's own: what it does is its image's business. */
const agent = fc.record({
  customerFacing: fc.boolean(),
  minReplicas: fc.constantFrom(undefined, 1),
  secret: fc.boolean(),
});

const company = fc
  .record({
    prefix: letters(4, 8),
    domain: letters(4, 10).map((name) => `agents.${name}.io`),
    tenant: fc.uuid({ version: 4 }),
    subscription: fc.uuid({ version: 4 }),
    deployer: fc.uuid({ version: 4 }),
    number: fc.integer({ min: 100_000_000_000, max: 999_999_999_999 }).map(String),
    clouds: fc.constantFrom<string[]>(
      ["azure"],
      ["azure", "google"],
      ["google"],
      ["cluster"],
      ["azure", "cluster"],
    ),
    customers: names({ minLength: 1, maxLength: 4 }),
    own: fc.array(agent, { minLength: 1, maxLength: 4 }),
    ownNames: names({ minLength: 4, maxLength: 4 }),
    remove: fc.subarray(SAMPLES),
    renamed: fc.option(letters(3, 9)),
    rehearsed: fc.nat(3),
  })
  // A name that two of them would have is refused, which other tests see.
  .filter(
    ({ ownNames, customers, renamed }) =>
      new Set([...ownNames, ...customers, renamed]).size === ownNames.length + customers.length + 1,
  );

type Company = typeof company extends fc.Arbitrary<infer C> ? C : never;

/** Writes the company's own agents, each a file and a line. */
function addAgents({ folder }: AdoptedProject, { own, ownNames }: Company): void {
  const index = join(folder, "agents/index.ts");
  for (const [at, { customerFacing, minReplicas, secret }] of own.entries()) {
    const name = ownNames[at] ?? "";
    const definition = {
      name,
      description: `Does what ${name} does`,
      version: "1.0.0",
      ...(customerFacing && { audience: "customer-facing", minReplicas: 1 }),
      ...(minReplicas !== undefined && { minReplicas }),
      ...(secret && { secrets: { API_TOKEN: `${name}-token` } }),
      skills: [{ id: "work", name: "Work", description: "Works", tags: ["work"] }],
    };
    writeFileSync(
      join(folder, `agents/${name}.ts`),
      `import type { AgentDefinition } from "a2a-fleet";\n\nexport const ${inCode(name)}: AgentDefinition = ${JSON.stringify(definition, undefined, 2)};\n`,
    );
    const text = readFileSync(index, "utf8");
    writeFileSync(
      index,
      `import { ${inCode(name)} } from "./${name}";\n${text.replace(/= \[/, `= [${inCode(name)}, `)}`,
    );
  }
}

function answersOf({ remove, renamed, ...company }: Company): object {
  const left = SAMPLES.filter((name) => !remove.includes(name));
  return {
    prefix: company.prefix,
    domain: company.domain,
    tenant: company.tenant,
    customers: company.customers,
    clouds: company.clouds,
    ...(company.clouds.includes("azure") && {
      subscription: company.subscription,
      deployers: [company.deployer],
      vaultRanges: ["198.18.7.0/24"],
    }),
    ...(company.clouds.includes("google") && {
      project: `${company.prefix}-agents`,
      projectNumber: company.number,
      region: "europe-west1",
    }),
    ...(company.clouds.includes("cluster") && {
      context: company.prefix,
      registry: `registry.${company.domain}`,
    }),
    agents: { remove, ...(renamed !== null && left[0] !== undefined && { rename: { [left[0]]: renamed } }) },
  };
}

test(
  `${COMPANIES} companies adopt the repository, and no test has to be touched`,
  async () => {
    await fc.assert(
      fc.asyncProperty(company, async (generated) => {
        const project = newProject();
        try {
          addAgents(project, generated);
          const answers = join(project.folder, "answers.json");
          writeFileSync(answers, JSON.stringify(answersOf(generated)));
          const environments = [
            ...(generated.clouds.includes("azure") ? ["dev", "staging", "production"] : []),
            ...(generated.clouds.includes("cluster") ? ["cluster"] : []),
            ...(generated.clouds.join() === "google" ? ["google"] : []),
          ];
          const rehearsed = environments[generated.rehearsed % environments.length] ?? "";
          for (const command of [
            ["adopt", "--from", answers, "--no-check"],
            ["typecheck"],
            ["accept"],
            ["test", "test/your-fleet.test.ts", "test/project/own-fleet.test.ts"],
            ["synth"],
            ["rehearse", rehearsed, "--unprotect"],
          ] as [string, ...string[]][]) {
            const { code, text } = await project.run(...command);
            expect(code, `npm run ${command.join(" ")}\n${text.slice(-4000)}`).toBe(0);
          }
          const again = await project.run("adopt", "--from", answers, "--no-check");
          expect(again).toMatchObject({ code: 0, text: expect.stringContaining("nothing to change") });
        } finally {
          project.remove();
        }
      }),
      { numRuns: COMPANIES, seed: SEED, endOnFailure: true },
    );
  },
  COMPANIES * 600_000,
);

test("plans that nobody has taken are told, and how they are taken", async () => {
  const project = newProject();
  try {
    expect(await project.run("accept")).toMatchObject({ code: 0 });
    expect(await project.run("adopt", "--remove", "research", "--no-check")).toMatchObject({ code: 0 });
    const { code, text } = await project.run("test", "test/your-fleet.test.ts");
    expect(code).not.toBe(0);
    expect(text).toContain("npm run accept");
    expect(await project.run("accept")).toMatchObject({ code: 0 });
    expect(await project.run("test", "test/your-fleet.test.ts")).toMatchObject({ code: 0 });
  } finally {
    project.remove();
  }
});
