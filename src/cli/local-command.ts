import { join, relative } from "node:path";
import { Command, Option } from "commander";
import type { AgentDefinition } from "../agent/agent-definition";
import type { AgentWorkload } from "../agent/agent-workload";
import { EDGE_PROGRAMS, type EdgeProgramName } from "../edge/edge-site";
import type { Environment } from "../environment/environment";
import { resolveFleet } from "../fleet/resolve-fleet";
import { CONSOLE, STRANGER } from "../local/local-clients";
import { SECRETS_FOLDER } from "../local/local-secrets";
import { localToken } from "../local/local-token";
import { asAsked, type LocalOptions, realParts } from "../local/with-parts";
import { FleetError, listOf, refuse } from "../problem";
import { inContainers, writeCompose } from "./local-compose";
import { projectSecrets } from "./local-project";
import { runHere } from "./local-run";
import { milliseconds, port, today, words } from "./option-values";

interface Options extends LocalOptions {
  readonly python?: string;
  readonly pace?: number;
}

const HELP = `
Agents of the TypeScript image run out of the box: its packages are installed once. Those of the Python image run where
its packages are (python3 -m venv agents/images/python/.venv && agents/images/python/.venv/bin/pip install -r
agents/images/python/requirements.txt); elsewhere the TypeScript image's server stands in for them, and says so.
Without --with redis or postgres every agent keeps its tasks in memory. Secrets are files in ${SECRETS_FOLDER}, made up once.

Examples:
  npm run local
  npm run local -- --with redis,edge=nginx
  curl -H "Authorization: Bearer $(npm run -s local -- token orchestrator-acme)" …`;

/**
 * `npm run local` for a fleet: its agents, in an environment of one machine.
 *
 * A mistake of its user's ends the process with 1, in words.
 */
export function runLocalCommand(agents: readonly AgentDefinition[], local: Environment): void {
  const command = new Command("local")
    .description("Runs the whole fleet on this machine, as processes. Ctrl-C ends it.")
    .option(
      "--with <parts>",
      `real parts that are installed, separated by commas: ${listOf(realParts)}`,
      words,
    )
    .option("--port <port>", "port of the fleet's front (default: 8080)", port)
    .option("--edge-port <port>", "port of the real edge (default: 8443)", port)
    .option(
      "--python <program>",
      "a Python with the Python image's packages (default: its .venv, or python3)",
    )
    .option("--pace <ms>", "pauses so long after each part of an answer, to watch it come", milliseconds)
    .addHelpText("after", HELP)
    .action(async () => {
      const options = command.opts<Options>();
      const environment = asAsked(local, options);
      const workloads = workloadsIn(agents, environment);
      await runHere({ ...options, environment, workloads, repeated: repeated(options) });
    });

  command
    .command("token")
    .description("Prints a token for an agent of the fleet that runs here.")
    .argument("<agent>", "its name")
    .option("--client <name>", `whose token: ${CONSOLE} may call everybody, ${STRANGER} nobody`, CONSOLE)
    .action((name: string, { client }: { client: string }) => {
      const workloads = workloadsIn(agents, asAsked(local, command.opts<Options>()));
      return printToken(agentNamed(workloads, name), client);
    });

  command
    .command("compose")
    .description(
      "Writes a Compose file of the same fleet: agents built from agents/images, Redis, Keycloak, LiteLLM, an edge.",
    )
    .addOption(new Option("--edge <program>", "the edge").choices(EDGE_PROGRAMS).default("nginx"))
    .option("--out <folder>", "where it is written", join(".local", "compose"))
    .action(async ({ edge, out }: { edge: EdgeProgramName; out: string }) => {
      const { port, edgePort = 8443 } = command.opts<Options>();
      const environment = inContainers(local, { edge, edgePort, port });
      const file = relative(
        process.cwd(),
        await writeCompose(environment, workloadsIn(agents, environment), out),
      );
      process.stdout.write(
        `${file} is written; docker compose -f ${file} up --build --wait starts it, at https://localhost:${edgePort}\n`,
      );
    });

  command.parseAsync().catch((error: unknown) => {
    if (!(error instanceof FleetError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  });
}

/** @throws FleetError when something is wrong with the fleet on this machine. */
function workloadsIn(agents: readonly AgentDefinition[], environment: Environment): readonly AgentWorkload[] {
  const { workloads, problems } = resolveFleet(agents, environment, { today: today() });
  refuse(`environment '${environment.name}'`, problems);
  return workloads;
}

/** @throws FleetError when the fleet has no such agent. */
function agentNamed(workloads: readonly AgentWorkload[], name: string): AgentWorkload {
  const workload = workloads.find((each) => each.name === name);
  if (workload !== undefined) return workload;
  throw new FleetError("there is no token", [
    {
      rule: "agent-exists",
      message: `agent '${name}' is not in the fleet of this machine (${listOf(workloads.map((each) => each.name))}); correct the name`,
    },
  ]);
}

async function printToken(workload: AgentWorkload, client: string): Promise<void> {
  process.stdout.write(`${await localToken(workload, client, projectSecrets.secretOf)}\n`);
}

/** What a second command has to be told as well, to mean the same fleet. */
function repeated({ with: parts = [], port }: Options): string[] {
  return [
    ...(parts.length === 0 ? [] : ["--with", parts.join(",")]),
    ...(port === undefined ? [] : ["--port", String(port)]),
  ];
}
