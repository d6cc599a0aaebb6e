import Table from "cli-table3";
import { Command, Option } from "commander";
import { agents } from "../../agents";
import { resolveFleet } from "../fleet/resolve-fleet";
import { FleetError } from "../problem";
import { type CostEstimate, estimateCost, type PriceTable, sayCost } from "../review/estimate-cost";
import prices from "../review/prices.json";
import { environmentNamed } from "./environment-named";
import { finishStacks } from "./finished-stacks";
import { today } from "./option-values";

const command = new Command("npm run cost --")
  .description(
    "Estimates what an environment costs a month, by agent and shared part: at idle, and with every replica and node " +
      "that may be there working all month. What has no price is named.",
  )
  .argument("<environment>", "environment that is estimated")
  .addOption(new Option("--format <format>", "how it is written").choices(["table", "json"]).default("table"))
  .addHelpText("after", "\nPrices: src/review/prices.json\n\nExample:\n  npm run -s cost -- staging")
  .parse();

const table: PriceTable = prices;

main().catch((error: unknown) => command.error((error as Error).message));

async function main(): Promise<void> {
  const environment = environmentNamed(command.args[0] ?? "", command);
  const day = today();
  const { problems } = resolveFleet(agents, environment, { today: day });
  if (problems.length > 0) {
    command.error(new FleetError(`environment '${environment.name}'`, problems).message);
  }
  const estimate = estimateCost(await finishStacks(agents, [environment], day), table);
  const { format } = command.opts<{ format: "table" | "json" }>();
  process.stdout.write(
    format === "json"
      ? `${JSON.stringify({ environment: environment.name, currency: table.currency, ...estimate }, null, 2)}\n`
      : asTable(environment.name, estimate),
  );
}

function asTable(name: string, estimate: CostEstimate): string {
  const rows = new Table({
    head: ["", "idle", "full scale", "not in it"],
    style: { head: [], border: [] },
    wordWrap: true,
    colWidths: [32, 10, 12, 70],
  });
  const amount = (each: number) => ({ content: each.toFixed(0), hAlign: "right" as const });
  for (const { kind, name: owner, idle, full, unknown } of estimate.owners) {
    rows.push([kind === "agent" ? `agent ${owner}` : owner, amount(idle), amount(full), unknown.join("\n")]);
  }
  return [
    rows.toString(),
    `${name}: ${sayCost(estimate, table.currency)}, and what is named above as not in it.`,
    `Prices as of ${table.asOf}. ${table.provenance}`,
    "",
  ].join("\n");
}
