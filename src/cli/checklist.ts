import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import Table from "cli-table3";
import { Command, Option } from "commander";
import pc from "picocolors";
import { agents } from "../../agents";
import type { ChecklistItem, ChecklistSubject, Level } from "../checklist/checklist-item";
import { CHECKLIST_PAGE, renderChecklistPage } from "../checklist/checklist-page";
import { items } from "../checklist/items";
import { readItems } from "../checklist/read-items";
import {
  bySource,
  countOf,
  levels,
  markOf,
  renderJson,
  renderMarkdown,
  renderSarif,
  sayFindings,
} from "../checklist/render-checklist";
import {
  type ChecklistReport,
  type ChecklistResult,
  heaviest,
  reaches,
  runChecklist,
} from "../checklist/run-checklist";
import { joinVerifiedFleets, readVerifiedFleet } from "../checklist/verified-fleet";
import type { Environment } from "../environment/environment";
import { resolveFleet } from "../fleet/resolve-fleet";
import { environmentNamed } from "./environment-named";
import { finishStacks } from "./finished-stacks";
import { collect, today } from "./option-values";

const ROOT = join(__dirname, "../..");
/** Findings of one item that a table shows. */
const MOST_LINES = 8;

interface Options {
  readonly format: "table" | "markdown" | "sarif" | "json";
  readonly failOn: Level;
  readonly today: string;
  readonly rules: string[];
  readonly verified: readonly string[];
  readonly all?: true;
  readonly page?: true;
}

const command = new Command("npm run checklist --")
  .description(
    "Goes through the checklist for environments: published lists, the project's own rules, and what scanners ask.",
  )
  .argument("[environments...]", "environments that are asked about")
  .addOption(
    new Option("--format <format>", "how it is written")
      .choices(["table", "markdown", "sarif", "json"])
      .default("table"),
  )
  .addOption(new Option("--fail-on <level>", "least level that fails").choices(levels).default("error"))
  .option("--today <day>", "day on which exceptions, versions and attestations hold", today())
  .option("--rules <file>", "items of your own, in a file that exports 'items' (repeatable)", collect, [])
  .option("--verified <file>", "what a check of the running fleet found (repeatable)", collect, [])
  .option("--all", "show every item, not only what isn't passed")
  .option("--page", "write the page with every item anew, and nothing else")
  .addHelpText(
    "after",
    "\nExit codes: 0 nothing reaches the level, 1 something does, 2 the command was called wrongly." +
      "\n\nExamples:\n  npm run checklist -- staging production\n" +
      "  npm run -s checklist -- production --format sarif > checklist.sarif",
  )
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse();

main(command.opts<Options>()).catch((error: unknown) => {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 2;
});

async function main(options: Options): Promise<void> {
  const asked = [...items, ...(await Promise.all(options.rules.map(readRules))).flat()];
  if (options.page) {
    writeFileSync(join(ROOT, CHECKLIST_PAGE), renderChecklistPage(items));
    return;
  }
  if (!/^\d{4}-\d{2}-\d{2}$/.test(options.today) || Number.isNaN(Date.parse(options.today))) {
    command.error(`--today '${options.today}' is no day; write one such as 2026-11-21`);
  }
  if (command.args.length === 0) command.error("name an environment, such as staging");
  const verified = joinVerifiedFleets(
    options.verified.map((file) => readVerifiedFleet(readFileSync(resolve(file), "utf8"), file)),
  );
  const reports: ChecklistReport[] = [];
  for (const name of command.args) {
    const environment = environmentNamed(name, command);
    const subject = await subjectOf(environment, options.today);
    reports.push(runChecklist(asked, { ...subject, verified }));
  }
  process.stdout.write(render(reports, options));
  const worst = heaviest(reports.flatMap(({ results }) => results.flatMap(({ findings }) => findings)));
  if (reaches(worst, options.failOn)) process.exitCode = 1;
}

async function subjectOf(environment: Environment, today: string): Promise<ChecklistSubject> {
  const { workloads, problems, warnings } = resolveFleet(agents, environment, { today });
  const stacks = problems.length > 0 ? [] : await finishStacks(agents, [environment], today);
  return { environment, definitions: agents, workloads, problems, warnings, stacks, verified: null, today };
}

async function readRules(file: string): Promise<readonly ChecklistItem[]> {
  const path = resolve(file);
  if (!existsSync(path)) throw new Error(`--rules ${file}: there is no such file`);
  return readItems(await import(pathToFileURL(path).href), file, items);
}

function render(reports: readonly ChecklistReport[], { format, all }: Options): string {
  if (format === "json") return renderJson(reports);
  if (format === "markdown") return renderMarkdown(reports);
  if (format === "sarif") return renderSarif(reports, fileOf);
  return reports.map((report) => asTable(report, all === true)).join("\n");
}

/** Where a finding is put right: an agent's file, or its environment's. */
function fileOf(environment: string, agent: string | undefined): string {
  const workload = agents.find(({ name }) => agent === name || agent?.startsWith(`${name}-`));
  const file =
    workload === undefined ? `stacks/environments/${environment}.ts` : `agents/${workload.name}.ts`;
  return existsSync(join(ROOT, file)) ? file : "package.json";
}

function asTable({ environment, today, results }: ChecklistReport, all: boolean): string {
  const table = new Table({
    style: { head: [], border: [] },
    wordWrap: true,
    colWidths: [4, 44, 84],
  });
  for (const [source, group] of bySource(results)) {
    table.push([{ colSpan: 3, content: pc.bold(`${source}: ${countOf(group)}`) }]);
    for (const result of group) {
      if (!all && !["failed", "not-looked-at"].includes(result.outcome)) continue;
      table.push([colour(result), `${result.item.id}\n${result.item.title}`, detailOf(result)]);
    }
  }
  return `Checklist of ${environment} on ${today}\n${table.toString()}\n${environment}: ${countOf(results)}\n`;
}

function detailOf({ findings, why }: ChecklistResult): string {
  const said = sayFindings(findings);
  const shown = said.slice(0, MOST_LINES);
  const rest = said.length - shown.length;
  return [
    ...(why === undefined ? [] : [why]),
    ...shown,
    ...(rest > 0 ? [`… and ${rest} more (--format json)`] : []),
  ].join("\n");
}

function colour(result: ChecklistResult): string {
  const { sign, word } = markOf(result);
  if (word === "error") return pc.red(sign);
  if (word === "warning") return pc.yellow(sign);
  return word === "passed" ? pc.green(sign) : sign;
}
