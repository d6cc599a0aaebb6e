import { Command } from "commander";
import * as fc from "fast-check";
import { mistakenFleet } from "../support/mistaken-fleet";
import { findProviderRefusals, isConstrained } from "../support/provider-verdict";
import { findRefusalFaults } from "../support/refusal-words";
import { tryFleet } from "../support/try-fleet";

const command = new Command("mistakes")
  .description("Makes one mistake each in many fleets, drawn from the schemas, and says what became of them.")
  .option("--fleets <number>", "how many", "10000")
  .option("--seed <number>", "what they are drawn from", String(Date.now() % 2 ** 31))
  .addHelpText("after", "\nExample:\n  npm run mistakes -- --fleets 500 --seed 42")
  .parse();

async function main(): Promise<void> {
  const { fleets, seed } = command.opts<{ fleets: string; seed: string }>();
  const counts = { built: 0, refused: 0, crashed: 0 };
  const faults = new Set<string>();
  const built = new Set<string>();
  for (const fleet of fc.sample(mistakenFleet(), { numRuns: Number(fleets), seed: Number(seed) })) {
    const outcome = await tryFleet(fleet);
    counts[outcome.kind]++;
    if (outcome.kind === "crashed") faults.add(`${fleet.mistake}\n${outcome.stack}`);
    if (outcome.kind === "refused")
      for (const fault of findRefusalFaults(outcome.messages)) faults.add(fault);
    if (outcome.kind !== "built") continue;
    for (const refusal of outcome.stacks.flatMap(findProviderRefusals)) {
      faults.add(`${fleet.mistake}\nis built, and its provider refuses it: ${refusal}`);
    }
    if (!outcome.stacks.some((stack) => isConstrained(stack, fleet.value))) {
      built.add(fleet.mistake.replace(/^\w+: /, ""));
    }
  }
  const lines = [
    "Built, and no rule of the fleet's or of a provider's constrains them (right ones are among them):",
    ...[...built].toSorted().map((mistake) => `  ${mistake}`),
    `seed ${seed}: ${counts.built} built, ${counts.refused} refused, ${counts.crashed} exceptions`,
    ...(faults.size === 0 ? ["every refusal says who and what to do"] : ["", "Faults:", ...faults]),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
  if (faults.size > 0) process.exitCode = 1;
}

main();
