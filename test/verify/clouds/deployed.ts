import type { AgentDefinition } from "../../../src/agent/agent-definition";
import type { ContainerAppObject } from "../../../src/azure/container-apps/caller-job";
import type { Environment } from "../../../src/environment/environment";
import { resolveFleet } from "../../../src/fleet/resolve-fleet";
import type { ServiceObject } from "../../../src/google/cloud-run/caller-job";
import { onGoogle } from "../../support/fleet-on-google";
import { billing, desk, environment } from "../../support/sample-fleet";
import { type FinishedStack, synthEnvironment } from "../../support/synth";

/** Nobody calls it. */
const audit: AgentDefinition = {
  name: "audit",
  description: "Looks at what was done",
  version: "1.0.0",
  skills: [{ id: "audit", name: "Audit", description: "Audits", tags: ["audit"] }],
};

export const CALLER = "desk-globex";
export const definitions: readonly AgentDefinition[] = [
  { ...desk, secrets: { CRM_TOKEN: "desk-crm-token" } },
  billing,
  audit,
];
export const inAzure: Environment = { ...environment, identityProvider: { kind: "entra" } };
export const inGoogle: Environment = {
  ...onGoogle,
  customers: ["globex"],
  cloudRun: { invokers: { kind: "callers", membersOf: { "desk-globex": ["group:globex@acme.test"] } } },
};

/** A fleet as the command knows it. */
export function fleetOf(ofEnvironment: Environment) {
  const resolve = (facts: object) => resolveFleet(definitions, ofEnvironment, facts).workloads;
  return { environment: ofEnvironment, workloads: resolve({}), resolve };
}

/** What Azure makes references of. */
export const GROUP = `/subscriptions/${environment.azure?.subscriptionId}/resourceGroups/rg-acme-test`;

let azureStack: FinishedStack | undefined;
let googleStack: FinishedStack | undefined;

/** A container app as Resource Manager shows it once it is deployed, with peers at these URLs. */
export function deployedApp(peers: Readonly<Record<string, string>>): ContainerAppObject {
  azureStack ??= synthEnvironment(inAzure, definitions);
  const app = azureStack.at(`${CALLER}/resource`).arguments;
  const [container] = app.template.container;
  return {
    location: "West Europe",
    tags: app.tags,
    identity: {
      type: app.identity.type,
      userAssignedIdentities: Object.fromEntries(
        app.identity.identity_ids.map((id: string) => [id, { principalId: "p", clientId: "c" }]),
      ),
    },
    properties: {
      environmentId: `${GROUP}/providers/Microsoft.App/managedEnvironments/cae-acme-test`,
      workloadProfileName: app.workload_profile_name,
      configuration: {
        secrets: app.secret.map(({ name, identity }: { name: string; identity: string }) => ({
          name,
          keyVaultUrl: `https://kv-acme-test.vault.azure.net/secrets/${name}`,
          identity,
        })),
        registries: app.registry.map(({ server, identity }: { server: string; identity: string }) => ({
          server,
          identity,
        })),
        dapr: null,
      },
      template: {
        containers: [
          {
            name: container.name,
            env: container.env.map(
              ({ name, value, secret_name }: { name: string; value?: string; secret_name?: string }) =>
                secret_name === undefined ? asDeployed(name, value, peers) : { name, secretRef: secret_name },
            ),
          },
        ],
      },
    },
  };
}

/** A Cloud Run service as its API shows it once it is deployed, with peers at these URLs. */
export function deployedService(peers: Readonly<Record<string, string>>): ServiceObject {
  googleStack ??= synthEnvironment(inGoogle, definitions);
  const service = googleStack
    .resources("google_cloud_run_v2_service")
    .find(({ arguments: { labels } }) => labels?.app === CALLER)?.arguments;
  const { labels, template } = inWordsOfTheApi(service) as unknown as ServiceObject;
  const containers = template.containers.map(({ env = [], ports, ...container }) => ({
    ...container,
    ...(ports === undefined ? {} : { ports: [ports].flat() }),
    env: (env as { name: string; value?: string }[]).map((each) =>
      each.value === undefined ? each : asDeployed(each.name, each.value, peers),
    ),
  }));
  return {
    labels: { ...labels, "goog-terraform-provisioned": "true" },
    template: { ...template, containers },
  };
}

function asDeployed(name: string, value: string | undefined, peers: Readonly<Record<string, string>>) {
  if (name === "AGENT_REGISTRY") return { name, value: JSON.stringify(peers) };
  if (name === "AGENT_SCOPES" || name === "PEER_TOKEN_AUDIENCES") {
    const each = Object.values(peers).map((url) => [url, "of-billing"]);
    return { name, value: JSON.stringify(Object.fromEntries(each)) };
  }
  return { name, value: value ?? "" };
}

/** `vpc_access` is `vpcAccess` there; names that are values stay. */
function inWordsOfTheApi(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inWordsOfTheApi);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      key.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
      key === "labels" ? each : inWordsOfTheApi(each),
    ]),
  );
}
