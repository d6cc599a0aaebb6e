import { writeFileSync } from "node:fs";
import { Command, InvalidArgumentError } from "commander";
import { agents } from "../../agents";
import { environments } from "../../stacks/environments";
import type { AgentWorkload } from "../agent/agent-workload";
import { resolveFleet } from "../fleet/resolve-fleet";
import { listOf } from "../problem";
import { verifyExitCode, verifyJUnit, verifyTable } from "../verify/report";
import { verifyAgent } from "../verify/verify-agent";

interface Options {
  readonly environment?: string;
  readonly text?: string;
  readonly heartbeat?: number;
  readonly origin?: string;
  readonly burst?: number;
  readonly json?: true;
  readonly junit?: string;
}

const command = new Command("verify")
  .description(
    "Asks running agents from outside whether they keep the fleet's promises. Begins one task at each.",
  )
  .argument("<url...>", "URLs of agents, as on their cards")
  .option("--environment <name>", "compares the cards with what this environment synthesizes")
  .option("--text <text>", "what is said to the agents (default: the first example of the first skill)")
  .option("--heartbeat <seconds>", "seconds between heartbeats (default: the definition's)", positive)
  .option("--origin <origin>", "origin of a browser that may call")
  .option("--burst <requests>", "looks for the rate limit with so many requests at once", positive)
  .option("--json", "as JSON")
  .option("--junit <file>", "writes a JUnit report as well")
  .addHelpText(
    "after",
    `
Tokens come from variables: A2A_TOKEN lets a caller in, A2A_TOKEN_WITHOUT_ROLE is of one without the role.
Exit codes: 0 nothing is broken, 1 something is, 2 nothing could be seen.

Examples:
  A2A_TOKEN=$(…) npm run verify -- https://api.example.com/agents/inventory --environment production
  npm run -s verify -- http://127.0.0.1:8000 --burst 200 --json`,
  )
  .parse();

const options = command.opts<Options>();

async function main(urls: readonly string[]): Promise<void> {
  const wrong = urls.filter((url) => !/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : ""));
  if (wrong.length > 0) {
    command.error(
      `${listOf(wrong.map((url) => `'${url}'`))}: not a URL; write one such as https://api.example.com/agents/inventory`,
    );
  }
  const workloads = options.environment === undefined ? [] : workloadsOf(options.environment);
  const results = [];
  // One after the other: agents that share a machine would lengthen each other's gaps.
  for (const url of urls) {
    const workload = workloads.find(({ route }) => withoutSlash(route.publicUrl) === withoutSlash(url));
    if (options.environment !== undefined && workload === undefined) {
      const known = workloads.map(({ route }) => route.publicUrl);
      command.error(`no agent of '${options.environment}' is at ${url} (${listOf(known)})`);
    }
    results.push(
      ...(await verifyAgent(url, {
        workload,
        token: given("A2A_TOKEN"),
        tokenWithoutRole: given("A2A_TOKEN_WITHOUT_ROLE"),
        text: options.text,
        heartbeatSeconds: options.heartbeat,
        origin: options.origin,
        burst: options.burst,
      })),
    );
  }
  if (options.junit !== undefined) writeFileSync(options.junit, verifyJUnit(results));
  process.stdout.write(options.json ? `${JSON.stringify(results, null, 2)}\n` : verifyTable(results));
  process.exitCode = verifyExitCode(results);
}

function workloadsOf(name: string): readonly AgentWorkload[] {
  const environment = environments.find((each) => each.name === name);
  if (environment === undefined) {
    return command.error(
      `there is no environment '${name}' (${listOf(environments.map((each) => each.name))})`,
    );
  }
  return resolveFleet(agents, environment).workloads;
}

function withoutSlash(url: string): string {
  return url.replace(/\/$/, "");
}

/** A variable's value; an empty one is none. */
function given(variable: string): string | undefined {
  return process.env[variable]?.trim() || undefined;
}

function positive(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new InvalidArgumentError("Write a whole number above 0.");
  return number;
}

main(command.args).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
});
