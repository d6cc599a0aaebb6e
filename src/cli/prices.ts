import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { AZURE_PRICES, type RetailPrice, refreshAzurePrices } from "../review/azure-prices";
import type { PriceTable } from "../review/estimate-cost";
import prices from "../review/prices.json";
import { today } from "./option-values";

const FILE = join(__dirname, "../review/prices.json");

const command = new Command("npm run prices --")
  .description(
    `Asks Azure what its list prices are today (${AZURE_PRICES}, without a login) and writes them into src/review/prices.json. ` +
      "Google's list wants a key of a project: its prices, and what Azure's list has no single answer to, are named to be " +
      "compared by hand.",
  )
  .option("--dry-run", "writes nothing")
  .addHelpText("after", "\nExample:\n  npm run -s prices -- --dry-run")
  .parse();

main().catch((error: unknown) => {
  const { message, cause } = error as Error;
  const why = cause instanceof Error ? `${message} (${cause.message})` : message;
  command.error(`${AZURE_PRICES} can't be asked: ${why}; prices stay as they are`);
});

async function main(): Promise<void> {
  const day = today();
  const before: PriceTable = prices;
  const { table, kept } = await refreshAzurePrices(before, ask, day);
  for (const [name, { price, asOf }] of Object.entries(table.prices)) {
    const old = before.prices[name]?.price;
    if (asOf === day) process.stdout.write(`${name}: ${old === price ? price : `${old} -> ${price}`}\n`);
  }
  for (const each of kept) process.stdout.write(`kept ${each}\n`);
  if (command.opts<{ dryRun?: boolean }>().dryRun === true) return;
  writeFileSync(FILE, `${JSON.stringify(table, null, 2)}\n`);
  process.stdout.write("wrote src/review/prices.json\n");
}

/** Every page of an answer. */
async function ask(question: string): Promise<RetailPrice[]> {
  const found: RetailPrice[] = [];
  for (let url: string | null = question; url !== null; ) {
    const answer: Response = await fetch(url);
    if (!answer.ok) throw new Error(`it answers ${answer.status}`);
    const page = (await answer.json()) as { Items: RetailPrice[]; NextPageLink: string | null };
    found.push(...page.Items);
    url = page.NextPageLink;
  }
  return found;
}
