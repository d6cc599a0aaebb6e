import type { AgentWorkload } from "../agent/agent-workload";
import type { Environment } from "../environment/environment";
import { FleetError, listOf, refuse } from "../problem";
import { AgentProcess } from "./agent-process";
import type { AgentProgram } from "./agent-program";
import { StartedParts, startBeside } from "./beside-agents";
import { CONSOLE_PATH } from "./console-page";
import { describeAgent } from "./describe-fleet";
import { ISSUER_PATH } from "./facts/local-parts";
import { type LocalLayout, layOutMachine } from "./facts/local-settings";
import { freePort } from "./free-port";
import { type CallCounts, type Front, startFront } from "./front";
import { localClients } from "./local-clients";
import { type RunningEdge, startLocalEdge } from "./local-edge";
import { clientSecretName } from "./local-variables";
import { type TokenServer, tokenServer } from "./token-server";
import { startTraceStore, type TraceStore } from "./trace-store";

/** What a fleet of one machine is started from. */
export interface RunFleetProps {
  readonly environment: Environment;
  readonly workloads: readonly AgentWorkload[];
  /** What runs each agent. */
  readonly programOf: (workload: AgentWorkload) => AgentProgram;
  /** Milliseconds that agents pause after each part of an answer. */
  readonly pauseMs: number;
  /** Value of a secret by its name. */
  readonly secretOf: (name: string) => string;
  /** Whether somebody has given a secret, by its name; the others are made up. */
  readonly hasSecret: (name: string) => boolean;
  /** One line that a part of the fleet said, without its end. */
  readonly onLine: (part: string, line: string) => void;
}

/** One agent, as its process is. */
export interface AgentStatus {
  readonly name: string;
  readonly url: string;
  /** Title of what runs it. */
  readonly program: string;
  /** `ended (1)`: with its exit code. */
  readonly state: string;
  readonly counts: CallCounts;
}

/** A fleet that runs on this machine. */
export interface RunningFleet {
  readonly status: () => readonly AgentStatus[];
  /** Resolves when every agent has been ready once. */
  readonly ready: Promise<void>;
  /** File with the authority of the edge's certificate; null without an edge. */
  readonly authority: string | null;
  /** Pages of its parts for people, by the part's name. */
  readonly pages: Readonly<Record<string, string>>;
  /** Ends everything. Once more: without waiting for anybody's work. */
  readonly stop: () => Promise<void>;
}

/** Milliseconds that agents have for what they are at, when the fleet ends. */
const GRACE_MS = 10_000;

/** Who answers for the issuer: Keycloak, once it runs in the place of what the fleet brings itself. */
interface Issuer {
  tokens: TokenServer;
}

/**
 * Starts the front, what agents lean on, and the agents.
 *
 * @throws FleetError when agents are meant to be elsewhere, or a port is taken. Nothing runs then.
 */
export async function runFleet(props: RunFleetProps): Promise<RunningFleet> {
  const { environment, workloads, secretOf, onLine } = props;
  refuse("the fleet cannot run here", findStrangers(workloads));
  const layout = layOutMachine(environment);
  const clients = localClients(workloads, environment);
  // Made up where there is none: whoever wants to log in looks for it in its file before anybody has asked for it.
  for (const { name } of clients) secretOf(clientSecretName(name));
  const agents = await agentProcesses(props, layout);
  const issuer: Issuer = {
    tokens: await tokenServer({
      issuer: workloads.find(({ tokenIssuer }) => tokenIssuer !== null)?.tokenIssuer?.issuer ?? "",
      workloads,
      clients,
      secretOf: (client) => secretOf(clientSecretName(client)),
    }),
  };
  const traces = await startTraceStore();
  const front = await openFront(layout, agents, issuer, traces);
  const started = new StartedParts();
  let ending = false;
  const stop = async () => {
    const graceMs = ending ? 0 : GRACE_MS;
    ending = true;
    // What agents lean on is there until they have ended.
    await Promise.all(agents.map((agent) => agent.stop(graceMs)));
    await started.stop(graceMs);
    await front.stop();
    traces.stop();
    started.remove();
  };

  try {
    const metricsPorts = new Map(
      agents.flatMap(({ workload, metricsPort }) =>
        metricsPort === null ? [] : [[workload.name, metricsPort] as const],
      ),
    );
    const beside = await startBeside({ ...props, layout, metricsPorts }, started);
    issuer.tokens = beside.tokens ?? issuer.tokens;
    for (const agent of agents) {
      const { workload } = agent;
      agent.start({
        store: (workload.taskStore === "shared" ? beside.store?.variablesFor(workload) : undefined) ?? {},
        isClient: clients.some(({ name }) => name === workload.name),
        modelGateway: beside.modelGateway,
        tracesEndpoint: traces.endpoint,
        pauseMs: props.pauseMs,
        secretOf,
        onLine: (line) => onLine(workload.name, line),
      });
    }
    const edge = await openEdge(layout, agents, props, started);
    return {
      status: () => agents.map((agent) => statusOf(agent, front)),
      ready: everyAgent(agents),
      authority: edge?.authority ?? null,
      pages: { console: `${layout.publicUrl}${CONSOLE_PATH}/`, ...beside.pages },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A process for each agent, with ports of its own. None of them runs yet. */
async function agentProcesses(
  { workloads, programOf }: RunFleetProps,
  { parts }: LocalLayout,
): Promise<readonly AgentProcess[]> {
  const agents: AgentProcess[] = [];
  for (const workload of workloads) {
    const port = await freePort();
    const isScraped = parts.includes("prometheus") && workload.metricsPort !== null;
    agents.push(new AgentProcess(workload, programOf(workload), port, isScraped ? await freePort() : null));
  }
  return agents;
}

/** @throws FleetError when its port is taken; the store of traces has ended then. */
async function openFront(
  { frontUrl }: LocalLayout,
  agents: readonly AgentProcess[],
  issuer: Issuer,
  traces: TraceStore,
): Promise<Front> {
  const [tokenUrl] = agents.flatMap(({ workload }) => workload.tokenIssuer?.tokenUrl ?? []);
  const tokenPath = tokenUrl === undefined ? "" : new URL(tokenUrl).pathname;
  return startFront({
    traces: traces.last,
    port: Number(new URL(frontUrl).port),
    describe: () => ({
      agents: agents.map(({ workload, port, state }) => describeAgent(workload, { port, state })),
      tokenPath,
    }),
    portOf: (name) => {
      const agent = agents.find(({ workload }) => workload.name === name);
      return agent === undefined ? undefined : agent.state === "ready" ? agent.port : null;
    },
    tokens: (path, request, response) => issuer.tokens(path, request, response),
  }).catch((error: NodeJS.ErrnoException) => {
    traces.stop();
    if (error.code !== "EADDRINUSE") throw error;
    throw taken(frontUrl, "--port");
  });
}

/** The real edge, where one was asked for. */
async function openEdge(
  { edge, frontUrl }: LocalLayout,
  agents: readonly AgentProcess[],
  { workloads, onLine }: RunFleetProps,
  started: StartedParts,
): Promise<RunningEdge | undefined> {
  if (edge === null) return undefined;
  const outside = agents.filter(({ workload }) => workload.reach !== "environment");
  const servers = Object.fromEntries(
    outside.map(({ workload, port }) => [workload.name, [`127.0.0.1:${port}`]]),
  );
  const { host } = new URL(frontUrl);
  const behind = { servers, beside: { [CONSOLE_PATH]: host, [ISSUER_PATH]: host } };
  return started.keep(await startLocalEdge(edge, workloads, behind, (line) => onLine(edge.program, line)));
}

function statusOf({ workload, program, state }: AgentProcess, front: Front): AgentStatus {
  const { name, route } = workload;
  return { name, url: route.publicUrl, program: program.title, state, counts: front.countsOf(name) };
}

async function everyAgent(agents: readonly AgentProcess[]): Promise<void> {
  const waiting = new Set(agents);
  while (waiting.size > 0) {
    for (const agent of waiting) if (agent.state === "ready") waiting.delete(agent);
    await new Promise((resolve) => setTimeout(resolve, 50).unref());
  }
}

function findStrangers(workloads: readonly AgentWorkload[]) {
  const elsewhere = workloads.filter(({ platform }) => platform !== "local");
  if (elsewhere.length === 0) return [];
  return [
    {
      rule: "agents-are-local",
      message: `${listOf(elsewhere.map(({ name, platform }) => `agent '${name}' (${platform})`))} would run elsewhere; take 'platform' out of the environment's 'agents'`,
    },
  ];
}

function taken(url: string, option: string): FleetError {
  return new FleetError("the fleet cannot run here", [
    {
      rule: "ports-are-free",
      message: `${url} is somebody else's already; end what listens there, or choose another port with ${option}`,
    },
  ]);
}
