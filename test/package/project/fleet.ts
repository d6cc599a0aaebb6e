import type { AgentDefinition, Environment } from "a2a-fleet";
import type { KubernetesEdge } from "a2a-fleet/cluster";

const skills = [{ id: "answer", name: "Answer", description: "Answers questions", tags: ["answers"] }];

export const agents: AgentDefinition[] = [
  { name: "billing", description: "Writes invoices", version: "1.0.0", skills, calls: ["research"] },
  { name: "research", description: "Reads the web", version: "1.0.0", skills },
];

/** The way in from outside, which the cluster has already. */
export const edge: KubernetesEdge = {
  settings: {
    kind: "gateway-api",
    certificates: { kind: "issuer", name: "acme" },
    internalAddress: { subnet: "snet-cluster", address: "10.0.4.10", allowedRanges: ["10.0.1.0/24"] },
  },
  allowedRanges: [],
  readyAfter: [],
};

/** Where agents on Google run: a project that exists. */
export const googleProject = { id: "acme-agents", number: "123456789012", region: "europe-west4" };

export const environment: Environment = {
  name: "dev",
  stage: "development",
  prefix: "acme",
  domain: "acme.example",
  tenant: "11111111-1111-1111-1111-111111111111",
  azure: {
    subscriptionId: "22222222-2222-2222-2222-222222222222",
    location: "westeurope",
    deployerObjectIds: ["33333333-3333-3333-3333-333333333333"],
    network: {
      kind: "existing",
      name: "vnet-acme",
      resourceGroup: "rg-acme",
      privateEndpointsSubnet: "snet-endpoints",
      cidr: "10.0.0.0/16",
    },
  },
  google: {
    projectId: googleProject.id,
    projectNumber: googleProject.number,
    region: googleProject.region,
    images: { kind: "google" },
  },
  platform: "kubernetes",
  kubernetes: {
    cluster: { kind: "existing-aks", name: "aks-acme", resourceGroup: "rg-acme" },
    edge: edge.settings,
    autoscaling: "resources",
  },
  mesh: { kind: "dapr" },
  agents: { research: { platform: "cloud-run" } },
  cloudRun: {
    front: { kind: "load-balancer", admits: ["203.0.113.7/32"] },
    taskStore: { kind: "memorystore" },
  },
  registry: { kind: "azure", name: "acmeimages", resourceGroup: "rg-acme" },
  vault: { kind: "key-vault" },
  taskStore: { kind: "managed-redis" },
  gateway: { existing: { name: "apim-acme", resourceGroup: "rg-acme" } },
  identityProvider: {
    kind: "existing",
    issuer: "https://login.acme.example",
    jwksUrl: "https://login.acme.example/keys",
  },
  state: { kind: "local" },
};
