/** The environment of a company that is on Google alone, as a file of `stacks/environments/`. */
export const GOOGLE_ENVIRONMENT = `import type { Environment } from "a2a-fleet";
import { agents } from "../../agents";
import { company } from "../company";

const { prefix, domain, tenant, customers } = company;
const projects = company.google;
if (projects === undefined) throw new Error("stacks/company.json says nothing of Google Cloud; add 'google'");
// What environments share has a bucket of its own, which those who deploy one of them don't write.
const shared = { kind: "google-storage", bucket: \`\${prefix}-fleet-state\` } as const;
const state = { kind: "google-storage", bucket: \`\${prefix}-fleet-state-google\` } as const;

/** The whole fleet on Google alone: Cloud Run, Memorystore, Secret Manager, images in Artifact Registry. */
export const google: Environment = {
  name: "google",
  stage: "staging",
  prefix,
  domain,
  tenant,
  google: { ...projects.production, region: projects.region },
  platform: "cloud-run",
  cloudRun: {
    front: { kind: "load-balancer" },
    // Whoever may call; customers that mustn't call each other's agents have a group each in \`membersOf\`.
    invokers: { kind: "callers", members: [\`group:agents@\${domain}\`] },
  },
  // Cloud Run wants a whole core where requests run side by side.
  agents: Object.fromEntries(agents.filter(({ cpu = 1 }) => cpu < 1).map(({ name }) => [name, { cpu: 1 }])),
  customers: customers.production,
  registry: { kind: "google-fleet", ...projects.images, region: projects.region, state: shared },
  state,
  vault: { kind: "secret-manager" },
  taskStore: { kind: "memorystore" },
};
`;
