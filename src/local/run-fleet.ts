import { telemetryVariables } from "../agent/agent-variables";
import type { AgentWorkload } from "../agent/agent-workload";
import type { Environment } from "../environment/environment";
import { modelKeySecret } from "../environment/model-gateway-settings";
import { FleetError, listOf, refuse } from "../problem";
import type { AgentProgram } from "./agent-program";
import { CONSOLE_PATH } from "./console-page";
import { describeAgent } from "./describe-fleet";
import { ISSUER_PATH } from "./facts/local-parts";
import { layOutMachine } from "./facts/local-settings";
import { type CallCounts, freePort, startFront } from "./front";
import { liteLlmSetup, startLiteLlm } from "./lite-llm";
import { localClients } from "./local-clients";
import { type RunningEdge, startLocalEdge } from "./local-edge";
import { startLocalKeycloak } from "./local-keycloak";
import { startPostgres } from "./local-postgres";
import { startPrometheus } from "./local-prometheus";
import { startRedis } from "./local-redis";
import { clientSecretName, localSecretNames, localVariables } from "./local-variables";
import { type Part, startPart } from "./part";
import type { RunningStore } from "./running-store";
import { type TokenServer, tokenServer } from "./token-server";
import { startTraceStore } from "./trace-store";

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
  // Made up where there is none: whoever wants to log in looks for it in its file before anybody has asked for it.
  for (const { name } of clients) secretOf(clientSecretName(name));
  const started: Part[] = [];
  const removals: (() => void)[] = [];
  let ending = false;

  const agents = new Map<string, RunningAgent>();
  for (const workload of workloads) {
    agents.set(workload.name, {
      workload,
      port: await freePort(),
      metricsPort:
        layout.parts.includes("prometheus") && workload.metricsPort !== null ? await freePort() : null,
      program: props.programOf(workload),
      state: "starting",
      part: undefined,
    });
  }
  const tokenUrl = workloads.flatMap(({ tokenIssuer }) => tokenIssuer?.tokenUrl ?? [])[0];
  const tokenPath = tokenUrl === undefined ? "" : new URL(tokenUrl).pathname;
  const issuer = workloads.find(({ tokenIssuer }) => tokenIssuer !== null)?.tokenIssuer?.issuer ?? "";
  let tokens: TokenServer = await tokenServer({
    issuer,
    workloads,
    clients,
    secretOf: (client) => secretOf(clientSecretName(client)),
  });
  const traces = await startTraceStore();
  const front = await startFront({
    traces: traces.last,
    port: Number(new URL(layout.frontUrl).port),
    describe: () => ({
      agents: [...agents.values()].map(({ workload, port, state }) =>
        describeAgent(workload, { port, state }),
      ),
      tokenPath,
    }),
    portOf: (name) => {
      const agent = agents.get(name);
      return agent === undefined ? undefined : agent.state === "ready" ? agent.port : null;
    },
    tokens: (path, request, response) => tokens(path, request, response),
  }).catch((error: NodeJS.ErrnoException) => {
    traces.stop();
    if (error.code !== "EADDRINUSE") throw error;
    throw taken(layout.frontUrl, "--port");
  });

  const stop = async () => {
    const patience = ending ? 0 : GRACE_MS;
    ending = true;
    // What agents lean on is there until they have ended.
    await Promise.all([...agents.values()].map(({ part }) => part?.stop(patience)));
    await Promise.all(started.map((part) => part.stop(patience)));
    await front.stop();
    traces.stop();
    for (const remove of removals.splice(0)) remove();
  };

  let edge: RunningEdge | undefined;
  let store: RunningStore | undefined;
  let { modelGateway } = environment;
  const pages: Record<string, string> = { console: `${layout.publicUrl}${CONSOLE_PATH}/` };
  const keep = <Running extends { readonly part: Part; readonly remove: () => void }>(running: Running) => {
    started.push(running.part);
    removals.push(running.remove);
    return running;
  };
  try {
    const lines = (part: string) => (line: string) => onLine(part, line);
    const sharing = workloads.filter(({ taskStore }) => taskStore === "shared");
    const passwordOf = ({ name }: AgentWorkload) =>
      secretOf(`${name}-${environment.taskStore.kind === "local-redis" ? "redis" : "postgres"}-password`);
    if (environment.taskStore.kind === "local-redis") {
      store = keep(await startRedis(sharing, passwordOf, lines("redis")));
    }
    if (environment.taskStore.kind === "local-postgres") {
      store = keep(
        await startPostgres(sharing, passwordOf, secretOf("postgres-password"), lines("postgres")),
      );
    }
    if (layout.parts.includes("keycloak")) {
      const { frontUrl } = layout;
      const keycloak = { environment, workloads, frontUrl, secretOf, onLine: lines("keycloak") };
      ({ tokens } = keep(await startLocalKeycloak(keycloak)));
      pages.keycloak = `${frontUrl}${ISSUER_PATH}/admin/`;
    }
    if (layout.parts.includes("litellm") && modelGateway !== undefined) {
      const key = secretOf(modelKeySecret(modelGateway));
      const setup = liteLlmSetup(workloads, props.hasSecret);
      const { url } = keep(await startLiteLlm(setup, key, secretOf, lines("litellm")));
      modelGateway = { ...modelGateway, url };
      pages.litellm = url;
    }
    if (layout.parts.includes("prometheus")) {
      const ports = [...agents.values()].flatMap(({ workload, metricsPort }) =>
        metricsPort === null ? [] : [[workload.name, metricsPort] as const],
      );
      pages.prometheus = keep(await startPrometheus(new Map(ports), lines("prometheus"))).url;
    }
    for (const agent of agents.values()) startAgent(agent);
    if (layout.edge !== null) {
      const outside = [...agents.values()].filter(({ workload }) => workload.reach !== "environment");
      const servers = Object.fromEntries(
        outside.map(({ workload, port }) => [workload.name, [`127.0.0.1:${port}`]]),
      );
      const { program } = layout.edge;
      const atFront = new URL(layout.frontUrl).host;
      const beside = { [CONSOLE_PATH]: atFront, [ISSUER_PATH]: atFront };
      edge = keep(await startLocalEdge(layout.edge, workloads, { servers, beside }, lines(program)));
    }
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    status: () => [...agents.values()].map(statusOf),
    ready: everyAgent(agents),
    authority: edge?.authority ?? null,
    pages,
    stop,
  };

  function startAgent(agent: RunningAgent): void {
    const { workload, port, metricsPort, program } = agent;
    const isClient = clients.some(({ name }) => name === workload.name);
    const secrets = localSecretNames(workload, isClient, environment.modelGateway).map(
      ({ variable, name }) => [variable, secretOf(name)],
    );
    const ofStore = workload.taskStore === "shared" ? store?.variablesFor(workload) : undefined;
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
        // Metrics are read at the agent's own port, if anybody reads them.
        ...telemetryVariables(
          { ...workload, metricsAreScraped: true },
          { endpoint: traces.endpoint, sampleRatio: 1 },
        ),
        // Soon enough for who looks at the page.
        OTEL_BSP_SCHEDULE_DELAY: "500",
        ...localVariables(workload, { store: ofStore ?? {}, isClient, modelGateway }),
        ...Object.fromEntries(secrets),
        A2A_HOST: "127.0.0.1",
        A2A_PORT: String(port),
        PORT: String(port),
        ANSWER_PACE_MS: String(props.pauseMs),
        // Several agents on one machine cannot all have the port of their definitions.
        ENABLE_METRICS: String(metricsPort !== null),
        ...(metricsPort === null ? {} : { METRICS_PORT: String(metricsPort) }),
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
  /** Where its metrics are, if anybody reads them. */
  readonly metricsPort: number | null;
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
