import {
  keyspaceOf,
  secretVariables,
  taskStoreVariables,
  telemetryVariables,
} from "../agent/agent-variables";
import type { AgentWorkload } from "../agent/agent-workload";
import { redisUserRules } from "../agent/redis-user";
import { taskStoreTraits } from "../choices/task-stores";
import { edgePrograms } from "../edge/edge-program";
import type { Environment } from "../environment/environment";
import { modelKeySecret } from "../environment/model-gateway-settings";
import { fleetCallers } from "../identity/fleet-callers";
import { KEYCLOAK_IMAGE, keycloakVariables } from "../identity/keycloak/keycloak-process";
import { clientSecretVariable, keycloakRealm } from "../identity/keycloak/keycloak-realm";
import { OTLP_PORT } from "../parts/collector-configuration";
import { COLLECTOR_IMAGE } from "../parts/collector-image";
import { ISSUER_PATH } from "./facts/local-parts";
import { layOutMachine } from "./facts/local-settings";
import { LITE_LLM_VARIABLES, liteLlmSetup, MASTER_KEY } from "./lite-llm";
import { clientSecretName, localSecretNames, localVariables } from "./local-variables";

/** What an agent's container is built from, and what runs in it. */
export interface ContainerSource {
  /** Folder with the Dockerfile, as the Compose file sees it. */
  readonly context: string;
  /** The image's own command. */
  readonly command: readonly string[];
}

export interface ComposeProps {
  /** One whose agents are containers. */
  readonly environment: Environment;
  readonly workloads: readonly AgentWorkload[];
  readonly sourceOf: (workload: AgentWorkload) => ContainerSource;
  /** Value of a secret by its name, for files that hold several or are made of them. */
  readonly secretOf: (name: string) => string;
  /** Whether somebody has given a secret, by its name; the others are made up. */
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

const IMAGES = {
  nginx: "docker.io/library/nginx:1.29.3",
  haproxy: "docker.io/library/haproxy:3.2.7",
  caddy: "docker.io/library/caddy:2.10.2",
  litellm: "ghcr.io/berriai/litellm:main-v1.83.14-stable",
  redis: "docker.io/library/redis:8.2.3",
  postgres: "docker.io/library/postgres:17.6",
  prometheus: "quay.io/prometheus/prometheus:v3.7.3",
  grafana: "docker.io/grafana/grafana:12.2.1",
} as const;

/** Where each edge reads what it is given. */
const EDGE_FILES = {
  nginx: "/etc/nginx/conf.d/default.conf",
  haproxy: "/usr/local/etc/haproxy/haproxy.cfg",
  caddy: "/etc/caddy/Caddyfile",
} as const;

const CERTIFICATES = "/run/secrets";

/** Base URL of the LiteLLM in the containers' network: what `modelGateway` of their environment says. */
export const LITE_LLM_URL = "http://litellm:4000";

/** Port of the edge that redirects to HTTPS, inside of its container. */
const HTTP_PORT = 8080;

/**
 * The fleet as containers, for any program that keeps the Compose specification: agents built from their images' folders,
 * a Redis where each of them is a user of its own, Keycloak with the fleet's realm on a Postgres, a LiteLLM with their
 * models, a collector, and an edge that alone has ports on the host.
 *
 * @see https://github.com/compose-spec/compose-spec/blob/main/spec.md
 */
export function composeFiles(props: ComposeProps): ComposeFiles {
  const { environment, workloads, secretOf, secretsFolder } = props;
  const { edge, publicUrl } = layOutMachine(environment);
  if (edge === null) throw new Error("containers have an edge");
  const callers = fleetCallers(workloads, environment);
  const keeping = workloads.filter(({ taskStore }) => taskStore === "shared");
  const hasStore = taskStoreTraits(environment.taskStore).shared;
  const ownGateway = environment.modelGateway?.url === LITE_LLM_URL;
  const liteLlm = liteLlmSetup(workloads, props.hasSecret);
  const { existingEndpoint, sampleRatio = 1 } = environment.telemetry ?? {};
  const made: Record<string, string> = {};
  const used = new Set<string>();
  const mount = (...names: string[]) => {
    for (const name of names) used.add(name);
    return names;
  };

  const services: Record<string, object> = {};
  for (const workload of workloads) services[workload.name] = agentService(workload);
  services.keycloak = keycloakService();
  services.postgres = {
    image: IMAGES.postgres,
    environment: {
      POSTGRES_USER: "keycloak",
      POSTGRES_DB: "keycloak",
      POSTGRES_PASSWORD_FILE: "/run/secrets/postgres-password",
    },
    secrets: mount("postgres-password"),
    volumes: ["postgres:/var/lib/postgresql/data"],
    healthcheck: check("pg_isready --username keycloak"),
    ...kept,
  };
  secretOf("postgres-password");
  if (hasStore) services.redis = redisService();
  if (ownGateway) services.litellm = liteLlmService();
  if (existingEndpoint === undefined) {
    // Its image has no shell that could ask it how it is.
    services.collector = {
      image: COLLECTOR_IMAGE,
      command: ["--config=/etc/collector/collector.json"],
      configs: [{ source: "collector", target: "/etc/collector/collector.json" }],
      ...kept,
    };
  }
  services.edge = {
    image: IMAGES[edge.program],
    ports: [`127.0.0.1:${edge.port}:${edge.port}`],
    configs: [{ source: "edge", target: EDGE_FILES[edge.program] }],
    secrets: mount("localhost.crt", "localhost.key", "localhost.pem"),
    depends_on: healthy("keycloak", ...workloads.filter(isOutside).map(({ name }) => name)),
    ...kept,
  };
  services.prometheus = {
    image: IMAGES.prometheus,
    profiles: ["metrics"],
    configs: [{ source: "prometheus", target: "/etc/prometheus/prometheus.yml" }],
    volumes: ["prometheus:/prometheus"],
    ...kept,
  };
  services.grafana = {
    image: IMAGES.grafana,
    profiles: ["metrics"],
    environment: { GF_SECURITY_ADMIN_PASSWORD__FILE: "/run/secrets/grafana-password" },
    secrets: mount("grafana-password"),
    configs: [{ source: "grafana", target: "/etc/grafana/provisioning/datasources/fleet.yaml" }],
    volumes: ["grafana:/var/lib/grafana"],
    ...kept,
  };
  secretOf("grafana-password");

  const configuration = edgePrograms[edge.program].write(workloads, {
    servers: Object.fromEntries(
      workloads.filter(isOutside).map(({ name, port }) => [name, [`${name}:${port}`]]),
    ),
    beside: { [ISSUER_PATH]: "keycloak:8080" },
    certificates: CERTIFICATES,
    httpPort: HTTP_PORT,
  });
  const scraped = workloads.filter(({ metricsPort }) => metricsPort !== null);
  const files = {
    "edge.conf": configuration,
    "realm.json": `${JSON.stringify({ ...keycloakRealm(workloads, environment), id: "a2a" }, null, 2)}\n`,
    "prometheus.json": `${JSON.stringify(
      {
        scrape_configs: scraped.map(({ name, metricsPort }) => ({
          job_name: name,
          static_configs: [{ targets: [`${name}:${metricsPort}`] }],
        })),
      },
      null,
      2,
    )}\n`,
    "grafana.json": `${JSON.stringify(
      { apiVersion: 1, datasources: [{ name: "fleet", type: "prometheus", url: "http://prometheus:9090" }] },
      null,
      2,
    )}\n`,
    ...(ownGateway ? { "litellm.json": `${JSON.stringify(liteLlm.configuration, null, 2)}\n` } : {}),
    ...(existingEndpoint === undefined
      ? { "collector.json": `${JSON.stringify(collectorConfiguration, null, 2)}\n` }
      : {}),
  };
  return {
    files,
    secrets: made,
    compose: {
      services,
      volumes: { postgres: {}, ...(hasStore ? { redis: {} } : {}), prometheus: {}, grafana: {} },
      configs: {
        edge: { file: "./edge.conf" },
        realm: { file: "./realm.json" },
        prometheus: { file: "./prometheus.json" },
        grafana: { file: "./grafana.json" },
        ...(ownGateway ? { litellm: { file: "./litellm.json" } } : {}),
        ...(existingEndpoint === undefined ? { collector: { file: "./collector.json" } } : {}),
      },
      secrets: Object.fromEntries([...used].map((name) => [name, { file: `${secretsFolder}/${name}` }])),
    },
  };

  function agentService(workload: AgentWorkload): object {
    const { name, image, cpu, memoryMiB, terminationGraceSeconds, taskStore } = workload;
    const isClient = callers.some((caller) => caller.name === name);
    const secrets = localSecretNames(workload, isClient, environment.modelGateway);
    for (const secret of secrets) secretOf(secret.name);
    const store: Record<string, string> =
      hasStore && taskStore === "shared"
        ? taskStoreVariables(workload, {
            host: "redis",
            port: 6379,
            tls: false,
            username: keyspaceOf(workload),
          })
        : {};
    if (hasStore && taskStore === "shared") {
      const url = `${name}-redis-url`;
      made[url] = `redis://${keyspaceOf(workload)}:${secretOf(`${name}-redis-password`)}@redis:6379`;
      secrets.push({ variable: secretVariables.taskStoreUrl, name: url });
    }
    const { context, command } = props.sourceOf(workload);
    return {
      image,
      build: { context },
      command: withSecrets(secrets, command),
      environment: escaped({
        ...localVariables(workload, { store, isClient, modelGateway: environment.modelGateway }),
        // Where Prometheus reads an agent's port, the collector needs no metrics of it.
        ...telemetryVariables(
          { ...workload, metricsAreScraped: workload.metricsPort !== null },
          { endpoint: existingEndpoint ?? `http://collector:${OTLP_PORT}`, sampleRatio },
        ),
        // The card has the address for callers from outside; agents ask where they ask for keys.
        OIDC_TOKEN_URL: workload.tokenIssuer?.jwksUrl.replace(/certs$/, "token") ?? "",
      }),
      ...(secrets.length === 0 ? {} : { secrets: mount(...secrets.map((secret) => secret.name)) }),
      depends_on: healthy(
        "keycloak",
        ...(Object.keys(store).length > 0 ? ["redis"] : []),
        ...(ownGateway && workload.model !== null ? ["litellm"] : []),
      ),
      read_only: true,
      tmpfs: ["/tmp"],
      cap_drop: ["ALL"],
      stop_grace_period: `${terminationGraceSeconds}s`,
      deploy: { resources: { limits: { cpus: String(cpu), memory: `${memoryMiB}m` } } },
      ...kept,
    };
  }

  function keycloakService(): object {
    const secrets = [
      { variable: "KC_BOOTSTRAP_ADMIN_PASSWORD", name: "keycloak-admin-password" },
      { variable: "KC_DB_PASSWORD", name: "postgres-password" },
      ...callers.map(({ name }) => ({ variable: clientSecretVariable(name), name: clientSecretName(name) })),
    ];
    for (const { name } of secrets) secretOf(name);
    const url = `${publicUrl}${ISSUER_PATH}`;
    const { KC_BOOTSTRAP_ADMIN_CLIENT_ID: _, ...variables } = keycloakVariables({
      publicUrl: url,
      internalUrl: url,
    });
    return {
      image: KEYCLOAK_IMAGE,
      entrypoint: withSecrets(secrets, ["/opt/keycloak/bin/kc.sh", "start", "--import-realm"]),
      environment: {
        ...variables,
        KC_DB: "postgres",
        KC_DB_URL: "jdbc:postgresql://postgres:5432/keycloak",
        KC_DB_USERNAME: "keycloak",
        KC_HTTP_RELATIVE_PATH: ISSUER_PATH,
        KC_HTTP_MANAGEMENT_RELATIVE_PATH: "/",
      },
      secrets: mount(...secrets.map(({ name }) => name)),
      configs: [{ source: "realm", target: "/opt/keycloak/data/import/realm.json" }],
      depends_on: healthy("postgres"),
      // The image has no program that asks a URL.
      healthcheck: check(
        "exec 3<>/dev/tcp/127.0.0.1/9000; printf 'GET /health/ready HTTP/1.0\\r\\n\\r\\n' >&3; grep -q '200 OK' <&3",
        "bash",
      ),
      ...kept,
    };
  }

  function liteLlmService(): object {
    const secrets = [
      { variable: MASTER_KEY, name: modelKeySecret(environment.modelGateway ?? { url: LITE_LLM_URL }) },
      ...liteLlm.secrets,
    ];
    for (const { name } of secrets) secretOf(name);
    return {
      image: IMAGES.litellm,
      // Nobody waits for it where no agent has a model.
      ...(workloads.some(({ model }) => model !== null) ? {} : { profiles: ["models"] }),
      entrypoint: withSecrets(secrets, [
        "litellm",
        "--config",
        "/etc/litellm/litellm.json",
        "--port",
        "4000",
      ]),
      environment: LITE_LLM_VARIABLES,
      secrets: mount(...secrets.map(({ name }) => name)),
      configs: [{ source: "litellm", target: "/etc/litellm/litellm.json" }],
      healthcheck: {
        ...check(""),
        test: [
          "CMD",
          "python3",
          "-c",
          "import urllib.request; urllib.request.urlopen('http://127.0.0.1:4000/health/liveliness', timeout=4)",
        ],
      },
      ...kept,
    };
  }

  function redisService(): object {
    const users = keeping.map((workload) => {
      const user = keyspaceOf(workload);
      const password = secretOf(`${workload.name}-redis-password`);
      return `user ${user} reset on >${password} ${redisUserRules(user).join(" ")}`;
    });
    const probe = secretOf("redis-probe-password");
    made["redis-users.acl"] = `user default off\nuser probe reset on >${probe} +ping\n${users.join("\n")}\n`;
    return {
      image: IMAGES.redis,
      command: ["redis-server", "--appendonly", "yes", "--aclfile", "/run/secrets/redis-users.acl"],
      secrets: mount("redis-users.acl", "redis-probe-password"),
      volumes: ["redis:/data"],
      healthcheck: check(
        'REDISCLI_AUTH="$$(cat /run/secrets/redis-probe-password)" redis-cli --user probe ping | grep -q PONG',
      ),
      ...kept,
    };
  }
}

/** Traces are in the collector's own log, where no collector of somebody's own takes them on. */
const collectorConfiguration = {
  receivers: { otlp: { protocols: { http: { endpoint: `0.0.0.0:${OTLP_PORT}` } } } },
  processors: { batch: {} },
  exporters: { debug: { verbosity: "normal" } },
  service: {
    pipelines: Object.fromEntries(
      ["traces", "metrics", "logs"].map((signal) => [
        signal,
        { receivers: ["otlp"], processors: ["batch"], exporters: ["debug"] },
      ]),
    ),
  },
};

/** What every container of a fleet has. */
const kept = {
  restart: "unless-stopped",
  security_opt: ["no-new-privileges:true"],
  logging: { driver: "json-file", options: { "max-size": "10m", "max-file": "3" } },
};

function isOutside({ reach }: AgentWorkload): boolean {
  return reach !== "environment";
}

function healthy(...services: string[]): object {
  return Object.fromEntries(services.map((service) => [service, { condition: "service_healthy" }]));
}

function check(command: string, shell = "sh"): object {
  return {
    test: ["CMD", shell, "-c", command],
    interval: "5s",
    timeout: "5s",
    retries: 30,
    start_period: "30s",
  };
}

/** Compose reads `$` itself: a value of somebody's own stands for itself. */
function escaped(variables: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, value.replaceAll("$", "$$$$")]),
  );
}

/** A command that finds its secrets in variables, out of files: nobody who looks at the container sees them. */
function withSecrets(
  secrets: readonly { readonly variable: string; readonly name: string }[],
  command: readonly string[],
): string[] {
  if (secrets.length === 0) return [...command];
  const exports = secrets.map(({ variable, name }) => `export ${variable}="$$(cat /run/secrets/${name})"`);
  return ["sh", "-c", [...exports, 'exec "$$0" "$$@"'].join("; "), ...command];
}
