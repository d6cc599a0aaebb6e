import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AgentWorkload } from "../agent/agent-workload";
import { clusterLayout } from "../choices/clusters";
import { platformTraits } from "../choices/platforms";
import { type AgentDeploymentObject, CALLER_JOB_CONTAINER, callerJob } from "../cluster/agent/caller-job";
import { serviceUrl, sidecarUrl } from "../cluster/facts/kubernetes-traits";
import type { Environment } from "../environment/environment";
import { readImageSources } from "../images/image-source";
import { typescriptPrograms } from "../local/agent-program";
import { localClients } from "../local/local-clients";
import { localSecret } from "../local/local-secrets";
import { localSecretNames, localVariables } from "../local/local-variables";
import { FleetError, listOf } from "../problem";
import type { Verified } from "../verify/check";

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

interface Fleet {
  readonly environment: Environment;
  readonly workloads: readonly AgentWorkload[];
}

/**
 * Asks a caller's peers from inside: by a job that is to everybody in the cluster what the caller's pods are, or with the
 * caller's variables on this machine.
 *
 * @throws FleetError when the caller calls nobody, is where no job can be, or the job says nothing
 */
export async function verifyInside(fleet: Fleet, options: InsideOptions): Promise<Verified[]> {
  const caller = callerNamed(fleet, options.inside);
  const { environment } = fleet;
  const variables = { VERIFY_INSIDE: JSON.stringify(whatToAsk(fleet, caller)) };
  if (isHere(caller)) return runHere(environment, fleet.workloads, caller, variables);
  return runInCluster(environment, jobOf(fleet, caller, options, variables), options.context);
}

/** The job that asks, for those who want to look at it first, or to create it themselves. */
export function insideJob(fleet: Fleet, options: InsideOptions): object {
  const caller = callerNamed(fleet, options.inside);
  if (isHere(caller)) {
    throw refusal("verify-inside-has-a-job", "on this machine no job asks from inside; leave --print out");
  }
  return jobOf(fleet, caller, options, { VERIFY_INSIDE: JSON.stringify(whatToAsk(fleet, caller)) });
}

function callerNamed({ environment, workloads }: Fleet, name: string): AgentWorkload {
  const callers = workloads.filter(({ peers }) => peers.length > 0);
  const caller = callers.find((each) => each.name === name);
  if (caller === undefined) {
    throw refusal(
      "verify-inside-has-a-caller",
      `no agent '${name}' of '${environment.name}' calls others (${listOf(callers.map((each) => each.name)) || "nobody does"}); correct the name`,
    );
  }
  if (!isHere(caller) && !isInCluster(caller)) {
    throw refusal(
      "verify-inside-has-a-job",
      `agent '${name}' of '${environment.name}' runs on ${caller.platform}, where no job can be in its place; give the agents' inner URLs to this command on a machine of their network`,
    );
  }
  return caller;
}

function isHere({ platform }: AgentWorkload): boolean {
  return platformTraits(platform).stack === null;
}

function isInCluster({ platform }: AgentWorkload): boolean {
  return platformTraits(platform).stack === "cluster";
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
    closed: isHere(caller) ? [] : closedTo(environment, peers, others),
  };
}

/** Every address of the cluster's agents at which this caller must not be answered. */
function closedTo(
  environment: Environment,
  peers: readonly AgentWorkload[],
  others: readonly AgentWorkload[],
): { readonly url: string; readonly refuses: boolean }[] {
  const { namespace } = clusterLayout(environment);
  const meshed = environment.mesh !== undefined;
  const service = ({ name }: AgentWorkload) => `${serviceUrl(name, namespace)}/.well-known/agent-card.json`;
  // Past the sidecars, nobody reaches anybody.
  const direct = [...others, ...(meshed ? peers : [])].filter(isInCluster).map(service);
  const metrics = [...others, ...peers]
    .filter(isInCluster)
    .flatMap(({ name, metricsPort }) =>
      metricsPort === null ? [] : [`${serviceUrl(name, namespace)}:9090/metrics`],
    );
  const bySidecar = meshed
    ? others
        .filter(isInCluster)
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
    throw refusal(
      "verify-inside-finds-the-caller",
      `there is no deployment '${caller.name}' in namespace '${namespace}' (${found.stderr.trim().split("\n")[0]}); name the cluster with --context, or deploy '${environment.name}' first`,
    );
  }
  return callerJob(JSON.parse(found.stdout) as AgentDeploymentObject, {
    image: nodeImage ?? imageWithNode(workloads),
    command: ["node", ...NODE],
    variables,
    now: new Date(),
  });
}

/** An image of the fleet's that has the program's Node and its modules: the first that is built from the TypeScript one. */
function imageWithNode(workloads: readonly AgentWorkload[]): string {
  const sources = readImageSources(PROJECT, IMAGES);
  const found = workloads.filter(isInCluster).find(({ skills }) => {
    const [source] = sources.filter((each) => skills.every(({ id }) => each.skills.includes(id)));
    return source?.name === "typescript";
  });
  if (found !== undefined) return found.image;
  throw refusal(
    "verify-inside-has-an-image",
    "no agent of the cluster runs the TypeScript reference image, whose code asks from inside; name an image of it with --node-image",
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
    throw refusal("verify-inside-has-a-job", `the cluster takes no job '${name}': ${made.stderr.trim()}`);
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
  const line = said.split("\n").find((each) => each.startsWith('{"verified":'));
  if (line === undefined) {
    throw refusal(
      "verify-inside-is-answered",
      `${who} that asks from inside said nothing of it: ${all.trim().slice(-2000)}`,
    );
  }
  return (JSON.parse(line) as { verified: Verified[] }).verified;
}

function contextOf(context: string | undefined): string[] {
  return context === undefined ? [] : ["--context", context];
}

function kubectl(args: readonly string[], input?: string): SpawnSyncReturns<string> {
  const result = spawnSync("kubectl", args, { encoding: "utf8", input });
  if (result.error === undefined) return result;
  throw refusal(
    "verify-inside-has-kubectl",
    `kubectl cannot be started (${result.error.message}); install it and log in`,
  );
}

function refusal(rule: string, message: string): FleetError {
  return new FleetError("nothing is verified from inside", [{ rule, message }]);
}
