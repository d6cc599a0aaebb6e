/** What runs inside a Kubernetes cluster, whoever runs the cluster. */

export {
  AgentNamespace,
  type AgentNamespaceProps,
  type IAgentNamespace,
} from "./cluster/agent/agent-namespace";
export type { PrometheusSource } from "./cluster/agent/agent-scaler";
export {
  type KubernetesEdge,
  type KubernetesPlatformProps,
  kubernetesPlatform,
} from "./cluster/agent/kubernetes-platform";
export type * from "./cluster/agent/pod-identity";
export {
  type ServiceAccountIdentity,
  serviceAccountIdentities,
} from "./cluster/agent/service-account-identities";
export {
  type BackupSource,
  ClusterBackups,
  type ClusterBackupsProps,
} from "./cluster/backups/cluster-backups";
export type { DnsIdentity } from "./cluster/cluster-edge";
export { ClusterEdge, type ClusterEdgeProps } from "./cluster/cluster-edge";
export { ClusterKeycloak, type ClusterKeycloakProps } from "./cluster/cluster-keycloak";
export { ClusterRedisTaskStore, type ClusterRedisTaskStoreProps } from "./cluster/cluster-redis-task-store";
export { clusterSecrets } from "./cluster/cluster-secrets";
export { CertManager, type CertManagerProps } from "./cluster/controllers/cert-manager";
export { EnvoyGateway, type EnvoyGatewayProps } from "./cluster/controllers/envoy-gateway";
export { Keda, type KedaProps } from "./cluster/controllers/keda";
export { MetricsAdapter, type MetricsAdapterProps } from "./cluster/controllers/metrics-adapter";
export type * from "./cluster/custom-resources";
export { KubernetesResources, type KubernetesResourcesProps } from "./cluster/kubernetes-resources";
export { ClusterStack, type ClusterStackProps } from "./stacks/cluster-stack";
