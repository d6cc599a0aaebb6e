import type { Environment } from "../../../../src/environment/environment";
import { googleRegistry } from "./google-registry";
// What `npm run images -- pin production` writes.
import images from "./production.images.json";
import { registry } from "./registry";

/** Two replicas: one goes on while the other's node is drained. */
const pair = { minReplicas: 2 };

/** What customers use: a cluster across zones with Dapr between the agents, protected against deletion, images by digest. */
export const production: Environment = {
  name: "production",
  stage: "production",
  prefix: "a2a",
  domain: "example.com",
  tenant: "00000000-0000-0000-0000-000000000000",
  azure: {
    subscriptionId: "00000000-0000-0000-0000-000000000000",
    location: "eastus",
    deployerObjectIds: ["00000000-0000-0000-0000-000000000000"],
    network: { kind: "created" },
  },
  platform: "kubernetes",
  kubernetes: {
    edge: {
      kind: "gateway-api",
      certificates: {
        kind: "acme",
        email: "platform@example.com",
        dnsZone: { name: "example.com", resourceGroup: "rg-a2a-dns" },
      },
    },
  },
  mesh: { kind: "dapr" },
  google: {
    projectId: "a2a-example-production",
    projectNumber: "000000000000",
    region: "europe-west4",
    images: googleRegistry,
  },
  // The gateway is in another cloud: the load balancer there lets nothing through but its address.
  cloudRun: {
    front: { kind: "load-balancer" },
    taskStore: { kind: "memorystore" },
  },
  agents: {
    orchestrator: { ...pair, image: images.orchestrator },
    inventory: { ...pair, image: images.inventory },
    procurement: { ...pair, image: images.procurement },
    anomaly: { ...pair, image: images.anomaly },
    contracts: { ...pair, image: images.contracts },
    escalation: { ...pair, image: images.escalation },
    research: { image: images.research, platform: "cloud-run", cpu: 1 },
  },
  customers: ["acme", "globex", "initech"],
  registry,
  state: { kind: "azure-storage", resourceGroup: "rg-a2a-state", storageAccount: "a2astate" },
  vault: { kind: "key-vault", allowedRanges: ["203.0.113.0/24"] },
  taskStore: { kind: "managed-redis", sku: "Balanced_B5" },
  gateway: {},
  identityProvider: { kind: "entra" },
  exceptions: {
    "tokens-are-short": {
      reason:
        "Agents are managed identities, whose tokens Entra makes no shorter; each is good for one agent alone",
      until: "2027-05-31",
    },
  },
  retentionDays: 90,
  logLevel: "info",
};
