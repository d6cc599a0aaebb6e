import {
  keyspaceOf,
  secretVariables,
  taskStoreVariables,
  telemetryVariables,
} from "../../agent/agent-variables";
import type { AgentWorkload } from "../../agent/agent-workload";
import type { Environment } from "../../environment/environment";
import { OTLP_PORT } from "../../parts/collector-configuration";
import { localSecretNames, localVariables } from "../local-variables";
import { type Container, escaped, healthy, KEPT_RUNNING, withSecrets } from "./container";
import { redisPasswordSecret } from "./redis-container";

/** What an agent's container is built from, and what runs in it. */
export interface ContainerSource {
  /** Folder with the Dockerfile, as the Compose file sees it. */
  readonly context: string;
  /** The image's own command. */
  readonly command: readonly string[];
}

/** An agent, with the variables and secrets of its contract. */
export function agentContainer(
  workload: AgentWorkload,
  props: {
    readonly environment: Environment;
    readonly source: ContainerSource;
    /** Whether it is a client of the issuer: it calls others. */
    readonly isClient: boolean;
    /** Whether there is a Redis beside it. */
    readonly hasRedis: boolean;
    /** Whether there is a LiteLLM beside it. */
    readonly hasLiteLlm: boolean;
    readonly secretOf: (name: string) => string;
  },
): Container {
  const { name, image, cpu, memoryMiB, terminationGraceSeconds, metricsPort, tokenIssuer } = workload;
  const { environment, source, isClient, secretOf } = props;
  const { modelGateway, telemetry: { existingEndpoint, sampleRatio = 1 } = {} } = environment;
  const sharesTasks = props.hasRedis && workload.taskStore === "shared";
  const user = keyspaceOf(workload);
  const redis = { host: "redis", port: 6379, tls: false, username: user };
  const redisUrl = `${name}-redis-url`;
  const secrets = [
    ...localSecretNames(workload, isClient, modelGateway),
    ...(sharesTasks ? [{ variable: secretVariables.taskStoreUrl, name: redisUrl }] : []),
  ];
  return {
    name,
    service: {
      image,
      build: { context: source.context },
      command: withSecrets(secrets, source.command),
      environment: escaped({
        ...localVariables(workload, {
          store: sharesTasks ? taskStoreVariables(workload, redis) : {},
          isClient,
          modelGateway,
        }),
        // Where Prometheus reads an agent's port, the collector needs no metrics of it.
        ...telemetryVariables(
          { ...workload, metricsAreScraped: metricsPort !== null },
          { endpoint: existingEndpoint ?? `http://collector:${OTLP_PORT}`, sampleRatio },
        ),
        // The card has the address for callers from outside; agents ask where they ask for keys.
        OIDC_TOKEN_URL: tokenIssuer?.jwksUrl.replace(/certs$/, "token") ?? "",
      }),
      ...(secrets.length === 0 ? {} : { secrets: secrets.map((secret) => secret.name) }),
      depends_on: healthy(
        "keycloak",
        ...(sharesTasks ? ["redis"] : []),
        ...(props.hasLiteLlm && workload.model !== null ? ["litellm"] : []),
      ),
      read_only: true,
      tmpfs: ["/tmp"],
      cap_drop: ["ALL"],
      stop_grace_period: `${terminationGraceSeconds}s`,
      deploy: { resources: { limits: { cpus: String(cpu), memory: `${memoryMiB}m` } } },
      ...KEPT_RUNNING,
    },
    ...(sharesTasks
      ? { madeSecrets: { [redisUrl]: `redis://${user}:${secretOf(redisPasswordSecret(name))}@redis:6379` } }
      : {}),
  };
}
