import type { Environment } from "../../../../src/environment/environment";

/** This machine: `npm run local`. Not in the list of environments, because Terraform makes nothing of it. */
export const local: Environment = {
  name: "local",
  stage: "development",
  prefix: "a2a",
  domain: "fleet.localhost",
  tenant: "local",
  platform: "local",
  replicaLimit: 1,
  customers: ["acme"],
  registry: { kind: "local-images" },
  state: { kind: "local" },
  vault: { kind: "local-files" },
  taskStore: { kind: "memory" },
  identityProvider: { kind: "local-issuer" },
};
