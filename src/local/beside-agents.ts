import type { AgentWorkload } from "../agent/agent-workload";
import type { Environment } from "../environment/environment";
import { type ModelGatewaySettings, modelKeySecret } from "../environment/model-gateway-settings";
import { ISSUER_PATH } from "./facts/local-parts";
import type { LocalLayout } from "./facts/local-settings";
import { liteLlmSetup, startLiteLlm } from "./lite-llm";
import { startLocalKeycloak } from "./local-keycloak";
import { startPostgres } from "./local-postgres";
import { startPrometheus } from "./local-prometheus";
import { startRedis } from "./local-redis";
import type { Part } from "./part";
import type { RunningStore } from "./running-store";
import type { TokenServer } from "./token-server";

/** Real programs that run beside the agents, to be ended and removed with them. */
export class StartedParts {
  private readonly parts: Part[] = [];
  private readonly removals: (() => void)[] = [];

  keep<Running extends { readonly part: Part; readonly remove: () => void }>(running: Running): Running {
    this.parts.push(running.part);
    this.removals.push(running.remove);
    return running;
  }

  /** Asks all of them to end, and ends those that don't within so many milliseconds. */
  async stop(graceMs: number): Promise<void> {
    await Promise.all(this.parts.map((part) => part.stop(graceMs)));
  }

  /** Removes what they leave behind. */
  remove(): void {
    for (const remove of this.removals.splice(0)) remove();
  }
}

/** What the real programs beside the agents are to these. */
export interface BesideAgents {
  readonly store: RunningStore | undefined;
  /** Who answers for the issuer. @default - the issuer that the fleet brings itself */
  readonly tokens?: TokenServer;
  /** With the address that it has now. */
  readonly modelGateway: ModelGatewaySettings | undefined;
  /** Pages for people, by the part's name. */
  readonly pages: Readonly<Record<string, string>>;
}

/** Starts the real programs that an environment asks for. What has been started when one fails is in `started`. */
export async function startBeside(
  props: {
    readonly environment: Environment;
    readonly workloads: readonly AgentWorkload[];
    readonly layout: LocalLayout;
    /** Ports of agents' metrics, by the agent's name. */
    readonly metricsPorts: ReadonlyMap<string, number>;
    readonly secretOf: (name: string) => string;
    readonly hasSecret: (name: string) => boolean;
    readonly onLine: (part: string, line: string) => void;
  },
  started: StartedParts,
): Promise<BesideAgents> {
  const { environment, workloads, layout, metricsPorts, secretOf, hasSecret, onLine } = props;
  const { frontUrl } = layout;
  const lines = (part: string) => (line: string) => onLine(part, line);
  const pages: Record<string, string> = {};
  const sharing = workloads.filter(({ taskStore }) => taskStore === "shared");
  let store: RunningStore | undefined;
  let tokens: TokenServer | undefined;
  let { modelGateway } = environment;
  if (environment.taskStore.kind === "local-redis") {
    const passwordOf = ({ name }: AgentWorkload) => secretOf(`${name}-redis-password`);
    store = started.keep(await startRedis(sharing, passwordOf, lines("redis")));
  }
  if (environment.taskStore.kind === "local-postgres") {
    const passwordOf = ({ name }: AgentWorkload) => secretOf(`${name}-postgres-password`);
    const ownPassword = secretOf("postgres-password");
    store = started.keep(await startPostgres(sharing, passwordOf, ownPassword, lines("postgres")));
  }
  if (layout.parts.includes("keycloak")) {
    const keycloak = { environment, workloads, frontUrl, secretOf, onLine: lines("keycloak") };
    ({ tokens } = started.keep(await startLocalKeycloak(keycloak)));
    pages.keycloak = `${frontUrl}${ISSUER_PATH}/admin/`;
  }
  if (layout.parts.includes("litellm") && modelGateway !== undefined) {
    const key = secretOf(modelKeySecret(modelGateway));
    const setup = liteLlmSetup(workloads, hasSecret);
    const { url } = started.keep(await startLiteLlm(setup, key, secretOf, lines("litellm")));
    modelGateway = { ...modelGateway, url };
    pages.litellm = url;
  }
  if (layout.parts.includes("prometheus")) {
    pages.prometheus = started.keep(await startPrometheus(metricsPorts, lines("prometheus"))).url;
  }
  return { store, ...(tokens === undefined ? {} : { tokens }), modelGateway, pages };
}
