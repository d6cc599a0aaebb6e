export { CONTRACT_VERSION } from "./agent/agent-contract";
export type * from "./agent/agent-definition";
export type * from "./agent/agent-route";
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
export type { Reach } from "./agent/reach";
export type * from "./agent/scaling-rule";
export type { TokenIssuer } from "./agent/token-issuer";
export type { TrafficWeight } from "./agent/traffic-weight";
export type { AzureIdentity } from "./azure/azure-identity";
export {
  ContainerAppsEnvironment,
  type ContainerAppsEnvironmentProps,
  type IContainerAppsEnvironment,
} from "./azure/container-apps/container-apps-environment";
export {
  type ContainerAppsPlatformProps,
  containerAppsPlatform,
} from "./azure/container-apps/container-apps-platform";
export { TelemetryCollector, type TelemetryCollectorProps } from "./azure/container-apps/telemetry-collector";
export {
  ContainerRegistry,
  type ContainerRegistryProps,
  type IContainerRegistry,
} from "./azure/container-registry";
export type {
  AksSettings,
  ClusterLoginMethod,
  DayOfWeek,
  ExistingAks,
  NodePoolSettings,
} from "./azure/facts/aks";
export { physicalNames } from "./azure/facts/azure-names";
export type { AzureRegistry, FleetRegistry } from "./azure/facts/azure-registries";
export type * from "./azure/facts/azure-settings";
export type * from "./azure/facts/container-apps-settings";
export type { EntraSettings } from "./azure/facts/entra";
export type { ExistingKeyVault, KeyVault } from "./azure/facts/key-vault";
export type { ManagedRedis } from "./azure/facts/managed-redis";
export type { RedisCache } from "./azure/facts/redis-cache";
export {
  type IKeyVaultSecrets,
  KeyVaultSecrets,
  type KeyVaultSecretsProps,
} from "./azure/key-vault-secrets";
export { existingModelGateway } from "./azure/model-gateway";
export { type INetwork, Network, type NetworkProps } from "./azure/network";
export { Observability, type ObservabilityProps } from "./azure/observability";
export { OtherContainerRegistry } from "./azure/other-container-registry";
export { PrivateEndpoint, type PrivateEndpointProps } from "./azure/private-endpoint";
export { RedisTaskStore, type RedisTaskStoreProps } from "./azure/redis-task-store";
export { type IResourceGroup, ResourceGroup, type ResourceGroupProps } from "./azure/resource-group";
export { clusterLayout } from "./choices/clusters";
export {
  AgentNamespace,
  type AgentNamespaceProps,
  type IAgentNamespace,
} from "./cluster/agent/agent-namespace";
export {
  type KubernetesPlatformProps,
  kubernetesPlatform,
} from "./cluster/agent/kubernetes-platform";
export {
  type ServiceAccountIdentity,
  serviceAccountIdentities,
} from "./cluster/agent/service-account-identities";
export {
  type BackupSource,
  ClusterBackups,
  type ClusterBackupsProps,
} from "./cluster/backups/cluster-backups";
export { ClusterEdge, type ClusterEdgeProps } from "./cluster/cluster-edge";
export { ClusterRedisTaskStore, type ClusterRedisTaskStoreProps } from "./cluster/cluster-redis-task-store";
export { clusterSecrets } from "./cluster/cluster-secrets";
export { CertManager, type CertManagerProps } from "./cluster/controllers/cert-manager";
export { EnvoyGateway, type EnvoyGatewayProps } from "./cluster/controllers/envoy-gateway";
export { Keda, type KedaProps } from "./cluster/controllers/keda";
export { MetricsAdapter, type MetricsAdapterProps } from "./cluster/controllers/metrics-adapter";
export type * from "./cluster/custom-resources";
export { DaprMesh, type DaprMeshProps } from "./cluster/dapr-mesh";
export type * from "./cluster/facts/backup-settings";
export type { ClusterLayout } from "./cluster/facts/cluster-layout";
export type { ClusterRedis } from "./cluster/facts/cluster-redis";
export type { ClusterVault } from "./cluster/facts/cluster-vault";
export type { CertificateSettings, InternalAddressSettings } from "./cluster/facts/edge-traits";
export type { EdgeSettings } from "./cluster/facts/edges";
export type { ExistingCluster } from "./cluster/facts/existing-cluster";
export type { GatewayApiEdge } from "./cluster/facts/gateway-api-edge";
export type * from "./cluster/facts/kubernetes-settings";
export type * from "./cluster/facts/mesh-settings";
export type { NginxEdge } from "./cluster/facts/nginx-edge";
export { KubernetesResources, type KubernetesResourcesProps } from "./cluster/kubernetes-resources";
export { caddyEdge } from "./edge/caddy-edge";
export type { EdgeSettings as OwnEdgeSettings } from "./edge/edge-site";
export { haproxyEdge } from "./edge/haproxy-edge";
export { nginxEdge } from "./edge/nginx-edge";
export type { AgentOverrides } from "./environment/agent-overrides";
export type * from "./environment/environment";
export type { EnvironmentCore } from "./environment/environment-core";
export type { EnvironmentFacts } from "./environment/environment-facts";
export type { ExistingRedis } from "./environment/existing-redis";
export type { ModelGatewaySettings } from "./environment/model-gateway-settings";
export type { NoStore } from "./environment/no-store";
export type { OtherRegistry } from "./environment/other-registry";
export type * from "./environment/state-settings";
export type * from "./environment/telemetry-settings";
export type { Fleet } from "./fleet/fleet";
export { KNOWN_AFTER_DEPLOY, resolveFleet } from "./fleet/resolve-fleet";
export { tokenIssuer } from "./fleet/token-issuer";
export type * from "./gateway/gateway-settings";
export type {
  GoogleFleetRegistry,
  GoogleRegistry,
  UpstreamSettings,
} from "./google/facts/artifact-registries";
export type * from "./google/facts/cloud-run-settings";
export type * from "./google/facts/google-settings";
export type { Memorystore } from "./google/facts/memorystore";
export type { SecretManager } from "./google/facts/secret-manager";
export type { CallerGrants } from "./identity/caller-grants";
export type { ExistingIssuer } from "./identity/existing-issuer";
export type { KeycloakDatabase, KeycloakSettings } from "./identity/keycloak/keycloak-settings";
export type * from "./parts/agent-dependency";
export { type AgentHost, agentHost, type IAgentPlatform } from "./parts/agent-host";
export { AgentService, type AgentServiceProps } from "./parts/agent-service";
export { FleetError, type Problem, refuse } from "./problem";
