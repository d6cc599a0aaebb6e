/**
 * The core of a fleet, and the six constructs that most stacks are made of. What else a cloud or the cluster has is at
 * `a2a-fleet/azure`, `a2a-fleet/google` and `a2a-fleet/cluster`; whole environments are at `a2a-fleet/stacks`.
 */

export { CONTRACT_VERSION } from "./agent/agent-contract";
export type * from "./agent/agent-definition";
export type { AgentRoute, Hop } from "./agent/agent-route";
export type * from "./agent/agent-skill";
export {
  azureIdentityVariables,
  type IssuerAccess,
  issuerVariables,
  keyVaultVariables,
  modelGatewayVariables,
  secretVariables,
  type TaskStoreAddress,
  taskStoreVariables,
  telemetryVariables,
} from "./agent/agent-variables";
export type * from "./agent/agent-workload";
export type { ImageAttestation, ImageClaim } from "./agent/image-attestation";
export type { Reach } from "./agent/reach";
export type * from "./agent/scaling-rule";
export type { TokenIssuer } from "./agent/token-issuer";
export type { TrafficWeight } from "./agent/traffic-weight";
export { ApimAgentApi, type ApimAgentApiProps } from "./azure/api-management/apim-agent-api";
export type {
  AksSettings,
  ClusterLoginMethod,
  DayOfWeek,
  ExistingAks,
} from "./azure/facts/aks";
export type { AzureRegistry, FleetRegistry } from "./azure/facts/azure-registries";
export type { AzureSettings, NetworkSettings } from "./azure/facts/azure-settings";
export type { ContainerAppsSettings } from "./azure/facts/container-apps-settings";
export type { EntraSettings } from "./azure/facts/entra";
export type { ExistingKeyVault, KeyVault } from "./azure/facts/key-vault";
export type { ManagedRedis } from "./azure/facts/managed-redis";
export type { NodePoolSettings } from "./azure/facts/node-pools";
export type { RedisCache } from "./azure/facts/redis-cache";
export type { ExistingKeyVaultProps } from "./azure/key-vault-secrets";
export {
  type IKeyVaultSecrets,
  KeyVaultSecrets,
  type KeyVaultSecretsProps,
} from "./azure/key-vault-secrets";
export { RedisTaskStore, type RedisTaskStoreProps } from "./azure/redis-task-store";
export { clusterLayout } from "./choices/clusters";
export type { IPodMesh } from "./cluster/agent/pod-mesh";
export { DaprMesh, type DaprMeshProps } from "./cluster/dapr-mesh";
export type { BackupSettings, BackupStorage } from "./cluster/facts/backup-settings";
export type { ClusterLayout } from "./cluster/facts/cluster-layout";
export type { ClusterRedis } from "./cluster/facts/cluster-redis";
export type * from "./cluster/facts/cluster-traits";
export type { ClusterVault } from "./cluster/facts/cluster-vault";
export type { DaprSidecar } from "./cluster/facts/dapr-sidecar";
export type { CertificateSettings, InternalAddressSettings } from "./cluster/facts/edge-traits";
export type { EdgeSettings } from "./cluster/facts/edges";
export type { ExistingCluster } from "./cluster/facts/existing-cluster";
export type { GatewayApiEdge } from "./cluster/facts/gateway-api-edge";
export type { AutoscalingSource, KubernetesSettings } from "./cluster/facts/kubernetes-settings";
export type {
  DaprRelease,
  DaprSidecarSettings,
  ExistingDapr,
  MeshSettings,
} from "./cluster/facts/mesh-settings";
export type { NginxEdge } from "./cluster/facts/nginx-edge";
export { caddyEdge } from "./edge/caddy-edge";
export type { EdgeSettings as OwnEdgeSettings } from "./edge/edge-site";
export { haproxyEdge } from "./edge/haproxy-edge";
export { nginxEdge } from "./edge/nginx-edge";
export type { AgentOverrides } from "./environment/agent-overrides";
export type { AlertSettings, BudgetSettings } from "./environment/alert-settings";
export type { Kinded } from "./environment/choice-traits";
export type * from "./environment/cloud-traits";
export type * from "./environment/environment";
export type { EnvironmentCore } from "./environment/environment-core";
export type { EnvironmentFacts } from "./environment/environment-facts";
export type { ExistingPostgres } from "./environment/existing-postgres";
export type { ExistingRedis } from "./environment/existing-redis";
export type { ModelGatewaySettings } from "./environment/model-gateway-settings";
export type { NoStore } from "./environment/no-store";
export type { OtherRegistry } from "./environment/other-registry";
export type { RuleException, RuleExceptions } from "./environment/rule-exception";
export type { StateSettings } from "./environment/state-settings";
export type { TelemetryDestination, TelemetrySettings } from "./environment/telemetry-settings";
export type { Fleet } from "./fleet/fleet";
export { KNOWN_AFTER_DEPLOY, resolveFleet } from "./fleet/resolve-fleet";
export { tokenIssuer } from "./fleet/token-issuer";
export type { GatewayEnvironment, GatewaySettings } from "./gateway/gateway-settings";
export type { ITokenChecks, TokenCheck } from "./gateway/token-check";
export {
  CloudRunAgent,
  type CloudRunAgentProps,
  createServiceAccount,
} from "./google/cloud-run/cloud-run-agent";
export type {
  GoogleFleetRegistry,
  GoogleRegistry,
  UpstreamSettings,
} from "./google/facts/artifact-registries";
export type {
  CloudRunFront,
  CloudRunInvokers,
  CloudRunSettings,
  DomainMappings,
  LoadBalancer,
  NamedInvokers,
} from "./google/facts/cloud-run-settings";
export type { CloudSql } from "./google/facts/cloud-sql";
export type { GoogleNetworkSettings, GoogleSettings } from "./google/facts/google-settings";
export type { Memorystore } from "./google/facts/memorystore";
export type { SecretManager } from "./google/facts/secret-manager";
export type { CallerGrants } from "./identity/caller-grants";
export type { ExistingIssuer } from "./identity/existing-issuer";
export {
  existingIdentityProvider,
  type IIdentityProvider,
  refuseStranger,
  tokenChecks,
  tokenIssuerOf,
  trustedIssuer,
} from "./identity/identity-provider";
export type { KeycloakDatabase, KeycloakSettings } from "./identity/keycloak/keycloak-settings";
export type {
  LocalEdge,
  LocalEnvironment,
  LocalLayout,
  LocalPart,
  LocalSettings,
} from "./local/facts/local-settings";
export type {
  AgentBinding,
  AgentFile,
  AgentSidecar,
  ClusterDestination,
  CompleteBinding,
  EgressDestination,
  IAgentDependency,
  RoleGrant,
  SecretFolder,
  SecretReference,
} from "./parts/agent-dependency";
export { type AgentHost, type AgentWatch, agentHost, type IAgentPlatform } from "./parts/agent-host";
export { AgentService, type AgentServiceProps } from "./parts/agent-service";
export { FleetError, type Problem, refuse } from "./problem";
