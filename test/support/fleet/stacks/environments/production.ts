import type { AgentOverrides } from "../../../../../src/environment/agent-overrides";
import type { Environment } from "../../../../../src/environment/environment";
import { agents } from "../../agents";
import { azureSettings, company, inAzure } from "../company";
import { googleRegistry } from "./google-registry";
// What `npm run images -- pin production` writes.
import pinned from "./production.images.json";
import { registry } from "./registry";

const shared = azureSettings("production");
const { google } = company;
const images: Readonly<Record<string, string>> = pinned;

/** Two replicas: one goes on while the other's node is drained. On Cloud Run an instance is there in a second. */
function inProduction(name: string): AgentOverrides {
  const image = images[name];
  return google?.agents.includes(name) ? { image, platform: "cloud-run", cpu: 1 } : { image, minReplicas: 2 };
}

/** What customers use: a cluster across zones with Dapr between the agents, protected against deletion, images by digest. */
export const production: Environment = {
  ...shared,
  name: "production",
  stage: "production",
  prefix: company.prefix,
  domain: company.domain,
  azure: { ...shared.azure, network: { kind: "created" } },
  platform: "kubernetes",
  kubernetes: {
    edge: {
      kind: "gateway-api",
      certificates: {
        kind: "acme",
        email: company.contact,
        dnsZone: { name: company.domain, resourceGroup: inAzure().dnsResourceGroup },
      },
    },
  },
  mesh: { kind: "dapr" },
  // The gateway is in another cloud: the load balancer there lets nothing through but its address.
  ...(google &&
    google.agents.length > 0 && {
      google: { ...google.production, region: google.region, images: googleRegistry(google) },
      cloudRun: { front: { kind: "load-balancer" }, taskStore: { kind: "memorystore" } },
    }),
  agents: Object.fromEntries(agents.map(({ name }) => [name, inProduction(name)])),
  customers: company.customers.production,
  registry,
  vault: { kind: "key-vault", allowedRanges: inAzure().vaultRanges },
  taskStore: { kind: "managed-redis", sku: "Balanced_B5" },
  gateway: {},
  identityProvider: { kind: "entra" },
  exceptions: {
    "tokens-are-short": {
      reason:
        "Agents are managed identities, whose tokens Entra makes no shorter; each is good for one agent alone",
      until: "2027-05-31",
      owner: company.contact,
    },
    "agent/https": {
      reason:
        "The host's certificate is imported into the vault before callers get to know it, which no plan shows",
      until: "2027-05-31",
      owner: company.contact,
    },
  },
  retentionDays: 90,
  alerts: { email: [company.contact] },
  budget: { monthly: 3000 },
  logLevel: "info",
};
