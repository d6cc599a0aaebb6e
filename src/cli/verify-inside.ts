import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AgentWorkload } from "../agent/agent-workload";
import { clusterLayout } from "../choices/clusters";
import { isInCluster, platformTraits } from "../choices/platforms";
import { type AgentDeploymentObject, CALLER_JOB_CONTAINER, callerJob } from "../cluster/agent/caller-job";
import { serviceUrl, sidecarUrl } from "../cluster/facts/kubernetes-traits";
import { correctTheName } from "../correction";
import type { Environment } from "../environment/environment";
import type { EnvironmentFacts } from "../environment/environment-facts";
import { findPlaceholders } from "../environment/find-placeholders";
import { readImageSources } from "../images/image-source";
import { typescriptPrograms } from "../local/agent-program";
import { layOutMachine } from "../local/facts/local-settings";
import { localClients } from "../local/local-clients";
import { localSecret } from "../local/local-secrets";
import { localSecretNames, localVariables } from "../local/local-variables";
import { listOf } from "../problem";
import { type CloudLogins, callerPlace } from "../stacks/caller-places";
import { type CallerProgram, type ICallerPlace, insideRefusal, type Patience } from "../verify/caller-place";
import type { Verified } from "../verify/check";
import { readInsideResults } from "../verify/inside-results";

const PROJECT = join(__dirname, "..", "..");
const IMAGES = join("agents", "images");

/** The program that asks from inside, in one argument: it needs nothing but the TypeScript image's code. */
const PROGRAM = readFileSync(join(__dirname, "..", "verify", "inside.mjs"), "utf8");
const NODE = ["--input-type=module", "--eval", PROGRAM];

export interface InsideOptions {
  /** Agent whose place it asks from. */
  readonly inside: string;
  /** Context of the kubeconfig. */
  readonly context?: string;
  /** Image with the TypeScript image's code, where no agent of the fleet runs one. */
  readonly nodeImage?: string;
}

/** The agents of an environment, and how they are resolved with what a cloud knows. */
export interface InsideFleet {
  readonly environment: Environment;
  readonly workloads: readonly AgentWorkload[];
  readonly resolve: (facts: EnvironmentFacts) => readonly AgentWorkload[];
}

type Fleet = InsideFleet;

/** Whom it asks for what isn't on this machine, and how long it waits. */
export interface InsideReach {
  readonly logins: CloudLogins;
  readonly patience: Patience;
}

/**
 * Asks a caller's peers from inside: by a job that is to everybody there what the caller's replicas are, in its cluster,
 * its Container Apps environment or its project, or with the caller's variables on this machine.
 *
 * @throws FleetError when the caller calls nobody, is where no job can be, or the job says nothing
 */
export async function verifyInside(
  fleet: Fleet,
  options: InsideOptions,
  reach: InsideReach,
): Promise<Verified[]> {
  const caller = callerNamed(fleet, options.inside);
  const { environment } = fleet;
  if (isHere(caller)) return runHere(environment, fleet.workloads, caller, asking(fleet, caller));
  if (runsInCluster(caller)) {
    return runInCluster(environment, jobOf(fleet, caller, options, asking(fleet, caller)), options.context);
  }
  const { place, program } = await inCloud(fleet, caller, options, reach);
  return place.ask(program, readInsideResults);
}

/** The job that asks, for those who want to look at it first, or to create it themselves. */
export async function insideJob(fleet: Fleet, options: InsideOptions, reach: InsideReach): Promise<object> {
  const caller = callerNamed(fleet, options.inside);
  if (isHere(caller)) {
    throw insideRefusal(
      "verify-inside-has-a-job",
      "on this machine no job asks from inside; leave --print out",
    );
  }
  if (runsInCluster(caller)) return jobOf(fleet, caller, options, asking(fleet, caller));
  const { place, program } = await inCloud(fleet, caller, options, reach);
  return place.job(program);
}

/** Seconds for which a job stays once it has said everything: some clouds show it only while it is there. */
const STAYS_SECONDS = 60;

async function inCloud(
  fleet: Fleet,
  caller: AgentWorkload,
  { nodeImage }: InsideOptions,
  { logins, patience }: InsideReach,
): Promise<{ readonly place: ICallerPlace; readonly program: CallerProgram }> {
  const { environment } = fleet;
  const placeholders = findPlaceholders(environment);
  if (placeholders.length > 0) {
    throw insideRefusal(
      "verify-inside-finds-the-caller",
      `environment '${environment.name}' still holds placeholders (${listOf(placeholders)}), so nothing of it can be deployed; put your own values in their place: npm run adopt`,
    );
  }
  const image = nodeImage ?? imageWithNode(fleet.workloads, caller);
  const place = await callerPlace(environment, caller, logins, patience);
  if (place === undefined) {
    throw insideRefusal(
      "verify-inside-has-a-job",
      `agent '${caller.name}' of '${environment.name}' runs on ${platformTraits(caller.platform).title}, where no job can be in its place; give the agents' inner URLs to this command on a machine of their network`,
    );
  }
  const known = { ...fleet, workloads: fleet.resolve(place.facts) };
  const variables = asking(known, callerNamed(known, caller.name), STAYS_SECONDS);
  return { place, program: { image, command: ["node", ...NODE], variables } };
}

function asking(fleet: Fleet, caller: AgentWorkload, staysSeconds = 0): Record<string, string> {
  return { VERIFY_INSIDE: JSON.stringify({ ...whatToAsk(fleet, caller), staysSeconds }) };
}

function callerNamed({ environment, workloads }: Fleet, name: string): AgentWorkload {
  const callers = workloads.filter(({ peers }) => peers.length > 0);
  const caller = callers.find((each) => each.name === name);
  if (caller === undefined) {
    const names = callers.map((each) => each.name);
    throw insideRefusal(
      "verify-inside-has-a-caller",
      names.length === 0
        ? `no agent of '${environment.name}' calls others, so nothing is asked from inside; leave --inside out`
        : `no agent '${name}' of '${environment.name}' calls others (${listOf(names)}); ${correctTheName(name, names)}`,
    );
  }
  return caller;
}

function isHere({ platform }: AgentWorkload): boolean {
  return platformTraits(platform).stack === null;
}

function runsInCluster({ platform }: AgentWorkload): boolean {
  return isInCluster(platform);
}

/** What the program is told beside the caller's own variables. */
function whatToAsk({ environment, workloads }: Fleet, caller: AgentWorkload) {
  const peers = workloads.filter(({ name }) => caller.peers.some((peer) => peer.name === name));
  const others = workloads.filter(
    ({ name }) => name !== caller.name && !peers.some((peer) => peer.name === name),
  );
  return {
    caller: caller.name,
    peers: Object.fromEntries(
      peers.map(({ name, probes, route }) => [
        name,
        { readyPath: probes.readiness.path, cardUrl: knownUrl(route.peerCardUrl ?? route.publicUrl) },
      ]),
    ),
    closed: isHere(caller) ? [] : closedTo(environment, caller, peers, others),
  };
}

interface Closed {
  readonly url: string;
  /** Whether somebody is there who says no. */
  readonly refuses?: boolean;
  /** Whether everybody gets there, and is told no. */
  readonly letsIn?: "nobody";
}

/** Every address of agents at which this caller must not be answered, or must be told no. */
function closedTo(
  environment: Environment,
  caller: AgentWorkload,
  peers: readonly AgentWorkload[],
  others: readonly AgentWorkload[],
): Closed[] {
  // No policy keeps apart what runs on a cloud's own platform.
  if (!runsInCluster(caller)) {
    return others
      .filter(({ platform, route }) => platform === caller.platform && knownUrl(route.peerUrl) !== null)
      .map(({ route }) => ({ url: route.peerUrl, letsIn: "nobody" }));
  }
  const { namespace } = clusterLayout(environment);
  const meshed = environment.mesh !== undefined;
  const service = ({ name }: AgentWorkload) => `${serviceUrl(name, namespace)}/.well-known/agent-card.json`;
  // Past the sidecars, nobody reaches anybody.
  const direct = [...others, ...(meshed ? peers : [])].filter(runsInCluster).map(service);
  const metrics = [...others, ...peers]
    .filter(runsInCluster)
    .flatMap(({ name, metricsPort }) =>
      metricsPort === null ? [] : [`${serviceUrl(name, namespace)}:9090/metrics`],
    );
  const bySidecar = meshed
    ? others
        .filter(runsInCluster)
        .map(({ name }) => `${sidecarUrl(name, namespace)}.well-known/agent-card.json`)
    : [];
  return [
    ...[...direct, ...metrics].map((url) => ({ url, refuses: false })),
    ...bySidecar.map((url) => ({ url, refuses: true })),
  ];
}

/** What only the cloud knows can't be compared. */
function knownUrl(url: string): string | null {
  return /[<$]/.test(url) ? null : url;
}

function jobOf(
  { environment, workloads }: Fleet,
  caller: AgentWorkload,
  { context, nodeImage }: InsideOptions,
  variables: Record<string, string>,
) {
  const { namespace } = clusterLayout(environment);
  const place = [...contextOf(context), "--namespace", namespace];
  const found = kubectl([...place, "get", "deployment", caller.name, "--output", "json"]);
  if (found.status !== 0) {
    throw insideRefusal(
      "verify-inside-finds-the-caller",
      `there is no deployment '${caller.name}' in namespace '${namespace}' (${found.stderr.trim().split("\n")[0]}); name the cluster with --context, or deploy '${environment.name}' first`,
    );
  }
  return callerJob(JSON.parse(found.stdout) as AgentDeploymentObject, {
    image: nodeImage ?? imageWithNode(workloads, caller),
    command: ["node", ...NODE],
    variables,
    now: new Date(),
  });
}

/** An image of the fleet's that has the program's Node and its modules: the first that is built from the TypeScript one. */
function imageWithNode(workloads: readonly AgentWorkload[], { platform }: AgentWorkload): string {
  const sources = readImageSources(PROJECT, IMAGES);
  // Where the caller is, its images can be pulled.
  const beside = workloads.filter((each) => each.platform === platform);
  const found = beside.find(({ skills }) => {
    const [source] = sources.filter((each) => skills.every(({ id }) => each.skills.includes(id)));
    return source?.name === "typescript";
  });
  if (found !== undefined) return found.image;
  throw insideRefusal(
    "verify-inside-has-an-image",
    `no agent on ${platformTraits(platform).title} runs the TypeScript reference image, whose code asks from inside; name an image of it with --node-image`,
  );
}

function runInCluster(
  environment: Environment,
  job: ReturnType<typeof callerJob>,
  context: string | undefined,
): Verified[] {
  const { namespace } = clusterLayout(environment);
  const place = [...contextOf(context), "--namespace", namespace];
  const made = kubectl([...place, "create", "--filename", "-"], JSON.stringify(job));
  const { name } = job.metadata;
  if (made.status !== 0) {
    throw insideRefusal(
      "verify-inside-has-a-job",
      `the cluster takes no job '${name}': ${made.stderr.trim()}`,
    );
  }
  process.stderr.write(`following job ${name}\n`);
  for (;;) {
    const state = kubectl([
      ...place,
      "get",
      "job",
      name,
      "--output",
      "jsonpath={.status.conditions[*].type}",
    ]);
    if (/\b(?:Complete|Failed)\b/.test(state.stdout) || state.status !== 0) break;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2000);
  }
  const logs = kubectl([...place, "logs", `job/${name}`, "--container", CALLER_JOB_CONTAINER]);
  return resultsIn(logs.stdout, `job '${name}'`, `${logs.stdout}${logs.stderr}`);
}

async function runHere(
  environment: Environment,
  workloads: readonly AgentWorkload[],
  caller: AgentWorkload,
  variables: Record<string, string>,
): Promise<Verified[]> {
  const { frontUrl } = layOutMachine(environment);
  const isThere = await fetch(frontUrl, { method: "HEAD" }).then(
    () => true,
    () => false,
  );
  if (!isThere) {
    throw insideRefusal(
      "verify-inside-finds-the-caller",
      `nobody answers at ${frontUrl}; start the fleet with 'npm run local', and give this command the same --port`,
    );
  }
  process.stderr.write(`asking as ${caller.name} …\n`);
  const { agent } = await typescriptPrograms(join(PROJECT, IMAGES, "typescript"), () => {});
  const isClient = localClients(workloads, environment).some(({ name }) => name === caller.name);
  const { modelGateway } = environment;
  const secrets = localSecretNames(caller, isClient, modelGateway).map(({ variable, name }) => [
    variable,
    localSecret(PROJECT, name),
  ]);
  const ran = spawnSync(agent.program, NODE, {
    cwd: agent.folder,
    encoding: "utf8",
    env: {
      PATH: process.env.PATH,
      ...localVariables(caller, { store: {}, isClient, modelGateway }),
      ...Object.fromEntries(secrets),
      ...variables,
    },
  });
  return resultsIn(ran.stdout, "the program", `${ran.stdout}${ran.stderr}`);
}

function resultsIn(said: string, who: string, all: string): Verified[] {
  const results = readInsideResults(said.split("\n"));
  if (results === undefined) {
    throw insideRefusal(
      "verify-inside-is-answered",
      `${who} that asks from inside did not say what came of it: ${all.trim().slice(-2000)}`,
    );
  }
  return results;
}

function contextOf(context: string | undefined): string[] {
  return context === undefined ? [] : ["--context", context];
}

function kubectl(args: readonly string[], input?: string): SpawnSyncReturns<string> {
  const result = spawnSync("kubectl", args, { encoding: "utf8", input });
  if (result.error === undefined) return result;
  throw insideRefusal(
    "verify-inside-has-kubectl",
    `kubectl cannot be started (${result.error.message}); install it and log in`,
  );
}
