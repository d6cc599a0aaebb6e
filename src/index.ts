export { CONTRACT_VERSION } from "./agent/agent-contract";
export type * from "./agent/agent-definition";
export type * from "./agent/agent-route";
export { AgentService, type AgentServiceProps } from "./agent/agent-service";
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
export type { Fleet } from "./agent/fleet";
export { type EnvironmentFacts, KNOWN_AFTER_DEPLOY, resolveFleet } from "./agent/resolve-fleet";
export type * from "./agent/scaling-rule";
export type * from "./environment/azure-settings";
export type * from "./environment/backup-settings";
export type * from "./environment/cloud-run-settings";
export type * from "./environment/container-apps-settings";
export type * from "./environment/environment";
export type * from "./environment/gateway-settings";
export type * from "./environment/google-settings";
export type * from "./environment/identity-provider-settings";
export type * from "./environment/kubernetes-settings";
export type * from "./environment/mesh-settings";
export type * from "./environment/registry-settings";
export type * from "./environment/state-settings";
export type * from "./environment/task-store-settings";
export type * from "./environment/telemetry-settings";
export { type TokenIssuer, tokenIssuer } from "./environment/token-issuer";
export type * from "./environment/vault-settings";
export { physicalNames } from "./naming";
export { type AgentHost, agentHost, type IAgentPlatform } from "./platforms/agent-host";
export {
  type ContainerAppsPlatformProps,
  containerAppsPlatform,
} from "./platforms/container-apps/container-apps-platform";
export { AgentNamespace, type AgentNamespaceProps } from "./platforms/kubernetes/agent-namespace";
export { ClusterEdge, type ClusterEdgeProps } from "./platforms/kubernetes/cluster-edge";
export { type ClusterLayout, clusterLayout } from "./platforms/kubernetes/cluster-layout";
export {
  type KubernetesPlatformProps,
  kubernetesPlatform,
} from "./platforms/kubernetes/kubernetes-platform";
export {
  type ServiceAccountIdentity,
  serviceAccountIdentities,
} from "./platforms/kubernetes/service-account-identities";
export { FleetError, type Problem, refuse } from "./problem";
export type * from "./shared/agent-dependency";
export type { AzureIdentity } from "./shared/azure-identity";
export { CertManager, type CertManagerProps } from "./shared/cert-manager";
export { type BackupSource, ClusterBackups, type ClusterBackupsProps } from "./shared/cluster-backups";
export { ClusterRedisTaskStore, type ClusterRedisTaskStoreProps } from "./shared/cluster-redis-task-store";
export { clusterSecrets } from "./shared/cluster-secrets";
export {
  ContainerAppsEnvironment,
  type ContainerAppsEnvironmentProps,
  type IContainerAppsEnvironment,
} from "./shared/container-apps-environment";
export {
  ContainerRegistry,
  type ContainerRegistryProps,
  type IContainerRegistry,
} from "./shared/container-registry";
export type * from "./shared/custom-resources";
export { DaprMesh, type DaprMeshProps } from "./shared/dapr-mesh";
export { EnvoyGateway, type EnvoyGatewayProps } from "./shared/envoy-gateway";
export { Keda, type KedaProps } from "./shared/keda";
export {
  type IKeyVaultSecrets,
  KeyVaultSecrets,
  type KeyVaultSecretsProps,
} from "./shared/key-vault-secrets";
export { KubernetesResources, type KubernetesResourcesProps } from "./shared/kubernetes-resources";
export { MetricsAdapter, type MetricsAdapterProps } from "./shared/metrics-adapter";
export { existingModelGateway } from "./shared/model-gateway";
export { type INetwork, Network, type NetworkProps } from "./shared/network";
export { Observability, type ObservabilityProps } from "./shared/observability";
export { OtherContainerRegistry } from "./shared/other-container-registry";
export { PrivateEndpoint, type PrivateEndpointProps } from "./shared/private-endpoint";
export { RedisTaskStore, type RedisTaskStoreProps } from "./shared/redis-task-store";
export { type IResourceGroup, ResourceGroup, type ResourceGroupProps } from "./shared/resource-group";
export { TelemetryCollector, type TelemetryCollectorProps } from "./shared/telemetry-collector";
