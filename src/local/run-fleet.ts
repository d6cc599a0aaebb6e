import type { AgentWorkload } from "../agent/agent-workload";
import { taskStoreTraits } from "../choices/task-stores";
import type { Environment } from "../environment/environment";
import { FleetError, listOf, refuse } from "../problem";
import type { AgentProgram } from "./agent-program";
import { describeAgent } from "./describe-fleet";
import { layOutMachine } from "./facts/local-settings";
import { type CallCounts, freePort, startFront } from "./front";
import { localClients } from "./local-clients";
import { type RunningEdge, startLocalEdge } from "./local-edge";
import { type RunningRedis, startRedis } from "./local-redis";
import { clientSecretName, localSecretNames, localVariables } from "./local-variables";
import { type Part, startPart } from "./part";
import { tokenServer } from "./token-server";

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
  /** Ends everything. Once more: without waiting for anybody's work. */
  readonly stop: () => Promise<void>;
}

/** Milliseconds that agents have for what they are at, when the fleet ends. */
const GRACE_MS = 10_000;

/** Milliseconds before an agent that ended is started again. */
const RESTART_MS = 2000;

/** Exit code of an agent whose variables are wrong: it would end the same way again. */
const WRONG_VARIABLES = 78;

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
  const started: Part[] = [];
  const removals: (() => void)[] = [];
  let ending = false;

  const agents = new Map<string, RunningAgent>();
  for (const workload of workloads) {
    agents.set(workload.name, {
      workload,
      port: await freePort(),
      program: props.programOf(workload),
      state: "starting",
      part: undefined,
    });
  }
  const issuer = workloads.find(({ tokenIssuer }) => tokenIssuer !== null)?.tokenIssuer?.issuer ?? "";
  const front = await startFront({
    port: Number(new URL(layout.frontUrl).port),
    describe: () =>
      [...agents.values()].map(({ workload, port, state }) => describeAgent(workload, { port, state })),
    portOf: (name) => {
      const agent = agents.get(name);
      return agent === undefined ? undefined : agent.state === "ready" ? agent.port : null;
    },
    tokens: await tokenServer({
      issuer,
      workloads,
      clients,
      secretOf: (client) => secretOf(clientSecretName(client)),
    }),
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EADDRINUSE") throw error;
    throw taken(layout.frontUrl, "--port");
  });

  const stop = async () => {
    const patience = ending ? 0 : GRACE_MS;
    ending = true;
    const parts = [...[...agents.values()].flatMap(({ part }) => part ?? []), ...started];
    await Promise.all(parts.map((part) => part.stop(patience)));
    await front.stop();
    for (const remove of removals.splice(0)) remove();
  };

  let edge: RunningEdge | undefined;
  let redis: RunningRedis | undefined;
  try {
    if (taskStoreTraits(environment.taskStore).shared) {
      redis = await startRedis(
        workloads.filter(({ taskStore }) => taskStore === "shared"),
        ({ name }) => secretOf(`${name}-redis-password`),
        (line) => onLine("redis", line),
      );
      started.push(redis.part);
      removals.push(redis.remove);
    }
    for (const agent of agents.values()) startAgent(agent);
    if (layout.edge !== null) {
      const portOf = (name: string) => agents.get(name)?.port ?? 0;
      const { program } = layout.edge;
      edge = await startLocalEdge(layout.edge, workloads, portOf, (line) => onLine(program, line));
      started.push(edge.part);
      removals.push(edge.remove);
    }
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    status: () => [...agents.values()].map(statusOf),
    ready: everyAgent(agents),
    authority: edge?.authority ?? null,
    stop,
  };

  function startAgent(agent: RunningAgent): void {
    const { workload, port, program } = agent;
    const isClient = clients.some(({ name }) => name === workload.name);
    const secrets = localSecretNames(workload, isClient, environment.modelGateway).map(
      ({ variable, name }) => [variable, secretOf(name)],
    );
    const store = workload.taskStore === "shared" ? redis?.variablesFor(workload) : undefined;
    agent.state = "starting";
    const part = startPart({
      name: workload.name,
      program: program.program,
      args: program.args,
      folder: program.folder,
      variables: {
        PATH: process.env.PATH ?? "",
        HOME: process.env.HOME ?? "",
        ...program.variables,
        ...localVariables(workload, { store: store ?? {}, isClient, modelGateway: environment.modelGateway }),
        ...Object.fromEntries(secrets),
        A2A_HOST: "127.0.0.1",
        A2A_PORT: String(port),
        PORT: String(port),
        ANSWER_PACE_MS: String(props.pauseMs),
        // Several agents on one machine cannot all have the port of their definitions.
        ENABLE_METRICS: "false",
      },
      onLine: (line) => onLine(workload.name, line),
    });
    agent.part = part;
    part.ended.then((code) => {
      agent.state = `ended (${code})`;
      if (ending || code === WRONG_VARIABLES) return;
      setTimeout(() => ending || startAgent(agent), RESTART_MS).unref();
    });
    waitUntilReady(agent, part);
  }

  async function waitUntilReady(agent: RunningAgent, part: Part): Promise<void> {
    const url = `http://127.0.0.1:${agent.port}${agent.workload.probes.readiness.path}`;
    while (agent.part === part && agent.state === "starting") {
      const answer = await fetch(url).catch(() => undefined);
      await answer?.body?.cancel();
      if (answer?.ok && agent.state === "starting") agent.state = "ready";
      else await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  function statusOf({ workload, program, state }: RunningAgent): AgentStatus {
    const { name, route } = workload;
    return { name, url: route.publicUrl, program: program.title, state, counts: front.countsOf(name) };
  }
}

interface RunningAgent {
  readonly workload: AgentWorkload;
  readonly port: number;
  readonly program: AgentProgram;
  state: string;
  part: Part | undefined;
}

async function everyAgent(agents: ReadonlyMap<string, RunningAgent>): Promise<void> {
  const waiting = new Set(agents.values());
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
