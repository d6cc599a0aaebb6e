import type { Environment } from "../../../../src/environment/environment";

/**
 * The whole fleet on Google alone: agents on Cloud Run behind a load balancer, tasks in Memorystore, secrets in Secret
 * Manager, images in Artifact Registry, state in Cloud Storage. Not one of the default environments: list it in
 * `stacks/environments/index.ts` instead of them. Beside `production` it takes that one's registry on Google, because one
 * stack makes the registry of all environments: `registry: googleRegistry`.
 */
export const google: Environment = {
  name: "google",
  stage: "staging",
  prefix: "a2a",
  domain: "google.example.com",
  tenant: "acme",
  google: { projectId: "a2a-example-google", projectNumber: "000000000000", region: "us-central1" },
  platform: "cloud-run",
  cloudRun: {
    front: { kind: "load-balancer" },
    // Each customer's people and systems are a group, and Cloud Run lets them through to their own agent.
    invokers: {
      kind: "callers",
      membersOf: {
        "orchestrator-acme": ["group:acme@google.example.com"],
        "orchestrator-globex": ["group:globex@google.example.com"],
      },
    },
  },
  agents: {
    research: { cpu: 1 },
  },
  customers: ["acme", "globex"],
  registry: {
    kind: "google-fleet",
    projectId: "a2a-example-images",
    projectNumber: "000000000000",
    region: "us-central1",
    state: { kind: "google-storage", bucket: "a2a-example-state" },
  },
  state: { kind: "google-storage", bucket: "a2a-example-state" },
  vault: { kind: "secret-manager" },
  taskStore: { kind: "memorystore" },
};
