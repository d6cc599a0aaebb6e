import type { Environment } from "a2a-fleet";
import { agents } from "../../agents";
import { azureSettings, company } from "../company";
import { registry } from "./registry";

/** Cheap: no gateway, no network, everything at zero or one replica. Callers are known by Entra, which costs nothing. */
export const dev: Environment = {
  ...azureSettings("dev"),
  name: "dev",
  stage: "development",
  prefix: company.prefix,
  domain: `dev.${company.domain}`,
  platform: "container-apps",
  replicaLimit: 1,
  // Nobody waits for an agent that only agents call.
  agents: Object.fromEntries(
    agents
      .filter(({ audience }) => audience !== "customer-facing")
      .map(({ name }) => [name, { minReplicas: 0 }]),
  ),
  customers: company.customers.dev,
  registry,
  vault: { kind: "key-vault" },
  taskStore: { kind: "memory" },
  identityProvider: { kind: "entra" },
  logLevel: "debug",
};
