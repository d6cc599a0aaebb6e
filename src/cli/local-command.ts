import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { Command, Option } from "commander";
import pc from "picocolors";
import { stringify } from "yaml";
import type { AgentDefinition } from "../agent/agent-definition";
import type { AgentWorkload } from "../agent/agent-workload";
import { taskStoreTraits } from "../choices/task-stores";
import { EDGE_PROGRAMS, type EdgeProgramName } from "../edge/edge-site";
import type { Environment } from "../environment/environment";
import { resolveFleet } from "../fleet/resolve-fleet";
import { type ImageSource, readImageSources } from "../images/image-source";
import { type AgentProgram, pythonProgram, typescriptPrograms } from "../local/agent-program";
import type { ContainerSource } from "../local/containers/agent-container";
import { composeFiles } from "../local/containers/compose-file";
import { LITE_LLM_URL } from "../local/containers/lite-llm-container";
import { CONSOLE, STRANGER } from "../local/local-clients";
import { makeCertificate } from "../local/local-edge";
import { hasLocalSecret, localSecret, SECRETS_FOLDER } from "../local/local-secrets";
import { localToken } from "../local/local-token";
import { type RunningFleet, runFleet } from "../local/run-fleet";
import { type Screen, startScreen } from "../local/screen";
import { asAsked, type LocalOptions, realParts } from "../local/with-parts";
import { FleetError, listOf, refuse } from "../problem";
import { milliseconds, port, today, words } from "./option-values";

const PROJECT = join(__dirname, "..", "..");
const IMAGES = join("agents", "images");

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
    .action(() => run(command.opts<Options>()));

  command
    .command("token")
    .description("Prints a token for an agent of the fleet that runs here.")
    .argument("<agent>", "its name")
    .option("--client <name>", `whose token: ${CONSOLE} may call everybody, ${STRANGER} nobody`, CONSOLE)
    .action((agent: string, { client }: { client: string }) => printToken(agent, client));

  command
    .command("compose")
    .description(
      "Writes a Compose file of the same fleet: agents built from agents/images, Redis, Keycloak, LiteLLM, an edge.",
    )
    .addOption(new Option("--edge <program>", "the edge").choices(EDGE_PROGRAMS).default("nginx"))
    .option("--out <folder>", "where it is written", join(".local", "compose"))
    .action((options: { edge: EdgeProgramName; out: string }) => writeCompose(options));

  command.parseAsync().catch((error: unknown) => {
    if (!(error instanceof FleetError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  });

  /** The environment as it was asked for, and its agents. */
  function fleetFor(options: Options): {
    environment: Environment;
    workloads: readonly AgentWorkload[];
  } {
    const environment = asAsked(local, options);
    return { environment, workloads: workloadsIn(environment) };
  }

  function workloadsIn(environment: Environment): readonly AgentWorkload[] {
    const { workloads, problems } = resolveFleet(agents, environment, {
      today: today(),
    });
    refuse(`environment '${local.name}'`, problems);
    return workloads;
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
    whenNpmIsGone(() => void end());

    const store =
      environment.taskStore.kind === "memory"
        ? "in the memory of each agent: no store was asked for (--with redis, --with postgres)"
        : `in ${taskStoreTraits(environment.taskStore).title}`;
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
      hasSecret: (name) => hasLocalSecret(PROJECT, name),
      onLine: (part, line) => screen.line(part, line),
    });
    // Asked to end while it was starting.
    if (over) return end();
    await fleet.ready;
    if (fleet.authority !== null)
      screen.line("fleet", `the edge's certificate is signed by ${fleet.authority}`);
    for (const [part, url] of Object.entries(fleet.pages)) screen.line("fleet", `${part} is at ${url}`);
    for (const { name, url } of fleet.status()) screen.line("fleet", `${name} is ready at ${url}`);
    const [first] = workloads.filter(({ customerFacing }) => customerFacing);
    if (first !== undefined) {
      screen.line(
        "fleet",
        `a token: npm run -s local -- ${[...repeated(options), "token", first.name].join(" ")}`,
      );
    }
    screen.line("fleet", pc.green("the fleet is ready; Ctrl-C ends it"));
  }

  async function writeCompose({ edge, out }: { edge: EdgeProgramName; out: string }): Promise<void> {
    const { port, edgePort = 8443 } = command.opts<Options>();
    const environment: Environment = {
      ...local,
      taskStore: { kind: "local-redis" },
      modelGateway: local.modelGateway ?? { url: LITE_LLM_URL },
      local: {
        ...local.local,
        ...(port === undefined ? {} : { port }),
        edge: { program: edge, port: edgePort },
        runsAs: "containers",
      },
    };
    const workloads = workloadsIn(environment);
    const folder = resolve(out);
    const images = readImageSources(PROJECT, IMAGES);
    const { compose, files, secrets } = composeFiles({
      environment,
      workloads,
      secretOf: (name) => localSecret(PROJECT, name),
      hasSecret: (name) => hasLocalSecret(PROJECT, name),
      secretsFolder: relative(folder, join(PROJECT, SECRETS_FOLDER)),
      sourceOf: (workload) =>
        containerSource(workload, images, (path) => relative(folder, join(PROJECT, path))),
    });
    mkdirSync(folder, { recursive: true });
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    for (const [name, value] of Object.entries(secrets)) {
      writeFileSync(join(PROJECT, SECRETS_FOLDER, name), value, { mode: 0o644 });
    }
    await makeCertificate(join(PROJECT, SECRETS_FOLDER));
    const file = join(folder, "compose.yaml");
    writeFileSync(file, `# Made from the fleet; change the fleet instead.\n${stringify(compose)}`);
    process.stdout.write(
      `${relative(process.cwd(), file)} is written; docker compose -f ${relative(process.cwd(), file)} up --build --wait starts it, at https://localhost:${edgePort}\n`,
    );
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

/** npm passes signals on, but a SIGKILL to it leaves whom it started to themselves. */
function whenNpmIsGone(act: () => void): void {
  if (process.env.npm_lifecycle_event === undefined) return;
  const npm = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === npm) return;
    clearInterval(timer);
    act();
  }, 500).unref();
}

/** What an agent's container is built from: the first image with code for its skills. */
function containerSource(
  { name, skills }: AgentWorkload,
  images: readonly ImageSource[],
  fromHere: (path: string) => string,
): ContainerSource {
  const image = images.find((each) => skills.every(({ id }) => each.skills.includes(id)));
  if (image === undefined) {
    throw new FleetError("the Compose file cannot be written", [
      {
        rule: "agents-have-images",
        message: `no image below ${IMAGES} has code for every skill of agent '${name}' (${listOf(skills.map(({ id }) => id))}); name them in a Dockerfile's label a2a-fleet.skills`,
      },
    ]);
  }
  const dockerfile = readFileSync(join(PROJECT, image.folder, "Dockerfile"), "utf8");
  const [command = "[]"] = dockerfile.match(/(?<=^CMD )\[.*\]$/m) ?? [];
  return { context: fromHere(image.folder), command: JSON.parse(command) as string[] };
}

/** What a second command has to be told as well, to mean the same fleet. */
function repeated({ with: parts = [], port }: Options): string[] {
  return [
    ...(parts.length === 0 ? [] : ["--with", parts.join(",")]),
    ...(port === undefined ? [] : ["--port", String(port)]),
  ];
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
