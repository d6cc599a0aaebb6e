import { join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import pc from "picocolors";
import type { AgentDefinition } from "../agent/agent-definition";
import type { AgentWorkload } from "../agent/agent-workload";
import type { Environment } from "../environment/environment";
import { resolveFleet } from "../fleet/resolve-fleet";
import { readImageSources } from "../images/image-source";
import { type AgentProgram, pythonProgram, typescriptPrograms } from "../local/agent-program";
import { CONSOLE, STRANGER } from "../local/local-clients";
import { localSecret, SECRETS_FOLDER } from "../local/local-secrets";
import { localToken } from "../local/local-token";
import { type RunningFleet, runFleet } from "../local/run-fleet";
import { type Screen, startScreen } from "../local/screen";
import { realParts, withParts } from "../local/with-parts";
import { FleetError, listOf, refuse } from "../problem";

const PROJECT = join(__dirname, "..", "..");
const IMAGES = join("agents", "images");

interface Options {
  readonly with?: readonly string[];
  readonly port?: number;
  readonly edgePort?: number;
  readonly python?: string;
  readonly pace?: number;
}

const HELP = `
Agents of the TypeScript image run out of the box: its packages are installed once. Those of the Python image run where
its packages are (python3 -m venv agents/images/python/.venv && agents/images/python/.venv/bin/pip install -r
agents/images/python/requirements.txt); elsewhere the TypeScript image's server stands in for them, and says so.
Without --with redis every agent keeps its tasks in memory. Secrets are files in ${SECRETS_FOLDER}, made up once.

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
      listed,
    )
    .option("--port <port>", "port of the fleet's front (default: 8080)", port)
    .option("--edge-port <port>", "port of the real edge (default: 8443)", port)
    .option(
      "--python <program>",
      "a Python with the Python image's packages (default: its .venv, or python3)",
    )
    .option("--pace <ms>", "pauses so long after each part of an answer, to watch it come", pause)
    .addHelpText("after", HELP)
    .action(() => run(command.opts<Options>()));

  command
    .command("token")
    .description("Prints a token for an agent of the fleet that runs here.")
    .argument("<agent>", "its name")
    .option("--client <name>", `whose token: ${CONSOLE} may call everybody, ${STRANGER} nobody`, CONSOLE)
    .action((agent: string, { client }: { client: string }) => printToken(agent, client));

  command.parseAsync().catch((error: unknown) => {
    if (!(error instanceof FleetError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  });

  /** The environment as it was asked for, and its agents. */
  function fleetFor({ with: asked = [], port, edgePort }: Options): {
    environment: Environment;
    workloads: readonly AgentWorkload[];
  } {
    const settled = withParts(local, asked);
    const edge = settled.local?.edge;
    const environment: Environment = {
      ...settled,
      local: {
        ...settled.local,
        ...(port === undefined ? {} : { port }),
        ...(edge === undefined || edgePort === undefined ? {} : { edge: { ...edge, port: edgePort } }),
      },
    };
    const { workloads, problems } = resolveFleet(agents, environment, {
      today: new Date().toISOString().slice(0, 10),
    });
    refuse(`environment '${local.name}'`, problems);
    return { environment, workloads };
  }

  async function run(options: Options): Promise<void> {
    const { environment, workloads } = fleetFor(options);
    const say = (line: string) => process.stdout.write(`${line}\n`);
    const programOf = await programsFor(options.python, say);

    let fleet: RunningFleet | undefined;
    let over = false;
    const width = Math.max(...workloads.map(({ name }) => name.length));
    const screen: Screen = startScreen(process.stdout, () => fleet?.status() ?? [], width);
    const end = async () => {
      const first = !over;
      over = true;
      if (first) screen.line("fleet", "ends; once more to wait for nobody");
      await fleet?.stop();
      screen.stop();
      process.exit(0);
    };
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void end());

    const store =
      environment.taskStore.kind === "memory"
        ? "in the memory of each agent: no Redis was asked for (--with redis)"
        : "in a Redis of this machine";
    screen.line("fleet", `tasks are kept ${store}`);
    for (const workload of workloads) {
      const { title } = programOf(workload);
      if (title !== "stand-in") continue;
      screen.line(
        "fleet",
        pc.yellow(
          `${workload.name}: its own image does not run here; the TypeScript server stands in for it (--help says what is missing)`,
        ),
      );
    }
    fleet = await runFleet({
      environment,
      workloads,
      programOf,
      pauseMs: options.pace ?? 0,
      secretOf: (name) => localSecret(PROJECT, name),
      onLine: (part, line) => screen.line(part, line),
    });
    // Asked to end while it was starting.
    if (over) return end();
    await fleet.ready;
    if (fleet.authority !== null)
      screen.line("fleet", `the edge's certificate is signed by ${fleet.authority}`);
    for (const { name, url } of fleet.status()) screen.line("fleet", `${name} is ready at ${url}`);
    const [first] = workloads.filter(({ customerFacing }) => customerFacing);
    if (first !== undefined) {
      screen.line("fleet", `a token: npm run -s local -- token ${first.name}`);
    }
    screen.line("fleet", pc.green("the fleet is ready; Ctrl-C ends it"));
  }

  async function printToken(agent: string, client: string): Promise<void> {
    const { workloads } = fleetFor(command.opts<Options>());
    const workload = workloads.find(({ name }) => name === agent);
    if (workload === undefined) {
      refuse("there is no token", [
        {
          rule: "agent-exists",
          message: `agent '${agent}' is not in the fleet of this machine (${listOf(workloads.map(({ name }) => name))}); correct the name`,
        },
      ]);
      return;
    }
    process.stdout.write(`${await localToken(workload, client, (name) => localSecret(PROJECT, name))}\n`);
  }
}

/** What runs each agent: the image that has code for its skills where that runs here. */
async function programsFor(
  python: string | undefined,
  say: (line: string) => void,
): Promise<(workload: AgentWorkload) => AgentProgram> {
  const images = readImageSources(PROJECT, IMAGES);
  const ofImage = (name: string) => images.find((image) => image.name === name);
  const typescript = await typescriptPrograms(join(PROJECT, IMAGES, "typescript"), say);
  const candidates =
    python === undefined ? [join(PROJECT, IMAGES, "python", ".venv", "bin", "python"), "python3"] : [python];
  let found: AgentProgram | undefined;
  for (const candidate of candidates)
    found ??= await pythonProgram(join(PROJECT, IMAGES, "python"), candidate);
  if (python !== undefined && found === undefined) {
    refuse("the fleet cannot run with this Python", [
      {
        rule: "python-has-packages",
        message: `'${python}' has not the packages of agents/images/python; install them (${python} -m pip install -r agents/images/python/requirements.txt), or leave --python out`,
      },
    ]);
  }
  return ({ skills }) => {
    const can = (image: string) => skills.every(({ id }) => ofImage(image)?.skills.includes(id));
    if (can("typescript")) return typescript.agent;
    return found !== undefined && can("python") ? found : typescript.standIn;
  };
}

function listed(text: string): string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean);
}

function port(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > 65_535) {
    throw new InvalidArgumentError("Write a port, 1 to 65535.");
  }
  return number;
}

function pause(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0) throw new InvalidArgumentError("Write milliseconds.");
  return number;
}
