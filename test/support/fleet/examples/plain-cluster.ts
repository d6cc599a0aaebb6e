import type { Environment } from "../../../../src/environment/environment";

const digest = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

/**
 * Any Kubernetes without a cloud around it: kind, bare metal, somebody else's. Redis with its backups in the cluster,
 * an edge with certificates, and everything closed that no agent asks for.
 *
 * Its Secrets are its owner's. `npx cdktf deploy plain` makes the namespace for them, `npm run preflight -- plain` says
 * which are missing and how each is made, and then `npx cdktf deploy plain-cluster` makes the rest.
 */
export const plainCluster: Environment = {
  name: "plain",
  stage: "production",
  prefix: "a2a",
  domain: "plain.example.com",
  tenant: "example",
  platform: "kubernetes",
  kubernetes: {
    cluster: { kind: "existing", context: "plain" },
    edge: { kind: "gateway-api", certificates: { kind: "acme", email: "operations@example.com" } },
    backups: {
      storage: {
        kind: "s3",
        bucket: "a2a-backups",
        region: "eu-central-1",
        endpoint: "https://minio.example.com:9000",
        address: { cidr: "192.168.10.5/32", port: 9000 },
      },
      credentialsSecret: "backup-storage",
    },
  },
  agents: {
    orchestrator: { image: digest },
    inventory: { image: digest },
    procurement: { image: digest },
    anomaly: { image: digest },
    contracts: { image: digest },
    escalation: { image: digest },
    research: { image: digest },
  },
  registry: {
    kind: "other",
    server: "registry.example.com",
    username: "fleet",
    passwordSecret: "registry-login",
  },
  state: { kind: "local" },
  vault: {
    kind: "kubernetes",
    secrets: [
      "registry-login",
      "inventory-api-token",
      "procurement-erp-token",
      "contracts-api-key",
      "openai-api-key",
    ],
  },
  taskStore: { kind: "cluster-redis" },
  telemetry: {
    sampleRatio: 0.1,
    forwardTo: { endpoint: "https://otlp.example.com", headers: { authorization: "telemetry-login" } },
  },
  identityProvider: {
    kind: "keycloak",
    applications: { portal: ["orchestrator"] },
    database: {
      url: "jdbc:postgresql://postgres.example.com:5432/keycloak?sslmode=verify-full",
      credentialsSecret: "keycloak-database",
      address: { cidr: "192.168.10.6/32", port: 5432 },
    },
  },
};
