import type { Environment } from "../../../../../src/environment/environment";
import { company } from "../company";

/** This machine: `npm run local`. Not in the list of environments, because Terraform makes nothing of it. */
export const local: Environment = {
  name: "local",
  stage: "development",
  prefix: company.prefix,
  domain: "fleet.localhost",
  tenant: "local",
  platform: "local",
  replicaLimit: 1,
  customers: company.customers.dev,
  registry: { kind: "local-images" },
  state: { kind: "local" },
  vault: { kind: "local-files" },
  taskStore: { kind: "memory" },
  identityProvider: { kind: "local-issuer" },
};
