import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findCodeBlocks, patternOf } from "../support/pages";
import { REPOSITORY } from "../support/rehearsal-project";
import { type AdoptedProject, newProject } from "./adopted-project";

const README = findCodeBlocks(readFileSync(join(REPOSITORY, "README.md"), "utf8"));

/** What the README shows, letter by letter, by how it starts. */
function shown(start: string): string {
  const block = README.find(({ text }) => text.startsWith(start));
  if (block === undefined) throw new Error(`the README shows nothing that starts with ${start}`);
  return block.text;
}

/** One file and one line, as the README says. */
function addBilling({ folder }: AdoptedProject): void {
  writeFileSync(join(folder, "agents/billing.ts"), shown("// agents/billing.ts"));
  const index = join(folder, "agents/index.ts");
  const text = readFileSync(index, "utf8");
  writeFileSync(index, `import { billing } from "./billing";\n${text.replace(/= \[/, "= [billing, ")}`);
}

const ID = "3f1b7a52-9d0c-4c1e-8e55-6a2f8f1d2b11";
const ADOPTED = [
  ...["--prefix", "contoso", "--domain", "agents.contoso.io", "--tenant", ID, "--subscription", ID],
  ...["--deployers", ID, "--customers", "northwind", "--clouds", "azure", "--remove", "research,contracts"],
];

test.each([
  ["as it is shipped", undefined],
  ["that a company has adopted", ADOPTED],
])("README's billing is one file and one line in a fleet %s", async (_fleet, adoption) => {
  const project = newProject();
  const green = async (script: string, ...args: string[]) => {
    const { code, text } = await project.run(script, ...args);
    expect(code, `npm run ${script} -- ${args.join(" ")}\n${text.slice(-4000)}`).toBe(0);
    return text;
  };
  try {
    if (adoption !== undefined) await green("adopt", ...adoption, "--no-check");
    for (const environment of ["dev", "staging"]) await green("rehearse", environment, "--keep");
    expect(await green("synth")).not.toContain("held back");
    addBilling(project);

    // It runs in dev and staging at once; production says what it lacks, and stops nobody else.
    const { text: said } = await project.run("synth");
    expect(said).toMatch(/environment 'production' is held back, the others stand: 1 problem/);
    expect(said).toMatch(/agent 'billing'.*is unpinned, and environment 'production' is production/);
    for (const environment of ["dev", "staging"]) {
      const diff = await green("rehearse", "exec", "cdktf", "diff", environment);
      expect(diff).toMatch(/azurerm_container_app\.billing_resource_\w+ .*will be created/);
      expect(diff).not.toMatch(/must be replaced/);
      const rehearsed = await green("rehearse", environment, "--fresh");
      expect(rehearsed).toMatch(/^ {2}billing +https:/m);
      // Without a terminal a step has lines of its own as it begins and goes on.
      const lines = rehearsed.split("\n").filter((line) => /^(?:✔|Agents of) /.test(line));
      if (environment === "staging") expect(lines.join("\n")).toMatch(patternOf(shown("✔ synth")));
    }
  } finally {
    project.remove();
  }
});
