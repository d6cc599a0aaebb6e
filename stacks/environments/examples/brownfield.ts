import type { Environment } from "a2a-fleet";
import { exampleAgents } from "./agents";

/**
 * For people who have a landing zone already: resource group, network with its private DNS, vault, registry and
 * workspace are theirs, and the fleet adds only what is its own. Its agents are those of the examples: without `fleet`
 * they are your own. List it in `stacks/environments/index.ts`.
 */
export const brownfield: Environment = {
  name: "brownfield",
  stage: "staging",
  prefix: "a2a",
  domain: "fleet.example.com",
  tenant: "00000000-0000-0000-0000-000000000000",
  azure: {
    subscriptionId: "00000000-0000-0000-0000-000000000000",
    location: "westeurope",
    resourceGroup: { existing: "rg-corporate-fleet" },
    deployerObjectIds: ["00000000-0000-0000-0000-000000000000"],
    network: {
      kind: "existing",
      name: "vnet-corporate",
      resourceGroup: "rg-corporate-network",
      containerAppsSubnet: "snet-fleet",
      privateEndpointsSubnet: "snet-endpoints",
      privateDnsResourceGroup: "rg-corporate-network",
    },
  },
  platform: "container-apps",
  fleet: exampleAgents,
  customers: ["acme"],
  registry: { kind: "azure", name: "corporateimages", resourceGroup: "rg-corporate-images" },
  state: { kind: "azure-storage", resourceGroup: "rg-a2a-state", storageAccount: "a2astate" },
  vault: {
    kind: "existing-key-vault",
    name: "kv-corporate",
    resourceGroup: "rg-corporate-secrets",
    secrets: ["warehouse-api-token"],
  },
  taskStore: { kind: "managed-redis" },
  identityProvider: { kind: "entra" },
  exceptions: {
    "tokens-are-short": {
      reason:
        "Agents are managed identities, whose tokens Entra makes no shorter; each is good for one agent alone",
      until: "2027-05-31",
    },
  },
  // Whoever is on call for the company has a group already, with a pager behind it.
  alerts: { actionGroup: { name: "ag-corporate-on-call", resourceGroup: "rg-corporate-monitoring" } },
  telemetry: { existingWorkspace: { name: "log-corporate", resourceGroup: "rg-corporate-logs" } },
};
