import { Command } from "commander";
import { agents } from "../../agents";
import { platformTraits } from "../choices/platforms";
import { resolveFleet } from "../fleet/resolve-fleet";
import { agentSignals } from "../signals/agent-signals";
import { signalsTable } from "../signals/runbook";
import { environmentNamed } from "./environment-named";

const command = new Command("signals")
  .description("Says what alerts there are; of an environment, from which figure on each agent has them.")
  .argument("[environment]", "the environment whose agents to say it of")
  .addHelpText("after", "\nExample:\n  npm run -s signals -- staging")
  .parse();

const [name] = command.args;
process.stdout.write(`${name === undefined ? signalsTable() : thresholds(name)}\n`);

/** Each signal with the figure of every agent, which follows from its definition. */
function thresholds(environmentName: string): string {
  const { workloads } = resolveFleet(agents, environmentNamed(environmentName, command));
  return workloads
    .map((workload) => {
      const rows = agentSignals.map((signal) => {
        const threshold = signal.threshold(workload);
        const figure =
          typeof threshold === "number" ? `${threshold} ${signal.unit}` : `none: ${threshold.absent}`;
        return `  ${signal.id.padEnd(20)} ${signal.severity.padEnd(7)} ${figure}`;
      });
      return [`${workload.name} (${platformTraits(workload.platform).title})`, ...rows].join("\n");
    })
    .join("\n\n");
}
