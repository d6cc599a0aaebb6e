import { lookup } from "node:dns/promises";
import { Command } from "commander";
import { agents } from "../../agents";
import { environments } from "../../stacks/environments";
import { loggedInAzure } from "../azure/preflight/login";
import { clusterOf } from "../cluster/preflight/cluster-client";
import { placeOf } from "../parts/place-of";
import { preflightExitCode, preflightReport } from "../preflight/report";
import { listOf } from "../problem";
import { preflight } from "../stacks/preflight";
import { today } from "./option-values";

async function resolves(host: string): Promise<boolean> {
  try {
    await lookup(host);
    return true;
  } catch {
    return false;
  }
}

async function main(): Promise<void> {
  const program = new Command("npm run preflight --")
    .description(
      "Says what is missing before an environment is deployed: login, rights, names, images, state. Changes nothing.",
    )
    .argument("<environment>", "the environment that is to be deployed")
    .option(
      "--context <name>",
      "context of the kubeconfig: asks the cluster too, where its settings name none",
    )
    .addHelpText(
      "after",
      "\nExit codes: 0 nothing is missing, 1 something is, 2 not everything could be asked." +
        "\n\nExample:\n  npm run preflight -- staging",
    )
    .parse();
  const [name = ""] = program.args;
  const environment = environments.find((candidate) => candidate.name === name);
  if (environment === undefined) {
    program.error(`there is no environment '${name}' (${listOf(environments.map((each) => each.name))})`);
    return;
  }
  const results = await preflight(environment, agents, {
    today: today(),
    azure: loggedInAzure,
    cluster: clusterOf,
    context: program.opts<{ context?: string }>().context,
    resolves,
    placeOf,
  });
  process.stdout.write(preflightReport(name, results));
  process.exitCode = preflightExitCode(results);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
});
