/** The environment of a company with a Kubernetes of its own, as a file of `stacks/environments/`. */
export const CLUSTER_ENVIRONMENT = `import type { Environment } from "a2a-fleet";
import { agents } from "../../agents";
import { company } from "../company";

const { prefix, domain, tenant, contact, customers } = company;
const own = company.cluster;
if (own === undefined) throw new Error("stacks/company.json says nothing of a cluster; add 'cluster'");
const login = "registry-login";

/**
 * The whole fleet on a Kubernetes of the company's own, without a cloud: Redis, Keycloak and the edge in the cluster. Its
 * Secrets are made by hand: \`npm run preflight -- cluster\` says which are missing, and how each is made.
 */
export const cluster: Environment = {
  name: "cluster",
  stage: "development",
  prefix,
  domain: \`cluster.\${domain}\`,
  tenant,
  platform: "kubernetes",
  kubernetes: {
    cluster: { kind: "existing", context: own.context },
    edge: { kind: "gateway-api", certificates: { kind: "acme", email: contact } },
  },
  customers: customers.dev,
  registry: { kind: "other", server: own.registry, username: own.registryUser, passwordSecret: login },
  state: { kind: "local" },
  vault: {
    kind: "kubernetes",
    secrets: [login, ...new Set(agents.flatMap(({ secrets = {} }) => Object.values(secrets)))],
  },
  taskStore: { kind: "cluster-redis" },
  // Keeps its realm in memory, which the definitions write anew; from staging on it takes a Postgres.
  identityProvider: { kind: "keycloak", mode: "development" },
};
`;
