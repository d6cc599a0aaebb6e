import type { Environment } from "a2a-fleet";
import { exampleAgents } from "./agents";

/**
 * The whole fleet on Google alone: agents on Cloud Run behind a load balancer, tasks in Memorystore, secrets in Secret
 * Manager, images in an Artifact Registry that exists, state in Cloud Storage. Its agents are those of the examples:
 * without `fleet` they are your own. List it in `stacks/environments/index.ts`.
 */
export const google: Environment = {
  name: "google",
  stage: "staging",
  prefix: "a2a",
  domain: "google.example.com",
  tenant: "acme",
  google: { projectId: "a2a-example-google", projectNumber: "000000000000", region: "us-central1" },
  platform: "cloud-run",
  fleet: exampleAgents,
  cloudRun: {
    front: { kind: "load-balancer" },
    // Each customer's people and systems are a group, and Cloud Run lets them through to their own agent.
    invokers: {
      kind: "callers",
      membersOf: {
        "helpdesk-acme": ["group:acme@google.example.com"],
        "helpdesk-globex": ["group:globex@google.example.com"],
      },
    },
  },
  agents: {
    warehouse: { cpu: 1 },
  },
  customers: ["acme", "globex"],
  registry: { kind: "google", projectId: "a2a-example-images", repository: "agents" },
  state: { kind: "google-storage", bucket: "a2a-example-state" },
  vault: { kind: "secret-manager" },
  taskStore: { kind: "memorystore" },
};
