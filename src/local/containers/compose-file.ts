import type { AgentWorkload } from "../../agent/agent-workload";
import { taskStoreTraits } from "../../choices/task-stores";
import type { Environment } from "../../environment/environment";
import { fleetCallers } from "../../identity/fleet-callers";
import { layOutMachine } from "../facts/local-settings";
import { liteLlmSetup } from "../lite-llm";
import { agentContainer, type ContainerSource } from "./agent-container";
import type { Container } from "./container";
import { CERTIFICATE_SECRETS, edgeContainer } from "./edge-container";
import { keycloakContainers } from "./keycloak-containers";
import { LITE_LLM_URL, liteLlmContainer } from "./lite-llm-container";
import { redisContainer } from "./redis-container";
import { collectorContainer, metricsContainers } from "./telemetry-containers";

export interface ComposeProps {
  /** One whose agents are containers. */
  readonly environment: Environment;
  readonly workloads: readonly AgentWorkload[];
  readonly sourceOf: (workload: AgentWorkload) => ContainerSource;
  /** Value of a secret by its name: made up where nobody has given it. */
  readonly secretOf: (name: string) => string;
  /** Whether somebody has given a secret, by its name. */
  readonly hasSecret: (name: string) => boolean;
  /** Folder with a file for each secret, as the Compose file sees it. */
  readonly secretsFolder: string;
}

/** A Compose file, and what stands beside it. */
export interface ComposeFiles {
  /** The Compose file, as data. */
  readonly compose: object;
  /** Plain files that it mounts, by name. */
  readonly files: Readonly<Record<string, string>>;
  /** Secrets that are made of others, by name: files in the secrets' folder. */
  readonly secrets: Readonly<Record<string, string>>;
}

/**
 * The fleet as containers, for any program that keeps the Compose specification: agents built from their images' folders,
 * a Redis where each of them is a user of its own, Keycloak with the fleet's realm on a Postgres, a LiteLLM with their
 * models, a collector, and an edge that alone has ports on the host.
 *
 * @throws Error when the environment's agents are no containers.
 * @see https://github.com/compose-spec/compose-spec/blob/main/spec.md
 */
export function composeFiles(props: ComposeProps): ComposeFiles {
  const { secretOf, secretsFolder } = props;
  const containers = containersOf(props);
  const configs = containers.flatMap(({ config }) => config ?? []);
  const madeSecrets = Object.assign({}, ...containers.map((each) => each.madeSecrets)) as Record<
    string,
    string
  >;
  const mounted = new Set(containers.flatMap(({ service }) => service.secrets ?? []));
  for (const name of mounted) {
    if (!(name in madeSecrets) && !CERTIFICATE_SECRETS.includes(name)) secretOf(name);
  }
  return {
    files: Object.fromEntries(configs.map(({ file, text }) => [file, text])),
    secrets: madeSecrets,
    compose: {
      services: Object.fromEntries(containers.map(({ name, service }) => [name, service])),
      volumes: Object.fromEntries(containers.flatMap(({ name, keeps }) => (keeps ? [[name, {}]] : []))),
      configs: Object.fromEntries(configs.map(({ name, file }) => [name, { file: `./${file}` }])),
      secrets: Object.fromEntries([...mounted].map((name) => [name, { file: `${secretsFolder}/${name}` }])),
    },
  };
}

function containersOf(props: ComposeProps): readonly Container[] {
  const { environment, workloads, secretOf } = props;
  const { edge } = layOutMachine(environment);
  if (edge === null) throw new Error("containers have an edge");
  const callers = fleetCallers(workloads, environment).map(({ name }) => name);
  const sharing = workloads.filter(({ taskStore }) => taskStore === "shared");
  const hasRedis = taskStoreTraits(environment.taskStore).shared;
  const { modelGateway, telemetry } = environment;
  const hasLiteLlm = modelGateway?.url === LITE_LLM_URL;
  const hasModels = workloads.some(({ model }) => model !== null);
  return [
    ...workloads.map((workload) =>
      agentContainer(workload, {
        environment,
        source: props.sourceOf(workload),
        isClient: callers.includes(workload.name),
        hasRedis,
        hasLiteLlm,
        secretOf,
      }),
    ),
    ...keycloakContainers(workloads, environment),
    ...(hasRedis ? [redisContainer(sharing, secretOf)] : []),
    ...(hasLiteLlm
      ? [liteLlmContainer(liteLlmSetup(workloads, props.hasSecret), modelGateway, hasModels)]
      : []),
    ...(telemetry?.existingEndpoint === undefined ? [collectorContainer] : []),
    edgeContainer(edge, workloads),
    ...metricsContainers(workloads),
  ];
}
