import { join } from "node:path";
import pc from "picocolors";
import type { AgentWorkload } from "../agent/agent-workload";
import { taskStoreTraits } from "../choices/task-stores";
import type { Environment } from "../environment/environment";
import { readImageSources } from "../images/image-source";
import { type AgentProgram, pythonProgram, typescriptPrograms } from "../local/agent-program";
import { type RunningFleet, runFleet } from "../local/run-fleet";
import { startScreen } from "../local/screen";
import { refuse } from "../problem";
import { IMAGES, PROJECT, projectSecrets } from "./local-project";

/** What a fleet of this machine is run with. */
export interface RunHereProps {
  readonly environment: Environment;
  readonly workloads: readonly AgentWorkload[];
  /** A Python with the Python image's packages. @default - the image's .venv, or python3 */
  readonly python?: string;
  /** Milliseconds that agents pause after each part of an answer. @default 0 */
  readonly pace?: number;
  /** Options that a second command has to be given as well, to mean the same fleet. */
  readonly repeated: readonly string[];
}

/**
 * Runs a fleet on this machine's screen until Ctrl-C, which ends the process with 0.
 *
 * @throws FleetError when it cannot run here. Nothing runs then.
 */
export async function runHere(props: RunHereProps): Promise<void> {
  const { environment, workloads, python, pace = 0 } = props;
  const programOf = await programsFor(python, (line) => process.stdout.write(`${line}\n`));
  let fleet: RunningFleet | undefined;
  let over = false;
  const width = Math.max(...workloads.map(({ name }) => name.length));
  const screen = startScreen(process.stdout, () => fleet?.status() ?? [], width);
  const say = (line: string) => screen.line("fleet", line);
  const end = async () => {
    const first = !over;
    over = true;
    if (first) say("ends; once more to wait for nobody");
    await fleet?.stop();
    screen.stop();
    process.exit(0);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void end());
  whenNpmIsGone(() => void end());

  for (const line of linesBefore(environment, workloads, programOf)) say(line);
  fleet = await runFleet({
    environment,
    workloads,
    programOf,
    pauseMs: pace,
    ...projectSecrets,
    onLine: (part, line) => screen.line(part, line),
  });
  // Asked to end while it was starting.
  if (over) return end();
  await fleet.ready;
  for (const line of linesOnceReady(fleet, props)) say(line);
}

/** What there is to know before it starts. */
function linesBefore(
  { taskStore }: Environment,
  workloads: readonly AgentWorkload[],
  programOf: (workload: AgentWorkload) => AgentProgram,
): readonly string[] {
  const store =
    taskStore.kind === "memory"
      ? "in the memory of each agent: no store was asked for (--with redis, --with postgres)"
      : `in ${taskStoreTraits(taskStore).title}`;
  const standIns = workloads.filter((workload) => programOf(workload).title === "stand-in");
  return [
    `tasks are kept ${store}`,
    ...standIns.map(({ name }) =>
      pc.yellow(
        `${name}: its own image does not run here; the TypeScript server stands in for it (--help says what is missing)`,
      ),
    ),
  ];
}

/** Where everything is. */
function linesOnceReady(
  { authority, pages, status }: RunningFleet,
  { workloads, repeated }: RunHereProps,
): readonly string[] {
  const [first] = workloads.filter(({ customerFacing }) => customerFacing);
  return [
    ...(authority === null ? [] : [`the edge's certificate is signed by ${authority}`]),
    ...Object.entries(pages).map(([part, url]) => `${part} is at ${url}`),
    ...status().map(({ name, url }) => `${name} is ready at ${url}`),
    ...(first === undefined
      ? []
      : [`a token: npm run -s local -- ${[...repeated, "token", first.name].join(" ")}`]),
    pc.green("the fleet is ready; Ctrl-C ends it"),
  ];
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
