import { telemetryVariables } from "../agent/agent-variables";
import type { AgentWorkload } from "../agent/agent-workload";
import type { ModelGatewaySettings } from "../environment/model-gateway-settings";
import type { AgentProgram } from "./agent-program";
import { localSecretNames, localVariables } from "./local-variables";
import { type Part, startPart } from "./part";

/** Milliseconds before an agent that ended is started again. */
const RESTART_MS = 2000;

/** Exit code of an agent whose variables are wrong: it would end the same way again. */
const WRONG_VARIABLES = 78;

/** What the fleet gives an agent's process besides its definition. */
export interface AgentSurroundings {
  /** Variables of its task store, secrets among them. */
  readonly store: Readonly<Record<string, string>>;
  /** Whether it is a client of the issuer: it calls others. */
  readonly isClient: boolean;
  readonly modelGateway: ModelGatewaySettings | undefined;
  /** Base URL that takes its traces. */
  readonly tracesEndpoint: string;
  /** Milliseconds that it pauses after each part of an answer. */
  readonly pauseMs: number;
  /** Value of a secret by its name. */
  readonly secretOf: (name: string) => string;
  /** One line that it said, without its end. */
  readonly onLine: (line: string) => void;
}

/** An agent as a process of this machine. One that ends is started again, unless its variables are wrong. */
export class AgentProcess {
  private part: Part | undefined;
  private isEnding = false;
  private condition = "starting";

  constructor(
    readonly workload: AgentWorkload,
    readonly program: AgentProgram,
    readonly port: number,
    /** Where its metrics are, if anybody reads them. */
    readonly metricsPort: number | null,
  ) {}

  /** `starting`, `ready` or `ended (1)`: with its exit code. */
  get state(): string {
    return this.condition;
  }

  start(surroundings: AgentSurroundings): void {
    const { program, args, folder } = this.program;
    this.condition = "starting";
    const part = startPart({
      name: this.workload.name,
      program,
      args,
      folder,
      variables: this.variables(surroundings),
      onLine: surroundings.onLine,
    });
    this.part = part;
    part.ended.then((code) => {
      this.condition = `ended (${code})`;
      if (this.isEnding || code === WRONG_VARIABLES) return;
      setTimeout(() => this.isEnding || this.start(surroundings), RESTART_MS).unref();
    });
    this.waitUntilReady(part);
  }

  /** Asks it to end, for good, and ends it if it doesn't within so many milliseconds. */
  async stop(graceMs: number): Promise<void> {
    this.isEnding = true;
    await this.part?.stop(graceMs);
  }

  private variables(surroundings: AgentSurroundings): Record<string, string> {
    const { workload, port, metricsPort } = this;
    const { store, isClient, modelGateway, tracesEndpoint, pauseMs, secretOf } = surroundings;
    const secrets = localSecretNames(workload, isClient, modelGateway);
    return {
      PATH: process.env.PATH ?? "",
      HOME: process.env.HOME ?? "",
      ...this.program.variables,
      // Metrics are read at the agent's own port, if anybody reads them.
      ...telemetryVariables(
        { ...workload, metricsAreScraped: true },
        { endpoint: tracesEndpoint, sampleRatio: 1 },
      ),
      // Soon enough for who looks at the page.
      OTEL_BSP_SCHEDULE_DELAY: "500",
      ...localVariables(workload, { store, isClient, modelGateway }),
      ...Object.fromEntries(secrets.map(({ variable, name }) => [variable, secretOf(name)])),
      A2A_HOST: "127.0.0.1",
      A2A_PORT: String(port),
      PORT: String(port),
      ANSWER_PACE_MS: String(pauseMs),
      // Several agents on one machine cannot all have the port of their definitions.
      ENABLE_METRICS: String(metricsPort !== null),
      ...(metricsPort === null ? {} : { METRICS_PORT: String(metricsPort) }),
    };
  }

  private async waitUntilReady(part: Part): Promise<void> {
    const url = `http://127.0.0.1:${this.port}${this.workload.probes.readiness.path}`;
    const isStarting = () => this.part === part && this.condition === "starting";
    while (isStarting()) {
      const answer = await fetch(url).catch(() => undefined);
      await answer?.body?.cancel();
      if (answer?.ok && isStarting()) this.condition = "ready";
      else await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
