import { writeFileSync } from "node:fs";
import { Command } from "commander";
import type { AgentDefinition } from "../agent/agent-definition";
import { loggedInAzure } from "../azure/preflight/login";
import type { Environment } from "../environment/environment";
import type { EnvironmentFacts } from "../environment/environment-facts";
import { resolveFleet } from "../fleet/resolve-fleet";
import { loggedInGoogle } from "../google/login";
import { Unanswered } from "../preflight/check";
import { FleetError, listOf } from "../problem";
import { patient } from "../verify/caller-place";
import type { Verified } from "../verify/check";
import { checklistEvidence } from "../verify/evidence";
import { verifyExitCode, verifyJson, verifyJUnit, verifyTable } from "../verify/report";
import { verifyAgent } from "../verify/verify-agent";
import { port, positive, today, words } from "./option-values";
import { type InsideReach, insideJob, verifyInside } from "./verify-inside";
import { type Asked, type Fleet, type TargetOptions, VerifyTargets, waysOf } from "./verify-targets";
import { addNewKey, type TokenOptions, type Tokens, tokensFor } from "./verify-tokens";

interface Options extends TargetOptions, TokenOptions {
  readonly text?: string;
  readonly heartbeat?: number;
  readonly origin?: string;
  readonly burst?: number;
  readonly beside?: readonly string[];
  readonly inside?: string;
  readonly context?: string;
  readonly nodeImage?: string;
  readonly print?: true;
  readonly json?: true;
  readonly junit?: string;
}

/**
 * `npm run verify` for a fleet: its agents in these environments.
 *
 * A mistake of its user's ends the process with 2, in words.
 */
export function runVerifyCommand(
  agents: readonly AgentDefinition[],
  environments: readonly Environment[],
  reach: InsideReach = { logins: { azure: loggedInAzure, google: loggedInGoogle }, patience: patient },
): void {
  const targets = new VerifyTargets(agents, environments);
  const names = environments.map(({ name }) => name);
  const command = new Command("verify")
    .description(
      "Asks running agents from outside, or from inside, whether they keep the fleet's promises. From outside it begins one task at each.",
    )
    .argument(
      "<environment|url...>",
      `an environment (${listOf(names)}): every agent that can be reached; or URLs of agents, as on their cards`,
    )
    .option("--environment <name>", "compares the agents at URLs with what this environment synthesizes")
    .option("--token-file <file>", "file with the token that lets a caller in")
    .option("--az", "gets a token for each agent from Entra by the Azure CLI; needs an environment")
    .option("--text <text>", "what is said to the agents (default: the first example of the first skill)")
    .option("--heartbeat <seconds>", "seconds between heartbeats (default: the definition's)", positive)
    .option("--origin <origin>", "origin of a browser that may call")
    .option("--burst <requests>", "looks for the rate limit with so many requests at once", positive)
    .option(
      "--beside <urls>",
      "where the agent must not answer, separated by commas (default: what the environment knows)",
      words,
    )
    .option(
      "--inside <caller>",
      "asks from where this agent is, what it calls and what it must not reach: by a job in its cluster, Container Apps environment or Google project, which is removed again, or on this machine",
    )
    .option("--context <name>", "context of the kubeconfig, for --inside (default: the current one)")
    .option("--node-image <image>", "image with the TypeScript reference image's code, for --inside")
    .option("--print", "prints the job of --inside instead of creating it")
    .option("--with <parts>", "real parts of the fleet on this machine, as it was started", words)
    .option("--port <port>", "its port, as it was started", port)
    .option("--edge-port <port>", "its edge's port, as it was started", port)
    .option("--json", "as JSON")
    .option("--junit <file>", "writes a JUnit report as well")
    .option("--checklist <file>", "writes what `npm run checklist -- --verified <file>` reads as well")
    .addHelpText(
      "after",
      `
Tokens are never on the command line: A2A_TOKEN lets a caller in, A2A_TOKEN_WITHOUT_ROLE is of one without the role. The
fleet on this machine gives its own. A certificate of your own authority: NODE_EXTRA_CA_CERTS=<file>.
Exit codes: 0 nothing is broken, 1 something is, 2 nothing could be seen.

Examples:
  npm run verify -- local
  npm run verify -- staging --az
  A2A_TOKEN=$(…) npm run verify -- https://api.example.com/agents/inventory --environment production
  npm run verify -- production --inside orchestrator-acme --context production
  npm run -s verify -- http://127.0.0.1:8000 --burst 200 --json`,
    )
    .showHelpAfterError("(--help has examples)")
    .action((named: string[]) => verify(named, command.opts<Options>()));

  command.parseAsync().catch((error: unknown) => {
    if (!(error instanceof FleetError || error instanceof Unanswered)) throw error;
    const nobodyAnswers = error instanceof Unanswered ? "nothing is verified from inside: " : "";
    process.stderr.write(`${nobodyAnswers}${error.message}\n`);
    process.exit(2);
  });

  async function verify(named: readonly string[], options: Options): Promise<void> {
    targets.refuseChecklistOfOthers(named, options);
    const { inside } = options;
    if (inside !== undefined)
      return askInside(targets.fleetToAskInside(named, options), { ...options, inside });
    show(
      await askOutside(targets.whatToAsk(named, options), options),
      targets.environmentOf(named, options),
      options,
    );
  }

  async function askInside(fleet: Fleet, options: Options & { readonly inside: string }): Promise<void> {
    const { environment } = fleet;
    const resolve = (facts: EnvironmentFacts) =>
      resolveFleet(agents, environment, { ...facts, today: today() }).workloads;
    const known = { ...fleet, resolve };
    if (options.print)
      process.stdout.write(`${JSON.stringify(await insideJob(known, options, reach), null, 2)}\n`);
    else show(await verifyInside(known, options, reach), environment.name, options);
  }
}

async function askOutside(asked: readonly Asked[], options: Options): Promise<readonly Verified[]> {
  const tokens = new Map<Asked, Tokens>();
  for (const each of asked) tokens.set(each, await tokensFor(options, each));
  await addNewKey(tokens);
  const results: Verified[] = [];
  // One after the other: agents that share a machine would lengthen each other's gaps.
  for (const [index, each] of asked.entries()) {
    const { url, workload } = each;
    process.stderr.write(`asking ${url} (${index + 1} of ${asked.length}) …\n`);
    results.push(
      ...(await verifyAgent(url, {
        workload,
        ...tokens.get(each),
        beside: options.beside ?? (await waysOf(each)),
        text: options.text,
        heartbeatSeconds: options.heartbeat,
        origin: options.origin ?? workload?.corsOrigins[0],
        burst: options.burst,
      })),
    );
  }
  return results;
}

function show(results: readonly Verified[], environment: string | undefined, options: Options): void {
  const { junit, checklist, json } = options;
  if (junit !== undefined) writeFileSync(junit, verifyJUnit(results));
  if (checklist !== undefined && environment !== undefined) {
    const found = checklistEvidence(results, environment, today());
    writeFileSync(checklist, `${JSON.stringify(found, null, 2)}\n`);
  }
  process.stdout.write(json ? verifyJson(results) : verifyTable(results));
  process.exitCode = verifyExitCode(results);
}
