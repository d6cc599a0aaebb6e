import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  CONTRACT_VARIABLES,
  CONTRACT_VERSION,
  contract,
  contractVariables,
} from "../../src/agent/agent-contract";
import {
  agentVariables,
  azureIdentityVariables,
  issuerVariables,
  keyVaultVariables,
  modelGatewayVariables,
  peerDiscoveryVariables,
  peerTokenVariables,
  postgresVariables,
  secretVariables,
  taskStoreVariables,
  telemetryVariables,
} from "../../src/agent/agent-variables";
import type { AgentWorkload } from "../../src/agent/agent-workload";
import { CONTRACT_SCHEMA_FILE, contractSchema } from "../../src/agent/contract-schema";
import { CONTRACT_PAGE_FILE, contractPage } from "../../src/fleet/contract-page";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { arbitraryFleet } from "../support/arbitrary-fleet";
import { findContractErrors } from "../support/contract-validator";
import { billing, workloadOf } from "../support/sample-fleet";

const folder = join(__dirname, "../../src/agent");

/** All that an agent can get, from every part at once. */
function everyVariable(workload: AgentWorkload): Record<string, string> {
  const { tokenIssuer } = workload;
  return {
    ...agentVariables(workload),
    ...taskStoreVariables(workload, {
      host: "redis.acme.example",
      port: 10000,
      tls: true,
      caFile: "/etc/redis/ca.pem",
      username: "test-billing-globex",
    }),
    ...telemetryVariables(workload, {
      endpoint: "https://collector.acme.example",
      sampleRatio: 0.25,
      temporality: "delta",
    }),
    ...keyVaultVariables({ url: "https://kv-acme.vault.azure.net/" }),
    ...peerTokenVariables("X-Serverless-Authorization", {
      "https://trial-ledger-1.europe-west4.run.app/": "https://trial-ledger-1.europe-west4.run.app",
    }),
    ...peerDiscoveryVariables({
      selector: "protocol=a2a",
      namespace: "agents",
      urlTemplate: "http://{name}.{namespace}.svc.cluster.local/",
    }),
    ...azureIdentityVariables({ clientId: "44444444-4444-4444-8444-444444444444" }),
    ...(tokenIssuer === null
      ? {}
      : issuerVariables(tokenIssuer, {
          audience: workload.route.audience,
          requiredRole: workload.name,
          clientId: workload.name,
          federated: {
            clientId: "55555555-5555-4555-8555-555555555555",
            assertionAudience: "api://AzureADTokenExchange",
          },
        })),
    ...modelGatewayVariables({ url: "http://litellm:4000" }),
    ...Object.fromEntries(Object.values(secretVariables).map((name) => [name, "rediss://from-the-vault"])),
  };
}

const full = () =>
  everyVariable(
    workloadOf("billing-globex", {
      definitions: [
        {
          ...billing,
          perCustomer: true,
          heartbeatSeconds: 15,
          model: "gpt-4",
          skills: billing.skills.map((skill) => ({ ...skill, requiredRole: "approver" })),
        },
      ],
      environment: {
        corsOrigins: ["https://app.acme.example"],
        gateway: {},
        identityProvider: { kind: "keycloak" },
        modelGateway: { url: "http://litellm:4000" },
      },
    }),
  );

/** The same on a database. */
function onPostgres(): Record<string, string> {
  const database = {
    host: "db.acme.example",
    port: 5432,
    user: "billing",
    sslMode: "verify-full",
    caFile: "/etc/db/ca.pem",
  } as const;
  const workload = workloadOf("billing");
  const redis = new Set(Object.keys(taskStoreVariables(workload, { host: "", port: 1, tls: true })));
  const others = Object.entries(full()).filter(([name]) => !redis.has(name) && !name.startsWith("REDIS_"));
  return {
    ...Object.fromEntries(others),
    ...postgresVariables(workload, { ...database, login: "entra" }),
    PGPASSWORD: "from-the-vault",
  };
}

describe("the list of variables", () => {
  it("holds exactly what the parts of an environment set", () => {
    const all = new Set([...Object.keys(full()), ...Object.keys(onPostgres())]);
    expect([...all].toSorted()).toEqual([...CONTRACT_VARIABLES].toSorted());
  });

  it("was not left behind by its version", () => {
    const newest = contractVariables
      .map(({ since }) => since)
      .toSorted((a, b) => a.localeCompare(b, "en", { numeric: true }))
      .at(-1);
    expect(newest).toBe(CONTRACT_VERSION);
  });

  it("brings variables with others that exist, and only where they are not always there", () => {
    for (const { name, requiredWith, when } of contractVariables) {
      if (requiredWith === undefined) continue;
      expect(when, name).toBeDefined();
      expect(Object.keys(contract)).toContain(requiredWith.name);
    }
  });
});

describe("the committed files", () => {
  it("are what the list says", () => {
    const read = (name: string) => readFileSync(join(folder, name), "utf8");
    expect(JSON.parse(read(CONTRACT_SCHEMA_FILE))).toEqual(contractSchema());
    expect(read(CONTRACT_PAGE_FILE)).toBe(contractPage());
  });

  it("are held by a command that says so", () => {
    const output = execFileSync(process.execPath, ["--import", "tsx", "src/cli/contract.ts", "--check"], {
      cwd: join(__dirname, "../.."),
      encoding: "utf8",
    });
    expect(output).toContain("is current");
  });

  it("name every variable on the page", () => {
    const page = readFileSync(join(folder, CONTRACT_PAGE_FILE), "utf8");
    for (const name of CONTRACT_VARIABLES) expect(page).toContain(`| \`${name}\` |`);
  });
});

describe("the schema", () => {
  it("takes the variables of generated fleets, with any text in them", () => {
    fc.assert(
      fc.property(arbitraryFleet(), ({ definitions, environment }) => {
        const facts = { containerAppsDomain: "happy.westeurope.azurecontainerapps.io" };
        for (const workload of resolveFleet(definitions, environment, facts).workloads) {
          const { tokenIssuer, taskStore } = workload;
          const variables = {
            ...agentVariables(workload),
            ...(taskStore === "memory"
              ? {}
              : {
                  ...taskStoreVariables(workload, { host: "redis.acme.example", port: 10000, tls: true }),
                  REDIS_URL: "rediss://:key@redis.acme.example:10000",
                }),
            ...telemetryVariables(workload, { endpoint: "https://collector.acme.example", sampleRatio: 1 }),
            ...(tokenIssuer === null
              ? {}
              : issuerVariables(tokenIssuer, { audience: "some-app", requiredRole: "caller" })),
          };
          expect(findContractErrors(variables)).toEqual([]);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("takes everything at once", () => {
    expect(findContractErrors(full())).toEqual([]);
  });

  it("takes a database, with a password or a login of the identity's, and one of them at least", () => {
    const { PGPASSWORD, POSTGRES_LOGIN, ...neither } = onPostgres();
    expect(findContractErrors(onPostgres())).toEqual([]);
    expect(findContractErrors({ ...neither, PGPASSWORD: PGPASSWORD as string })).toEqual([]);
    expect(findContractErrors({ ...neither, POSTGRES_LOGIN: POSTGRES_LOGIN as string })).toEqual([]);
    expect(findContractErrors(neither).join("\n")).toContain("PGPASSWORD");
    const { PGDATABASE: _, ...nowhere } = onPostgres();
    expect(findContractErrors(nowhere).join("\n")).toContain("PGDATABASE");
  });

  it.each([
    ["without a variable that is always there", { AGENT_URL: undefined }, "AGENT_URL"],
    ["with a store and without its URL", { REDIS_URL: undefined }, "REDIS_URL"],
    ["with tokens and without their issuer", { OIDC_ISSUER: undefined }, "OIDC_ISSUER"],
    ["with a model and without its gateway", { LITELLM_URL: undefined }, "LITELLM_URL"],
    ["with a port that is none", { PORT: "http" }, "/PORT"],
    ["with a port out of range", { A2A_PORT: "100000" }, "/A2A_PORT"],
    ["with a level that nobody knows", { LOG_LEVEL: "loud" }, "/LOG_LEVEL"],
    ["with a card that lacks its interfaces", { AGENT_CARD: '{"name":"Billing"}' }, "AGENT_CARD"],
    ["with scopes that are no object", { AGENT_SCOPES: "[]" }, "AGENT_SCOPES"],
  ])("refuses an environment %s", (_, change, place) => {
    const entries = Object.entries({ ...full(), ...change }).filter(([, value]) => value !== undefined);
    const errors = findContractErrors(Object.fromEntries(entries) as Record<string, string>);
    expect(errors.length).toBeGreaterThan(0);
    for (const error of errors) expect(error).toContain(place);
  });
});

describe("the variables of the articles", () => {
  it("have the articles' figures", () => {
    expect(full()).toMatchObject({
      REDIS_KEY_PREFIX: "a2a:task:{test-billing-globex}:",
      REDIS_TASK_TTL_SECONDS: "86400",
      REDIS_EVENTS_CHANNEL: "a2a:events:{test-billing-globex}",
      RESPONSE_CACHE_PREFIX: "a2a:cache:{test-billing-globex}:",
      RATE_LIMIT_PREFIX: "a2a:limit:{test-billing-globex}:",
      REDIS_MAX_CONNECTIONS: "20",
      SQL_POOL_SIZE: "20",
      MEMORY_PROVIDER: "redis",
      RESPONSE_CACHE: "redis",
      RESPONSE_CACHE_TTL_SECONDS: "300",
      METRICS_PORT: "9090",
      RATE_LIMIT_REQUESTS: "100",
      RATE_LIMIT_WINDOW: "60",
      OIDC_JWKS_REFRESH_SECONDS: "3600",
      A2A_CORS_ENABLED: "true",
      A2A_CORS_ORIGINS: "https://app.acme.example",
    });
  });

  it("say where Keycloak is, behind the gateway", () => {
    expect(full()).toMatchObject({
      KEYCLOAK_URL: "https://api.test.acme.example/identity",
      KEYCLOAK_REALM: "a2a",
      OIDC_ISSUER: "https://api.test.acme.example/identity/realms/a2a",
      KEYCLOAK_AUDIENCE: "api://11111111-1111-4111-8111-111111111111/test-billing-globex",
    });
  });

  it("hand the deadline over in milliseconds", () => {
    const workload = workloadOf("billing", { definitions: [{ ...billing, taskDeadlineSeconds: 200 }] });
    expect(agentVariables(workload).TASK_TIMEOUT_MS).toBe("200000");
  });

  it("say that tasks are in memory where there is no store, and name no Redis", () => {
    const variables = agentVariables(
      workloadOf("billing", {
        definitions: [billing],
        environment: { taskStore: { kind: "memory" }, replicaLimit: 1 },
      }),
    );
    expect(variables).toMatchObject({ TASK_STORE: "memory", MEMORY_PROVIDER: "memory" });
    expect(Object.keys(variables).filter((name) => name.startsWith("REDIS_"))).toEqual([]);
  });

  it("encode what a resource attribute may hold", () => {
    const workload = { ...workloadOf("billing"), version: "1.0.0-a,b=c" };
    const { OTEL_RESOURCE_ATTRIBUTES } = telemetryVariables(workload, {
      endpoint: "https://x",
      sampleRatio: 1,
    });
    expect(OTEL_RESOURCE_ATTRIBUTES).toBe(
      "service.version=1.0.0-a%2Cb%3Dc,service.namespace=billing,deployment.environment.name=test",
    );
  });
});
