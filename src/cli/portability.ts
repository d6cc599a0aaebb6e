import Table from "cli-table3";
import { Command } from "commander";
import pc from "picocolors";
import { agents } from "../../agents";
import { environments } from "../../stacks/environments";
import { local } from "../../stacks/environments/local";
import { platformTraits } from "../choices/platforms";
import type { PlatformKind } from "../environment/environment";
import { type AgentPortability, findPortability } from "../fleet/portability";
import { resolveFleet } from "../fleet/resolve-fleet";
import { listOf } from "../problem";
import { environmentNamed } from "./environment-named";

const command = new Command("portability")
  .description("Shows what every platform keeps, changes and refuses of every agent.")
  .argument("[environment]", "environment whose settings count", "production")
  .option("--json", "as JSON, with every reason in place")
  .addHelpText(
    "after",
    "\nExamples:\n  npm run portability\n  npm run -s portability -- staging --json\n  npm run portability -- local",
  )
  .parse();

const environment = environmentNamed(command.args[0] ?? "production", command, [...environments, local]);
const found = findPortability(agents, environment);
// What has no workload at all is no fleet to report on: definitions or environment are not what their types say.
if (found.length === 0)
  command.error(listOf(resolveFleet(agents, environment).problems.map(({ message }) => message)));
process.stdout.write(command.opts<{ json?: true }>().json ? asJson(found) : asTable(found));

function asJson(rows: readonly AgentPortability[]): string {
  return `${JSON.stringify(rows, null, 2)}\n`;
}

function asTable(rows: readonly AgentPortability[]): string {
  const kinds = [...new Set(rows.map(({ platform }) => platform))];
  const reasons: string[] = [];
  const table = new Table({
    head: ["agent", ...kinds.map((kind) => platformTraits(kind).title)],
    style: { head: [], border: [] },
  });
  for (const agent of new Set(rows.map((row) => row.agent))) {
    const cells = kinds.map((kind) => {
      const row = rows.find((each) => each.agent === agent && each.platform === kind);
      return row === undefined ? "" : cellOf(row, reasons);
    });
    table.push([agent, ...cells]);
  }
  const legend = `${pc.green("kept")} as the definition says, ${pc.yellow("changed")}: it runs, with something else in its place, ${pc.red("impossible")}: it is refused; * runs there`;
  const why = reasons.map((reason, index) => `  ${String(index + 1).padStart(2)}  ${reason}`);
  return [table.toString(), "", legend, ...(why.length > 0 ? ["", "Why", ...why] : []), ""].join("\n");
}

/** What becomes of the agent, and a number for each reason: the same reason has the same number everywhere. */
function cellOf({ platform, here, outcome, limits }: AgentPortability, reasons: string[]): string {
  const mark = here ? " *" : "";
  if (outcome === "kept") return `${pc.green("kept")}${mark}`;
  const lines = limits.map(({ aspect, outcome: each, why }) => {
    const number = numberOf(platform, `${aspect}: ${why}`, reasons);
    return `${each === "impossible" ? pc.red(aspect) : aspect} [${number}]`;
  });
  const title = outcome === "impossible" ? pc.red("impossible") : pc.yellow("changed");
  return [`${title}${mark}`, ...lines].join("\n");
}

function numberOf(platform: PlatformKind, why: string, reasons: string[]): number {
  const reason = `${platformTraits(platform).title}, ${why}`;
  if (!reasons.includes(reason)) reasons.push(reason);
  return reasons.indexOf(reason) + 1;
}
