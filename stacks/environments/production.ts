import type { Environment } from "../../src/environment/environment";
import { registry } from "./registry";

const digest = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

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
  agents: {
    orchestrator: { image: digest },
    inventory: { image: digest },
    procurement: { image: digest },
    anomaly: { image: digest },
    contracts: { image: digest },
    escalation: { image: digest },
    research: { image: digest },
  },
  customers: ["acme", "globex", "initech"],
  registry,
  state: { kind: "azure-storage", resourceGroup: "rg-a2a-state", storageAccount: "a2astate" },
  vault: { kind: "key-vault", allowedRanges: ["203.0.113.0/24"] },
  taskStore: { kind: "managed-redis", sku: "Balanced_B5" },
  gateway: {},
  identityProvider: { kind: "entra" },
  retentionDays: 90,
  logLevel: "info",
};
