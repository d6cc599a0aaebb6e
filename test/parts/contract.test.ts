import { describe, expect, test } from "vitest";
import type { AgentDefinition } from "../../src/agent/agent-definition";
import type { Environment } from "../../src/environment/environment";
import { archive } from "../support/contract-agent";
import { aksEnvironment, synthCluster } from "../support/kubernetes-fleet";
import {
  type AgentReader,
  type ObservedAgent,
  readContainerApp,
  readDeployment,
} from "../support/observed-agent";
import { desk, environment } from "../support/sample-fleet";
import { type FinishedStack, synthEnvironment } from "../support/synth";

const agents: readonly AgentDefinition[] = [archive, { ...desk, calls: ["archive"] }];

interface PlatformUnderTest {
  readonly platform: string;
  readonly stack: FinishedStack;
  readonly read: AgentReader;
  /** CPU that a replica may use of the cores that were asked for: Kubernetes lets it have twice of them. */
  readonly cpuLimitPerCore: number;
}

const shared: Partial<Environment> = {
  azure: { ...azureOf(environment), network: { kind: "created" } },
  gateway: { host: "agents.acme.example" },
  identityProvider: {
    kind: "existing",
    issuer: "https://login.acme.example",
    jwksUrl: "https://login.acme.example/keys",
  },
  logLevel: "debug",
};

const platforms: readonly PlatformUnderTest[] = [
  {
    platform: "Container Apps",
    stack: synthEnvironment({ ...environment, ...shared }, agents),
    read: readContainerApp,
    cpuLimitPerCore: 1,
  },
  {
    platform: "Kubernetes",
    stack: synthCluster({ ...aksEnvironment, ...shared }, agents),
    read: readDeployment,
    cpuLimitPerCore: 2,
  },
];

function azureOf({ azure }: Environment): NonNullable<Environment["azure"]> {
  if (azure === undefined) throw new Error("the sample environment is on Azure");
  return azure;
}

/** Variables whose values are a platform's own: where things are, and who the agent is there. */
const PLATFORM_VALUES = ["AZURE_CLIENT_ID", "OTEL_EXPORTER_OTLP_ENDPOINT", "REDIS_HOST", "REDIS_PORT"];

/** Variables that only some platforms have a use for. */
const SOME_PLATFORMS = [
  // What collects decides between sums and differences.
  "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
  "OTEL_METRICS_EXPORTER",
  "OTEL_METRIC_EXPORT_INTERVAL",
];

describe.each(platforms)("$platform", ({ stack, read, cpuLimitPerCore }) => {
  const agent = read(stack, "archive");

  test("runs the image on its port", () => {
    expect(agent.image).toBe("acmeimages.azurecr.io/agents/archive:3.4.5");
    expect(agent.port).toBe(8123);
  });

  test("gives it what it asks for", () => {
    expect(agent.memoryMiB).toBe(2048);
    expect(agent.cpuLimit).toBe(1 * cpuLimitPerCore);
  });

  test("tells it who it is, where it is found, and what it agreed to", () => {
    expect(agent.variables).toMatchObject({
      AGENT_NAME: "archive",
      AGENT_VERSION: "3.4.5",
      AGENT_URL: "https://agents.acme.example/agents/archive/",
      PORT: "8123",
      A2A_PORT: "8123",
      METRICS_PORT: "9191",
      WORKERS: "3",
      TASK_TIMEOUT_MS: "200000",
      GRACEFUL_TIMEOUT_SECONDS: "207",
      REQUEST_TIMEOUT_SECONDS: "233",
      LOG_LEVEL: "debug",
      TASK_STORE: "redis",
    });
    expect(JSON.parse(agent.variables.AGENT_CARD ?? "{}")).toMatchObject({
      version: "3.4.5",
      supportedInterfaces: [
        { url: "https://agents.acme.example/agents/archive/", protocolVersion: "1.0" },
        { url: "https://agents.acme.example/agents/archive/", protocolVersion: "0.3" },
      ],
    });
  });

  test("takes text as it stands", () => {
    // Doubled signs are Terraform's way of writing single ones.
    expect(agent.variables.AGENT_DESCRIPTION).toBe("Keeps $${documents} and finds %%{them} again");
    expect(agent.variables.ARCHIVE_SHELF).toBe("top $(shelf)");
  });

  test("hands over secrets by reference only", () => {
    expect(agent.secrets).toEqual({
      ARCHIVE_TOKEN: "archive-token",
      REDIS_URL: expect.stringContaining("task-store-url"),
      REDIS_PASSWORD: expect.stringContaining("task-store-key"),
    });
    expect(Object.keys(agent.variables).filter((name) => name in agent.secrets)).toEqual([]);
  });

  test("looks at it where and as often as it says", () => {
    expect(agent.probes.liveness).toEqual({ path: "/alive", everySeconds: 30, failures: 3 });
    expect(agent.probes.readiness).toEqual({ path: "/able", everySeconds: 10, failures: 3 });
    expect(agent.probes.startup.path).toBe("/alive");
    expect(agent.probes.startup.everySeconds * agent.probes.startup.failures).toBe(90);
  });

  test("gives it its whole grace", () => {
    expect(agent.graceSeconds).toBe(222);
  });

  test("scales it between its fewest and its most", () => {
    expect([agent.fewest, agent.most]).toEqual([2, 7]);
  });

  test("makes its identity, and starts it once that may read every secret", () => {
    expect(agent.identity).toMatch(/^azurerm_user_assigned_identity\.archive_identity/);
    const waits = agent.startsAfter.filter((address) => address.startsWith("time_sleep.archive"));
    expect(waits).toHaveLength(1);
    const { triggers } = stack.json.resource.time_sleep[(waits[0] as string).split(".")[1] as string];
    expect(Object.keys(triggers)).toEqual(
      expect.arrayContaining(["read-archive-token", "read-task-store-url", "read-task-store-key"]),
    );
  });
});

test("the same definition gives the same variables and secrets on every platform", () => {
  const comparable = ({ variables, secrets }: ObservedAgent) => ({
    variables: Object.fromEntries(
      Object.entries(variables)
        .filter(([name]) => ![...PLATFORM_VALUES, ...SOME_PLATFORMS].includes(name))
        // Where peers find it is the platform's own.
        .map(([name, value]) => [
          name,
          name.startsWith("AGENT_PEER_CARD") ? value.replace(/"url":"[^"]*"/g, '"url":""') : value,
        ]),
    ),
    platformVariables: PLATFORM_VALUES.filter((name) => name in variables),
    secrets,
  });
  const [first, ...others] = platforms.map(({ stack, read }) => comparable(read(stack, "archive")));
  for (const other of others) expect(other).toEqual(first);
});

test("callers know it by the same name, and by a token of the same audience, on every platform", () => {
  for (const { stack, read } of platforms) {
    const { variables } = read(stack, "desk-globex");
    expect(Object.keys(JSON.parse(variables.AGENT_REGISTRY ?? "{}"))).toEqual(["archive"]);
    expect(Object.values(JSON.parse(variables.AGENT_SCOPES ?? "{}"))).toEqual([
      "api://11111111-1111-4111-8111-111111111111/test-archive/.default",
    ]);
  }
});

test("metrics are sent where nothing reads their port, and only there", () => {
  const exported = platforms.map(({ platform, stack, read }) => {
    const { OTEL_METRICS_EXPORTER, OTEL_METRIC_EXPORT_INTERVAL } = read(stack, "archive").variables;
    return [platform, OTEL_METRICS_EXPORTER, OTEL_METRIC_EXPORT_INTERVAL];
  });
  expect(exported).toEqual([
    ["Container Apps", "otlp", "60000"],
    ["Kubernetes", "none", undefined],
  ]);
});

test("peers are found by label in a cluster, by who calls any", () => {
  const [, cluster] = platforms as [PlatformUnderTest, PlatformUnderTest];
  const caller = cluster.read(cluster.stack, "desk-globex").variables;
  expect(caller).toMatchObject({
    PEER_DISCOVERY_SELECTOR: "protocol=a2a",
    PEER_DISCOVERY_NAMESPACE: "agents",
    PEER_URL_TEMPLATE: "http://{name}.{namespace}.svc.cluster.local/",
  });
  const found = (caller.PEER_URL_TEMPLATE as string)
    .replace("{name}", "archive")
    .replace("{namespace}", "agents");
  expect(JSON.parse(caller.AGENT_REGISTRY ?? "{}")).toEqual({ archive: found });
  expect(cluster.read(cluster.stack, "archive").variables).not.toHaveProperty("PEER_DISCOVERY_SELECTOR");
});
