import { describe, expect, test } from "vitest";
import type { AgentDefinition } from "../../src/agent/agent-definition";
import { platformTraits } from "../../src/choices/platforms";
import type { Environment } from "../../src/environment/environment";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { type CloudRunService, cloudRunService } from "../support/cloud-run-service";
import { archive } from "../support/contract-agent";
import { deployedAgents } from "../support/deployed-agents";
import { desk, environment } from "../support/sample-fleet";
import { synthEnvironment } from "../support/synth";

const agents: readonly AgentDefinition[] = [archive, { ...desk, calls: ["archive"] }];

const shared: Environment = {
  ...environment,
  azure: { ...(environment.azure as NonNullable<Environment["azure"]>), network: { kind: "created" } },
  gateway: { host: "agents.acme.example" },
  identityProvider: {
    kind: "existing",
    issuer: "https://login.acme.test",
    jwksUrl: "https://login.acme.test/keys",
  },
};
const onGoogle: Environment = {
  ...shared,
  google: {
    projectId: "acme-agents",
    projectNumber: "123456789012",
    region: "europe-west4",
    images: { kind: "google" },
  },
  cloudRun: {
    front: { kind: "load-balancer", admits: ["198.51.100.7/32"] },
    taskStore: { kind: "memorystore" },
  },
  agents: { archive: { platform: "cloud-run" } },
};

const google = synthEnvironment(onGoogle, agents);
const archiveOnGoogle: CloudRunService = cloudRunService(google, "archive");
const azure = deployedAgents(synthEnvironment(shared, agents));
const archiveOnAzure = azure.find(({ name }) => name === "archive");

/** Variables whose values are a platform's own: where things are, and who the agent is there. */
const PLATFORM_VALUES = [
  "AZURE_CLIENT_ID",
  "AZURE_KEYVAULT_URL",
  "GRACEFUL_TIMEOUT_SECONDS",
  "OTEL_EXPORTER_OTLP_ENDPOINT",
  // What collects decides between sums and differences.
  "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
  "OTEL_METRICS_EXPORTER",
  "OTEL_METRIC_EXPORT_INTERVAL",
  "PORT",
  "REDIS_CA_FILE",
  "REDIS_HOST",
  "REDIS_PORT",
];

function comparable(variables: Readonly<Record<string, string>>) {
  return Object.fromEntries(
    Object.entries(variables)
      .filter(([name]) => !PLATFORM_VALUES.includes(name))
      .map(([name, value]) => [name, value.replace(/\$\$\{|%%\{/g, (found) => found.slice(1))])
      // Where peers find it is the platform's own.
      .map(([name, value]) => [
        name,
        name?.startsWith("AGENT_PEER_CARD") ? value?.replace(/"url":"[^"]*"/g, '"url":""') : value,
      ]),
  );
}

describe("one definition on Cloud Run, beside the same on Container Apps", () => {
  test("finds the same variables, and its own URL is the gateway's on both", () => {
    expect(comparable(archiveOnGoogle.agent.variables)).toEqual(comparable(archiveOnAzure?.variables ?? {}));
    expect(archiveOnGoogle.agent.variables.AGENT_URL).toBe("https://agents.acme.example/agents/archive/");
    // Cloud Run kills after ten seconds, whatever the definition says.
    expect(archiveOnGoogle.agent.variables.GRACEFUL_TIMEOUT_SECONDS).toBe("8");
  });

  test("finds the same secrets, each in its own cloud's vault", () => {
    expect(Object.keys(archiveOnGoogle.agent.secrets).toSorted()).toEqual(
      Object.keys(archiveOnAzure?.secrets ?? {}).toSorted(),
    );
    expect(archiveOnGoogle.agent.secrets.ARCHIVE_TOKEN?.secret).toMatch(/archive-token/);
  });

  test("runs the image of its version on its port, with what it asks for", () => {
    expect(archiveOnGoogle.agent).toMatchObject({
      image: "europe-west4-docker.pkg.dev/acme-agents/agents/agents/archive:3.4.5",
      port: archiveOnAzure?.targetPort,
      cpu: "1",
      memory: "2Gi",
    });
    expect([archiveOnGoogle.minInstances, archiveOnGoogle.maxInstances]).toEqual([2, 7]);
  });

  test("is looked at where and as often as it says", () => {
    const { startupProbe, livenessProbe } = archiveOnGoogle.agent;
    expect(livenessProbe).toMatchObject({
      http_get: { path: "/alive" },
      period_seconds: 30,
      failure_threshold: 3,
    });
    expect(startupProbe.http_get.path).toBe("/alive");
    expect(startupProbe.period_seconds * startupProbe.failure_threshold).toBe(90);
  });

  test("is known to its callers by the same name, and by a token of the same audience", () => {
    const caller = (stack: ReturnType<typeof deployedAgents>) =>
      stack.find(({ name }) => name === "desk-globex");
    const elsewhere = caller(deployedAgents(google));
    expect(JSON.parse(elsewhere?.variables.AGENT_REGISTRY ?? "{}")).toEqual({
      archive: "https://agents.acme.example/agents/archive/",
    });
    expect(Object.values(JSON.parse(elsewhere?.variables.AGENT_SCOPES ?? "{}"))).toEqual(
      Object.values(JSON.parse(caller(azure)?.variables.AGENT_SCOPES ?? "{}")),
    );
  });

  test("checks tokens of the same issuer, at its public address, and asks for its own with a client of its own", () => {
    const identityProvider = { kind: "keycloak" } as const;
    const back = [
      { ...archive, calls: ["ledger"] },
      { ...archive, name: "ledger" },
    ];
    const stack = synthEnvironment(
      { ...onGoogle, identityProvider, agents: { ...onGoogle.agents, ledger: { cpu: 1, memoryMiB: 2048 } } },
      back,
    );
    const { variables, secrets } = cloudRunService(stack, "archive").agent;
    expect(variables).toMatchObject({
      A2A_AUTH_ENABLED: "true",
      OIDC_AUDIENCE: variables.AGENT_AUDIENCE,
      REQUIRED_ROLE: "archive",
      A2A_CLIENT_ID: "archive",
    });
    expect(variables.OIDC_ISSUER).toMatch(/^https:\/\/agents\.acme\.example\//);
    expect(variables.OIDC_JWKS_URL?.startsWith(`${variables.OIDC_ISSUER}/`)).toBe(true);
    expect(secrets.A2A_CLIENT_SECRET?.secret).toMatch(/keycloak-client-archive/);
    // It calls the other cloud where everybody outside does: at the gateway, with a token for the agent there.
    expect(JSON.parse(variables.AGENT_REGISTRY ?? "{}")).toEqual({
      ledger: "https://agents.acme.example/agents/ledger/",
    });
    expect(Object.values(JSON.parse(variables.AGENT_SCOPES ?? "{}"))).toEqual([
      "api://11111111-1111-4111-8111-111111111111/test-ledger/.default",
    ]);
  });

  test("misses what Cloud Run says it changes, and nothing that it doesn't", () => {
    const workload = resolveFleet(agents, onGoogle).workloads.find(({ name }) => name === "archive");
    if (workload === undefined) throw new Error("no archive");
    expect(
      platformTraits("cloud-run")
        .limits(workload, onGoogle)
        .map(({ aspect, outcome }) => `${aspect}: ${outcome}`),
    ).toEqual([
      "scaling: changed",
      "readiness probe: changed",
      "termination grace: changed",
      "metrics port: changed",
    ]);
    const service = google.at("archive/service/resource").arguments;
    expect(service.template.containers[0]).not.toHaveProperty("readiness_probe");
    // One open request for each task that a replica is given.
    expect(archiveOnGoogle.concurrency).toBe(4);
  });
});
