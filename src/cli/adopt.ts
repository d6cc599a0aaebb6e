import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { parse } from "yaml";
import { type Answers, answersSchema, combine, findCloudProblems } from "../adoption/answers";
import { type CompanyValues, PLACES, type Place } from "../adoption/company-values";
import { planAdoption } from "../adoption/plan-adoption";
import { readCompany, tryChanges, writeChanges } from "../adoption/try-changes";
import { FleetError, listOf, refuse } from "../problem";
import { findShapeProblems } from "../shape-problems";
import { today, words } from "./option-values";

const PROJECT = resolve(__dirname, "../..");

interface Options {
  readonly from?: string;
  readonly prefix?: string;
  readonly domain?: string;
  readonly tenant?: string;
  readonly contact?: string;
  readonly repository?: string;
  readonly clouds?: Place[];
  readonly customers?: string[];
  readonly subscription?: string;
  readonly location?: string;
  readonly deployers?: string[];
  readonly vaultRanges?: string[];
  readonly project?: string;
  readonly projectNumber?: string;
  readonly region?: string;
  readonly context?: string;
  readonly registry?: string;
  readonly registryUser?: string;
  readonly remove?: string[];
  readonly rename?: Record<string, string>;
  readonly check: boolean;
}

const inPlaces = (text: string) => {
  const known: readonly string[] = PLACES;
  if (words(text).some((word) => !known.includes(word))) {
    throw new InvalidArgumentError(`Use ${listOf(known)}, or several with commas.`);
  }
  return words(text);
};

const rename = (text: string, before: Record<string, string> = {}) => {
  const [, old = "", name = ""] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (old === "") throw new InvalidArgumentError("Write it as inventory=stock.");
  return { ...before, [old]: name };
};

const program = new Command("npm run adopt --")
  .description(
    "Makes the repository a company's own: writes stacks/company.json, renames or removes the sample agents, takes the " +
      "new plans, and ends with the tests and a rehearsal. Asks on a terminal for what no option says; everything else stays.",
  )
  .option(
    "--from <file>",
    "a JSON or YAML file with the words of stacks/company.json and 'agents: { remove, rename }'",
  )
  .option("--prefix <name>", "leads the name of everything in a cloud: 2 to 8 letters and digits")
  .option("--domain <domain>", "domain of production; other environments are below it")
  .option("--tenant <id>", "tenant of Microsoft Entra")
  .option("--contact <address>", "mail address for certificate authorities")
  .option("--repository <owner/name>", "its repository at GitHub, whose workflows deploy")
  .option(
    "--clouds <names>",
    "azure, google, cluster (a Kubernetes of your own), or several of them",
    inPlaces,
  )
  .option("--customers <names>", "customers: production has all, staging the first two, dev the first", words)
  .option("--subscription <id>", "Azure subscription of all environments")
  .option("--location <region>", "Azure region")
  .option("--deployers <ids>", "object ids in Entra of those who deploy", words)
  .option("--vault-ranges <ranges>", "public address ranges that they deploy from", words)
  .option("--project <id>", "Google project of production and of its images")
  .option("--project-number <number>", "its number")
  .option("--region <region>", "Google region")
  .option("--context <name>", "the cluster's context in your kubeconfig")
  .option("--registry <host>", "registry with the images of the cluster's agents")
  .option("--registry-user <name>", "who reads from that registry")
  .option("--remove <agents>", "sample agents that go", words)
  .option("--rename <old=new>", "an agent's new name (repeatable)", rename)
  .option("--no-check", "write, and run neither tests nor rehearsal")
  .addHelpText(
    "after",
    `
Nothing is written before everything is right; run again with the same answers, it changes nothing.

Examples:
  npm run adopt
  npm run adopt -- --prefix contoso --domain agents.contoso.com --clouds azure --remove research --rename inventory=stock
  npm run adopt -- --from company.yaml --no-check`,
  );

async function main(): Promise<void> {
  const options = program.parse().opts<Options>();
  const before = readCompany(PROJECT) as CompanyValues;
  const given = { ...fromFile(options.from), ...fromOptions(options) };
  refuse("nothing is changed", findShapeProblems(answersSchema, given, "the answers", "adoption"));
  const asksPeople = process.stdin.isTTY && process.stdout.isTTY && process.env.CI === undefined;
  const { ask } = asksPeople ? await import("../adoption/ask") : { ask: async (answers: Answers) => answers };
  const answers = await ask(given, before, agentsNow());
  const company = combine(before, answers);
  const { remove = [], rename = {} } = answers.agents ?? {};
  const { changes, problems, notes } = planAdoption(PROJECT, { company, remove, rename });
  refuse("nothing is changed", [...findCloudProblems(answers, company), ...problems]);
  const tried = await tryChanges(PROJECT, changes, today());
  refuse("nothing is changed", tried.problems);
  say(changes.size === 0 ? "nothing to change" : [...changes].map(told).join("\n"));
  for (const note of notes) say(note);
  writeChanges(PROJECT, changes);
  for (const [name, left] of Object.entries(tried.placeholders)) {
    if (left.length > 0) say(`${name} still has placeholders, which a deploy refuses: ${listOf(left)}`);
  }
  if (changes.size === 0) return;
  const [first = ""] = tried.environments;
  if (!options.check) {
    say(`not run: npm run accept, npm test, npm run rehearse -- ${first}`);
    return;
  }
  for (const command of [["accept"], ["test"], ["rehearse", "--", first]]) run(command);
}

function agentsNow(): string[] {
  const index = readFileSync(join(PROJECT, "agents/index.ts"), "utf8");
  return [...index.matchAll(/from "\.\/([\w-]+)";/g)].map(([, name = ""]) => name);
}

function fromFile(file: string | undefined): Answers {
  if (file === undefined) return {};
  try {
    return parse(readFileSync(file, "utf8")) as Answers;
  } catch (error) {
    const why = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new FleetError("nothing is changed", [
      { rule: "adoption", message: `--from ${file} cannot be read: ${why}; give a JSON or YAML file` },
    ]);
  }
}

function fromOptions(options: Options): Answers {
  const { remove, rename, check: _check, from: _from, ...values } = options;
  const agents = remove || rename ? { agents: { ...(remove && { remove }), ...(rename && { rename }) } } : {};
  return { ...values, ...agents };
}

function told([path, text]: readonly [string, string | null]): string {
  return text === null ? `removed ${path}` : `wrote ${path}`;
}

function run([script = "", ...args]: readonly string[]): void {
  say(`\n$ npm run ${[script, ...args].join(" ")}`);
  const { status } = spawnSync("npm", ["run", "--silent", script, ...args], {
    cwd: PROJECT,
    stdio: "inherit",
  });
  if (status === 0) return;
  process.stderr.write(`npm run ${script} failed: the fleet is written, and this is left to be put right\n`);
  process.exit(status ?? 1);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

main().catch((error: unknown) => {
  const isUsers = error instanceof FleetError || (error instanceof Error && error.name === "ExitPromptError");
  if (!isUsers) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
